//! From save to live, and the paths that run every frame, each beside a hand-written minimum in the same run.
//!
//! `cargo bench --bench live` prints the tables of `docs/concepts/performance.md`; words after it pick parts
//! (`edit`, `tree`, `burst`, `frame`, `calls`, `load`, `memory`). `--quick` takes fewer samples. Medians and p99 over
//! all samples; nothing is left out. `--raw` prints every sample, too.

mod calls;
mod edit;
mod frame;
mod hand;
mod load;
mod memory;
mod mods;
mod tree;

use std::time::{Duration, Instant};

/// How much is measured, and what is told.
struct Run {
    is_quick: bool,
    is_raw: bool,
}

type Part = (&'static str, fn(&Run));

const PARTS: [Part; 7] = [
    ("edit", edit::run),
    ("tree", tree::run),
    ("burst", tree::run_burst),
    ("frame", frame::run),
    ("calls", calls::run),
    ("load", load::run),
    ("memory", memory::run),
];

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if let [argument, side] = &arguments[..]
        && argument == memory::ARGUMENT
    {
        return memory::answer(side);
    }
    let has = |word: &str| arguments.iter().any(|argument| argument == word);
    let run = Run {
        is_quick: has("--quick"),
        is_raw: has("--raw"),
    };
    let is_picked = |name: &str| has(name) || !PARTS.iter().any(|(name, _)| has(name));
    println!("{}", machine());
    for (name, part) in PARTS {
        if is_picked(name) {
            part(&run);
        }
    }
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

impl Run {
    /// `many` samples, or a tenth of them.
    fn samples(&self, many: usize) -> usize {
        if self.is_quick { many / 10 } else { many }
    }

    /// Prints a row of a table and gives the median in milliseconds.
    fn row(&self, name: &str, mut samples: Vec<Duration>) -> f64 {
        if self.is_raw {
            let raw: Vec<u128> = samples.iter().map(Duration::as_micros).collect();
            println!("raw, µs: {name}: {raw:?}");
        }
        samples.sort_unstable();
        let last = (samples.len() - 1) as f64;
        let at = |share: f64| samples[(last * share) as usize].as_secs_f64() * 1e3;
        println!(
            "| {name} | {:.3} ms | {:.3} ms | {:.3} ms |",
            at(0.5),
            at(0.99),
            at(1.0)
        );
        at(0.5)
    }
}

/// The head of a table of rows.
fn table(title: &str) {
    println!("\n| {title} | p50 | p99 | max |\n|---|---|---|---|");
}

/// The median of so many runs, each of which says how long it took.
fn median_of(runs: usize, mut run: impl FnMut() -> Duration) -> Duration {
    let mut times: Vec<Duration> = (0..runs).map(|_| run()).collect();
    times.sort_unstable();
    times[runs / 2]
}

/// How long one of `count` turns takes.
fn each(count: u32, mut turn: impl FnMut()) -> Duration {
    let started = Instant::now();
    (0..count).for_each(|_| turn());
    started.elapsed() / count
}

/// Lets events of the last save pass, as they do between two saves of a person.
fn pause() {
    std::thread::park_timeout(Duration::from_millis(3));
}
