//! [`ScriptReloader`]: the small case: a host with one script, and no folder of mods.
//!
//! It is a thin face on a [`ModManager`] that is shown the script as its only mod, with a manifest made in
//! memory. So everything holds that holds for mods: the state is carried, a broken edit changes nothing,
//! limits are kept, code that fails again and again goes back.

mod builder;
mod words;

use std::any::Any;
use std::collections::VecDeque;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use serde::Serialize;

use crate::files::{ContentHash, FileChangeKind, ModFile};
use crate::mod_id::ModId;
use crate::problem::{Code, Problem};
use crate::reload::{ModReport, Outcome, ReloadReport};
use crate::value::Value;

use super::log::LogEntry;
use super::words::{Dispatched, Error};
use super::{ModManager, PATIENCE};

pub use self::builder::ScriptBuilder;
pub use self::words::{ScriptChange, ScriptStats};

type OnReload = Box<dyn FnMut(&ScriptStats) + Send>;

/// The name of the only mod's folder: the script lies directly in the folder that is read.
const FOLDER: &str = "";

/// Runs one script and reloads it: its `mod.state` is carried, and a broken edit leaves the old code
/// running.
///
/// Changes are noticed in the background after [`ScriptReloader::start`]; code is switched only inside of
/// [`ScriptReloader::reload`], on the thread that calls it.
///
/// ```no_run
/// use lunation::ScriptReloader;
///
/// # fn main() -> Result<(), lunation::Error> {
/// let mut script = ScriptReloader::new("ai.lua")?;
/// println!("{}", script.load());
/// script.start();
/// loop {
///     script.dispatch("tick", &());
///     if !script.drain_changes().is_empty() {
///         println!("{}", script.reload()); // what went wrong, if it did; the old code runs on then
///     }
/// #   break
/// }
/// # Ok(())
/// # }
/// ```
pub struct ScriptReloader {
    mods: ModManager,
    mod_id: ModId,
    /// The name of the file.
    name: Arc<str>,
    is_watching: bool,
    /// The content that was noticed last, and its size.
    seen: Option<(ContentHash, u64)>,
    changes: VecDeque<ScriptChange>,
    /// What watching has done for the next reload beforehand.
    spent: Spent,
    /// Why the file's code was refused at the last try, or gone back from.
    refused: Option<Problem>,
    reload_count: u64,
    last_reload: Option<Instant>,
    callbacks: Vec<OnReload>,
}

/// Time spent on content that does not run yet.
#[derive(Default)]
struct Spent {
    read: Duration,
    compile: Duration,
}

impl ScriptReloader {
    /// For the script at `path`, with no functions of the host and all settings by default.
    ///
    /// # Errors
    /// As [`ScriptBuilder::build`].
    pub fn new(path: impl Into<PathBuf>) -> Result<ScriptReloader, Error> {
        ScriptReloader::builder(path).build()
    }

    /// How to set one up for the script at `path`. The file need not be there yet. If it is a link, the
    /// file that it leads to now is followed.
    pub fn builder(path: impl Into<PathBuf>) -> ScriptBuilder {
        ScriptBuilder::new(path.into())
    }

    fn over(mods: ModManager, mod_id: ModId, name: Arc<str>) -> ScriptReloader {
        ScriptReloader {
            mods,
            mod_id,
            name,
            is_watching: false,
            seen: None,
            changes: VecDeque::new(),
            spent: Spent::default(),
            refused: None,
            reload_count: 0,
            last_reload: None,
            callbacks: Vec::new(),
        }
    }

    /// Runs the script for the first time.
    pub fn load(&mut self) -> ScriptStats {
        self.compare()
    }

    /// Brings what runs up to the file: new code with the state of the old one, or the old code as it was
    /// if that fails. Content that runs already is left alone, and so is content that has failed.
    pub fn reload(&mut self) -> ScriptStats {
        self.compare()
    }

    /// Begins to watch the file. Saves by writing and by renaming over it are both noticed. Without the
    /// feature `watch` nothing happens.
    pub fn start(&mut self) {
        if cfg!(feature = "watch") && !self.is_watching {
            self.is_watching = true;
            self.mods.follower.set_watching(true);
            // What changed before it was watched is noticed too.
            self.mods.follower.rescan();
        }
    }

    /// Ends to watch. The script runs on.
    pub fn stop(&mut self) {
        if self.is_watching {
            self.is_watching = false;
            self.mods.follower.set_watching(false);
        }
    }

    /// Whether the file is watched.
    pub fn is_watching(&self) -> bool {
        self.is_watching
    }

    /// Waits until the file has changed. `None` if it is not watched.
    pub fn wait_for_change(&mut self) -> Option<ScriptChange> {
        loop {
            let change = self.wait_for_change_timeout(PATIENCE);
            if change.is_some() || !self.is_watching {
                return change;
            }
        }
    }

    /// Waits until the file has changed, at most for `timeout`; not at all if it is not watched.
    pub fn wait_for_change_timeout(&mut self, timeout: Duration) -> Option<ScriptChange> {
        let deadline = Instant::now() + timeout.min(PATIENCE);
        loop {
            self.notice();
            let change = self.changes.pop_front();
            if change.is_some() || !self.is_watching || Instant::now() >= deadline {
                return change;
            }
            self.mods.follower.wait_until(deadline);
        }
    }

    /// The changes that were noticed and neither waited for nor reloaded yet, oldest first. Saves between
    /// two looks are one change.
    pub fn drain_changes(&mut self) -> Vec<ScriptChange> {
        self.notice();
        self.changes.drain(..).collect()
    }

    /// The generation that runs: 1 after the load, one more with each switch; 0 if none does.
    pub fn generation(&self) -> u64 {
        self.mods.generation_of(&self.mod_id)
    }

    /// How often a reload has brought new code.
    pub fn reload_count(&self) -> u64 {
        self.reload_count
    }

    /// How long ago a reload brought new code; `None` before the first one.
    pub fn time_since_last_reload(&self) -> Option<Duration> {
        self.last_reload.map(|at| at.elapsed())
    }

    /// Calls `callback` after each load, reload and way back that was tried, whether it succeeded or not.
    pub fn on_reload(&mut self, callback: impl FnMut(&ScriptStats) + Send + 'static) {
        self.callbacks.push(Box::new(callback));
    }

    /// Calls a function that the script exports with `mod.export`, else its global function of that name.
    ///
    /// # Errors
    /// The script does not run, has no such function, or the call failed.
    pub fn call(&mut self, function: &str, arguments: &[Value]) -> Result<Vec<Value>, Problem> {
        self.check_running()?;
        let result = self.mods.call_any(&self.mod_id, function, arguments);
        self.go_back_if_needed();
        result
    }

    /// Runs `code` in the environment of the script: an expression, or statements with `return`.
    ///
    /// # Errors
    /// The script does not run, or the code failed.
    pub fn eval(&mut self, code: &str) -> Result<Vec<Value>, Problem> {
        self.check_running()?;
        let result = self.mods.eval(&self.mod_id, code);
        self.go_back_if_needed();
        result
    }

    /// Gives an event to the handlers that the script registered with `mod.on`.
    pub fn dispatch<P: Serialize + ?Sized>(&mut self, event: &str, payload: &P) -> Dispatched {
        let dispatched = self.mods.dispatch(event, payload);
        self.go_back_if_needed();
        dispatched
    }

    /// Moves the host's clock on and runs the timers that are due.
    pub fn advance(&mut self, ticks: u64) -> Dispatched {
        let dispatched = self.mods.advance(ticks);
        self.go_back_if_needed();
        dispatched
    }

    /// The value at `path` below `mod.state`; all of it for an empty path.
    ///
    /// # Errors
    /// The script does not run, or the value can't be shown.
    pub fn state(&self, path: &str) -> Result<Value, Problem> {
        self.check_running()?;
        self.mods.state(&self.mod_id, path)
    }

    /// What the script logged and printed after the line `since`, as far as it is kept.
    pub fn log(&self, since: u64) -> Vec<LogEntry> {
        self.mods.log(since, None)
    }

    /// Lends `host`, the game, to the functions that it offers, while `work` runs.
    pub fn with<T: Any + Send, R>(
        &mut self,
        host: &mut T,
        work: impl FnOnce(&mut ScriptReloader) -> R,
    ) -> R {
        let hub = self.mods.hub.clone();
        hub.lent.lend(host, || work(self))
    }

    fn check_running(&self) -> Result<(), Problem> {
        if self.mods.running.contains_key(&self.mod_id) {
            return Ok(());
        }
        let not_loaded = || {
            Problem::error(Code::BAD_CALL, "is not loaded")
                .of(&self.mod_id)
                .hint("call `load` first, and look at the problem that it returns")
        };
        Err(self.trouble().unwrap_or_else(not_loaded))
    }

    /// Compares the file with what runs, and does what follows.
    fn compare(&mut self) -> ScriptStats {
        let started = Instant::now();
        self.notice();
        let spent = std::mem::take(&mut self.spent);
        let reports = self.mods.check_updates();
        self.seen = self.file().map(|file| (file.hash, file.size));
        self.changes.clear();
        let mut stats = self.conclude(&reports);
        stats.total = spent.read + spent.compile + started.elapsed();
        stats.compile += spent.compile;
        self.tell(&reports, &stats);
        stats
    }

    /// Code on probation that failed goes back at once: there is no frame to wait for.
    fn go_back_if_needed(&mut self) {
        if self.mods.queue.is_empty() {
            return;
        }
        let reports = self.mods.serve(None);
        let stats = self.conclude(&reports);
        self.tell(&reports, &stats);
    }

    fn tell(&mut self, reports: &[ReloadReport], stats: &ScriptStats) {
        if reports.is_empty() {
            return;
        }
        for callback in &mut self.callbacks {
            callback(stats);
        }
    }

    /// Counts what happened, and sums it up.
    fn conclude(&mut self, reports: &[ReloadReport]) -> ScriptStats {
        let mods: Vec<&ModReport> = reports.iter().flat_map(|report| &report.mods).collect();
        for report in &mods {
            if report.outcome == Outcome::Reloaded {
                self.reload_count += 1;
                self.last_reload = Some(Instant::now());
            }
            self.refused = first_error(report).filter(|_| !report.outcome.is_success());
        }
        let trouble = self.trouble();
        let aside = || mods.iter().find_map(|report| first_error(report));
        let makes_new_code = |report: &&ModReport| {
            let outcome = report.outcome;
            matches!(
                outcome,
                Outcome::Loaded | Outcome::Reloaded | Outcome::RolledBack
            )
        };
        ScriptStats {
            total: reports.iter().map(ReloadReport::total).sum(),
            compile: mods.iter().map(|report| report.phases.compile).sum(),
            source_bytes: self.file().map_or(0, |file| file.size),
            is_success: trouble.is_none(),
            has_new_code: mods.iter().any(makes_new_code),
            problem: trouble.or_else(aside),
            entries_kept: mods.iter().map(|report| report.carried.entries).sum(),
        }
    }

    /// Why the code that runs is not that of the file.
    fn trouble(&self) -> Option<Problem> {
        let mut read = self.mods.reading.problems.iter();
        let unread = read.find(|problem| problem.is_error());
        let stopped = self.mods.quarantined.get(&self.mod_id);
        let running = self.mods.running.get(&self.mod_id);
        let running = running.and_then(|running| running.source.files.get(&self.name));
        let is_same = running.is_some_and(|running| Some(running) == self.file());
        let refused = self.refused.as_ref().filter(|_| !is_same);
        stopped.or(unread).or(refused).cloned()
    }

    /// The file as it was read last for a reload.
    fn file(&self) -> Option<&ModFile> {
        self.mods.reading.mods.get(FOLDER)?.files.get(&self.name)
    }

    /// Takes note of what watching has found. It is not kept: a reload reads what is there by then.
    fn notice(&mut self) {
        let Some(reading) = self.mods.follower.take() else {
            return;
        };
        self.spent.read += reading.times.read;
        self.spent.compile += reading.times.compile;
        let read = reading.mods.get(FOLDER);
        let file = read.and_then(|read| read.files.get(&self.name));
        let now = file.map(|file| (file.hash, file.size));
        let kind = match (&self.seen, &now) {
            (before, now) if before == now => return,
            (None, _) => FileChangeKind::Added,
            (_, None) => FileChangeKind::Deleted,
            _ => FileChangeKind::Edited,
        };
        self.seen = now;
        let source_bytes = now.map_or(0, |(_, size)| size);
        self.changes.push_back(ScriptChange { kind, source_bytes });
    }
}

/// The first error; what led to a way back rather than the way back, which the outcome says.
fn first_error(report: &ModReport) -> Option<Problem> {
    let problems = report.problems.iter();
    let mut errors = problems.filter(|problem| problem.is_error());
    let cause = errors.clone().find(|it| it.code != Code::ROLLED_BACK);
    cause.or_else(|| errors.next()).cloned()
}
