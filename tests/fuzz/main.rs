//! What others send us, made up at random: bytes that pretend to be a state, and programs that pretend to be mods.
//!
//! Each target runs for `FUZZ_SECONDS` (5 if not set), from the seed `FUZZ_SEED` (1 if not set):
//! `FUZZ_SECONDS=600 FUZZ_SEED=7 cargo test --test fuzz`, or for one of them
//! `cargo test --test fuzz fuzz::programs`.

mod bytes;
#[cfg(feature = "luau")]
mod programs;
mod random;

use std::process::ExitCode;
use std::time::Duration;

/// What a target is told: how long to run, and the first seed. It answers whether nothing failed.
type Target = fn(Duration, u64) -> bool;

/// Random programs are for Luau alone: on other flavours a loop can dodge the limit, as docs/concepts/trust.md
/// says, and nearly every program would.
const TARGETS: &[(&str, Target)] = &[
    ("fuzz::bytes", bytes::run),
    #[cfg(feature = "luau")]
    ("fuzz::programs", programs::run),
];

fn main() -> ExitCode {
    #[cfg(feature = "luau")]
    if let Some(code) = programs::play_a_part() {
        return code;
    }
    let time = Duration::from_secs(setting("FUZZ_SECONDS", 5));
    let first_seed = setting("FUZZ_SEED", 1);
    let asked_for = TARGETS.iter().filter(|(name, _)| is_asked_for(name));
    let failed = asked_for.filter(|(_, run)| !run(time, first_seed)).count();
    match failed {
        0 => ExitCode::SUCCESS,
        _ => ExitCode::FAILURE,
    }
}

/// A number from the environment.
fn setting(name: &str, default: u64) -> u64 {
    let text = std::env::var(name).ok();
    text.map_or(Ok(default), |text| text.parse())
        .unwrap_or_else(|why| panic!("{name} is not a number: {why}"))
}

/// Whether no filter of `cargo test` leaves the target `name` out.
fn is_asked_for(name: &str) -> bool {
    let mut filters = std::env::args()
        .skip(1)
        .filter(|arg| !arg.starts_with('-'))
        .peekable();
    filters.peek().is_none() || filters.any(|filter| name.contains(&*filter))
}
