//! From save to live, and the paths that run every frame, each beside a hand-written minimum in the same run.
//!
//! `cargo bench --bench live` prints the tables of `docs/concepts/performance.md`. `--quick` takes fewer
//! samples. Medians and p99 over all samples; nothing is left out.

use std::path::Path;
use std::sync::mpsc;
use std::time::{Duration, Instant};

use lunation::reload::Outcome;
use lunation::{ModId, ModManager, Until};
use mlua::{Function, Lua, Table};
use notify::{RecursiveMode, Watcher};

const ENTRIES: usize = 1_000;
const LINES: usize = 200;

fn main() {
    let is_quick = std::env::args().any(|argument| argument == "--quick");
    let samples = if is_quick { 30 } else { 300 };
    println!("{}", machine());
    println!("\n| save → live, {LINES} lines, {ENTRIES} entries | p50 | p99 | max |");
    println!("|---|---|---|---|");
    let ours = row("Lunation", save_to_live(samples));
    let by_hand = row("hand-written minimum", by_hand(samples));
    println!("\nratio of the medians: {:.2}", ours / by_hand);
    println!("\n| every frame | median |");
    println!("|---|---|");
    one_mod();
    dispatch(is_quick);
}

fn machine() -> String {
    let cores = std::thread::available_parallelism().map_or(0, std::num::NonZero::get);
    format!(
        "{} {}, {cores} cores, {}",
        std::env::consts::OS,
        std::env::consts::ARCH,
        lunation::lua::FLAVOUR
    )
}

/// Prints a row of a table and gives the median in milliseconds.
fn row(name: &str, mut samples: Vec<Duration>) -> f64 {
    samples.sort_unstable();
    let at =
        |share: f64| samples[((samples.len() - 1) as f64 * share) as usize].as_secs_f64() * 1e3;
    println!(
        "| {name} | {:.3} ms | {:.3} ms | {:.3} ms |",
        at(0.5),
        at(0.99),
        at(1.0)
    );
    at(0.5)
}

/// A script of some 200 lines whose function `version` says which edit is live.
fn script(version: usize) -> String {
    let mut text = format!("mod.state.list = {{}}\nfunction version() return {version} end\n");
    text.push_str("mod.on(\"probe\", function() return version() end)\n");
    text.push_str(
        "mod.on(\"fill\", function(n) for i = 1, n do mod.state.list[i] = i * 1.5 end end)\n",
    );
    for i in 0..LINES / 4 {
        text.push_str(&format!(
            "local function f{i}(a, b)\n  if a > b then return a * {i} end\n  return b + {i}\nend\n"
        ));
        if i >= 150 {
            break;
        }
    }
    text
}

fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let scripts = folder.path().join("mods/probe/scripts");
    std::fs::create_dir_all(&scripts).expect("folders");
    let manifest = "id = \"probe\"\nversion = \"1.0.0\"\n";
    std::fs::write(folder.path().join("mods/probe/mod.toml"), manifest).expect("a manifest");
    std::fs::write(scripts.join("main.lua"), script(0)).expect("a script");
    folder
}

fn save_to_live(samples: usize) -> Vec<Duration> {
    let folder = folder();
    let path = folder.path().join("mods/probe/scripts/main.lua");
    let mut mods = ModManager::builder(folder.path().join("mods"))
        .build()
        .expect("a manager");
    assert_eq!(mods.load(), []);
    mods.dispatch("fill", &ENTRIES);
    let probe: ModId = "probe".parse().expect("an id");
    let mut times = Vec::new();
    for version in 1..=samples + 10 {
        std::fs::write(&path, script(version)).expect("a save");
        let saved = Instant::now();
        let reports = mods.wait(Duration::from_secs(10), Until::Report);
        let live = mods.dispatch("probe", &()).results[0].as_f64();
        let time = saved.elapsed();
        assert_eq!(
            reports[0].mods[0].outcome,
            Outcome::Reloaded,
            "{}",
            reports[0]
        );
        assert_eq!(live, Some(version as f64));
        if version > 10 {
            times.push(time);
        }
        pause();
    }
    let kept = mods.eval(&probe, "#mod.state.list").expect("the state")[0].as_f64();
    assert_eq!(kept, Some(ENTRIES as f64));
    times
}

/// The least that a host can write by hand for the same: watch, read, compile, a new sandboxed VM, run,
/// copy the table over, swap. It has no limits, no transaction, no three-way rule, one mod, one file.
fn by_hand(samples: usize) -> Vec<Duration> {
    let folder = folder();
    let path = folder.path().join("mods/probe/scripts/main.lua");
    let (sender, events) = mpsc::channel();
    let mut watcher = notify::recommended_watcher(move |event| {
        let _ = sender.send(event);
    })
    .expect("a watcher");
    watcher
        .watch(
            path.parent().unwrap_or(Path::new(".")),
            RecursiveMode::NonRecursive,
        )
        .expect("a watch");
    let mut vm = bare_vm(&path);
    fill(&vm);
    let mut times = Vec::new();
    for version in 1..=samples + 10 {
        std::fs::write(&path, script(version)).expect("a save");
        let saved = Instant::now();
        wait_for_close(&events);
        let new = bare_vm(&path);
        copy_state(&vm, &new);
        vm = new;
        let live: usize = vm
            .globals()
            .get::<Function>("version")
            .and_then(|f| f.call(()))
            .expect("a call");
        let time = saved.elapsed();
        assert_eq!(live, version);
        if version > 10 {
            times.push(time);
        }
        pause();
    }
    times
}

fn wait_for_close(events: &mpsc::Receiver<notify::Result<notify::Event>>) {
    use notify::event::{AccessKind, AccessMode};
    loop {
        let event = events.recv().expect("the watcher lives").expect("an event");
        if event.kind == notify::EventKind::Access(AccessKind::Close(AccessMode::Write)) {
            return;
        }
    }
}

#[cfg(feature = "luau")]
fn sandboxed() -> Lua {
    let lua = Lua::new();
    lua.sandbox(true).expect("a sandbox");
    lua
}

#[cfg(not(feature = "luau"))]
fn sandboxed() -> Lua {
    Lua::new()
}

fn bare_vm(path: &Path) -> Lua {
    let lua = sandboxed();
    let module = lua.create_table().expect("a table");
    module
        .set("state", lua.create_table().expect("a table"))
        .expect("a field");
    let handlers = lua.create_table().expect("a table");
    let kept = handlers.clone();
    let on = lua
        .create_function(move |_, (event, f): (String, Function)| kept.set(event, f))
        .expect("a function");
    module.set("on", on).expect("a field");
    lua.globals().set("mod", module).expect("a global");
    lua.globals().set("handlers", handlers).expect("a global");
    let source = std::fs::read(path).expect("the script");
    lua.load(source)
        .set_name("main")
        .exec()
        .expect("the script runs");
    lua
}

fn state(lua: &Lua) -> Table {
    lua.globals()
        .get::<Table>("mod")
        .and_then(|m| m.get("state"))
        .expect("the state")
}

fn fill(lua: &Lua) {
    let handlers: Table = lua.globals().get("handlers").expect("handlers");
    handlers
        .get::<Function>("fill")
        .and_then(|f| f.call::<()>(ENTRIES))
        .expect("a call");
}

fn copy_state(from: &Lua, to: &Lua) {
    let old: Table = state(from).get("list").expect("a list");
    let new: Table = state(to).get("list").expect("a list");
    for (i, value) in old.sequence_values::<f64>().enumerate() {
        new.raw_set(i + 1, value.expect("a number"))
            .expect("an entry");
    }
}

fn one_mod() {
    let folder = folder();
    let mut mods = ModManager::builder(folder.path().join("mods"))
        .build()
        .expect("a manager");
    mods.load();
    let time = median_of(51, || {
        let started = Instant::now();
        for _ in 0..10_000 {
            std::hint::black_box(mods.pump(Duration::from_millis(2)));
        }
        started.elapsed() / 10_000
    });
    println!("| pump with nothing to do | {} ns |", time.as_nanos());
    let time = median_of(51, || {
        let started = Instant::now();
        for _ in 0..10_000 {
            std::hint::black_box(mods.dispatch("probe", &1.0));
        }
        started.elapsed() / 10_000
    });
    println!("| dispatch to one handler | {} ns |", time.as_nanos());
}

fn dispatch(is_quick: bool) {
    let count = 1_000;
    let runs = if is_quick { 21 } else { 201 };
    let folder = tempfile::tempdir().expect("a temporary folder");
    for i in 0..count {
        let scripts = folder.path().join(format!("mods/m{i:04}/scripts"));
        std::fs::create_dir_all(&scripts).expect("folders");
        let manifest = format!("id = \"m{i:04}\"\nversion = \"1.0.0\"\n");
        std::fs::write(
            folder.path().join(format!("mods/m{i:04}/mod.toml")),
            manifest,
        )
        .expect("a manifest");
        std::fs::write(
            scripts.join("main.lua"),
            "mod.on(\"tick\", function(n) end)",
        )
        .expect("a script");
    }
    let started = Instant::now();
    let mut mods = ModManager::builder(folder.path().join("mods"))
        .watching(false)
        .build()
        .expect("a manager");
    mods.load();
    println!(
        "| cold load of {count} mods | {:.0} ms |",
        started.elapsed().as_secs_f64() * 1e3
    );
    let ours = median_of(runs, || {
        let started = Instant::now();
        let dispatched = mods.dispatch("tick", &1.0);
        let time = started.elapsed();
        assert_eq!((dispatched.handlers, dispatched.errors.len()), (count, 0));
        time
    });
    let vms: Vec<(Lua, Function)> = (0..count)
        .map(|_| {
            let lua = sandboxed();
            let f = lua
                .load("return function(n) end")
                .eval()
                .expect("a function");
            (lua, f)
        })
        .collect();
    let raw = median_of(runs, || {
        let started = Instant::now();
        for (_, f) in &vms {
            f.call::<()>(1.0).expect("a call");
        }
        started.elapsed()
    });
    let micros = |time: Duration| time.as_secs_f64() * 1e6;
    println!(
        "| dispatch of a number to {count} mods | {:.0} µs |",
        micros(ours)
    );
    println!(
        "| {count} mlua calls into as many VMs | {:.0} µs |",
        micros(raw)
    );
    println!(
        "\nratio of the medians: {:.2}",
        ours.as_secs_f64() / raw.as_secs_f64()
    );
}

fn median_of(runs: usize, mut run: impl FnMut() -> Duration) -> Duration {
    let mut times: Vec<Duration> = (0..runs).map(|_| run()).collect();
    times.sort_unstable();
    times[runs / 2]
}

/// Lets events of the last save pass, as they do between two saves of a person.
fn pause() {
    std::thread::park_timeout(Duration::from_millis(3));
}
