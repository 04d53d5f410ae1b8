//! The memory of mods that do nothing. Each side has a process of its own: memory that something before it has given
//! back is used again, and would not be counted.

use std::process::Command;
use std::time::Duration;

use lunation::ModManager;
use mlua::Lua;

use super::mods::Mods;
use super::{Run, hand};

const COUNT: usize = 1_000;

/// Stands before the name of a side in the arguments of the process that measures it.
pub(crate) const ARGUMENT: &str = "--memory-of";

type Side = (&'static str, fn() -> Memory);

const SIDES: [Side; 2] = [
    ("Lunation", of_lunation),
    ("bare sandboxed VM", of_bare_vms),
];

/// What stands before the number in `/proc/self/status`: pages that are no part of a file, such as the program.
const RESIDENT: &str = "RssAnon:";

/// KiB that one mod takes.
#[derive(Clone, Copy)]
struct Memory {
    resident: f64,
    in_the_vm: f64,
}

pub(crate) fn run(run: &Run) {
    if resident_kib().is_none() {
        println!("\nno memory is measured: this system does not tell it");
        return;
    }
    let rounds = run.samples(70).max(3);
    let rounds: Vec<[Memory; 2]> = (0..rounds)
        .map(|_| SIDES.map(|(name, _)| ask(name)))
        .collect();
    let median = |of: &dyn Fn(&[Memory; 2]) -> f64| {
        let mut all: Vec<f64> = rounds.iter().map(of).collect();
        all.sort_by(f64::total_cmp);
        all[all.len() / 2]
    };
    println!("\n| memory of an idle mod | resident | in the VM |\n|---|---|---|");
    for (side, (name, _)) in SIDES.iter().enumerate() {
        let resident = median(&|round| round[side].resident);
        let in_the_vm = median(&|round| round[side].in_the_vm);
        println!("| {name} | {resident:.0} KiB | {in_the_vm:.0} KiB |");
    }
    let resident = median(&|[ours, bare]| ours.resident / bare.resident);
    let in_the_vm = median(&|[ours, bare]| ours.in_the_vm / bare.in_the_vm);
    println!("| ratio | {resident:.2} | {in_the_vm:.2} |");
}

/// What a process of its own measures for the side `name`.
fn ask(name: &str) -> Memory {
    let program = std::env::current_exe().expect("the path of this program");
    let answer = Command::new(program).args([ARGUMENT, name]).output();
    let answer = answer.expect("this program, once more");
    assert!(answer.status.success(), "{answer:?}");
    let text = String::from_utf8_lossy(&answer.stdout);
    let mut numbers = text
        .split_whitespace()
        .map(|word| word.parse().expect("a number"));
    let mut next = || numbers.next().expect("two numbers");
    Memory {
        resident: next(),
        in_the_vm: next(),
    }
}

/// Measures the side `name`, and prints it for the process that has asked.
pub(crate) fn answer(name: &str) {
    let side = SIDES.iter().find(|(known, _)| *known == name);
    let (_, measure) = side.expect("the name of a side");
    let Memory {
        resident,
        in_the_vm,
    } = measure();
    println!("{resident} {in_the_vm}");
}

fn of_lunation() -> Memory {
    let mods = Mods::many(COUNT, "mod.on(\"tick\", function(n) end)");
    let used = |manager: &ModManager| manager.mods().iter().map(|status| status.memory).sum();
    measure(|| mods.load(false), used)
}

fn of_bare_vms() -> Memory {
    let make = || (0..COUNT).map(|_| hand::sandboxed()).collect();
    measure(make, |vms: &Vec<Lua>| {
        vms.iter().map(Lua::used_memory).sum()
    })
}

fn measure<T>(make: impl FnOnce() -> T, used_bytes: impl FnOnce(&T) -> usize) -> Memory {
    let before = settled_kib();
    let made = make();
    let resident = settled_kib() - before;
    let each = |kib: f64| kib / COUNT as f64;
    Memory {
        resident: each(resident),
        in_the_vm: each(used_bytes(&made) as f64 / 1024.0),
    }
}

/// What is resident once nothing happens any more beside.
fn settled_kib() -> f64 {
    let read = || resident_kib().expect("the memory, as before");
    let mut last = read();
    loop {
        std::thread::park_timeout(Duration::from_millis(50));
        let now = read();
        if now == last {
            return now as f64;
        }
        last = now;
    }
}

fn resident_kib() -> Option<usize> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix(RESIDENT))?;
    line.split_whitespace().next()?.parse().ok()
}
