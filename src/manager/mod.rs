//! The one who acts: owns the running mods, stages new generations beside them and switches.
//!
//! ```text
//! Follower (its own thread): watch → settle → read → parse → compile ─┐ newest Reading
//! pump: take_in (resolve, compare) → plan → stage → commit → report ◄─┘
//! ```
//!
//! - `follow` keeps up with the disk, away from the game thread.
//! - `take_in` takes a reading over; `resolving` decides which mods can run; `world` tells what the disk
//!   says against what runs, `suspects` where to look for that; `configs` layers the values of mods.
//! - `profiles` knows what the player has chosen, and what is locked.
//! - `execute` carries plans out; `stage` builds beside, borrowing the manager; `commit` can't fail. What
//!   takes long runs `beside`; a transaction is a `flight` meanwhile, and the events of its mods wait.
//! - `dispatch` runs handlers and timers, in the order that `handlers` has, `calls` what somebody calls; `hub` is
//!   what VMs can reach of each other.
//! - `history` keeps the generations that were left.
//! - `health` counts how mods are doing, and tells everybody what happens to them; `audit` writes that down.
//! - `faults` says what errors of mods lead to; `quarantine` parks a mod and lets it run again; `pauses` puts the
//!   reloads of one off that keeps failing.
//! - `ledger` tells what each generation owns. `ask` answers questions; `demand` does what the host wants of one mod.
//! - `script` is the small case: one script, presented as the only mod of a folder.
//! - `grants` remembers what the host lets mods do, and holds what asks for more.
//! - `saves` puts all states into the game's own file; `migrate` tries migrations on one; `reaper` frees old VMs.

mod ask;
mod audit;
mod beside;
mod builder;
mod calls;
mod commit;
mod configs;
mod demand;
mod dispatch;
mod emitted;
mod events;
mod execute;
mod faults;
mod flight;
mod follow;
mod grants;
mod handlers;
mod health;
mod history;
mod hub;
mod ledger;
mod log;
mod migrate;
mod pauses;
mod profiles;
mod quarantine;
mod reaper;
mod resolving;
mod running;
mod saves;
mod script;
mod stage;
mod status;
mod suspects;
mod take_in;
mod words;
mod world;

use std::any::Any;
use std::collections::{BTreeMap, BTreeSet};
use std::hash::RandomState;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use serde::Serialize;

use crate::disk::Roots;
use crate::files::{ContentHash, ModFiles};
use crate::lua::Engine;
use crate::mod_id::ModId;
use crate::problem::{Code, Problem};
use crate::reload::{Breaker, ReloadQueue, ReloadReport, ReloadRequest, Strikes};
use crate::resolve::{HostApi, Resolution};
use crate::value::Value;

use self::audit::Audit;
use self::beside::Worker;
use self::builder::Hooks;
use self::events::Subscribers;
use self::execute::{Untold, Waiting};
use self::flight::{Flight, Late};
use self::follow::{Follower, Reading, Times};
use self::grants::Answers;
use self::handlers::Handlers;
use self::health::Lives;
use self::history::History;
use self::hub::Hub;
use self::profiles::Chosen;
use self::reaper::Reaper;
use self::resolving::Resolved;
use self::running::{Parked, Running};
use self::suspects::Suspects;
use self::world::Look;

pub use self::audit::{audit_log_of, read_audit_log};
pub use self::builder::Builder;
pub use self::events::Subscription;
pub use self::health::Health;
pub use self::history::{Bisection, Generation, Leaving, Left, Trial, TrialVerdict};
pub use self::ledger::LedgerEntry;
pub use self::log::LogEntry;
pub use self::migrate::{MigrationRun, MigrationTrial, StateSize};
pub use self::saves::{BadSave, SaveFile, SaveNeeds, SavedMod, SavedState};
pub use self::script::{ScriptBuilder, ScriptChange, ScriptReloader, ScriptStats};
pub use self::words::{Dispatched, Error, Grant, ModGrants, ModStatus, Onto, Save, Status, Until};

/// How long to wait for the follower before looking again. It answers every rescan, sooner or later.
const PATIENCE: Duration = Duration::from_secs(3600);

/// Owns the mods of one folder: loads them, gives them events, and follows every change of their files.
///
/// It can be sent to another thread; everything of a mod runs on the thread that holds it.
///
/// ```no_run
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
    engine: Arc<Engine>,
    follower: Follower,
    reaper: Reaper,
    worker: Worker,
    hooks: Hooks,
    roots: Roots,
    host_api: Option<HostApi>,
    start: Instant,
    /// What the random numbers of mods come from.
    random: RandomState,
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
    resolved: Resolved,
    /// The load order that was asked for in place of that of the resolution.
    load_order: Option<Vec<ModId>>,
    chosen: Chosen,
    running: BTreeMap<ModId, Running>,
    /// The last generation of each mod that ever ran.
    generations: BTreeMap<ModId, u64>,
    history: History,
    parked: BTreeMap<ModId, Parked>,
    answers: Answers,
    quarantined: BTreeMap<ModId, Problem>,
    /// What was looked at last of each mod, and what of it was tried in vain.
    looked: BTreeMap<ModId, Look>,
    /// The mods that may be others than the disk says.
    suspects: Suspects,
    tried: BTreeMap<ModId, Look>,
    /// The files of mods whose code on disk is not the one that runs, because it was refused.
    refused: BTreeMap<ModId, Arc<ModFiles>>,
    /// Transactions that wait for coroutines to end.
    waiting: Vec<Waiting>,
    /// Refusals that the next save may mend.
    untold: Vec<Untold>,
    /// How often the game has run code of mods.
    activity: u64,
    /// Transactions of several mods that were refused.
    kept_together: Vec<BTreeSet<ModId>>,
    /// Why the last try of a mod failed.
    troubles: BTreeMap<ModId, Vec<Problem>>,
    unwatched: BTreeSet<ModId>,
    on_probation: BTreeSet<ModId>,
    /// Why mods go back, or begin anew.
    moved_because: BTreeMap<ModId, Vec<Problem>>,
    /// The files of mods that failed their probation.
    failed: BTreeMap<ModId, BTreeSet<ContentHash>>,
    /// The limits that mods have broken of late.
    strikes: BTreeMap<ModId, Strikes>,
    /// The mods whose last reload failed.
    breakers: BTreeMap<ModId, Breaker>,
    /// Those of them that have new code, which waits.
    paused_with_news: BTreeSet<ModId>,
    /// Whether the host asks for what is different, so that nothing of it waits.
    is_asking: bool,
    handlers: Handlers,
    subscribers: Subscribers,
    /// What is counted of each mod, and where what happens to them is written.
    lives: Lives,
    audit: Option<Audit>,
    transactions: u64,
    /// The transaction that takes longer than one [`ModManager::pump`].
    flight: Option<Box<Flight>>,
    late: Late,
    /// How often in a row a transaction on its way was begun anew because its mods were called.
    interruptions: u32,
    /// Reports of transactions that were brought to their end in between.
    landed: Vec<ReloadReport>,
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
            Ok(payload) => self.dispatch_value(event, &payload),
            Err(why) => Dispatched::failed(bad_payload(event, &why)),
        }
    }

    /// As [`ModManager::dispatch`], with a payload that is a [`Value`] already.
    pub fn dispatch_value(&mut self, event: &str, payload: &Value) -> Dispatched {
        match self.engine.check_value(payload) {
            Ok(()) => self.run_event(event, payload),
            Err(why) => Dispatched::failed(bad_payload(event, &why)),
        }
    }

    /// Moves the host's clock on and runs the timers that are due.
    pub fn advance(&mut self, ticks: u64) -> Dispatched {
        self.run_timers(ticks)
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
        let mut reports = std::mem::take(&mut self.landed);
        self.look_at_waiting();
        self.end_pauses();
        reports.extend(self.serve(Some(deadline)));
        reports.extend(self.tell_what_was_held_back());
        if self.flight.is_none() {
            self.forget_what_came_to_nothing();
            self.write_checkpoint_if_due();
        }
        reports
    }

    /// Whether [`ModManager::pump`] has something to do.
    pub fn has_work(&self) -> bool {
        let is_asked_for = || {
            !self.batch.is_empty()
                || !self.queue.is_empty()
                || self.queue.needs_rescan()
                || self.is_checkpoint_due()
                || self.next_look().is_some_and(|at| at <= Instant::now())
                || self.has_pause_ended()
                || self.is_something_to_tell()
        };
        // What is asked for waits for the transaction that is on its way.
        let can_go_on = || match &self.flight {
            Some(flight) => flight.is_ready(),
            None => is_asked_for(),
        };
        self.is_loaded
            && (self.follower.has_news()
                || self.hub.has_events()
                || !self.landed.is_empty()
                || can_go_on())
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
            let next_look = self.next_look();
            let is_busy = self.flight.is_some()
                || self.has_work()
                || next_look.is_some()
                || !self.untold.is_empty();
            let is_idle = !is_busy && self.answered >= ticket;
            let is_done = match until {
                Until::Report => !reports.is_empty(),
                Until::Idle => is_idle,
            };
            if is_done || Instant::now() >= deadline {
                return reports;
            }
            if !self.has_work() {
                let ends = self
                    .end_of_waiting()
                    .into_iter()
                    .chain(self.end_of_pauses())
                    .chain(self.next_told());
                let next = next_look.or(ends.min()).unwrap_or(deadline);
                match &mut self.flight {
                    Some(flight) => flight.wait(deadline),
                    None => self.follower.wait_until(deadline.min(next)),
                }
            }
        }
    }

    /// Compares everything with the disk once, and does what follows, whether the folder is watched or
    /// not, and mods are or not.
    pub fn check_updates(&mut self) -> Vec<ReloadReport> {
        let ticket = self.follower.rescan();
        self.asked_ticket = ticket;
        self.is_asking = true;
        self.open_history();
        self.open_audit();
        let mut reports = std::mem::take(&mut self.landed);
        while self.answered < ticket {
            self.follower.wait_until(Instant::now() + PATIENCE);
            if let Some(reading) = self.follower.take() {
                self.take_in(reading);
                self.is_loaded = true;
            }
            reports.extend(self.serve(None));
            reports.extend(self.tell_what_was_held_back());
        }
        self.asked_ticket = u64::MAX;
        self.is_asking = false;
        reports
    }
}

/// What to try with a value that can't cross.
const CROSSES: &str =
    "send less at once, and objects only of kinds that the game declares with `ApiBuilder::object`";

fn bad_payload(event: &str, why: &dyn std::fmt::Display) -> Problem {
    let because = format!("sends a payload with `{event}` that can't cross because it {why}");
    Problem::error(Code::BAD_CALL, because).hint(CROSSES)
}
