//! What the host demands of one mod: a reload, a way back, to be left alone.

use std::sync::Arc;

use crate::change::Kind;
use crate::mod_id::ModId;
use crate::problem::{Code, Problem};
use crate::reload::{Cause, ModReport, Outcome, ReloadReport, ReloadRequest, plan};

use super::ModManager;
use super::execute::Serving;
use super::history::Past;
use super::running::Parked;
use super::stage::StageOptions;
use super::words::Onto;

impl ModManager {
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
        self.must_be_there(mod_id)?;
        self.release(mod_id);
        let cause = Cause::Asked {
            by: "the host".into(),
        };
        let options = StageOptions {
            drop_uncarryable,
            ..StageOptions::default()
        };
        Ok(self.demand(mod_id, kind, cause, options))
    }

    /// Brings the code of an earlier generation back, by default the newest that had other code before; with
    /// its state of now, or of then: see [`Onto`].
    ///
    /// # Errors
    /// No such mod, no such generation in its history, or one whose state of then is not kept.
    ///
    /// ```
    /// # use lunation::{ModId, ModManager, Onto, Problem, ReloadReport};
    /// # fn undo(mods: &mut ModManager, economy: &ModId) -> Result<ReloadReport, Problem> {
    /// // The last edit was a bad idea, and what it did to the state, too:
    /// mods.rollback(economy, None, Onto::Then)
    /// # }
    /// ```
    pub fn rollback(
        &mut self,
        mod_id: &ModId,
        generation: Option<u64>,
        onto: Onto,
    ) -> Result<ReloadReport, Problem> {
        self.must_be_there(mod_id)?;
        self.release(mod_id);
        let to = self
            .kept_generation(mod_id, generation)
            .ok_or_else(|| not_kept(generation).of(mod_id))?;
        let mut options = StageOptions::default();
        if onto == Onto::Then {
            let state = self.state_then(mod_id, to)?;
            options.restore.insert(mod_id.clone(), state);
        }
        Ok(self.demand(mod_id, Kind::Full, Cause::Rollback { to }, options))
    }

    /// Undoes the last rollback of a mod: the generation that it left comes back, with the state that it
    /// had then. Several can be undone one after the other; a new edit ends that.
    ///
    /// # Errors
    /// No such mod, nothing to undo, or the history has let go what is to come back.
    pub fn redo(&mut self, mod_id: &ModId) -> Result<ReloadReport, Problem> {
        self.end_flight();
        self.must_be_there(mod_id)?;
        let mut undone = self.history.undone(mod_id);
        let to = undone.pop().ok_or_else(|| nothing_to_redo().of(mod_id))?;
        let report = self.rollback(mod_id, Some(to), Onto::Then)?;
        let is_back = |its: &ModReport| its.mod_id == *mod_id && its.outcome == Outcome::RolledBack;
        if report.mods.iter().any(is_back) {
            self.history.set_undone(mod_id, undone);
        }
        Ok(report)
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

    /// Refuses the id of a mod that neither runs nor is in the folder.
    pub(super) fn must_be_there(&self, mod_id: &ModId) -> Result<(), Problem> {
        match self.folder_of(mod_id) {
            Some(_) => Ok(()),
            None => self.vm_of(mod_id).map(drop),
        }
    }

    /// The generation `wanted`, or the newest with other code before, if the history has it.
    fn kept_generation(&self, mod_id: &ModId, wanted: Option<u64>) -> Option<u64> {
        let running = self.running.get(mod_id);
        let kept = match (wanted, running) {
            (Some(wanted), _) => self.history.get(mod_id, wanted),
            (None, Some(running)) => self.history.newest_before(mod_id, running.code_of),
            (None, None) => self.history.newest(mod_id),
        };
        kept.map(Past::generation)
    }

    /// The state that a kept generation was left with.
    fn state_then(&self, mod_id: &ModId, generation: u64) -> Result<Parked, Problem> {
        let past = self.history.get(mod_id, generation);
        let state = past.map(|past| self.state_of_past(mod_id, past));
        state.transpose()?.flatten().ok_or_else(|| {
            let because = format!("has no state of generation {generation} in its history");
            Problem::error(Code::KEPT, because)
                .of(mod_id)
                .hint("go back with the state of now")
        })
    }

    /// Serves one request at once, with its whole transaction.
    fn demand(
        &mut self,
        mod_id: &ModId,
        kind: Kind,
        cause: Cause,
        options: StageOptions,
    ) -> ReloadReport {
        self.end_flight();
        // Whoever asks does not wait for the end of a pause.
        self.is_asking = true;
        let report = self.demand_now(mod_id, kind, cause, options);
        self.is_asking = false;
        report
    }

    fn demand_now(
        &mut self,
        mod_id: &ModId,
        kind: Kind,
        cause: Cause,
        options: StageOptions,
    ) -> ReloadReport {
        let requests: Arc<[ReloadRequest]> = [self.request(mod_id, kind, cause)].into();
        let world = Arc::new(self.world());
        let plan = plan(&requests, &world);
        let serving = Serving::new(&requests, &world);
        let its = plan.transactions.iter().find(|transaction| {
            let mut steps = transaction.steps.iter();
            steps.any(|step| step.mod_id == *mod_id)
        });
        match its {
            Some(transaction) => self.execute(transaction.clone(), serving, options),
            None => self.answer_idle(&plan, serving),
        }
    }

    /// A request of now.
    pub(super) fn request(&self, mod_id: &ModId, kind: Kind, cause: Cause) -> ReloadRequest {
        ReloadRequest::new(mod_id.clone(), kind, cause, self.start.elapsed())
    }
}

/// A way back to a generation that the history does not have; `None` is any.
pub(super) fn not_kept(generation: Option<u64>) -> Problem {
    let what = generation.map_or("earlier generation".into(), |generation| {
        format!("generation {generation}")
    });
    Problem::error(Code::KEPT, format!("has no {what} in its history"))
        .hint("see `history` for those that are kept; state_management.history says how many")
}

/// A redo where no rollback can be undone.
fn nothing_to_redo() -> Problem {
    Problem::error(Code::KEPT, "has no rollback that could be undone")
        .hint("a new edit ends it; `history` says what can be gone back to")
}
