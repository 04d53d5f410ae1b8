//! [`Worker`]: the thread that watches, settles, reads, parses and compiles.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, never, select};

use crate::change::{Batch, Look, Settle, SettleRules, Strategy};
use crate::disk::{FolderReader, FolderReading, Operations, Repositories};
use crate::files::{ContentHash, ModFile};
use crate::lua::Cache;
use crate::problem::Problem;
use crate::settings::Settings;

use super::kept::Kept;
use super::reading::{Mods, others, read_mods};
use super::watch::{TELLS_CLOSE, Watcher};
use super::watching::{Clocks, Polled};
use super::{Order, Place, Reading, Shared, Times, Wake};

/// Events that are taken at once, before orders are heard again.
const BURST_MAX: usize = 10_000;

/// The thread that follows the disk.
pub(super) struct Worker {
    pub(super) place: Place,
    shared: Arc<Shared>,
    wake: Option<Wake>,
    pub(super) start: Instant,
    pub(super) reader: FolderReader,
    pub(super) repositories: Repositories,
    pub(super) settle: Settle,
    pub(super) watcher: Option<Watcher>,
    pub(super) settings: Arc<Settings>,
    /// The content that the settings were parsed from.
    settings_file: Option<ContentHash>,
    settings_problems: Vec<Problem>,
    delays: BTreeMap<Arc<str>, Duration>,
    cache: Cache,
    /// The bytecode on disk.
    kept: Option<Kept>,
    pub(super) mods: Arc<Mods>,
    /// Whether version control was seen at work since the last time that many files were read.
    pub(super) is_after_operation: bool,
    /// How far it had come when that was asked last.
    pub(super) operations_seen: Operations,
    /// A ticket that waits for files to settle.
    pub(super) ticket: u64,
    /// When to look again at files that could not be read.
    pub(super) retry: Option<(Duration, Vec<Look>)>,
    /// What could not be read, and how often in a row.
    pub(super) unreadable: Vec<Look>,
    pub(super) attempt: u32,
    /// How often the watcher has stopped by itself.
    pub(super) watcher_failures: u32,
    /// When the host wants to be woken.
    pub(super) wake_at: Option<Instant>,
    pub(super) clocks: Clocks,
    /// The mods of which a comparison found another content, which may be half of it.
    pub(super) polled: BTreeMap<Arc<str>, Polled>,
    /// When polling may cost something again.
    pub(super) next_poll: Duration,
    /// What was published last, beside the mods.
    published: Published,
}

/// What a reading says beside the mods.
#[derive(Default, PartialEq)]
struct Published {
    player_config: BTreeMap<String, ModFile>,
    profiles: BTreeMap<String, ModFile>,
    problems: Vec<Problem>,
    ticket: u64,
}

impl Worker {
    pub(super) fn new(place: Place, shared: Arc<Shared>, wake: Option<Wake>) -> Worker {
        let script = place.script.as_ref();
        let settings = script.map_or_else(Settings::default, |script| script.settings.clone());
        let repositories = Repositories::around(&place.roots.mods);
        let operations_seen = repositories.operations(std::iter::empty());
        let mut worker = Worker {
            reader: place.reader(&settings.hot_reload),
            repositories,
            settle: Settle::new(SettleRules::from_settings(
                &settings.hot_reload,
                TELLS_CLOSE,
            )),
            place,
            shared,
            wake,
            start: Instant::now(),
            watcher: None,
            settings: Arc::new(settings),
            settings_file: None,
            settings_problems: Vec::new(),
            delays: BTreeMap::new(),
            cache: Cache::default(),
            kept: None,
            mods: Arc::default(),
            is_after_operation: false,
            operations_seen,
            ticket: 0,
            retry: None,
            unreadable: Vec::new(),
            attempt: 0,
            watcher_failures: 0,
            wake_at: None,
            clocks: Clocks::now(),
            polled: BTreeMap::new(),
            next_poll: Duration::ZERO,
            published: Published::default(),
        };
        if worker.place.script.is_none() {
            let (file, _) = crate::disk::read_settings(&worker.place.roots.mods);
            worker.take_settings(file.as_ref());
        }
        worker.set_settle_rules();
        worker.watch();
        worker.open_kept();
        worker
    }

    /// Works until the orders end.
    pub(super) fn run(&mut self, orders: &Receiver<Order>) {
        self.follow(orders);
        self.keep_bytecode();
    }

    /// Takes over what an earlier run has compiled.
    fn open_kept(&mut self) {
        let wanted = self.settings.hot_reload.bytecode_on_disk;
        let folder = self.place.bytecode.as_ref().filter(|_| wanted);
        self.kept = folder.and_then(|folder| Kept::open(folder, &self.place.roots.mods));
        if let Some(kept) = &self.kept {
            self.cache.know(kept.read());
        }
    }

    /// Keeps what was compiled for the next run, if that is another than it was told.
    fn keep_bytecode(&self) {
        let wanted = self.settings.hot_reload.bytecode_on_disk;
        let Some(kept) = self.kept.as_ref().filter(|_| wanted) else {
            return;
        };
        let files = self.mods.values().flat_map(|read| read.files.iter());
        let used: BTreeSet<ContentHash> = files.map(|(_, file)| file.hash).collect();
        if let Some(news) = self.cache.news(&used) {
            kept.write(&news);
        }
    }

    fn follow(&mut self, orders: &Receiver<Order>) {
        loop {
            let events = self.events();
            let timeout = self.next_wake().map(|at| at.saturating_sub(self.now()));
            let timer = timeout.map_or_else(never, crossbeam_channel::after);
            select! {
                recv(orders) -> order => match order {
                    Ok(Order::Rescan(ticket)) => self.rescan(ticket),
                    Ok(Order::Delays(delays)) => self.set_delays(delays),
                    Ok(Order::WakeAt(at)) => self.wake_at = Some(at),
                    Ok(Order::Watch(is_watching)) => {
                        self.place.is_watching = is_watching;
                        self.watch();
                    }
                    Err(_) => return,
                },
                recv(events) -> event => match event {
                    Ok(event) => {
                        let burst = std::iter::once(event).chain(events.try_iter().take(BURST_MAX));
                        burst.for_each(|event| self.event(&event));
                    }
                    // The watcher holds the other end itself.
                    Err(_) => self.watcher = None,
                },
                recv(timer) -> _ => {}
            }
            self.watch_anew_if_dead();
            self.look_where_due();
        }
    }

    pub(super) fn rescan(&mut self, ticket: u64) {
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
    pub(super) fn read(&mut self, batch: Batch) {
        let now = self.now();
        let started = Instant::now();
        if batch.rescan {
            self.repositories = Repositories::around(&self.place.roots.mods);
        }
        let operations = self.operations(&batch);
        let mut folder = self.reader.read_batch(&batch);
        if self.is_half_of_an_operation(&batch, &operations) {
            return self.settle.take_back(&batch);
        }
        if self.take_settings(folder.settings.as_ref()) {
            folder = self.reader.read_all();
            self.watch();
        }
        let read = started.elapsed();
        self.pause_polling(&batch, read);
        self.wait_for_retry(&folder);
        self.hold_what_is_doubtful(&mut folder, &batch, now);
        let compiling = Instant::now();
        let mods = read_mods(std::mem::take(&mut folder.mods), &self.mods, &self.cache);
        let has_other_mods = !are_same(&mods, &self.mods);
        let before = std::mem::replace(&mut self.mods, Arc::new(mods));
        self.forget_old_bytecode();
        let times = Times {
            detect: Duration::ZERO,
            settle: now.saturating_sub(batch.last_event),
            read,
            compile: compiling.elapsed(),
            finished: Some(Instant::now()),
        };
        self.publish(folder, times, has_other_mods);
        self.read_outlines(&before);
    }

    /// Reads what the sources say that are not those of `before`. A new generation asks for it only when its code
    /// has run: so it comes up meanwhile.
    fn read_outlines(&self, before: &Mods) {
        for (_, read) in others(&self.mods, before, Arc::ptr_eq) {
            read.scripts.read_outlines();
        }
    }

    /// Publishes a reading, unless it says nothing new.
    fn publish(&mut self, folder: FolderReading, times: Times, has_other_mods: bool) {
        let mut problems = self.settings_problems.clone();
        problems.extend(folder.problems);
        problems.extend(self.retries_are_used_up());
        problems.extend(self.problems_of_the_watcher());
        let is_settled = self.settle.next_wake().is_none();
        let published = Published {
            player_config: folder.player_config,
            profiles: folder.profiles,
            problems,
            ticket: if is_settled {
                self.ticket
            } else {
                self.published.ticket
            },
        };
        if !has_other_mods && published == self.published {
            return;
        }
        let reading = Reading {
            settings: self.settings.clone(),
            mods: self.mods.clone(),
            player_config: published.player_config.clone(),
            profiles: published.profiles.clone(),
            problems: published.problems.clone(),
            ticket: published.ticket,
            attempt: self.attempt,
            times,
            compiled: self.cache.compiled(),
        };
        self.published = published;
        self.shared.put(reading);
        self.wake_host();
    }

    /// Drops the bytecode of contents that no mod has any more, now and then.
    fn forget_old_bytecode(&mut self) {
        let files = || self.mods.values().flat_map(|read| read.files.iter());
        // Each mod has a file: where so many mods are enough, none has to be looked at.
        if self.cache.len() <= 2 * self.mods.len() || self.cache.len() <= 2 * files().count() + 64 {
            return;
        }
        let used: BTreeSet<ContentHash> = files().map(|(_, file)| file.hash).collect();
        self.cache.retain(|hash| used.contains(hash));
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
        let (rules, more) = self.place.rules(&settings.hot_reload);
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
        let mut rules = SettleRules::from_settings(&self.settings.hot_reload, TELLS_CLOSE);
        rules.delays = self.delays.clone();
        if let Some(quiet_time) = self.place.quiet_time.clone() {
            rules.strategy = Strategy::Custom(Box::new(move |events| quiet_time(events)));
        }
        self.settle.set_rules(rules);
    }

    pub(super) fn now(&self) -> Duration {
        self.start.elapsed()
    }

    pub(super) fn wake_host(&self) {
        if let Some(wake) = &self.wake {
            wake();
        }
    }

    fn next_wake(&self) -> Option<Duration> {
        let retry = self.retry.as_ref().map(|(at, _)| *at);
        let host = self
            .wake_at
            .map(|at| at.saturating_duration_since(self.start));
        let wakes = self.settle.next_wake().into_iter().chain(retry).chain(host);
        wakes.min()
    }
}

/// Whether two readings have the very same mods.
fn are_same(a: &Mods, b: &Mods) -> bool {
    a.len() == b.len() && others(a, b, Arc::ptr_eq).is_empty()
}
