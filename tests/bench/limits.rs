//! What the limits cost code that keeps them, and how soon they end code that does not.
//!
//! `cargo bench --bench limits` prints the tables of `docs/concepts/trust.md`. The first runs the hostile
//! mods of `tests/hostile/time` in this process, a folder after `--folder` instead of them, and with
//! `--each` prints a row for each. Times are processor time of the thread that runs the mods, which is what
//! limits count.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use lunation::{ModManager, Value};
use mlua::{Function, Lua};

/// The limits that the hostile mods run under, in milliseconds: those of the tests.
const LOAD_TIME: u64 = 200;
const HANDLER_TIME: u64 = 50;

/// How often each hostile mod is run.
const ROUNDS: usize = 5;

/// How often each piece of honest code is run.
const TURNS: usize = 101;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let folder = arguments.iter().skip_while(|it| *it != "--folder").nth(1);
    let folder = folder.map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/hostile/time"),
        PathBuf::from,
    );
    overruns(&folder, arguments.iter().any(|it| it == "--each"));
    overhead();
}

/// One run of a hostile mod.
struct Run {
    name: String,
    /// From the limit to the end of the call; nothing for code that was not stopped.
    over: Option<Duration>,
    all: Duration,
    said: String,
}

fn overruns(folder: &Path, is_each_told: bool) {
    let mut runs: Vec<Run> = hostile_mods(folder)
        .iter()
        .flat_map(|path| (0..ROUNDS).map(|_| run(path)))
        .flatten()
        .collect();
    if is_each_told {
        println!("| hostile mod | over its limit | in all | what was said |\n|---|---|---|---|");
        for Run {
            name,
            over,
            all,
            said,
        } in &runs
        {
            let over = over.map(|over| format!("{over:.1?}")).unwrap_or_default();
            println!("| {name} | {over} | {all:.1?} | {said} |");
        }
        println!();
    }
    let mods = runs.len() / ROUNDS;
    let mut over: Vec<Duration> = runs.drain(..).filter_map(|run| run.over).collect();
    over.sort_unstable();
    let at = |share: f64| over[((over.len() - 1) as f64 * share) as usize];
    println!("| from the deadline to stopped | runs | p50 | p99 | max |\n|---|---|---|---|---|");
    if !over.is_empty() {
        println!(
            "| {mods} hostile mods | {} | {:.1?} | {:.1?} | {:.1?} |",
            over.len(),
            at(0.5),
            at(0.99),
            at(1.0)
        );
    }
}

fn hostile_mods(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).expect("a folder of hostile mods");
    let mut paths: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
    paths.retain(|path| path.extension().is_some_and(|it| it == "lua"));
    paths.sort();
    paths
}

/// Runs a hostile mod up to where it is stopped; nothing if it is not for this flavour.
fn run(path: &Path) -> Option<Run> {
    let text = std::fs::read_to_string(path).expect("a hostile mod");
    let flavour = if cfg!(feature = "luau") {
        "luau"
    } else if cfg!(feature = "lua54") {
        "lua54"
    } else {
        "luajit"
    };
    let only = text.lines().find_map(|line| line.strip_prefix("-- Only "));
    if only.is_some_and(|only| {
        !only
            .split(':')
            .next()
            .is_some_and(|it| it.contains(flavour))
    }) {
        return None;
    }
    let place = tempfile::tempdir().expect("a temporary folder");
    let mods = place.path().join("mods");
    let scripts = mods.join("hostile/scripts");
    std::fs::create_dir_all(&scripts).expect("folders");
    let settings = format!(
        "[limits]\nload_time = {LOAD_TIME}\nhandler_time = {HANDLER_TIME}\nmemory = 33554432\n"
    );
    std::fs::write(mods.join("lunation.toml"), settings).expect("settings");
    std::fs::write(
        mods.join("hostile/mod.toml"),
        "id = \"hostile\"\nversion = \"1.0.0\"\n",
    )
    .expect("a manifest");
    let own = text.split("\n--@ ").next().unwrap_or_default();
    std::fs::write(scripts.join("main.lua"), own).expect("a script");
    let mut mods = ModManager::builder(mods)
        .watching(false)
        .without_history_on_disk()
        .build()
        .expect("a manager");
    let name = path.file_stem()?.to_string_lossy().into_owned();
    let mut steps = vec![None];
    steps.extend(text.lines().filter_map(event).map(Some));
    for event in steps {
        let limit = if event.is_some() {
            HANDLER_TIME
        } else {
            LOAD_TIME
        };
        let before = processor_time();
        let problems = match &event {
            Some(event) => mods.dispatch_value(event, &Value::Nil).errors,
            None => mods.load(),
        };
        let all = processor_time().saturating_sub(before);
        if let Some(problem) = problems.first() {
            let is_stopped = problem.code.as_str() == "time-limit";
            return Some(Run {
                name,
                over: is_stopped.then(|| all.saturating_sub(Duration::from_millis(limit))),
                all,
                said: problem.to_string(),
            });
        }
    }
    None
}

/// The event that a step of a hostile mod dispatches.
fn event(line: &str) -> Option<String> {
    let rest = line.strip_prefix("-- > dispatch = \"")?;
    Some(rest.split('"').next()?.to_owned())
}

/// The processor time that this thread has had; elsewhere than on Linux the time of day.
fn processor_time() -> Duration {
    std::thread::yield_now(); // has the kernel bring its figure up to date
    let from_kernel = std::fs::read_to_string("/proc/thread-self/schedstat").ok();
    let nanos = from_kernel.and_then(|text| text.split(' ').next()?.parse().ok());
    nanos.map_or_else(|| START.with(Instant::elapsed), Duration::from_nanos)
}

thread_local! {
    static START: Instant = Instant::now();
}

/// Name, and code whose result is a function of no arguments, which takes some milliseconds.
const CASES: [(&str, &str); 6] = [
    (
        "calls: fib(25)",
        "local function fib(n) if n < 2 then return n end return fib(n - 1) + fib(n - 2) end
         return function() return fib(25) end",
    ),
    (
        "sort of 10,000 numbers",
        "return function() local t = {} for i = 1, 10000 do t[i] = i * 7919 % 10007 end table.sort(t) end",
    ),
    (
        "sort of 10,000 with a comparator",
        "local function before(a, b) return a > b end
         return function() local t = {} for i = 1, 10000 do t[i] = i * 7919 % 10007 end table.sort(t, before) end",
    ),
    (
        "tables: 20,000 records",
        "return function() local t = {} for i = 1, 20000 do t[i] = {id = i, x = i * 0.5, name = 'n'} end
         local sum = 0 for _, it in ipairs(t) do sum = sum + it.x it.x = nil end return sum end",
    ),
    (
        "a loop of 1,000,000",
        "return function() local sum = 0 for i = 1, 1000000 do sum = sum + i % 7 end return sum end",
    ),
    (
        "20,000 short matches",
        "return function() local n = 0 for i = 1, 20000 do
         if ('item ' .. i):match('^(%a+) (%d+)$') then n = n + 1 end end return n end",
    ),
];

/// What limits cost code that keeps them, beside the same code in a VM that has none, taking turns.
fn overhead() {
    println!(
        "\n| code that keeps its limits | limited | without any limit | ratio |\n|---|---|---|---|"
    );
    let place = tempfile::tempdir().expect("a temporary folder");
    let mods = place.path().join("mods");
    let scripts = mods.join("honest/scripts");
    std::fs::create_dir_all(&scripts).expect("folders");
    std::fs::write(
        mods.join("lunation.toml"),
        "[limits]\nhandler_time = 5000\n",
    )
    .expect("settings");
    std::fs::write(
        mods.join("honest/mod.toml"),
        "id = \"honest\"\nversion = \"1.0.0\"\n",
    )
    .expect("a manifest");
    let script = CASES.iter().enumerate().map(|(case, (_, code))| {
        format!("local f{case} = (function() {code} end)()\nmod.on(\"{case}\", function() f{case}() end)\n")
    });
    let script = script.collect::<String>() + "mod.on(\"empty\", function(n) end)\n";
    std::fs::write(scripts.join("main.lua"), script).expect("a script");
    let mut mods = ModManager::builder(mods)
        .watching(false)
        .without_history_on_disk()
        .build()
        .expect("a manager");
    assert_eq!(mods.load(), []);
    for (case, (name, code)) in CASES.iter().enumerate() {
        let (_lua, free) = without_limits(code);
        let event = case.to_string();
        let limited = || {
            let dispatched = mods.dispatch_value(&event, &Value::Nil);
            assert_eq!((dispatched.handlers, dispatched.errors), (1, Vec::new()));
        };
        compare(name, limited, || free.call::<()>(()).expect("a call"));
    }
    let (_lua, free) = without_limits("return function(n) end");
    let one = Value::from(1.0);
    let limited = || (0..100_000).for_each(|_| drop(mods.dispatch_value("empty", &one)));
    compare("100,000 events for one mod, against calls", limited, || {
        (0..100_000).for_each(|_| free.call::<()>(1.0).expect("a call"));
    });
}

/// A function of a VM as mlua makes it, compiled as ours are.
fn without_limits(code: &str) -> (Lua, Function) {
    let lua = Lua::new();
    #[cfg(feature = "luau")]
    {
        lua.set_compiler(
            mlua::chunk::Compiler::new()
                .set_optimization_level(1)
                .set_debug_level(2),
        );
        lua.sandbox(true).expect("a sandbox");
    }
    let function = lua.load(code).eval().expect("a function");
    (lua, function)
}

/// Runs both by turns, and prints the medians and their ratio.
fn compare(name: &str, mut limited: impl FnMut(), mut free: impl FnMut()) {
    let mut times = [Vec::new(), Vec::new()];
    for turn in 0..2 * TURNS {
        let before = processor_time();
        match turn % 2 {
            0 => limited(),
            _ => free(),
        }
        times[turn % 2].push(processor_time().saturating_sub(before));
    }
    let [limited, free] = times.map(|mut times| {
        times.sort_unstable();
        times[TURNS / 2]
    });
    let ratio = limited.as_secs_f64() / free.as_secs_f64();
    println!("| {name} | {limited:.2?} | {free:.2?} | {ratio:.3} |");
}
