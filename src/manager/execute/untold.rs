//! Refusals that are not told yet: errors wait, successes don't.
//!
//! Whoever saves two files of one edit has broken code on disk between the two. So a refusal that nobody asked
//! for is told only when no other content of its mods has come for a moment; if some comes, it never was.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::manager::ModManager;
use crate::manager::stage::Refusal;
use crate::manager::world::Look;
use crate::mod_id::ModId;
use crate::reload::{Action, ReloadReport, ReloadRequest, Step, Transaction, World};

use super::Serving;

/// How long a refusal is not told. 50 ms: longer than an editor needs to save all files of an edit, shorter than
/// a person needs to look up.
const UNTOLD: Duration = Duration::from_millis(50);

/// A refusal that is not told yet.
pub(in crate::manager) struct Untold {
    what: What,
    requests: Arc<[ReloadRequest]>,
    world: Arc<World>,
    /// Its mods, and what the files said of each.
    looks: Vec<(ModId, Option<Look>)>,
    until: Instant,
}

enum What {
    /// Used where new generations were made, and refused.
    Refused(Transaction, Box<Refusal>),
    /// Used where the files can't be accepted.
    Rejected(Box<Step>),
}

impl ModManager {
    /// Keeps a refusal back for a while, if nobody waits for it. Otherwise it is given back, to be told.
    pub(super) fn hold_back(
        &mut self,
        transaction: &Transaction,
        serving: Serving<'_>,
        refusal: Box<Refusal>,
    ) -> Result<(), Box<Refusal>> {
        let must_act =
            |step: &Step| matches!(step.action, Action::RollBack { .. } | Action::Restart);
        let is_urgent = refusal.is_hold() || transaction.steps.iter().any(must_act);
        if is_urgent || self.is_waited_for(&transaction.steps, serving) {
            return Err(refusal);
        }
        let what = What::Refused(transaction.clone(), refusal);
        self.hold_back_what(what, &transaction.steps, serving);
        self.deliver_late();
        Ok(())
    }

    /// The same for files that can't be accepted; whether it is kept back.
    pub(super) fn holds_back_rejection(&mut self, step: &Step, serving: Serving<'_>) -> bool {
        let steps = std::slice::from_ref(step);
        let is_held_back = !self.is_waited_for(steps, serving);
        if is_held_back {
            self.hold_back_what(What::Rejected(Box::new(step.clone())), steps, serving);
        }
        is_held_back
    }

    /// When the next refusal is told, if nothing comes before.
    pub(in crate::manager) fn next_told(&self) -> Option<Instant> {
        self.untold.iter().map(|untold| untold.until).min()
    }

    /// Whether there is something to tell now.
    pub(in crate::manager) fn is_something_to_tell(&self) -> bool {
        let next = self.next_told();
        next.is_some_and(|at| self.is_asking || at <= Instant::now())
    }

    /// Tells what was kept back for long enough.
    pub(in crate::manager) fn tell_what_was_held_back(&mut self) -> Vec<ReloadReport> {
        if !self.is_something_to_tell() {
            return Vec::new();
        }
        let now = Instant::now();
        let is_asking = self.is_asking;
        let (due, waiting): (Vec<_>, Vec<_>) = std::mem::take(&mut self.untold)
            .into_iter()
            .partition(|untold| is_asking || untold.until <= now);
        self.untold = waiting;
        due.into_iter()
            .map(|untold| self.tell_refusal(untold))
            .collect()
    }

    /// Forgets what is not so any more; its mods are looked at again together.
    pub(in crate::manager) fn forget_what_was_mended(&mut self) {
        let (same, other): (Vec<_>, Vec<_>) = std::mem::take(&mut self.untold)
            .into_iter()
            .partition(|untold| {
                untold
                    .looks
                    .iter()
                    .all(|(mod_id, look)| self.look_at(mod_id) == *look)
            });
        self.untold = same;
        for (mod_id, _) in other.iter().flat_map(|untold| &untold.looks) {
            self.looked.remove(mod_id);
        }
    }

    /// What becomes of these mods is told by another report.
    pub(super) fn end_untold(&mut self, transaction: &Transaction) {
        let mods: BTreeSet<&ModId> = transaction.steps.iter().map(|step| &step.mod_id).collect();
        self.untold
            .retain(|untold| !untold.looks.iter().any(|(mod_id, _)| mods.contains(mod_id)));
    }

    /// Whether somebody asked, and waits for an answer.
    fn is_waited_for(&self, steps: &[Step], serving: Serving<'_>) -> bool {
        self.is_asking || steps.iter().any(|step| serving.is_asked_for(&step.mod_id))
    }

    fn hold_back_what(&mut self, what: What, steps: &[Step], serving: Serving<'_>) {
        let looks = steps.iter().map(|step| &step.mod_id);
        let looks: Vec<_> = looks
            .map(|mod_id| (mod_id.clone(), self.look_at(mod_id)))
            .collect();
        // As they are, there is no need to try them again.
        looks
            .iter()
            .for_each(|(mod_id, _)| self.mark_looked(mod_id));
        let until = Instant::now() + UNTOLD;
        self.follower.wake_at(until);
        self.untold.push(Untold {
            what,
            requests: serving.requests.clone(),
            world: serving.world.clone(),
            looks,
            until,
        });
    }

    fn tell_refusal(&mut self, untold: Untold) -> ReloadReport {
        let serving = Serving::new(&untold.requests, &untold.world);
        match untold.what {
            What::Refused(transaction, refusal) => self.keep(&transaction, serving, &refusal),
            What::Rejected(step) => self.tell_rejection(&step, serving),
        }
    }
}
