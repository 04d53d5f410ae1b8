//! [`Recorder`]: writes the history and checkpoints to disk on a thread of its own.
//!
//! What is to be on disk lies in a slot, the newest for each mod: however slow the disk is, nothing piles up,
//! and the game never waits for it. What a failed write left out is written with the next change.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use parking_lot::{Condvar, Mutex};

use crate::disk::{Locked, Store};
use crate::manager::beside::A_MOMENT;
use crate::manager::follow::Wake;
use crate::manager::running::Parked;
use crate::manager::saves;
use crate::mod_id::ModId;
use crate::problem::{Code, Problem};
use crate::settings::{StateCompression, StateManagement};

use super::archive::{self, Archive, Found};
use super::past::Past;

/// Writes the history to disk, until it is dropped.
pub(super) struct Recorder {
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
}

/// The states of all mods.
pub(super) type States = BTreeMap<ModId, Parked>;

/// What the thread finds when it opens the store, once.
pub(super) struct Opened {
    pub(super) store: Option<Arc<Store>>,
    pub(super) found: Found,
}

#[derive(Default)]
struct Shared {
    slots: Mutex<Slots>,
    changed: Condvar,
    is_checkpoint_due: AtomicBool,
}

/// What the two threads tell each other.
struct Slots {
    opened: Option<Opened>,
    wanted: BTreeMap<ModId, Vec<Past>>,
    checkpoint: Option<States>,
    compression: StateCompression,
    checkpoint_interval: Option<Duration>,
    last_checkpoint: Instant,
    written: BTreeMap<ModId, BTreeSet<u64>>,
    /// Why the disk can't be used, as long as that is so; and whether somebody was told.
    problem: Option<Problem>,
    is_told: bool,
    is_ending: bool,
}

impl Default for Slots {
    fn default() -> Slots {
        Slots {
            opened: None,
            wanted: BTreeMap::new(),
            checkpoint: None,
            compression: StateCompression::None,
            checkpoint_interval: None,
            last_checkpoint: Instant::now(),
            written: BTreeMap::new(),
            problem: None,
            is_told: false,
            is_ending: false,
        }
    }
}

impl Slots {
    fn set_problem(&mut self, problem: Option<Problem>) {
        self.is_told &= self.problem == problem;
        self.problem = problem;
    }
}

impl Recorder {
    /// Starts the thread, which opens the store in `root` at once.
    ///
    /// # Errors
    /// The system can't start a thread.
    pub(super) fn start(root: PathBuf, wake: Option<Wake>) -> io::Result<Recorder> {
        let shared = Arc::new(Shared::default());
        let of_thread = shared.clone();
        let thread = std::thread::Builder::new()
            .name("lunation-recorder".into())
            .spawn(move || of_thread.run(&root, wake.as_ref()))?;
        Ok(Recorder {
            shared,
            thread: Some(thread),
        })
    }

    /// Waits for what was found on disk.
    pub(super) fn opened(&self) -> Opened {
        let mut slots = self.shared.slots.lock();
        loop {
            if let Some(opened) = slots.opened.take() {
                return opened;
            }
            self.shared.changed.wait(&mut slots);
        }
    }

    /// How to write from now on.
    pub(super) fn set(&self, settings: &StateManagement) {
        let mut slots = self.shared.slots.lock();
        slots.compression = settings.state_compression;
        let seconds = settings.checkpoint_interval;
        let interval = (seconds > 0).then(|| Duration::from_secs(seconds));
        if slots.checkpoint_interval != interval {
            slots.checkpoint_interval = interval;
            slots.last_checkpoint = Instant::now();
            self.shared.changed.notify_all();
        }
    }

    /// The generations of a mod that are to be on disk.
    pub(super) fn keep(&self, mod_id: &ModId, wanted: Vec<Past>) {
        let mut slots = self.shared.slots.lock();
        slots.wanted.insert(mod_id.clone(), wanted);
        self.shared.changed.notify_all();
    }

    /// Whether it is time for a checkpoint.
    pub(super) fn is_checkpoint_due(&self) -> bool {
        self.shared.is_checkpoint_due.load(Ordering::Acquire)
    }

    /// Writes a checkpoint.
    pub(super) fn checkpoint(&self, states: States) {
        let mut slots = self.shared.slots.lock();
        slots.checkpoint = Some(states);
        slots.last_checkpoint = Instant::now();
        self.shared
            .is_checkpoint_due
            .store(false, Ordering::Release);
        self.shared.changed.notify_all();
    }

    /// Whether a generation is on disk.
    pub(super) fn has_written(&self, mod_id: &ModId, generation: u64) -> bool {
        let slots = self.shared.slots.lock();
        let written = slots.written.get(mod_id);
        written.is_some_and(|written| written.contains(&generation))
    }

    /// Why the disk can't be used.
    pub(super) fn problem(&self) -> Option<Problem> {
        self.shared.slots.lock().problem.clone()
    }

    /// The same, once.
    pub(super) fn untold_problem(&self) -> Option<Problem> {
        let mut slots = self.shared.slots.lock();
        let is_told = std::mem::replace(&mut slots.is_told, true);
        slots.problem.clone().filter(|_| !is_told)
    }
}

impl Drop for Recorder {
    /// What is to be on disk is on disk afterwards.
    fn drop(&mut self) {
        self.shared.slots.lock().is_ending = true;
        self.shared.changed.notify_all();
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// What the thread does next.
enum Work {
    Write {
        wanted: BTreeMap<ModId, Vec<Past>>,
        checkpoint: Option<States>,
        compression: StateCompression,
    },
    AskForCheckpoint,
    End,
}

impl Shared {
    fn run(&self, root: &std::path::Path, wake: Option<&Wake>) {
        let Some(mut archive) = self.open(root) else {
            return;
        };
        // What could not be written is tried again with the next change.
        let mut pending = BTreeMap::new();
        loop {
            match self.next() {
                Work::Write {
                    wanted,
                    checkpoint,
                    compression,
                } => {
                    let mut outcome = Ok(());
                    pending.extend(wanted);
                    pending.retain(|mod_id, wanted| {
                        let kept = archive.keep(mod_id, wanted, compression);
                        let has_failed = kept.is_err();
                        outcome = std::mem::replace(&mut outcome, Ok(())).and(kept);
                        has_failed
                    });
                    if let Some(states) = checkpoint {
                        let bytes = saves::encode(states.iter(), compression);
                        outcome = outcome.and(archive.write_checkpoint(&bytes));
                    }
                    let mut slots = self.slots.lock();
                    slots.written = archive.written();
                    slots.set_problem(outcome.err().map(|error| unwritten(&error)));
                }
                Work::AskForCheckpoint => {
                    self.is_checkpoint_due.store(true, Ordering::Release);
                    if let Some(wake) = wake {
                        wake();
                    }
                }
                Work::End => return,
            }
        }
    }

    /// Opens the store and tells what is there. `None` if it can't be written.
    fn open(&self, root: &std::path::Path) -> Option<Archive> {
        let (opened, archive, problem) = match Store::open(root) {
            Ok(store) => {
                let store = Arc::new(store);
                let found = archive::read(&store);
                let archive = Archive::new(store.clone(), &found);
                let store = Some(store);
                (Opened { store, found }, Some(archive), None)
            }
            Err(Locked::InUse) => {
                let (store, found) = (None, Found::default());
                (Opened { store, found }, None, Some(in_use()))
            }
            Err(Locked::Failed(error)) => {
                let store = Store::look(root);
                let found = archive::read(&store);
                let store = Some(Arc::new(store));
                (Opened { store, found }, None, Some(unwritten(&error)))
            }
        };
        let mut slots = self.slots.lock();
        slots.written = archive.as_ref().map(Archive::written).unwrap_or_default();
        slots.opened = Some(opened);
        slots.set_problem(problem);
        // Whoever loads is told of it with everything else.
        slots.is_told = true;
        self.changed.notify_all();
        archive
    }

    fn next(&self) -> Work {
        let mut slots = self.slots.lock();
        loop {
            if !slots.wanted.is_empty() || slots.checkpoint.is_some() {
                let until = Instant::now() + A_MOMENT;
                while !slots.is_ending && !self.changed.wait_until(&mut slots, until).timed_out() {}
                return Work::Write {
                    wanted: std::mem::take(&mut slots.wanted),
                    checkpoint: slots.checkpoint.take(),
                    compression: slots.compression,
                };
            }
            if slots.is_ending {
                return Work::End;
            }
            let is_due = self.is_checkpoint_due.load(Ordering::Acquire);
            match slots.checkpoint_interval.filter(|_| !is_due) {
                None => self.changed.wait(&mut slots),
                Some(interval) => {
                    let deadline = slots.last_checkpoint + interval;
                    if self.changed.wait_until(&mut slots, deadline).timed_out() {
                        return Work::AskForCheckpoint;
                    }
                }
            }
        }
    }
}

fn in_use() -> Problem {
    let because = "has its history on disk in use by another process";
    Problem::warning(Code::HISTORY_LOCKED, because)
        .hint("this one keeps its history in memory; end the other one to have it on disk")
}

pub(super) fn unwritten(error: &io::Error) -> Problem {
    // The words of the system may have a path of this machine in them.
    let because = format!(
        "has a history that can't be written to disk: {}",
        error.kind()
    );
    Problem::warning(Code::HISTORY_UNWRITTEN, because)
        .hint("the history is kept in memory until the end; make room, or `.lunation` writable")
}
