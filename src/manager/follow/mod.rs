//! [`Follower`]: follows the disk away from the game thread: watches, settles, reads, parses, compiles.
//!
//! What it finds is a complete [`Reading`]. Only the newest one matters, so it lies in a slot, not in a
//! queue: however slow the game is, nothing piles up, and nothing is lost. `worker` is the thread,
//! `reading` how a mod is taken in, `kept` the bytecode of earlier runs, `watch` its watcher, `watching` says when it looks, `again` is its second look at what could not be read.

mod again;
mod kept;
mod reading;
mod watch;
mod watching;
mod worker;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use crossbeam_channel::{Sender, unbounded};
use parking_lot::{Condvar, Mutex};

use crate::change::FileEvent;
use crate::disk::{FolderReader, ReadRules, Roots};
use crate::files::{ModFile, ModFiles};
use crate::lua::Scripts;
use crate::manifest::Manifest;
use crate::mod_id::ModId;
use crate::problem::Problem;
use crate::settings::{HotReload, Settings};

use self::worker::Worker;

pub(super) use self::reading::Mods;

/// Everything that the disk says, ready to be decided on.
#[derive(Clone, Debug, Default)]
pub(super) struct Reading {
    /// `lunation.toml`, or its defaults.
    pub(super) settings: Arc<Settings>,
    /// Every folder with a manifest, by name.
    pub(super) mods: Arc<Mods>,
    /// The player's own values, by mod id.
    pub(super) player_config: BTreeMap<String, ModFile>,
    /// The player's profiles, by name.
    pub(super) profiles: BTreeMap<String, ModFile>,
    /// What is wrong with the files.
    pub(super) problems: Vec<Problem>,
    /// The newest ticket that this answers; see [`Follower::rescan`].
    pub(super) ticket: u64,
    /// Which retry of unreadable files this was; 0 if none.
    pub(super) attempt: u32,
    /// How long it took to get here.
    pub(super) times: Times,
    /// How many contents of scripts have been compiled so far.
    pub(super) compiled: usize,
}

/// One mod as it was read.
#[derive(Clone, Debug)]
pub(super) struct ReadMod {
    pub(super) files: Arc<ModFiles>,
    /// The id, where it can be read.
    pub(super) mod_id: Option<ModId>,
    /// As far as it can be read; see [`ReadMod::error`].
    pub(super) manifest: Option<Arc<Manifest>>,
    /// What is wrong with the manifest.
    pub(super) problems: Arc<[Problem]>,
    pub(super) scripts: Arc<Scripts>,
}

impl ReadMod {
    /// The manifest, if the mod can be used as it is.
    pub(super) fn usable(&self) -> Option<&Arc<Manifest>> {
        self.manifest.as_ref().filter(|_| self.error().is_none())
    }

    /// The version, where it can be read.
    pub(super) fn version(&self) -> Option<&semver::Version> {
        self.manifest.as_ref().map(|manifest| &manifest.version)
    }

    /// The first error of the manifest.
    pub(super) fn error(&self) -> Option<&Problem> {
        self.problems.iter().find(|problem| problem.is_error())
    }
}

/// How long it took from the first event to the finished reading.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Times {
    /// From the finished reading to the moment when the manager took it.
    pub(super) detect: Duration,
    pub(super) settle: Duration,
    pub(super) read: Duration,
    pub(super) compile: Duration,
    /// When the reading was finished.
    pub(super) finished: Option<Instant>,
}

/// What the two threads share: the slot for the newest reading.
#[derive(Default)]
struct Shared {
    is_new: AtomicBool,
    newest: Mutex<Option<Reading>>,
    arrived: Condvar,
}

impl Shared {
    /// Puts a reading into the slot, in place of the one that nobody took.
    fn put(&self, mut reading: Reading) {
        let mut newest = self.newest.lock();
        if let Some(unseen) = newest.take() {
            // It was for an earlier save: its wait counts, and so does the ticket that it answers.
            reading.times.settle = reading.times.settle.max(unseen.times.settle);
            reading.ticket = reading.ticket.max(unseen.ticket);
        }
        *newest = Some(reading);
        self.is_new.store(true, Ordering::Release);
        self.arrived.notify_all();
    }

    /// The newest reading, once.
    fn take(&self) -> Option<Reading> {
        let mut newest = self.newest.lock();
        self.is_new.store(false, Ordering::Release);
        newest.take()
    }

    /// Waits until a reading is there, or `deadline`.
    fn wait_until(&self, deadline: Instant) {
        let mut newest = self.newest.lock();
        while newest.is_none() {
            if self.arrived.wait_until(&mut newest, deadline).timed_out() {
                return;
            }
        }
    }
}

/// What the manager tells the thread.
enum Order {
    /// Compare everything; the ticket is for the reading that answers.
    Rescan(u64),
    /// Other mods have a quiet time of their own now.
    Delays(BTreeMap<Arc<str>, Duration>),
    /// Begin or end to watch.
    Watch(bool),
    /// Wake the host then, in place of what was asked for before.
    WakeAt(Instant),
}

/// Called from another thread when [`ModManager::pump`](super::ModManager::pump) has something to do.
pub(super) type Wake = Arc<dyn Fn() + Send + Sync>;

/// Follows the disk in a thread of its own, until it is dropped.
pub(super) struct Follower {
    shared: Arc<Shared>,
    orders: Option<Sender<Order>>,
    thread: Option<JoinHandle<()>>,
    last_ticket: u64,
}

/// Where to look, and how.
pub(super) struct Place {
    pub(super) roots: Roots,
    /// Whether to watch; otherwise only orders are followed.
    pub(super) is_watching: bool,
    /// How often everything is compared, in place of watching.
    pub(super) poll: Option<Duration>,
    /// The only script that counts, where it is not mods that lie there.
    pub(super) script: Option<SingleScript>,
    /// Where bytecode is kept from one run to the next.
    pub(super) bytecode: Option<PathBuf>,
    /// The host's own waits before retries.
    pub(super) retry: Option<RetryDelay>,
    /// The host's own quiet time.
    pub(super) quiet_time: Option<QuietTime>,
}

/// How long to wait before a retry, by its number, from 1; `None` to give up.
pub(super) type RetryDelay = Arc<dyn Fn(u32) -> Option<Duration> + Send + Sync>;

/// How long after the last of these events of one mod to wait.
pub(super) type QuietTime = Arc<dyn Fn(&[FileEvent]) -> Duration + Send + Sync>;

impl Place {
    /// What counts there, by these settings.
    fn rules(&self, settings: &HotReload) -> (ReadRules, Vec<Problem>) {
        match &self.script {
            None => ReadRules::from_settings(settings),
            Some(script) => {
                let rules = ReadRules::for_one_file(settings, script.name.clone());
                (rules, Vec::new())
            }
        }
    }

    /// A reader of what counts there.
    fn reader(&self, settings: &HotReload) -> FolderReader {
        let (rules, _) = self.rules(settings);
        let roots = self.roots.clone();
        match &self.script {
            None => FolderReader::new(roots, rules),
            Some(script) => FolderReader::of_script(roots.mods, script.manifest.clone(), rules),
        }
    }
}

/// A script in place of mods: it is presented as the only one.
#[derive(Clone, Debug)]
pub(super) struct SingleScript {
    /// Its file name, directly in the folder.
    pub(super) name: Arc<str>,
    /// The manifest that is made for it.
    pub(super) manifest: ModFile,
    /// The settings; no file is looked for.
    pub(super) settings: Settings,
}

impl Follower {
    /// Starts to follow. The first reading is ordered with [`Follower::rescan`].
    ///
    /// # Errors
    /// The system can't start a thread.
    pub(super) fn start(place: Place, wake: Option<Wake>) -> std::io::Result<Follower> {
        let shared = Arc::new(Shared::default());
        let (orders, received) = unbounded();
        let mut worker = Worker::new(place, shared.clone(), wake);
        let thread = std::thread::Builder::new()
            .name("lunation-follow".into())
            .spawn(move || worker.run(&received))?;
        Ok(Follower {
            shared,
            orders: Some(orders),
            thread: Some(thread),
            last_ticket: 0,
        })
    }

    /// Whether a reading has arrived.
    pub(super) fn has_news(&self) -> bool {
        self.shared.is_new.load(Ordering::Acquire)
    }

    /// The newest reading, once.
    pub(super) fn take(&self) -> Option<Reading> {
        self.shared.take()
    }

    /// Orders a comparison of everything with the disk; the reading that answers carries this ticket or a
    /// later one, and comes only when no file is being waited for any more.
    pub(super) fn rescan(&mut self) -> u64 {
        self.last_ticket += 1;
        self.order(Order::Rescan(self.last_ticket));
        self.last_ticket
    }

    /// Gives mods, by folder, a quiet time of their own.
    pub(super) fn set_delays(&self, delays: BTreeMap<Arc<str>, Duration>) {
        self.order(Order::Delays(delays));
    }

    /// Begins or ends to watch.
    pub(super) fn set_watching(&self, is_watching: bool) {
        self.order(Order::Watch(is_watching));
    }

    /// Has the host woken at this time, as if there were a reading.
    pub(super) fn wake_at(&self, at: Instant) {
        self.order(Order::WakeAt(at));
    }

    /// Waits until a reading is there, or `deadline`.
    pub(super) fn wait_until(&self, deadline: Instant) {
        self.shared.wait_until(deadline);
    }

    fn order(&self, order: Order) {
        if let Some(orders) = &self.orders {
            // It fails only if the thread is gone, which then has nothing to say any more.
            let _ = orders.send(order);
        }
    }
}

impl Drop for Follower {
    fn drop(&mut self) {
        drop(self.orders.take());
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}
