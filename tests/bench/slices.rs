//! How long one `pump` takes while a mod with a large state switches, with a budget of 2 ms and all at once.
//!
//! `cargo bench --bench slices` prints a table; a part of a case's name as an argument picks cases. On a busy
//! machine the processor time of the thread says more than the time of day: both are there.

use std::time::{Duration, Instant};

use lunation::reload::Outcome;
use lunation::{ModId, ModManager};

const BUDGET: Duration = Duration::from_millis(2);

/// What a game does between two pumps. Short, so that there are many.
const FRAME: Duration = Duration::from_micros(500);

/// Switches of one case.
const SWITCHES: u32 = 12;

const MANIFEST: &str = "id = \"large\"\nversion = \"1.0.0\"\n";

const SETTINGS: &str = "[hot_reload.state_management]\nmax_state_size = 1073741824\n
[limits]\nmemory = 1073741824\nhandler_time = 60000\n";

/// Name, and what makes the state.
const CASES: [(&str, &str); 4] = [
    ("1k numbers", "for i = 1, 1000 do s[i] = i * 1.5 end"),
    ("1M numbers", "for i = 1, 1000000 do s[i] = i * 1.5 end"),
    (
        "1M by name",
        "for i = 1, 1000000 do s['k' .. i] = i * 1.5 end",
    ),
    (
        "170k records",
        "local l = {} s.l = l for i = 1, 170000 do
           l[i] = { id = i, x = i * 0.5, y = -i, name = 'colonist', alive = true } end",
    ),
];

fn main() {
    let wanted: Vec<String> = std::env::args()
        .skip(1)
        .filter(|arg| !arg.starts_with('-'))
        .collect();
    println!(
        "| case | pump p50 | p99 | p99.9 | max | processor p99.9 | max | pumps a switch | until live | at once |"
    );
    println!("|---|---|---|---|---|---|---|---|---|---|");
    for (name, state) in CASES {
        if wanted.is_empty() || wanted.iter().any(|wanted| name.contains(&**wanted)) {
            case(name, state);
        }
    }
}

fn case(name: &str, state: &str) {
    let folder = tempfile::tempdir().unwrap();
    let mods = folder.path().join("mods");
    let script = mods.join("large/scripts/main.lua");
    std::fs::create_dir_all(script.parent().unwrap()).unwrap();
    std::fs::write(mods.join("lunation.toml"), SETTINGS).unwrap();
    std::fs::write(mods.join("large/mod.toml"), MANIFEST).unwrap();
    let code = format!("mod.on('fill', function() local s = mod.state {state} end)\n");
    std::fs::write(&script, &code).unwrap();
    let mut manager = ModManager::builder(&mods).watching(false).build().unwrap();
    assert_eq!(manager.load(), []);
    assert_eq!(manager.dispatch("fill", &()).errors, []);

    let mut pumps = Pumps::default();
    let (mut live, mut at_once) = (Vec::new(), Vec::new());
    for n in 0..SWITCHES {
        std::fs::write(&script, format!("{code}-- {n}")).unwrap();
        live.push(sliced(&mut manager, &mut pumps));
        std::fs::write(&script, format!("{code}-- {n} again")).unwrap();
        let report = manager.check_updates().pop().unwrap();
        assert_eq!(report.mods[0].outcome, Outcome::Reloaded, "{report}");
        let phases = report.mods[0].phases;
        at_once.push(phases.stage + phases.capture + phases.restore + phases.switch);
    }
    for times in [
        &mut pumps.times,
        &mut pumps.processor,
        &mut live,
        &mut at_once,
    ] {
        times.sort();
    }
    let part = |times: &[Duration], thousandths| times[(times.len() - 1) * thousandths / 1000];
    println!(
        "| {name} | {:.1?} | {:.1?} | {:.1?} | {:.1?} | {:.1?} | {:.1?} | {} | {:.1?} | {:.1?} |",
        part(&pumps.times, 500),
        part(&pumps.times, 990),
        part(&pumps.times, 999),
        part(&pumps.times, 1000),
        part(&pumps.processor, 999),
        part(&pumps.processor, 1000),
        pumps.times.len() / SWITCHES as usize,
        live[live.len() / 2],
        at_once[at_once.len() / 2],
    );
}

/// How long each pump took.
#[derive(Default)]
struct Pumps {
    times: Vec<Duration>,
    processor: Vec<Duration>,
}

/// The processor time that this thread has had; nothing where the system does not tell.
#[cfg(target_os = "linux")]
fn processor_time() -> Duration {
    let mut time = libc::timespec {
        tv_sec: 0,
        tv_nsec: 0,
    };
    // SAFETY: `time` is where the answer goes.
    unsafe { libc::clock_gettime(libc::CLOCK_THREAD_CPUTIME_ID, &raw mut time) };
    Duration::new(time.tv_sec as u64, time.tv_nsec as u32)
}

#[cfg(not(target_os = "linux"))]
fn processor_time() -> Duration {
    Duration::ZERO
}

/// Lets some time pass, in which other threads run.
fn frame() {
    let (_never, silent) = crossbeam_channel::bounded::<()>(1);
    let _ = silent.recv_timeout(FRAME);
}

/// One switch, frame after frame; how long until the new code was live.
fn sliced(manager: &mut ModManager, pumps: &mut Pumps) -> Duration {
    let none: ModId = "none".parse().unwrap();
    manager.watch(&none);
    while !manager.has_work() {
        std::thread::yield_now();
    }
    let started = Instant::now();
    loop {
        let processor = processor_time();
        let pump = Instant::now();
        let reports = manager.pump(BUDGET);
        pumps.times.push(pump.elapsed());
        pumps.processor.push(processor_time() - processor);
        if let Some(report) = reports.first() {
            assert_eq!(report.mods[0].outcome, Outcome::Reloaded, "{report}");
            return started.elapsed();
        }
        frame();
    }
}
