//! The start of a game with 1,000 mods.

use std::time::{Duration, Instant};

use lunation::Builder;

use super::mods::{Mods, script};
use super::{Run, hand, table};

const COUNT: usize = 1_000;

pub(crate) fn run(run: &Run) {
    table(&format!("start with {COUNT} mods"));
    let small = Mods::many(COUNT, "mod.on(\"tick\", function(n) end)");
    start(run, "of one line", &small);
    by_hand(run, "of one line", &small);
    let large = Mods::new();
    for i in 0..COUNT {
        large.put(&format!("m{i:04}"), &script(i));
    }
    start(run, "of 200 lines", &large);
    by_hand(run, "of 200 lines", &large);
}

fn start(run: &Run, name: &str, mods: &Mods) {
    let cache = tempfile::tempdir().expect("a temporary folder");
    let folder = cache.path().join("bytecode");
    run.row(
        &format!("Lunation, {name}, cold"),
        times(run, mods, |it| it),
    );
    let with_bytecode = |builder: Builder| builder.bytecode_folder(&folder);
    drop(mods.build(with_bytecode));
    let warm = times(run, mods, with_bytecode);
    run.row(&format!("Lunation, {name}, bytecode on disk"), warm);
}

fn times(run: &Run, mods: &Mods, set: impl Fn(Builder) -> Builder) -> Vec<Duration> {
    let rounds = run.samples(20).max(3);
    let times = (0..rounds).map(|_| {
        let started = Instant::now();
        let manager = mods.build(|builder| set(builder.watching(false)));
        let time = started.elapsed();
        drop(manager);
        time
    });
    times.collect()
}

fn by_hand(run: &Run, name: &str, mods: &Mods) {
    let rounds = run.samples(20).max(3);
    let times = (0..rounds).map(|_| {
        let started = Instant::now();
        let path = |i| mods.path(&format!("m{i:04}/scripts/main.lua"));
        let vms: Vec<mlua::Lua> = (0..COUNT).map(|i| hand::vm(&path(i))).collect();
        let time = started.elapsed();
        drop(vms);
        time
    });
    let times: Vec<Duration> = times.collect();
    run.row(&format!("hand-written minimum, {name}"), times);
}
