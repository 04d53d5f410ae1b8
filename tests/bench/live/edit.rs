//! One script of 200 lines is saved: from the end of the save to the new function live, with a state of 1,000 entries.

use std::path::Path;
use std::time::{Duration, Instant};

use lunation::reload::{Outcome, Phases, ReloadReport};
use lunation::{ModManager, Until};

use super::mods::{ENTRIES, LINES, Mods, script};
use super::{Run, hand, pause, table};

/// The first edits are not counted: memory and caches are cold then.
const WARM_UP: usize = 10;

/// Saves in a row, and the time between two of them.
const SAVES: usize = 50;
const BETWEEN: Duration = Duration::from_millis(14);

type Save = fn(&Path, &str);

const SAVE_BY: [(&str, Save); 3] = [
    ("write", |path, text| {
        std::fs::write(path, text).expect("a save")
    }),
    ("rename over", |path, text| {
        let new = path.with_extension("tmp");
        std::fs::write(&new, text).expect("a file");
        std::fs::rename(new, path).expect("a rename");
    }),
    ("truncate, then write", |path, text| {
        std::fs::write(path, "").expect("an empty file");
        std::fs::write(path, text).expect("a save");
    }),
];

pub(crate) fn run(run: &Run) {
    table(&format!("save → live, {LINES} lines, {ENTRIES} entries"));
    let samples = run.samples(300);
    let mut phases = Vec::new();
    let mut ours = Vec::new();
    for (name, save) in SAVE_BY {
        let (times, of_save) = save_to_live(samples, save);
        ours.push(run.row(&format!("Lunation, {name}"), times));
        phases.push((name, of_save));
    }
    let by_hand = run.row("hand-written minimum, write", by_hand(samples));
    println!("\nratio of the medians: {:.2}", ours[0] / by_hand);
    println!(
        "\n| median of | detect | settle | read | compile | stage | capture | restore | switch |"
    );
    println!("|---|---|---|---|---|---|---|---|---|");
    for (name, phases) in phases {
        tell_phases(name, &phases);
    }
    in_a_row(run);
}

fn tell_phases(name: &str, all: &[Phases]) {
    let median = |of: fn(&Phases) -> Duration| {
        let mut times: Vec<Duration> = all.iter().map(of).collect();
        times.sort_unstable();
        format!("{} µs", times[times.len() / 2].as_micros())
    };
    let columns = [
        median(|it| it.detect),
        median(|it| it.settle),
        median(|it| it.read),
        median(|it| it.compile),
        median(|it| it.stage),
        median(|it| it.capture),
        median(|it| it.restore),
        median(|it| it.switch),
    ];
    println!("| {name} | {} |", columns.join(" | "));
}

fn save_to_live(samples: usize, save: Save) -> (Vec<Duration>, Vec<Phases>) {
    let mods = Mods::probe();
    let path = mods.path("probe/scripts/main.lua");
    let mut manager = mods.build(|builder| builder);
    manager.dispatch("fill", &ENTRIES);
    let (mut times, mut phases) = (Vec::new(), Vec::new());
    for version in 1..=samples + WARM_UP {
        save(&path, &script(version));
        let saved = Instant::now();
        let report = wait_for_reload(&mut manager);
        let live = manager.dispatch("probe", &()).results[0].as_f64();
        let time = saved.elapsed();
        assert_eq!(live, Some(version as f64));
        if version > WARM_UP {
            times.push(time);
            phases.push(report.mods[0].phases);
        }
        pause();
    }
    let probe = "probe".parse().expect("an id");
    let kept = manager.eval(&probe, "#mod.state.list").expect("the state")[0].as_f64();
    assert_eq!(kept, Some(ENTRIES as f64));
    (times, phases)
}

/// The report of the next reload, which must be one.
pub(crate) fn wait_for_reload(manager: &mut ModManager) -> ReloadReport {
    let mut reports = manager.wait(Duration::from_secs(10), Until::Report);
    let report = reports.remove(0);
    assert_eq!(report.mods[0].outcome, Outcome::Reloaded, "{report}");
    report
}

/// Watch, read, compile, a new sandboxed VM, run, copy the table over, swap. It has no limits, no transaction, no
/// three-way rule, one mod, one file.
fn by_hand(samples: usize) -> Vec<Duration> {
    let mods = Mods::probe();
    let path = mods.path("probe/scripts/main.lua");
    let watch = hand::Watch::of(path.parent().unwrap_or(Path::new(".")));
    let mut vm = hand::vm(&path);
    hand::fill(&vm);
    let mut times = Vec::new();
    for version in 1..=samples + WARM_UP {
        std::fs::write(&path, script(version)).expect("a save");
        let saved = Instant::now();
        watch.wait();
        let new = hand::vm(&path);
        hand::copy_state(&vm, &new);
        vm = new;
        let live = hand::version(&vm);
        let time = saved.elapsed();
        assert_eq!(live, version);
        if version > WARM_UP {
            times.push(time);
        }
        pause();
    }
    times
}

/// 50 saves in 0.7 s: when the last is live, and how many reloads there were.
fn in_a_row(run: &Run) {
    let rounds = run.samples(20).max(2);
    let mut reloads = 0;
    let times = (0..rounds).map(|_| {
        let mods = Mods::probe();
        let path = mods.path("probe/scripts/main.lua");
        let mut manager = mods.build(|builder| builder);
        let writer = std::thread::spawn(move || {
            for version in 1..=SAVES {
                std::fs::write(&path, script(version)).expect("a save");
                if version < SAVES {
                    std::thread::park_timeout(BETWEEN);
                }
            }
            Instant::now()
        });
        let is_live = |manager: &mut ModManager| {
            manager.dispatch("probe", &()).results[0].as_f64() == Some(SAVES as f64)
        };
        while !is_live(&mut manager) {
            reloads += manager.wait(Duration::from_secs(10), Until::Report).len();
        }
        let live = Instant::now();
        live.saturating_duration_since(writer.join().expect("the writer"))
    });
    let times: Vec<Duration> = times.collect();
    table(&format!("{SAVES} saves, {BETWEEN:?} between two"));
    run.row("Lunation, the last save → live", times);
    println!(
        "\nreloads for {SAVES} saves, on average: {}",
        reloads / rounds
    );
}
