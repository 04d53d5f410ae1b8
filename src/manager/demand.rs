//! What the host demands of one mod: a reload, a way back, to be left alone.

use crate::change::Kind;
use crate::mod_id::ModId;
use crate::problem::{Code, Problem};
use crate::reload::{Cause, ReloadReport, ReloadRequest, plan};

use super::ModManager;
use super::execute::Serving;
use super::stage::StageOptions;

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
        let cause = Cause::Asked {
            by: "the host".into(),
        };
        let options = StageOptions {
            drop_uncarryable,
            ..StageOptions::default()
        };
        Ok(self.demand(mod_id, kind, cause, &options))
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
        self.must_be_there(mod_id)?;
        let to = self
            .kept_generation(mod_id, generation)
            .ok_or_else(|| not_kept(generation).of(mod_id))?;
        let cause = Cause::Rollback { to };
        Ok(self.demand(mod_id, Kind::Full, cause, &StageOptions::default()))
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
    fn must_be_there(&self, mod_id: &ModId) -> Result<(), Problem> {
        match self.folder_of(mod_id) {
            Some(_) => Ok(()),
            None => self.vm_of(mod_id).map(drop),
        }
    }

    /// The generation `wanted`, or the newest, if the history has it.
    fn kept_generation(&self, mod_id: &ModId, wanted: Option<u64>) -> Option<u64> {
        let mut kept = self.history.get(mod_id)?.iter().map(|past| past.generation);
        match wanted {
            Some(wanted) => kept.find(|generation| *generation == wanted),
            None => kept.next_back(),
        }
    }

    /// Serves one request at once, with its whole transaction.
    fn demand(
        &mut self,
        mod_id: &ModId,
        kind: Kind,
        cause: Cause,
        options: &StageOptions,
    ) -> ReloadReport {
        let requests = [self.request(mod_id, kind, cause)];
        let world = self.world();
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
