//! [`Worker`]: the thread that watches, settles, reads, parses and compiles.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, never, select};

use crate::change::{Batch, Look, Settle, SettleRules, Strategy};
use crate::disk::{FolderReader, FolderReading, Repositories};
use crate::files::{ContentHash, MANIFEST_FILE, ModFile, ModFiles};
use crate::lua::{Cache, compile};
use crate::manifest::{self, Manifest};
use crate::mod_id::ModId;
use crate::problem::{Code, Problem};
use crate::settings::Settings;

use super::watch::{TELLS_CLOSE, Watcher};
use super::watching::{Clocks, Polled};
use super::{Order, Place, ReadMod, Reading, Shared, Times, Wake};

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
    pub(super) mods: BTreeMap<Arc<str>, ReadMod>,
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
        let mut worker = Worker {
            reader: place.reader(&settings.hot_reload),
            repositories: Repositories::around(&place.roots.mods),
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
            mods: BTreeMap::new(),
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
        worker
    }

    /// Works until the orders end.
    pub(super) fn run(&mut self, orders: &Receiver<Order>) {
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
        let mods = std::mem::take(&mut folder.mods).into_iter();
        let mods: BTreeMap<_, _> = mods
            .map(|(name, files)| (name.clone(), self.read_mod(&name, files)))
            .collect();
        let has_other_mods = !are_same(&mods, &self.mods);
        self.mods = mods;
        self.forget_old_bytecode();
        let times = Times {
            detect: Duration::ZERO,
            settle: now.saturating_sub(batch.last_event),
            read,
            compile: compiling.elapsed(),
            finished: Some(Instant::now()),
        };
        self.publish(folder, times, has_other_mods);
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
        };
        self.published = published;
        self.shared.put(reading);
        self.wake_host();
    }

    /// A mod as it was read; parsed and compiled only if its files are not those of last time.
    fn read_mod(&mut self, name: &Arc<str>, files: Arc<ModFiles>) -> ReadMod {
        let before = self.mods.get(name);
        if let Some(before) = before.filter(|before| Arc::ptr_eq(&before.files, &files)) {
            return before.clone();
        }
        let (mod_id, manifest, problems) = match before {
            Some(before) if manifest_hash(&before.files) == manifest_hash(&files) => (
                before.mod_id.clone(),
                before.manifest.clone(),
                before.problems.clone(),
            ),
            _ => parse_manifest(&files),
        };
        // Scripts are compiled although the manifest may be broken: its fix then waits for nothing else.
        let named_after = mod_id.clone().or_else(|| ModId::nearest(name));
        let scripts = named_after.map(|mod_id| compile(&files, &mod_id, &mut self.cache));
        ReadMod {
            files,
            mod_id,
            manifest,
            problems,
            scripts: Arc::new(scripts.unwrap_or_default()),
        }
    }

    /// Drops the bytecode of contents that no mod has any more, now and then.
    fn forget_old_bytecode(&mut self) {
        let files = || self.mods.values().flat_map(|read| read.files.iter());
        if self.cache.len() <= 2 * files().count() + 64 {
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
fn are_same(a: &BTreeMap<Arc<str>, ReadMod>, b: &BTreeMap<Arc<str>, ReadMod>) -> bool {
    a.len() == b.len()
        && a.iter()
            .zip(b)
            .all(|(a, b)| a.0 == b.0 && Arc::ptr_eq(&a.1.files, &b.1.files))
}

fn manifest_hash(files: &ModFiles) -> Option<ContentHash> {
    files.get(MANIFEST_FILE).map(|file| file.hash)
}

/// The id, the manifest and what is wrong with it.
fn parse_manifest(files: &ModFiles) -> (Option<ModId>, Option<Arc<Manifest>>, Arc<[Problem]>) {
    let Some(text) = files.content(MANIFEST_FILE) else {
        let because = format!("has no `{MANIFEST_FILE}` that can be read");
        let problem = Problem::error(Code::NO_MANIFEST, because)
            .at(crate::problem::Place::file(
                files.display_path(MANIFEST_FILE),
            ))
            .hint("put a regular file there, of ordinary size");
        return (None, None, [problem].into());
    };
    let (manifest, problems) = manifest::parse(text, &files.display_path(MANIFEST_FILE));
    let mod_id = manifest.as_ref().map(|manifest| manifest.id.clone());
    (mod_id, manifest.map(Arc::new), problems.into())
}
