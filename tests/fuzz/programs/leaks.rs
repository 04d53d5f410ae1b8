//! What a program leaves behind: threads, descriptors, memory; panics that somebody caught, and errors that the
//! library logs, such as a VM that is not freed.

use std::fmt;
use std::panic;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use tracing::field::{Field, Visit};
use tracing::span;

use super::PANIC_OF_THE_GAME;

/// The target under which the library logs what mods log.
const TARGET_OF_MODS: &str = "lunation::mod";

/// Programs before memory is measured first: caches and the pools of the allocator fill up until then.
const PROGRAMS_WARM: u64 = 200;

/// How much the process may grow after that, in bytes. The allocator keeps what threads that ended had, and a
/// program may take some 4 MiB for each of its mods; a leak of one VM in each program is there after a hundred.
const GROWTH_MAX: u64 = 192 << 20;

/// The time for threads that have ended to vanish from the system's list.
const THREADS_PATIENCE: Duration = Duration::from_secs(10);

/// What was there before any program.
pub(super) struct Leaks {
    seen: Arc<Seen>,
    programs: u64,
    threads: usize,
    descriptors: usize,
    memory: u64,
}

/// What is seen from other places.
#[derive(Default)]
struct Seen {
    errors: AtomicU64,
    panics: AtomicU64,
}

impl Leaks {
    /// Begins to look, for the whole process.
    pub(super) fn start() -> Leaks {
        let seen = Arc::new(Seen::default());
        tracing::subscriber::set_global_default(LoggedErrors(seen.clone()))
            .expect("nothing else listens to the log");
        let print = panic::take_hook();
        let counting = seen.clone();
        panic::set_hook(Box::new(move |panic| {
            let is_on_purpose = panic.payload().downcast_ref() == Some(&PANIC_OF_THE_GAME);
            if !is_on_purpose {
                counting.panics.fetch_add(1, Ordering::Relaxed);
                print(panic);
            }
        }));
        Leaks {
            seen,
            programs: 0,
            threads: count("/proc/self/task"),
            descriptors: count("/proc/self/fd"),
            memory: 0,
        }
    }

    /// Nothing of the program that was taken away is left.
    pub(super) fn check(&mut self) {
        self.programs += 1;
        let seen = |what: &AtomicU64| what.load(Ordering::Relaxed);
        assert_eq!(seen(&self.seen.panics), 0, "panics that somebody caught");
        assert_eq!(seen(&self.seen.errors), 0, "errors that the library logged");
        let started = Instant::now();
        while count("/proc/self/task") > self.threads && started.elapsed() < THREADS_PATIENCE {
            std::thread::yield_now();
        }
        assert_eq!(count("/proc/self/task"), self.threads, "threads");
        assert_eq!(count("/proc/self/fd"), self.descriptors, "descriptors");
        let memory = resident_bytes();
        if self.programs <= PROGRAMS_WARM {
            self.memory = self.memory.max(memory);
        }
        let memory_max = self.memory + GROWTH_MAX;
        assert!(
            memory <= memory_max,
            "grew from {} to {memory} bytes",
            self.memory
        );
    }
}

/// How many names a folder of the system has; 0 where there is none.
fn count(folder: &str) -> usize {
    std::fs::read_dir(folder).map_or(0, Iterator::count)
}

/// The memory of this process, where the system tells.
fn resident_bytes() -> u64 {
    let pages = std::fs::read_to_string("/proc/self/statm").unwrap_or_default();
    let resident = pages
        .split_whitespace()
        .nth(1)
        .and_then(|pages| pages.parse().ok());
    resident.unwrap_or(0) * 4096
}

/// Counts and prints the errors that the library logs: it does so only for what no mod may cause.
struct LoggedErrors(Arc<Seen>);

impl tracing::Subscriber for LoggedErrors {
    fn enabled(&self, metadata: &tracing::Metadata<'_>) -> bool {
        let is_of_a_mod = metadata.target() == TARGET_OF_MODS;
        metadata.is_event() && *metadata.level() == tracing::Level::ERROR && !is_of_a_mod
    }

    fn event(&self, event: &tracing::Event<'_>) {
        self.0.errors.fetch_add(1, Ordering::Relaxed);
        event.record(&mut Print);
    }

    fn new_span(&self, _: &span::Attributes<'_>) -> span::Id {
        span::Id::from_u64(1)
    }

    fn record(&self, _: &span::Id, _: &span::Record<'_>) {}
    fn record_follows_from(&self, _: &span::Id, _: &span::Id) {}
    fn enter(&self, _: &span::Id) {}
    fn exit(&self, _: &span::Id) {}
}

struct Print;

impl Visit for Print {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        eprintln!("logged: {field}: {value:?}");
    }
}
