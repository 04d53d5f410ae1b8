//! The one who acts: owns the running mods, stages new generations beside them and switches.
//!
//! ```text
//! Follower (its own thread): watch → settle → read → parse → compile ─┐ newest Reading
//! pump: take_in (resolve, compare) → plan → stage → commit → report ◄─┘
//! ```
//!
//! - `follow` keeps up with the disk, away from the game thread.
//! - `world` tells what the disk says against what runs.
//! - `execute` carries plans out; `stage` builds beside, borrowing the manager; `commit` can't fail.
//! - `dispatch` runs handlers, timers and calls; `hub` is what VMs can reach of each other.
//! - `saves` puts all states into the game's own save file; `reaper` frees old VMs.

mod builder;
mod commit;
mod dispatch;
mod events;
mod execute;
mod follow;
mod hub;
mod log;
mod reaper;
mod running;
mod saves;
mod stage;
mod status;
mod words;
mod world;

use std::any::Any;
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use serde::Serialize;

use crate::change::{Kind, classify};
use crate::config::{self, ConfigValues};
use crate::disk;
use crate::files::FileChangeKind;
use crate::lua::Engine;
use crate::manifest::Manifest;
use crate::mod_id::ModId;
use crate::problem::{Code, Problem};
use crate::reload::{
    Cause, ChangedFile, Changes, ReloadPlan, ReloadQueue, ReloadReport, ReloadRequest,
};
use crate::resolve::{HostApi, Resolution};
use crate::settings::Settings;
use crate::value::Value;

use self::builder::Hooks;
use self::dispatch::Handlers;
use self::events::Subscribers;
use self::follow::{Follower, Reading, Times};
use self::hub::Hub;
use self::reaper::Reaper;
use self::running::{Parked, Past, Running};
use self::stage::StageOptions;
use self::world::Look;

pub use self::builder::Builder;
pub use self::events::Subscription;
pub use self::log::LogEntry;
pub use self::running::Generation;
pub use self::words::{Dispatched, Error, Grant, ModStatus, Status, Until};

/// Owns the mods of one folder: loads them, gives them events, and follows every change of their files.
///
/// It can be sent to another thread; everything of a mod runs on the thread that holds it.
///
/// ```
/// use std::time::Duration;
/// use lunation::ModManager;
///
/// # fn main() -> Result<(), lunation::Error> {
/// let mut mods = ModManager::builder("mods").host_version("1.3.0").build()?;
/// for problem in mods.load() {
///     eprintln!("{problem}"); // one bad mod never stops the rest
/// }
/// mods.dispatch("tick_start", &1); // once a frame, or whenever something happens
/// for report in mods.pump(Duration::from_millis(2)) {
///     println!("{report}");
/// }
/// # Ok(())
/// # }
/// ```
pub struct ModManager {
    hub: Arc<Hub>,
    engine: Engine,
    follower: Follower,
    reaper: Reaper,
    hooks: Hooks,
    player_config: PathBuf,
    host_api: Option<HostApi>,
    start: Instant,
    is_loaded: bool,

    /// What the disk said last, and how long it took to hear it.
    reading: Reading,
    times: Times,
    /// The newest ticket that a reading answered, and the one that somebody waits for.
    answered: u64,
    asked_ticket: u64,
    /// Requests that are served together; beside them the queue.
    batch: Vec<ReloadRequest>,
    queue: ReloadQueue,
    /// The quiet times that the follower was told last.
    delays: BTreeMap<Arc<str>, Duration>,

    resolution: Resolution,
    /// What the resolution was made from.
    resolved: Vec<(Arc<str>, Arc<Manifest>)>,
    running: BTreeMap<ModId, Running>,
    /// The last generation of each mod that ever ran.
    generations: BTreeMap<ModId, u64>,
    history: BTreeMap<ModId, VecDeque<Past>>,
    parked: BTreeMap<ModId, Parked>,
    quarantined: BTreeMap<ModId, Problem>,
    /// What was looked at last of each mod, and what of it was tried in vain.
    looked: BTreeMap<ModId, Look>,
    tried: BTreeMap<ModId, Look>,
    /// Why the last try of a mod failed.
    troubles: BTreeMap<ModId, Vec<Problem>>,
    unwatched: BTreeSet<ModId>,
    on_probation: BTreeSet<ModId>,
    /// The generation of each mod that was gone back to.
    rolled_back: BTreeMap<ModId, u64>,
    rollback_because: BTreeMap<ModId, Problem>,
    handlers: Handlers,
    subscribers: Subscribers,
    transactions: u64,
}

impl ModManager {
    /// How to set a manager up for the folder `mods`.
    pub fn builder(mods: impl Into<PathBuf>) -> Builder {
        Builder::new(mods.into())
    }

    /// Reads the folder and loads every mod that can be loaded. The answer is everything that is wrong.
    pub fn load(&mut self) -> Vec<Problem> {
        self.check_updates();
        self.problems()
    }

    /// Lends `host`, the game, to the functions that it offers, while `work` runs.
    pub fn with<T: Any + Send, R>(
        &mut self,
        host: &mut T,
        work: impl FnOnce(&mut ModManager) -> R,
    ) -> R {
        let hub = self.hub.clone();
        hub.lent.lend(host, || work(self))
    }

    /// Gives an event to every handler that mods registered for it: first by priority, then in load order,
    /// then in the order of registration. A payload that is a number, a boolean or `()` costs no memory.
    pub fn dispatch<P: Serialize + ?Sized>(&mut self, event: &str, payload: &P) -> Dispatched {
        match Value::of(payload) {
            Ok(payload) => self.run_event(event, &payload),
            Err(why) => {
                let because =
                    format!("sends a payload with `{event}` that can't cross because it {why}");
                Dispatched {
                    errors: vec![Problem::error(Code::BAD_CALL, because)],
                    ..Dispatched::default()
                }
            }
        }
    }

    /// As [`ModManager::dispatch`], with a payload that is a [`Value`] already.
    pub fn dispatch_value(&mut self, event: &str, payload: &Value) -> Dispatched {
        self.run_event(event, payload)
    }

    /// Moves the host's clock on and runs the timers that are due.
    pub fn advance(&mut self, ticks: u64) -> Dispatched {
        self.run_timers(ticks)
    }

    /// The host's clock, in ticks since the start.
    pub fn tick(&self) -> u64 {
        self.hub.current_tick()
    }

    /// Calls a function that a mod exports.
    ///
    /// # Errors
    /// The mod does not run, exports no such function, or the call failed.
    pub fn call(
        &mut self,
        mod_id: &ModId,
        function: &str,
        arguments: &[Value],
    ) -> Result<Vec<Value>, Problem> {
        self.call_export(mod_id, function, arguments)
    }

    /// Runs `code` in the environment of a mod: an expression, or statements with `return`.
    ///
    /// # Errors
    /// The mod does not run, or the code failed.
    pub fn eval(&mut self, mod_id: &ModId, code: &str) -> Result<Vec<Value>, Problem> {
        self.run_code(mod_id, code)
    }

    /// The value at `path` below `mod.state`, such as `enemies[3].name`; all of it for an empty path.
    ///
    /// # Errors
    /// The mod does not run, or the value can't be shown.
    pub fn state(&self, mod_id: &ModId, path: &str) -> Result<Value, Problem> {
        let vm = self.vm_of(mod_id)?;
        vm.state_at(path)
            .map_err(|fault| fault.problem(mod_id, "while its state was read"))
    }

    /// Does what there is to do, for about `budget`: takes over what changed on disk, reloads, delivers
    /// events. To be called once a frame; with nothing to do it costs next to nothing.
    pub fn pump(&mut self, budget: Duration) -> Vec<ReloadReport> {
        if !self.has_work() {
            return Vec::new();
        }
        self.deliver_emitted();
        let deadline = Instant::now() + budget;
        if let Some(reading) = self.follower.take() {
            self.take_in(reading);
        }
        self.serve(Some(deadline))
    }

    /// Whether [`ModManager::pump`] has something to do.
    pub fn has_work(&self) -> bool {
        self.is_loaded
            && (self.follower.has_news()
                || !self.batch.is_empty()
                || !self.queue.is_empty()
                || self.queue.needs_rescan()
                || self.hub.has_events())
    }

    /// Pumps until there is a report, or until everything is done, at most for `timeout`.
    pub fn wait(&mut self, timeout: Duration, until: Until) -> Vec<ReloadReport> {
        let deadline = Instant::now() + timeout;
        let ticket = match until {
            Until::Idle => self.follower.rescan(),
            Until::Report => 0,
        };
        let mut reports = Vec::new();
        loop {
            reports.extend(self.pump(deadline.saturating_duration_since(Instant::now())));
            let is_idle = !self.has_work() && self.answered >= ticket;
            let is_done = match until {
                Until::Report => !reports.is_empty(),
                Until::Idle => is_idle,
            };
            if is_done || Instant::now() >= deadline {
                return reports;
            }
            if !self.has_work() {
                self.follower.wait_until(deadline);
            }
        }
    }

    /// Compares everything with the disk once, and does what follows, whether the folder is watched or
    /// not, and mods are or not.
    pub fn check_updates(&mut self) -> Vec<ReloadReport> {
        let ticket = self.follower.rescan();
        self.asked_ticket = ticket;
        let mut reports = Vec::new();
        while self.answered < ticket {
            self.follower
                .wait_until(Instant::now() + Duration::from_secs(3600));
            if let Some(reading) = self.follower.take() {
                self.take_in(reading);
                self.is_loaded = true;
            }
            reports.extend(self.serve(None));
        }
        self.asked_ticket = u64::MAX;
        reports
    }

    /// Reloads a mod although its files may not have changed. With `drop_uncarryable`, what can't be
    /// carried is dropped, whatever the settings say.
    ///
    /// # Errors
    /// There is no such mod.
    pub fn reload(
        &mut self,
        mod_id: &ModId,
        kind: Kind,
        drop_uncarryable: bool,
    ) -> Result<ReloadReport, Problem> {
        if !self.running.contains_key(mod_id) && self.folder_of(mod_id).is_none() {
            return Err(self
                .vm_of(mod_id)
                .err()
                .unwrap_or_else(|| Problem::error(Code::BAD_CALL, "is not there")));
        }
        let options = StageOptions {
            drop_uncarryable,
            ..StageOptions::default()
        };
        Ok(self.demand(
            mod_id,
            kind,
            Cause::Asked {
                by: "the host".into(),
            },
            &options,
        ))
    }

    /// What a change of these files, relative to the mods folder, would do; nothing is done.
    pub fn plan(&mut self, paths: &[&str]) -> ReloadPlan {
        let mut world = self.world();
        world.changed.clear();
        let mut requests = Vec::new();
        for path in paths {
            let (folder, rest) = path.split_once('/').unwrap_or((path, ""));
            let owner = self
                .running
                .iter()
                .find(|(_, running)| &**running.source.files.folder() == folder);
            let Some((mod_id, running)) = owner else {
                continue;
            };
            let (kind, _) = classify(rest, &running.source.manifest.assets);
            let is_there = running.source.files.get(rest).is_some();
            let change = if is_there {
                FileChangeKind::Edited
            } else {
                FileChangeKind::Added
            };
            let changes: &mut Changes = world.changed.entry(mod_id.clone()).or_default();
            changes.files.push(ChangedFile {
                path: rest.into(),
                kind,
                change,
            });
            let cause = Cause::FileChanged {
                path: rest.into(),
                change,
            };
            requests.push(ReloadRequest::new(
                mod_id.clone(),
                kind,
                cause,
                self.start.elapsed(),
            ));
        }
        crate::reload::plan(&requests, &world)
    }

    /// The generations of a mod that are kept, oldest first; the last one runs.
    pub fn history(&self, mod_id: &ModId) -> Vec<Generation> {
        let past = self
            .history
            .get(mod_id)
            .into_iter()
            .flatten()
            .map(|past| Generation {
                generation: past.generation,
                version: past.source.manifest.version.clone(),
                committed_tick: past.committed_tick,
                state_bytes: past.state_bytes,
                is_running: false,
            });
        let now = self.running.get(mod_id).map(|running| Generation {
            generation: running.generation(),
            version: running.source.manifest.version.clone(),
            committed_tick: running.committed_tick,
            state_bytes: running.state_bytes,
            is_running: true,
        });
        past.chain(now).collect()
    }

    /// Brings the code of an earlier generation back, by default the one before, and replays the state of
    /// now onto it.
    ///
    /// # Errors
    /// No such mod, or no such generation in its history.
    pub fn rollback(
        &mut self,
        mod_id: &ModId,
        generation: Option<u64>,
    ) -> Result<ReloadReport, Problem> {
        let past = self.history.get(mod_id);
        let kept = |wanted: u64| {
            past.is_some_and(|past| past.iter().any(|past| past.generation == wanted))
        };
        let last = past.and_then(VecDeque::back).map(|past| past.generation);
        let to = generation.or(last).filter(|to| kept(*to)).ok_or_else(|| {
            let what = generation.map_or("earlier generation".into(), |generation| {
                format!("generation {generation}")
            });
            Problem::error(Code::KEPT, format!("has no {what} in its history"))
                .of(mod_id)
                .hint(
                    "see `history` for those that are kept; state_management.history says how many",
                )
        })?;
        Ok(self.demand(
            mod_id,
            Kind::Full,
            Cause::Rollback { to },
            &StageOptions::default(),
        ))
    }

    /// Serves one request at once, with its whole transaction.
    fn demand(
        &mut self,
        mod_id: &ModId,
        kind: Kind,
        cause: Cause,
        options: &StageOptions,
    ) -> ReloadReport {
        let requests = [ReloadRequest::new(
            mod_id.clone(),
            kind,
            cause,
            self.start.elapsed(),
        )];
        let world = self.world();
        let plan = crate::reload::plan(&requests, &world);
        let is_its = |transaction: &&crate::reload::Transaction| {
            transaction.steps.iter().any(|step| step.mod_id == *mod_id)
        };
        match plan.transactions.iter().find(is_its) {
            Some(transaction) => self.execute(transaction.clone(), &requests, &world, options),
            None => self.answer_idle(&plan, &requests, &world),
        }
    }

    /// The effective config values of a mod that runs.
    pub fn config(&self, mod_id: &ModId) -> Option<&ConfigValues> {
        self.running
            .get(mod_id)
            .map(|running| &running.source.config)
    }

    /// Writes a value into the player's own file, leaving the rest of it as it is, and applies it.
    ///
    /// # Errors
    /// The mod does not run, its schema refuses the value, or the file can't be written.
    pub fn set_config(
        &mut self,
        mod_id: &ModId,
        key: &str,
        value: &Value,
    ) -> Result<Vec<ReloadReport>, Problem> {
        self.vm_of(mod_id)?;
        let manifest = &self.running[mod_id].source.manifest;
        let value = config::check_one(&manifest.config, key, value)
            .map_err(|problem| problem.of(mod_id))?;
        let file = self
            .reading
            .player_config
            .get(mod_id.as_str())
            .and_then(|file| file.content.clone());
        let text = String::from_utf8_lossy(file.as_deref().unwrap_or_default()).into_owned();
        let text = config::set(&text, &world::player_path(mod_id), key, &value)
            .map_err(|problem| problem.of(mod_id))?;
        let path = self.player_config.join(format!("{mod_id}.toml"));
        disk::write_atomic(&path, text.as_bytes()).map_err(|error| {
            Problem::error(
                Code::UNREADABLE,
                format!("has a config file that can't be written: {}", error.kind()),
            )
            .of(mod_id)
            .hint("look at the permissions of the folder `config` beside the mods folder")
        })?;
        Ok(self.check_updates())
    }

    /// Which mods run, in which order, and why not the others.
    pub fn resolution(&self) -> &Resolution {
        &self.resolution
    }

    /// The settings of the mods folder.
    pub fn settings(&self) -> &Settings {
        &self.reading.settings
    }

    /// Every mod of the folder: first those that run, in load order.
    pub fn mods(&self) -> Vec<ModStatus> {
        self.statuses()
    }

    /// Everything that is wrong now.
    pub fn problems(&self) -> Vec<Problem> {
        self.all_problems()
    }

    /// What mods logged after the line `since`, as far as it is kept.
    pub fn log(&self, since: u64, mod_id: Option<&ModId>) -> Vec<LogEntry> {
        self.hub.log.since(since, mod_id)
    }

    /// Hears what happens to mods from now on.
    pub fn subscribe(&mut self) -> Subscription {
        self.subscribers.subscribe()
    }

    /// Follows the files of a mod (as it is by default).
    pub fn watch(&mut self, mod_id: &ModId) {
        self.unwatched.remove(mod_id);
        self.follower.rescan();
    }

    /// Leaves a mod as it runs, whatever happens to its files, until [`ModManager::watch`] or
    /// [`ModManager::check_updates`].
    pub fn unwatch(&mut self, mod_id: &ModId) {
        self.unwatched.insert(mod_id.clone());
    }

    /// The generation that ran last, 0 if none ever did.
    fn last_generation(&self, mod_id: &ModId) -> u64 {
        self.generations.get(mod_id).copied().unwrap_or(0)
    }

    /// What the host grants to a mod, of what it asks for.
    fn granted(&self, manifest: &Manifest) -> BTreeSet<String> {
        let requested = Grant::requested(manifest).0;
        match &self.hooks.grant {
            Some(grant) => requested
                .intersection(&grant(manifest).0)
                .cloned()
                .collect(),
            None => requested,
        }
    }
}
