#!/usr/bin/env bash
# Runs what touches memory by hand under the address sanitiser: the unit tests of `lua` (the raw module, the carry,
# VMs, limits), then both fuzz targets for FUZZ_SECONDS each (20 if not set). Rust code and the Lua engine are both
# instrumented. Arguments filter the unit tests: `tests/sanitise.sh lua::raw`.
#
# It needs what `cargo test` needs and Linux on x86-64, with g++ as the C++ compiler, and builds into `target/sanitise`
# unless told otherwise. RUSTC_BOOTSTRAP lets a stable compiler take the flag.
set -euo pipefail
cd "$(dirname "$0")/.."

triple=x86_64-unknown-linux-gnu
export CARGO_TARGET_DIR=${CARGO_TARGET_DIR:-target/sanitise} CARGO_INCREMENTAL=0 RUSTC_BOOTSTRAP=1
export RUSTFLAGS="-Zsanitizer=address"
export CFLAGS="-fsanitize=address -fno-omit-frame-pointer" CXXFLAGS="-fsanitize=address -fno-omit-frame-pointer"

# Leaks are looked for by the fuzz target itself, which measures memory: so little of what was freed is kept back.
export ASAN_OPTIONS="detect_leaks=0:quarantine_size_mb=32:${ASAN_OPTIONS:-}"
export FUZZ_SECONDS=${FUZZ_SECONDS:-20}

# Nothing in here takes an hour: what does, hangs.
# The outline of a source is plain Rust, and its tests look at the clock.
timeout 1800 cargo test --locked --target "$triple" --lib -- "${1:-lua::}" --skip lua::outline
timeout $((FUZZ_SECONDS * 4 + 1800)) cargo test --locked --target "$triple" --test fuzz
