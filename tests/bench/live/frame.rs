//! What runs every frame: `pump` with nothing to do, and events.

use std::time::{Duration, Instant};

use lunation::ModManager;
use mlua::{Function, Lua};

use super::mods::Mods;
use super::{Run, each, hand, median_of};

const COUNT: usize = 1_000;

pub(crate) fn run(run: &Run) {
    println!("\n| every frame | median |\n|---|---|");
    let runs = run.samples(510);
    let mods = Mods::many(1, "mod.on(\"tick\", function(n) end)");
    let mut one = mods.load(true);
    pump("pump, 1 mod idle", runs, &mut one);
    let time = median_of((runs / 10) | 1, || {
        each(10_000, || {
            std::hint::black_box(one.dispatch("tick", &1.0));
        })
    });
    println!(
        "| an event with a number to one handler | {} ns |",
        time.as_nanos()
    );
    drop(one);
    let many = Mods::many(COUNT, "mod.on(\"tick\", function(n) end)");
    let mut many = many.load(true);
    pump("pump, 1,000 mods idle", runs, &mut many);
    let handlers = "for i = 1, 1000 do mod.on(\"tick\", function(n) end) end";
    let together = Mods::many(1, handlers);
    let mut together = together.load(true);
    let vms: Vec<(Lua, Function)> = (0..COUNT).map(|_| bare()).collect();
    let (_lua, functions) = functions_of_one();
    let (mut ours, mut raw) = (Vec::new(), Vec::new());
    let (mut ours_together, mut raw_together) = (Vec::new(), Vec::new());
    // In turns, so that all of them meet the same moods of the machine.
    for _ in 0..runs {
        ours.push(dispatch(&mut many));
        raw.push(call_all(vms.iter().map(|(_, f)| f)));
        ours_together.push(dispatch(&mut together));
        raw_together.push(call_all(functions.iter()));
    }
    let [ours, raw] = [ours, raw].map(median);
    println!("| an event with a number to 1,000 mods | {ours:.0} µs |");
    println!("| 1,000 calls by mlua into as many bare VMs | {raw:.0} µs |");
    println!("| ratio | {:.2} |", ours / raw);
    let [ours, raw] = [ours_together, raw_together].map(median);
    println!("| an event with a number to 1,000 handlers of one mod | {ours:.0} µs |");
    println!("| 1,000 calls by mlua into one bare VM | {raw:.0} µs |");
    println!("| ratio | {:.2} |", ours / raw);
}

fn pump(name: &str, runs: usize, manager: &mut ModManager) {
    let budget = Duration::from_millis(2);
    let time = median_of((runs / 10) | 1, || {
        each(10_000, || {
            std::hint::black_box(manager.pump(budget));
        })
    });
    println!("| {name} | {} ns |", time.as_nanos());
}

fn dispatch(manager: &mut ModManager) -> Duration {
    let started = Instant::now();
    let dispatched = manager.dispatch("tick", &1.0);
    let time = started.elapsed();
    assert_eq!((dispatched.handlers, dispatched.errors.len()), (COUNT, 0));
    time
}

fn call_all<'a>(functions: impl Iterator<Item = &'a Function>) -> Duration {
    let started = Instant::now();
    functions.for_each(|f| f.call::<()>(1.0).expect("a call"));
    started.elapsed()
}

fn bare() -> (Lua, Function) {
    let lua = hand::sandboxed();
    let f = lua
        .load("return function(n) end")
        .eval()
        .expect("a function");
    (lua, f)
}

fn functions_of_one() -> (Lua, Vec<Function>) {
    let lua = hand::sandboxed();
    let make = "local all = {} for i = 1, 1000 do all[i] = function(n) end end return all";
    let functions = lua.load(make).eval().expect("functions");
    (lua, functions)
}

/// In microseconds.
fn median(mut times: Vec<Duration>) -> f64 {
    times.sort_unstable();
    times[times.len() / 2].as_secs_f64() * 1e6
}
