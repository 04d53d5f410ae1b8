//! Programs that pretend to be mods: whatever they do, the game goes on, the mod beside them is not harmed, and
//! nothing of them is left when they are gone.
//!
//! A program is one file, as in `tests/fuzz/regressions`: its steps, the versions of its script, other files. The
//! grammar makes it from a seed. It lives in a process of its own, where a panic, a crash, a hang and a leak are
//! found; then the smallest program that still fails is looked for and printed. To run one again:
//! `FUZZ_PROGRAM=path/to/it.lua cargo test --test fuzz`.

mod bystander;
mod grammar;
mod leaks;
mod life;
mod program;
mod units;
mod watch;
mod writer;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};
use std::time::{Duration, Instant};

use grammar::Grammar;
use leaks::Leaks;
use watch::Watch;

/// The message of the panic that a function of the game raises on purpose.
const PANIC_OF_THE_GAME: &str = "the game panics, as it was asked to";

/// A program without progress for so long hangs; when it is to be made smaller, for so long.
const PATIENCE_SECONDS: u64 = 20;
const PATIENCE_SECONDS_SHRINKING: u64 = 5;

/// The time for making a program smaller.
const SHRINKING_MAX: Duration = Duration::from_secs(90);

/// So many programs are enough to expect that everything has happened.
const PROGRAMS_TELLING: u64 = 100;

/// What the process is told when it is one that lives programs: the file of a program; the file that each program
/// is written to before it lives; the patience.
const PROGRAM: &str = "FUZZ_PROGRAM";
const CURRENT: &str = "FUZZ_CURRENT";
const PATIENCE: &str = "FUZZ_PATIENCE";

/// What has happened to all programs together.
#[derive(Debug, Default)]
struct Tally {
    programs: u64,
    loaded: u64,
    reloaded: u64,
    kept: u64,
    rolled_back: u64,
    restored: u64,
    out_of_time: u64,
    out_of_memory: u64,
    problems: u64,
}

impl Tally {
    /// Whether enough happened: a run in which nothing gets anywhere has tried nothing.
    fn is_telling(&self) -> bool {
        let once = [
            self.reloaded,
            self.kept,
            self.rolled_back,
            self.out_of_time,
            self.out_of_memory,
        ];
        self.programs < PROGRAMS_TELLING || (self.loaded * 3 > self.programs && !once.contains(&0))
    }
}

/// Lives programs for this time, from this seed. Whether nothing failed.
pub(crate) fn run(time: Duration, first_seed: u64) -> bool {
    units::check();
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let current = folder.path().join("program.lua");
    let status = this_program(PATIENCE_SECONDS)
        .env(CURRENT, &current)
        .env("FUZZ_SECONDS", time.as_secs().to_string())
        .env("FUZZ_SEED", first_seed.to_string())
        .status()
        .expect("this program can be started");
    if status.success() {
        return true;
    }
    eprintln!("fuzz::programs failed ({status})");
    if let Ok(text) = std::fs::read_to_string(&current) {
        let smallest = smallest(&text, folder.path());
        eprintln!(
            "the smallest program that fails; keep it in tests/fuzz/regressions:\n{smallest}"
        );
    }
    false
}

/// If this process was started to live programs, does so.
pub(crate) fn play_a_part() -> Option<ExitCode> {
    let patience = Duration::from_secs(crate::setting(PATIENCE, PATIENCE_SECONDS));
    let mut tally = Tally::default();
    let is_well = if let Some(path) = std::env::var_os(PROGRAM) {
        let text = std::fs::read_to_string(&path).expect("the program can be read");
        let watch = Watch::start(patience);
        let mut leaks = Leaks::start();
        lives_well(&text, &mut tally, &watch, &mut leaks)
    } else {
        let current = PathBuf::from(std::env::var_os(CURRENT)?);
        let is_well = live_many(&current, patience, &mut tally);
        println!("fuzz::programs: {tally:?}");
        is_well && tally.is_telling()
    };
    Some(match is_well {
        true => ExitCode::SUCCESS,
        false => ExitCode::FAILURE,
    })
}

/// Lives what once failed, then programs of one seed after the other. Whether all went well.
fn live_many(current: &Path, patience: Duration, tally: &mut Tally) -> bool {
    let time = Duration::from_secs(crate::setting("FUZZ_SECONDS", 5));
    let seeds = crate::setting("FUZZ_SEED", 1)..;
    let watch = Watch::start(patience);
    let mut leaks = Leaks::start();
    let started = Instant::now();
    let grammar = Grammar::read();
    let random = seeds.map(|seed| writer::program(&grammar, seed));
    let mut programs = regressions().into_iter().chain(random);
    while tally.programs == 0 || started.elapsed() < time {
        let Some(text) = programs.next() else {
            break;
        };
        std::fs::write(current, &text).expect("the program can be written");
        if !lives_well(&text, tally, &watch, &mut leaks) {
            return false;
        }
    }
    true
}

/// Whether a program lives and goes without harm.
fn lives_well(text: &str, tally: &mut Tally, watch: &Watch, leaks: &mut Leaks) -> bool {
    tally.programs += 1;
    let life = AssertUnwindSafe(|| {
        life::live(text, tally, || watch.progress());
        leaks.check();
    });
    // What panicked has printed why.
    catch_unwind(life).is_ok()
}

/// Programs that failed once.
fn regressions() -> Vec<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fuzz/regressions");
    let files = std::fs::read_dir(folder).expect("the regressions can be listed");
    let mut paths: Vec<PathBuf> = files.flatten().map(|file| file.path()).collect();
    paths.sort();
    let read = |path| std::fs::read_to_string(path).expect("a regression can be read");
    paths.into_iter().map(read).collect()
}

/// `text` made as small as it goes in the time that there is, each try in a process of its own.
fn smallest(text: &str, folder: &Path) -> String {
    let deadline = Instant::now() + SHRINKING_MAX;
    let path = folder.join("smaller.lua");
    let fails = |text: &str| {
        std::fs::write(&path, text).expect("the program can be written");
        let mut program = this_program(PATIENCE_SECONDS_SHRINKING);
        let program = program.env(PROGRAM, &path).stderr(Stdio::null());
        !program
            .status()
            .expect("this program can be started")
            .success()
    };
    if !fails(text) {
        return format!("-- It does not fail alone: what was before it counts, or luck.\n{text}");
    }
    units::smallest(text, |text| Instant::now() < deadline && fails(text))
}

fn this_program(patience_seconds: u64) -> Command {
    let mut command = Command::new(std::env::current_exe().expect("this program has a path"));
    command.env(PATIENCE, patience_seconds.to_string());
    command
}
