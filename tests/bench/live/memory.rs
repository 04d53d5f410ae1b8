//! The memory of mods that do nothing.

use mlua::Lua;

use super::mods::Mods;
use super::{Run, hand};

const COUNT: usize = 1_000;

/// What stands before the number in `/proc/self/status`.
const RESIDENT: &str = "VmRSS:";

pub(crate) fn run(_: &Run) {
    if resident_kib().is_none() {
        println!("\nno memory is measured: this system does not tell it");
        return;
    }
    let before = resident_kib().unwrap_or(0);
    let bare: Vec<Lua> = (0..COUNT).map(|_| hand::sandboxed()).collect();
    let with_bare = resident_kib().unwrap_or(0);
    let mods = Mods::many(COUNT, "mod.on(\"tick\", function(n) end)");
    let manager = mods.load(false);
    let with_ours = resident_kib().unwrap_or(0);
    let inside: usize = manager.mods().iter().map(|status| status.memory).sum();
    let inside_bare: usize = bare.iter().map(Lua::used_memory).sum();
    let each = |kib: usize| kib as f64 / COUNT as f64;
    let (ours, raw) = (each(with_ours - with_bare), each(with_bare - before));
    println!("\n| memory of an idle mod | resident | in the VM |\n|---|---|---|");
    println!(
        "| Lunation | {ours:.0} KiB | {:.0} KiB |",
        each(inside / 1024)
    );
    println!(
        "| bare sandboxed VM | {raw:.0} KiB | {:.0} KiB |",
        each(inside_bare / 1024)
    );
    println!(
        "| ratio | {:.2} | {:.2} |",
        ours / raw,
        inside as f64 / inside_bare as f64
    );
}

fn resident_kib() -> Option<usize> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix(RESIDENT))?;
    line.split_whitespace().next()?.parse().ok()
}
