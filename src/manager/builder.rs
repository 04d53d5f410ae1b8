//! [`Builder`]: how a game sets a [`ModManager`] up.

use std::collections::BTreeMap;
use std::hash::RandomState;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::change::FileEvent;
use crate::disk::Roots;
use crate::lua::{ApiBuilder, Engine, HostRegistry};
use crate::manifest::Manifest;
use crate::mod_id::ModId;
use crate::profile::ProfileName;
use crate::reload::{ReloadQueue, ReloadReport, Step};
use crate::resolve::{HostApi, Resolution};
use crate::settings::Settings;
use crate::value::Value;

use super::ModManager;
use super::audit::Audit;
use super::beside::Worker;
use super::events::Subscribers;
use super::follow::{self, Follower, QuietTime, Reading, RetryDelay, SingleScript, Times, Wake};
use super::health::Lives;
use super::history::{History, Place};
use super::hub::Hub;
use super::profiles::Chosen;
use super::reaper::Reaper;
use super::resolving::Resolved;
use super::suspects::Suspects;
use super::words::{Error, Grant, ModGrants};

type GrantRule = Box<dyn Fn(&Manifest) -> Grant + Send>;
type GrantMoreRule = Box<dyn Fn(&ModGrants) -> Option<Grant> + Send>;
type OnStep = Box<dyn FnMut(&Step) + Send>;
type OnReport = Box<dyn FnMut(&ReloadReport) + Send>;
type OnRetry = Box<dyn FnMut(&ModId, u32) + Send>;
type OnEmit = Box<dyn FnMut(&ModId, &str, &Value) + Send>;

/// What the host wants to hear of, or decide.
#[derive(Default)]
pub(super) struct Hooks {
    pub(super) grant: Option<GrantRule>,
    pub(super) grant_more: Option<GrantMoreRule>,
    pub(super) on_before_reload: Option<OnStep>,
    pub(super) on_after_reload: Option<OnReport>,
    pub(super) on_retry: Option<OnRetry>,
    pub(super) on_emit: Option<OnEmit>,
}

/// How a game sets a [`ModManager`] up. See [`ModManager::builder`].
pub struct Builder {
    roots: Roots,
    profile: Option<ProfileName>,
    is_locked: bool,
    host_version: Option<String>,
    registry: HostRegistry,
    hooks: Hooks,
    is_watching: bool,
    poll: Option<Duration>,
    wake: Option<Wake>,
    script: Option<SingleScript>,
    bytecode: Option<PathBuf>,
    history: Place,
    audit_log: Option<PathBuf>,
    retry: Option<RetryDelay>,
    quiet_time: Option<QuietTime>,
    load_order: Option<Vec<ModId>>,
}

impl Builder {
    pub(super) fn new(mods: PathBuf) -> Builder {
        Builder {
            roots: Roots::beside(mods),
            profile: None,
            is_locked: false,
            host_version: None,
            registry: HostRegistry::default(),
            hooks: Hooks::default(),
            is_watching: true,
            poll: None,
            wake: None,
            script: None,
            bytecode: None,
            history: Place::Beside,
            audit_log: None,
            retry: None,
            quiet_time: None,
            load_order: None,
        }
    }

    /// For a single script in `folder`, which is presented as its only mod.
    pub(super) fn of_script(
        folder: PathBuf,
        script: SingleScript,
        registry: HostRegistry,
    ) -> Builder {
        Builder {
            registry,
            is_watching: false,
            script: Some(script),
            history: Place::Nowhere,
            ..Builder::new(folder)
        }
    }

    /// The version of the host's API, which mods name in `game`. Without one no mod is refused for it.
    pub fn host_version(mut self, version: &str) -> Builder {
        self.host_version = Some(version.to_owned());
        self
    }

    /// Offers functions to mods, in a global table of this name.
    ///
    /// # Panics
    /// When the name is taken.
    pub fn namespace(
        mut self,
        name: &'static str,
        declare: impl FnOnce(&mut ApiBuilder<'_>),
    ) -> Builder {
        self.registry.namespace(name, declare);
        self
    }

    /// Decides which capabilities a mod gets when it is first loaded: [`Grant::requested`] by default. It is asked
    /// at each try until the mod comes up, and perhaps more often. From then on its answer is remembered, and what
    /// a later manifest asks for beyond it is held until [`ModManager::answer`].
    pub fn grant(mut self, grant: impl Fn(&Manifest) -> Grant + Send + 'static) -> Builder {
        self.hooks.grant = Some(Box::new(grant));
        self
    }

    /// Decides at once on what a manifest asks for beyond what its mod was granted, so that nothing is held; with
    /// `None` it is held after all. The mod gets what the answer names, and keeps what it has.
    ///
    /// ```
    /// # use lunation::{Grant, ModManager};
    /// // What mods may do is not this game's concern:
    /// let builder = ModManager::builder("mods").grant_more(|mods| Some(Grant::only(mods.asks.clone())));
    /// ```
    pub fn grant_more(
        mut self,
        rule: impl Fn(&ModGrants) -> Option<Grant> + Send + 'static,
    ) -> Builder {
        self.hooks.grant_more = Some(Box::new(rule));
        self
    }

    /// The folder of the player's own values: `config` beside the mods folder by default.
    pub fn config_folder(mut self, folder: impl Into<PathBuf>) -> Builder {
        self.roots.player_config = folder.into();
        self
    }

    /// The folder of the player's profiles: `profiles` beside the mods folder by default.
    pub fn profile_folder(mut self, folder: impl Into<PathBuf>) -> Builder {
        self.roots.profiles = folder.into();
        self
    }

    /// Puts a profile on from the start; see [`ModManager::set_profile`].
    pub fn profile(mut self, name: ProfileName) -> Builder {
        self.profile = Some(name);
        self
    }

    /// Whether only what is locked may run: the lock that [`ModManager::write_lock`] has written for this folder,
    /// or for the profile. Where files drift from it, nothing of them is taken over, and everything that drifts is
    /// among [`ModManager::problems`]. It is read here, and when another profile is put on.
    pub fn locked(mut self, is_locked: bool) -> Builder {
        self.is_locked = is_locked;
        self
    }

    /// Where the history of the mods and their checkpoints are kept on disk: by default in
    /// `.lunation/<name of the mods folder>` beside the mods folder. Only one process at a time has it; another
    /// one is told, and keeps its history in memory.
    pub fn history_folder(mut self, folder: impl Into<PathBuf>) -> Builder {
        self.history = Place::At(folder.into());
        self
    }

    /// Keeps the history in memory alone, and reads nothing of earlier processes.
    pub fn without_history_on_disk(mut self) -> Builder {
        self.history = Place::Nowhere;
        self
    }

    /// Reads the history of earlier processes, and writes nothing.
    pub fn reading_history_only(mut self) -> Builder {
        self.history = Place::ToLookAt;
        self
    }

    /// Keeps what scripts were compiled to in this folder, from one run to the next: by default nowhere. The folder
    /// must be one of the player's own, which mods or archives of mods never come into: what lies there is run
    /// unchecked. It is used only on systems that tell who owns it, if nobody else can write it, and with Luau; else
    /// the scripts are compiled at each start. `bytecode_on_disk` of `lunation.toml` can switch it off.
    pub fn bytecode_folder(mut self, folder: impl Into<PathBuf>) -> Builder {
        self.bytecode = Some(folder.into());
        self
    }

    /// Writes a line of JSON into this file for everything that becomes of a generation of a mod: loaded, reloaded,
    /// refused, rolled back, stopped. It is never read; `[audit] max_bytes` of `lunation.toml` bounds it. There is
    /// none by default; [`audit_log_of`](crate::audit_log_of) is where the program has it.
    pub fn audit_log(mut self, file: impl Into<PathBuf>) -> Builder {
        self.audit_log = Some(file.into());
        self
    }

    /// Whether the mods folder is watched (the default, with the feature `watch`). Otherwise ask with
    /// [`ModManager::check_updates`].
    pub fn watching(mut self, is_watching: bool) -> Builder {
        self.is_watching = is_watching;
        self
    }

    /// Compares everything so often instead of watching: for file systems that tell nothing and are not known for
    /// it. Where the system says so itself, that is done without being asked for.
    pub fn polling(mut self, interval: Duration) -> Builder {
        self.poll = Some(interval);
        self
    }

    /// Is called, from another thread, when [`ModManager::pump`] has something to do: a host that sleeps
    /// can wake up for it.
    pub fn on_wake(mut self, wake: impl Fn() + Send + Sync + 'static) -> Builder {
        self.wake = Some(Arc::new(wake));
        self
    }

    /// Is called with each step of a transaction before it is staged.
    pub fn on_before_reload(mut self, hook: impl FnMut(&Step) + Send + 'static) -> Builder {
        self.hooks.on_before_reload = Some(Box::new(hook));
        self
    }

    /// Is called with the report of each transaction.
    pub fn on_after_reload(mut self, hook: impl FnMut(&ReloadReport) + Send + 'static) -> Builder {
        self.hooks.on_after_reload = Some(Box::new(hook));
        self
    }

    /// Is called when files of a running mod, which could not be read, are tried again: which try it was.
    pub fn on_retry(mut self, hook: impl FnMut(&ModId, u32) + Send + 'static) -> Builder {
        self.hooks.on_retry = Some(Box::new(hook));
        self
    }

    /// How long to wait before each retry of files that could not be read, in place of `retry.strategy`: from the
    /// number of the retry, from 1, to the wait, or `None` to give up. `max_delay` and `max_retries` hold all the
    /// same.
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// let mods = lunation::ModManager::builder("mods")
    ///     .retry(|attempt| (attempt < 4).then(|| Duration::from_millis(50)));
    /// ```
    pub fn retry(
        mut self,
        delay: impl Fn(u32) -> Option<Duration> + Send + Sync + 'static,
    ) -> Builder {
        self.retry = Some(Arc::new(delay));
        self
    }

    /// How long files are quiet before they are read, in place of `debounce`: from the events of one mod, the first
    /// thousand, to the wait after the last of them. It is called on another thread; `debounce_max` holds all the
    /// same.
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// let mods = lunation::ModManager::builder("mods").debounce(|events| match events.len() {
    ///     0..10 => Duration::from_millis(5),
    ///     _ => Duration::from_millis(200), // a checkout
    /// });
    /// ```
    pub fn debounce(
        mut self,
        quiet_time: impl Fn(&[FileEvent]) -> Duration + Send + Sync + 'static,
    ) -> Builder {
        self.quiet_time = Some(Arc::new(quiet_time));
        self
    }

    /// Is called with each event that a mod emits: the mod, the event, the payload.
    pub fn on_emit(mut self, hook: impl FnMut(&ModId, &str, &Value) + Send + 'static) -> Builder {
        self.hooks.on_emit = Some(Box::new(hook));
        self
    }

    /// Loads mods in this order, one of [`LoadOrders`](crate::resolve::LoadOrders): for those who look for
    /// dependencies that nobody declared.
    pub(crate) fn load_order(mut self, order: Vec<ModId>) -> Builder {
        self.load_order = Some(order);
        self
    }

    /// Starts the threads. No mod is read before [`ModManager::load`].
    ///
    /// # Errors
    /// A host version that is not semver; a profile or a lock that is not there or has errors; a system that can't
    /// start threads.
    pub fn build(self) -> Result<ModManager, Error> {
        let host_api = match self.host_version {
            None => None,
            Some(text) => {
                let version = text.parse().map_err(|_| Error::HostVersion(text))?;
                Some(HostApi {
                    name: "game".into(),
                    version,
                })
            }
        };
        let chosen = Chosen::new(&self.roots, self.profile.as_ref(), self.is_locked);
        let chosen = chosen.map_err(Error::Chosen)?;
        let place = follow::Place {
            roots: self.roots.clone(),
            is_watching: self.is_watching,
            poll: self.poll,
            script: self.script,
            bytecode: self.bytecode,
            retry: self.retry,
            quiet_time: self.quiet_time,
        };
        let settings = Settings::default();
        let history = History::new(self.history, self.roots.mods.clone(), self.wake.clone());
        let engine = Arc::new(Engine::new(self.registry)?);
        Ok(ModManager {
            hub: Arc::new(Hub::new(self.roots.mods.clone())),
            reaper: Reaper::start(engine.clone())?,
            engine,
            worker: Worker::start(self.wake.clone())?,
            follower: Follower::start(place, self.wake)?,
            queue: ReloadQueue::new(&settings.hot_reload.reload_queue),
            roots: self.roots,
            host_api,
            hooks: self.hooks,
            start: Instant::now(),
            random: RandomState::new(),
            is_loaded: false,
            reading: Reading::default(),
            times: Times::default(),
            answered: 0,
            asked_ticket: u64::MAX,
            batch: Vec::new(),
            delays: BTreeMap::new(),
            resolution: Resolution::default(),
            resolved: Resolved::default(),
            load_order: self.load_order,
            chosen,
            running: BTreeMap::new(),
            generations: BTreeMap::new(),
            history,
            parked: BTreeMap::new(),
            answers: BTreeMap::new(),
            quarantined: BTreeMap::new(),
            looked: BTreeMap::new(),
            suspects: Suspects::default(),
            tried: BTreeMap::new(),
            refused: BTreeMap::new(),
            waiting: Vec::new(),
            untold: Vec::new(),
            activity: 0,
            kept_together: Vec::new(),
            troubles: BTreeMap::new(),
            unwatched: Default::default(),
            on_probation: Default::default(),
            moved_because: BTreeMap::new(),
            failed: BTreeMap::new(),
            strikes: BTreeMap::new(),
            breakers: BTreeMap::new(),
            paused_with_news: Default::default(),
            is_asking: false,
            handlers: Default::default(),
            subscribers: Subscribers::default(),
            lives: Lives::default(),
            audit: self.audit_log.map(Audit::start).transpose()?,
            transactions: 0,
            flight: None,
            late: Default::default(),
            interruptions: 0,
            landed: Vec::new(),
        })
    }
}
