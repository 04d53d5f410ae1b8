//! [`Follower`]: follows the disk away from the game thread: watches, settles, reads, parses, compiles.
//!
//! What it finds is a complete [`Reading`]. Only the newest one matters, so it lies in a slot, not in a
//! queue: however slow the game is, nothing piles up, and nothing is lost.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, Sender, never, select, unbounded};
use parking_lot::{Condvar, Mutex};

use crate::change::{Batch, Look, Settle, SettleRules, doubtful};
use crate::disk::{FolderReader, FolderReading, ReadRules};
use crate::files::{ContentHash, ModFile, ModFiles};
use crate::lua::{Cache, Scripts, compile};
use crate::manifest::{self, Manifest};
use crate::mod_id::ModId;
use crate::problem::Problem;
use crate::reload::Backoff;
use crate::settings::Settings;

/// Everything that the disk says, ready to be decided on.
#[derive(Clone, Debug, Default)]
pub(super) struct Reading {
    /// `lunation.toml`, or its defaults.
    pub(super) settings: Arc<Settings>,
    /// Every folder with a manifest, by name.
    pub(super) mods: BTreeMap<Arc<str>, ReadMod>,
    /// The player's own values, by mod id.
    pub(super) player_config: BTreeMap<String, ModFile>,
    /// What is wrong with the files.
    pub(super) problems: Vec<Problem>,
    /// The newest ticket that this answers; see [`Follower::rescan`].
    pub(super) ticket: u64,
    /// Which retry of unreadable files this was; 0 if none.
    pub(super) attempt: u32,
    /// How long it took to get here.
    pub(super) times: Times,
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

/// What the two threads share.
#[derive(Default)]
struct Shared {
    is_new: AtomicBool,
    newest: Mutex<Option<Reading>>,
    arrived: Condvar,
}

enum Order {
    Rescan(u64),
    /// Other mods have a quiet time of their own now.
    Delays(BTreeMap<Arc<str>, Duration>),
}

/// Called from the follower's thread when a reading has arrived.
pub(super) type Wake = Box<dyn Fn() + Send + Sync>;

/// Follows the disk in a thread of its own, until it is dropped.
pub(super) struct Follower {
    shared: Arc<Shared>,
    orders: Option<Sender<Order>>,
    thread: Option<JoinHandle<()>>,
    last_ticket: u64,
}

/// Where to look, and how.
pub(super) struct Place {
    pub(super) mods: PathBuf,
    pub(super) player_config: PathBuf,
    /// Whether to watch; otherwise only orders are followed.
    pub(super) is_watching: bool,
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
        let mut newest = self.shared.newest.lock();
        self.shared.is_new.store(false, Ordering::Release);
        newest.take()
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

    /// Waits until a reading is there, or `deadline`.
    pub(super) fn wait_until(&self, deadline: Instant) {
        let mut newest = self.shared.newest.lock();
        while newest.is_none() {
            if self
                .shared
                .arrived
                .wait_until(&mut newest, deadline)
                .timed_out()
            {
                return;
            }
        }
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

struct Worker {
    place: Place,
    shared: Arc<Shared>,
    wake: Option<Wake>,
    start: Instant,
    reader: FolderReader,
    settle: Settle,
    #[cfg(feature = "watch")]
    watcher: Option<crate::disk::Watcher>,
    settings: Arc<Settings>,
    settings_file: Option<ContentHash>,
    settings_problems: Vec<Problem>,
    delays: BTreeMap<Arc<str>, Duration>,
    cache: Cache,
    mods: BTreeMap<Arc<str>, ReadMod>,
    /// A ticket that waits for files to settle.
    ticket: u64,
    retry: Option<(Duration, Vec<Look>)>,
    attempt: u32,
}

impl Worker {
    fn new(place: Place, shared: Arc<Shared>, wake: Option<Wake>) -> Worker {
        let settings = Settings::default();
        let (rules, _) = ReadRules::from_settings(&settings.hot_reload);
        let mut worker = Worker {
            reader: FolderReader::new(place.mods.clone(), place.player_config.clone(), rules),
            settle: Settle::new(SettleRules::from_settings(
                &settings.hot_reload,
                tells_close(),
            )),
            place,
            shared,
            wake,
            start: Instant::now(),
            #[cfg(feature = "watch")]
            watcher: None,
            settings: Arc::new(settings),
            settings_file: None,
            settings_problems: Vec::new(),
            delays: BTreeMap::new(),
            cache: Cache::default(),
            mods: BTreeMap::new(),
            ticket: 0,
            retry: None,
            attempt: 0,
        };
        let (file, _) = crate::disk::read_settings(&worker.place.mods);
        worker.take_settings(file.as_ref());
        worker.watch();
        worker
    }

    fn run(&mut self, orders: &Receiver<Order>) {
        loop {
            let events = self.events();
            let timeout = self.next_wake().map(|at| at.saturating_sub(self.now()));
            let timer = timeout.map_or_else(never, crossbeam_channel::after);
            select! {
                recv(orders) -> order => match order {
                    Ok(Order::Rescan(ticket)) => self.rescan(ticket),
                    Ok(Order::Delays(delays)) => self.set_delays(delays),
                    Err(_) => return,
                },
                recv(events) -> event => {
                    if let Ok(event) = event {
                        self.settle.event(&event);
                        for event in events.try_iter().take(10_000) {
                            self.settle.event(&event);
                        }
                    }
                }
                recv(timer) -> _ => {}
            }
            self.look_where_due();
        }
    }

    fn look_where_due(&mut self) {
        let now = self.now();
        if self.retry.as_ref().is_some_and(|(at, _)| *at <= now) {
            let looks = self
                .retry
                .take()
                .map(|(_, looks)| looks)
                .unwrap_or_default();
            self.read(Batch {
                looks,
                first_event: now,
                last_event: now,
                ..Batch::default()
            });
        }
        if let Some(batch) = self.settle.due(now) {
            self.read(batch);
        }
    }

    fn rescan(&mut self, ticket: u64) {
        let now = self.now();
        self.ticket = ticket;
        self.read(Batch {
            rescan: true,
            first_event: now,
            last_event: now,
            ..Batch::default()
        });
    }

    /// Reads where `batch` says, and publishes what is certain.
    fn read(&mut self, batch: Batch) {
        let now = self.now();
        let started = Instant::now();
        let mut folder = self.reader.read_batch(&batch);
        if self.take_settings(folder.settings.as_ref()) {
            folder = self.reader.read_all();
            self.watch();
        }
        let read = started.elapsed();
        self.wait_for_retry(&folder);
        self.hold_what_is_doubtful(&mut folder, now);
        let compiling = Instant::now();
        self.mods = std::mem::take(&mut folder.mods)
            .into_iter()
            .map(|(name, files)| {
                let read_mod = self.read_mod(&name, files);
                (name, read_mod)
            })
            .collect();
        let times = Times {
            detect: Duration::ZERO,
            settle: now.saturating_sub(batch.last_event),
            read,
            compile: compiling.elapsed(),
            finished: Some(Instant::now()),
        };
        self.publish(folder, times);
    }

    fn publish(&mut self, folder: FolderReading, times: Times) {
        let mut problems = self.settings_problems.clone();
        problems.extend(folder.problems);
        #[cfg(feature = "watch")]
        if let Some(watcher) = &self.watcher {
            problems.extend(watcher.take_problems());
        }
        let is_settled = self.settle.next_wake().is_none();
        let reading = Reading {
            settings: self.settings.clone(),
            mods: self.mods.clone(),
            player_config: folder.player_config,
            problems,
            ticket: if is_settled { self.ticket } else { 0 },
            attempt: self.attempt,
            times,
        };
        {
            let mut newest = self.shared.newest.lock();
            let unseen = newest.replace(reading);
            if let (Some(unseen), Some(reading)) = (unseen, newest.as_mut()) {
                // The reading that nobody took was for an earlier save: its wait counts.
                reading.times.settle = reading.times.settle.max(unseen.times.settle);
                reading.ticket = reading.ticket.max(unseen.ticket);
            }
            self.shared.is_new.store(true, Ordering::Release);
            self.shared.arrived.notify_all();
        }
        if let Some(wake) = &self.wake {
            wake();
        }
    }

    /// A mod as it was read; parsed and compiled only if its files are not those of last time.
    fn read_mod(&mut self, name: &Arc<str>, files: Arc<ModFiles>) -> ReadMod {
        let before = self.mods.get(name);
        if let Some(before) = before.filter(|before| Arc::ptr_eq(&before.files, &files)) {
            return before.clone();
        }
        let manifest_of = |files: &ModFiles| files.get("mod.toml").map(|file| file.hash);
        let (mod_id, manifest, problems) = match before {
            Some(before) if manifest_of(&before.files) == manifest_of(&files) => (
                before.mod_id.clone(),
                before.manifest.clone(),
                before.problems.clone(),
            ),
            _ => {
                let text = files.content("mod.toml").cloned().unwrap_or_default();
                let (manifest, problems) = manifest::parse(&text, &files.display_path("mod.toml"));
                let mod_id = manifest.as_ref().map(|manifest| manifest.id.clone());
                (mod_id, manifest.map(Arc::new), problems.into())
            }
        };
        let name_of_scripts = mod_id.clone().or_else(|| ModId::nearest(name));
        let scripts = name_of_scripts.map(|mod_id| compile(&files, &mod_id, &mut self.cache));
        ReadMod {
            files,
            mod_id,
            manifest,
            problems,
            scripts: Arc::new(scripts.unwrap_or_default()),
        }
    }

    /// A mod with a file that lost its text stays as it was read before, until the file has had its quiet
    /// time: its writer may be between two steps.
    fn hold_what_is_doubtful(&mut self, folder: &mut FolderReading, now: Duration) {
        for (name, before) in &self.mods {
            let new = folder.mods.get(name);
            if new.is_some_and(|new| Arc::ptr_eq(new, &before.files)) {
                continue;
            }
            let paths = doubtful(&before.files, new.map(Arc::as_ref));
            let looks: Vec<Look> = paths
                .iter()
                .map(|path| Look::mods(before.files.display_path(path)))
                .collect();
            if self.settle.hold(&looks, now) {
                folder.mods.insert(name.clone(), before.files.clone());
            }
        }
    }

    fn wait_for_retry(&mut self, folder: &FolderReading) {
        if folder.retry.is_empty() {
            self.attempt = 0;
            self.retry = None;
            return;
        }
        self.attempt += 1;
        let delay = Backoff::new(&self.settings.hot_reload.retry).delay(self.attempt);
        self.retry = delay.map(|delay| (self.now() + delay, folder.retry.clone()));
    }

    /// Takes over `lunation.toml`; whether it is another one than before.
    fn take_settings(&mut self, file: Option<&ModFile>) -> bool {
        let hash = file.map(|file| file.hash);
        if hash == self.settings_file {
            return false;
        }
        self.settings_file = hash;
        let content = file.and_then(|file| file.content.as_ref());
        let (settings, problems) = content.map_or_else(Default::default, |text| {
            Settings::parse(text, crate::disk::SETTINGS_FILE)
        });
        let (rules, more) = ReadRules::from_settings(&settings.hot_reload);
        self.settings_problems = problems.into_iter().chain(more).collect();
        self.reader.set_rules(rules);
        self.settings = Arc::new(settings);
        self.set_settle_rules();
        true
    }

    fn set_delays(&mut self, delays: BTreeMap<Arc<str>, Duration>) {
        self.delays = delays;
        self.set_settle_rules();
    }

    fn set_settle_rules(&mut self) {
        let mut rules = SettleRules::from_settings(&self.settings.hot_reload, tells_close());
        rules.delays = self.delays.clone();
        self.settle.set_rules(rules);
    }

    fn now(&self) -> Duration {
        self.start.elapsed()
    }

    fn next_wake(&self) -> Option<Duration> {
        let retry = self.retry.as_ref().map(|(at, _)| *at);
        self.settle.next_wake().into_iter().chain(retry).min()
    }

    #[cfg(feature = "watch")]
    fn watch(&mut self) {
        let hot_reload = &self.settings.hot_reload;
        let wanted = self.place.is_watching && hot_reload.enabled && hot_reload.watch_mod_directory;
        let (rules, _) = ReadRules::from_settings(hot_reload);
        let Place {
            mods,
            player_config,
            ..
        } = &self.place;
        self.watcher =
            wanted.then(|| crate::disk::Watcher::start(mods, player_config, rules, self.start));
    }

    #[cfg(not(feature = "watch"))]
    fn watch(&mut self) {}

    #[cfg(feature = "watch")]
    fn events(&self) -> Receiver<crate::change::FileEvent> {
        self.watcher
            .as_ref()
            .map_or_else(never, |watcher| watcher.events().clone())
    }

    #[cfg(not(feature = "watch"))]
    fn events(&self) -> Receiver<crate::change::FileEvent> {
        never()
    }
}

#[cfg(feature = "watch")]
fn tells_close() -> bool {
    crate::disk::TELLS_CLOSE
}

#[cfg(not(feature = "watch"))]
fn tells_close() -> bool {
    true
}
