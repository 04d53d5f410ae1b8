//! How long a resolution takes, and how much memory, on the index of a real community and on sets that are
//! made to be large.
//!
//! `cargo bench --bench resolve` prints the tables of `docs/concepts/performance.md`; a part of a row's name
//! as an argument picks rows. Without the real index beside the repository a generated one of its shape is
//! asked. The plain search is that of the tests: it tries, and goes back.

#[path = "../it/resolve/generated.rs"]
mod generated;
#[path = "../it/resolve/meaning.rs"]
mod meaning;
#[path = "../it/resolve/naive.rs"]
mod naive;

use std::collections::BTreeSet;
use std::time::Instant;

use lunation::ModId;
use lunation::manifest::{Dependency, Manifest, candidates};
use lunation::resolve::{Candidate, HostApi, Resolution, Rules, diff, resolve};

use generated::{Dice, generated, name};
use meaning::Meaning;
use naive::naive;

const SAMPLE: &str = concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/../shared/data/ckan-sample.jsonl"
);

/// Sets of roots that are drawn for each size, and how often each question is put.
const SEEDS: u64 = 20;
const ROUNDS: usize = 5;

/// Steps that the plain search has before it gives up.
const STEPS_MAX: usize = 200_000;

fn main() {
    let rows: Vec<String> = std::env::args()
        .skip(1)
        .filter(|arg| !arg.starts_with('-'))
        .collect();
    let is_asked = |row: &str| rows.is_empty() || rows.iter().any(|it| row.contains(&**it));
    index(&is_asked);
    println!();
    large(&is_asked);
}

/// Questions to the index of a community.
fn index(is_asked: &dyn Fn(&str) -> bool) {
    let text = std::fs::read(SAMPLE).unwrap_or_else(|_| {
        println!("The real index is not at hand; this is a generated one.\n");
        generated(591, 40, 1).into_bytes()
    });
    let mut times = Vec::new();
    let mut manifests = Vec::new();
    for _ in 0..ROUNDS {
        let started = Instant::now();
        manifests = candidates(&text, "index.jsonl").0;
        times.push(started.elapsed());
    }
    println!(
        "{} candidates, {} of text, read in {:.1?}, {} in memory\n",
        manifests.len(),
        bytes(text.len() as u64),
        part(&mut times, 50),
        bytes(held(|| candidates(&text, "index.jsonl"))),
    );
    let all = as_candidates(&manifests);
    let ids: BTreeSet<ModId> = manifests.iter().map(|it| it.id.clone()).collect();
    let ids: Vec<ModId> = ids.into_iter().collect();
    let drawn = |roots: usize| -> Vec<Option<BTreeSet<ModId>>> {
        let draw = |seed| Dice(seed).some(&ids, roots).into_iter().collect();
        (0..SEEDS).map(|seed| Some(draw(seed))).collect()
    };
    println!(
        "| question | sets | run | rejected | resolve and order p50 | p99 | explain p50 | p99 | memory | plain search p50 | agrees, differs, gave up |"
    );
    println!("|---|---|---|---|---|---|---|---|---|---|---|");
    let alone = ids.iter().map(|id| Some(BTreeSet::from([id.clone()])));
    for (row, sets) in [
        ("all at once", vec![None]),
        ("300 at random", drawn(300)),
        ("50 at random", drawn(50)),
        ("each alone", alone.collect()),
    ] {
        if is_asked(row) {
            question(row, &all, &sets);
        }
    }
}

fn question(row: &str, all: &[Candidate], sets: &[Option<BTreeSet<ModId>>]) {
    let host = HostApi {
        name: "game".to_owned(),
        version: "1.12.5".parse().unwrap(),
    };
    let (mut resolve_times, mut explain_times, mut naive_times) = (vec![], vec![], vec![]);
    let (mut run, mut rejected, mut memory) = (vec![], vec![], vec![]);
    let mut verdicts = [0; 3];
    for wanted in sets {
        let rules = Rules {
            wanted: wanted.clone(),
            ..Rules::default()
        };
        let mut resolution = Resolution::default();
        for _ in 0..if sets.len() > 100 { 1 } else { ROUNDS } {
            let started = Instant::now();
            resolution = resolve(all, Some(&host), &rules);
            resolve_times.push(started.elapsed());
            let started = Instant::now();
            for id in resolution.rejected.keys() {
                std::hint::black_box(resolution.why(id));
            }
            explain_times.push(started.elapsed());
        }
        run.push(resolution.order.len());
        rejected.push(resolution.rejected.len());
        memory.push(peak(|| resolve(all, Some(&host), &rules)));
        let started = Instant::now();
        let meaning = Meaning::of(all, Some(&host), &rules);
        let choice = naive(&meaning, STEPS_MAX);
        naive_times.push(started.elapsed());
        verdicts[match choice {
            Err(_) => 2,
            Ok(choice) => usize::from(!is_the_same(&resolution, &meaning, &choice)),
        }] += 1;
    }
    println!(
        "| {row} | {} | {} | {} | {:.1?} | {:.1?} | {:.1?} | {:.1?} | {} | {:.1?} | {}, {}, {} |",
        sets.len(),
        part(&mut run, 50),
        part(&mut rejected, 50),
        part(&mut resolve_times, 50),
        part(&mut resolve_times, 99),
        part(&mut explain_times, 50),
        part(&mut explain_times, 99),
        bytes(part(&mut memory, 50)),
        part(&mut naive_times, 50),
        verdicts[0],
        verdicts[1],
        verdicts[2],
    );
}

/// Whether what was asked for runs in the same versions.
fn is_the_same(resolution: &Resolution, meaning: &Meaning, choice: &naive::Choice) -> bool {
    meaning.asked.iter().all(|id| {
        let mut versions = meaning.of[*id].iter().filter(|it| choice.contains(it));
        let chosen = versions.next().map(|it| &meaning.candidates[*it].version);
        chosen == resolution.mods.get(*id).map(|it| &it.version)
    })
}

/// Sets that are made to be large, or awkward.
fn large(is_asked: &dyn Fn(&str) -> bool) {
    println!("| set | mods | run | problems | resolve, order, explain p50 | max | memory |");
    println!("|---|---|---|---|---|---|---|");
    let read = |mods| candidates(generated(mods, 1, 3).as_bytes(), "index.jsonl").0;
    let sets: [(&str, &dyn Fn() -> Vec<Manifest>); 6] = [
        ("100,000 generated", &|| read(100_000)),
        ("circle of 10,000", &|| chain(10_000, true)),
        ("chain of 100,000", &|| chain(100_000, false)),
        ("one with 100,000 dependencies", &star),
        ("2,000 that exclude each other", &everyone_excludes_everyone),
        ("1,000 generated", &|| read(1_000)),
    ];
    for (row, make) in sets {
        if is_asked(row) {
            measure(row, &make());
        }
    }
    if is_asked("an edit among 1,000") {
        edit(read(1_000));
    }
}

fn measure(row: &str, manifests: &[Manifest]) {
    let all = as_candidates(manifests);
    let rules = Rules {
        depth_max: usize::MAX,
        ..Rules::default()
    };
    let mut times = Vec::new();
    let mut resolution = Resolution::default();
    for _ in 0..ROUNDS {
        let started = Instant::now();
        resolution = resolve(&all, None, &rules);
        times.push(started.elapsed());
    }
    let memory = peak(|| resolve(&all, None, &rules));
    println!(
        "| {row} | {} | {} | {} | {:.1?} | {:.1?} | {} |",
        manifests.len(),
        resolution.order.len(),
        resolution.problems.len(),
        part(&mut times, 50),
        part(&mut times, 100),
        bytes(memory),
    );
}

/// One manifest changes, and the rest is as it was.
fn edit(mut manifests: Vec<Manifest>) {
    let mut dice = Dice(5);
    let mut times = Vec::new();
    let mut before = resolve(&as_candidates(&manifests), None, &Rules::default());
    for _ in 0..100 {
        let edited = dice.below(manifests.len());
        manifests[edited].version.minor += 1;
        let started = Instant::now();
        let after = resolve(&as_candidates(&manifests), None, &Rules::default());
        let difference = diff(&before, &after);
        times.push(started.elapsed());
        assert!(difference.version_changed.len() <= 1);
        before = after;
    }
    println!(
        "| an edit among 1,000 | {} | {} | {} | {:.1?} | {:.1?} | |",
        manifests.len(),
        before.order.len(),
        before.problems.len(),
        part(&mut times, 50),
        part(&mut times, 100),
    );
}

fn bare(number: usize) -> Manifest {
    let text = format!("id = \"{}\"\nversion = \"1.0.0\"\n", name(number));
    lunation::manifest::parse(text.as_bytes(), "mod.toml")
        .0
        .unwrap()
}

fn require(manifest: &mut Manifest, number: usize) {
    manifest.dependencies.push(Dependency {
        id: name(number).parse().unwrap(),
        versions: "*".parse().unwrap(),
        optional: false,
        reason: None,
        place: manifest.place.clone(),
    });
}

/// Each requires the one before it; the first the last, where `closed`.
fn chain(length: usize, closed: bool) -> Vec<Manifest> {
    let mut all: Vec<Manifest> = (0..length).map(bare).collect();
    for (number, manifest) in all.iter_mut().enumerate() {
        if number > 0 || closed {
            require(manifest, (number + length - 1) % length);
        }
    }
    all
}

fn star() -> Vec<Manifest> {
    let mut all: Vec<Manifest> = (0..=100_000).map(bare).collect();
    for number in 1..=100_000 {
        require(&mut all[0], number);
    }
    all
}

fn everyone_excludes_everyone() -> Vec<Manifest> {
    let mut all: Vec<Manifest> = (0..2_000).map(bare).collect();
    let conflicts: Vec<lunation::manifest::Conflict> = all
        .iter()
        .map(|manifest| lunation::manifest::Conflict {
            id: manifest.id.clone(),
            versions: "*".parse().unwrap(),
            reason: None,
            place: manifest.place.clone(),
        })
        .collect();
    for (number, manifest) in all.iter_mut().enumerate() {
        manifest.conflicts = conflicts.clone();
        manifest.conflicts.remove(number);
    }
    all
}

fn as_candidates(manifests: &[Manifest]) -> Vec<Candidate<'_>> {
    let candidate = manifests.iter().map(|manifest| Candidate {
        manifest,
        folder: manifest.id.as_str(),
        error: None,
    });
    candidate.collect()
}

/// The element below which so many in a hundred lie.
fn part<T: Ord + Copy>(all: &mut [T], hundredths: usize) -> T {
    all.sort_unstable();
    all[(all.len() - 1) * hundredths / 100]
}

/// The most memory in use at a time.
fn peak<T>(work: impl FnOnce() -> T) -> u64 {
    allocation_counter::measure(|| drop(std::hint::black_box(work()))).bytes_max
}

/// The memory that a result keeps.
fn held<T>(work: impl FnOnce() -> T) -> u64 {
    let mut result = None;
    let counted = allocation_counter::measure(|| result = Some(work()));
    u64::try_from(counted.bytes_current).unwrap_or(0)
}

fn bytes(count: u64) -> String {
    format!("{:.1} MiB", count as f64 / 1024.0 / 1024.0)
}
