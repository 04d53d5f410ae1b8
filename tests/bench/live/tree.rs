//! Many files: one of 25 is edited, one mod of 1,000 is, and 1,000 files are at once.

use std::time::{Duration, Instant};

use lunation::{ModManager, Until};

use super::edit::wait_for_reload;
use super::mods::{Mods, module, script};
use super::{Run, pause, table};

const FILES: usize = 25;
const MODS: usize = 1_000;

/// Mods, and modules of each, of one checkout.
const CHECKOUT: (usize, usize) = (40, 24);

pub(crate) fn run(run: &Run) {
    table("one file changed → live");
    let samples = run.samples(200);
    run.row(&format!("{FILES} files of 200 lines"), one_file(samples));
    let alone = run.row("one mod of 1", one_mod(samples, 1));
    let among = run.row(&format!("one mod of {MODS}"), one_mod(samples, MODS));
    println!("\nratio of the medians: {:.2}", among / alone);
}

fn one_file(samples: usize) -> Vec<Duration> {
    let mods = Mods::new();
    put_with_modules(&mods, "probe", FILES - 1, 0);
    let mut manager = mods.load(true);
    let edit = |version| mods.write("probe/scripts/m3.lua", &module(version));
    let live = |manager: &mut ModManager| manager.dispatch("probe", &()).results[0].as_f64();
    edits(samples, edit, || {
        wait_for_reload(&mut manager);
        live(&mut manager)
    })
}

fn one_mod(samples: usize, count: usize) -> Vec<Duration> {
    let mods = Mods::many(count - 1, "mod.on(\"tick\", function(n) end)");
    mods.put("probe", &script(0));
    let mut manager = mods.load(true);
    let edit = |version| mods.write("probe/scripts/main.lua", &script(version));
    edits(samples, edit, || {
        wait_for_reload(&mut manager);
        manager.dispatch("probe", &()).results[0].as_f64()
    })
}

/// How long each edit takes until it is live.
fn edits(
    samples: usize,
    edit: impl Fn(usize),
    mut live: impl FnMut() -> Option<f64>,
) -> Vec<Duration> {
    let times = (1..=samples).map(|version| {
        edit(version);
        let saved = Instant::now();
        let found = live();
        let time = saved.elapsed();
        assert_eq!(found, Some(version as f64));
        pause();
        time
    });
    times.collect()
}

/// A mod that requires so many modules, the last of which says what `probe` answers.
fn put_with_modules(mods: &Mods, id: &str, modules: usize, version: usize) {
    let mut main = String::new();
    for i in 0..modules {
        mods.write(&format!("{id}/scripts/m{i}.lua"), &module(version));
        main.push_str(&format!("local m{i} = require(\"m{i}\")\n"));
    }
    main.push_str("mod.on(\"probe\", function() return m3.version end)\n");
    mods.put(id, &main);
}

/// A checkout changes 1,000 files of 40 mods; by hand they are read, hashed and compiled, on two threads.
pub(crate) fn run_burst(run: &Run) {
    let (count, modules) = CHECKOUT;
    let mods = Mods::new();
    let checkout = |version| {
        for i in 0..count {
            put_with_modules(&mods, &format!("m{i:02}"), modules, version);
        }
    };
    checkout(0);
    let mut manager = mods.load(true);
    let (mut ours, mut by_hand, mut reports) = (Vec::new(), Vec::new(), Vec::new());
    for version in 1..=run.samples(20).max(3) {
        let started = Instant::now();
        checkout(version);
        let wrote = started.elapsed();
        let mut told = 0;
        let are_live = |manager: &mut ModManager| {
            let live = manager.dispatch("probe", &()).results;
            live.iter().all(|it| it.as_f64() == Some(version as f64))
        };
        while !are_live(&mut manager) {
            told += manager.wait(Duration::from_secs(30), Until::Report).len();
        }
        ours.push(started.elapsed().saturating_sub(wrote));
        reports.push(told);
        by_hand.push(read_by_hand(&mods, count, modules));
        manager.wait(Duration::from_secs(30), Until::Idle);
    }
    table(&format!(
        "{} files changed by one checkout",
        count * (modules + 1)
    ));
    let ours = run.row("Lunation, from the last write to all live", ours);
    let by_hand = run.row(
        "read, hash and compile them by hand, on two threads",
        by_hand,
    );
    println!("\nratio of the medians: {:.2}", ours / by_hand);
    println!("\nreports of each checkout: {reports:?}");
}

fn read_by_hand(mods: &Mods, count: usize, modules: usize) -> Duration {
    let read = |from: usize| {
        for i in (from..count).step_by(2) {
            for j in 0..modules {
                let path = mods.path(&format!("m{i:02}/scripts/m{j}.lua"));
                let source = std::fs::read(path).expect("a script");
                std::hint::black_box(blake3::hash(&source));
                compile(&source);
            }
        }
    };
    let started = Instant::now();
    std::thread::scope(|scope| {
        scope.spawn(|| read(1));
        read(0);
    });
    started.elapsed()
}

#[cfg(feature = "luau")]
fn compile(source: &[u8]) {
    let compiler = mlua::chunk::Compiler::new()
        .set_optimization_level(1)
        .set_debug_level(2);
    std::hint::black_box(compiler.compile(source).expect("bytecode"));
}

#[cfg(not(feature = "luau"))]
fn compile(source: &[u8]) {
    let lua = mlua::Lua::new();
    let function = lua.load(source).into_function().expect("a function");
    std::hint::black_box(function.dump(false));
}
