//! What follows a switch, and what follows a refusal.

use std::collections::BTreeSet;

use crate::manager::ModManager;
use crate::manager::commit::Switched;
use crate::manager::stage::Refusal;
use crate::mod_id::ModId;
use crate::problem::{Code, Problem};
use crate::reload::{Action, ModReport, Outcome, Phases, ReloadReport, Step, Transaction};

use super::Serving;

impl ModManager {
    /// After the switch: what is applied in place, what is unloaded, and the report.
    pub(super) fn complete(
        &mut self,
        transaction: &Transaction,
        serving: Serving<'_>,
        mut switched: Vec<Switched>,
    ) -> ReloadReport {
        let waited = self.end_waiting(transaction);
        self.end_untold(transaction);
        let mut reports = Vec::new();
        for step in &transaction.steps {
            let done = switched.iter().position(|done| done.mod_id == step.mod_id);
            let done = done.map(|index| switched.swap_remove(index));
            // What the generation that runs now did wrong counts; what its predecessor did is only told.
            let mut errors = Vec::new();
            let mut report = match (&step.action, done) {
                (_, Some(mut done)) => {
                    errors = std::mem::take(&mut done.staged.first_errors);
                    done.staged.notes.extend(errors.iter().cloned());
                    self.after_switch(step, serving, done)
                }
                (Action::ApplyAssets { assets } | Action::ApplyConfig { assets }, None) => {
                    let report = self.apply(step, serving, assets);
                    errors.clone_from(&report.problems);
                    report
                }
                (Action::Unload, None) => self.unload_for_good(step, serving),
                _ => self.blank_report(step, serving, Outcome::Unchanged),
            };
            waited.iter().for_each(|waiting| waiting.note(&mut report));
            self.mark_as_served(step);
            self.count_errors(&step.mod_id, &errors);
            self.stop_if_latched(&step.mod_id, &report.problems);
            reports.push(report);
        }
        self.keep_together_what_went_back(transaction);
        self.deliver_late();
        self.deliver_emitted();
        self.finish(reports)
    }

    /// What went back together is looked at together again: the fix may be in any of them, and the others' new
    /// code goes with it.
    fn keep_together_what_went_back(&mut self, transaction: &Transaction) {
        let steps = transaction.steps.iter();
        let back = steps.filter(|step| matches!(step.action, Action::RollBack { .. }));
        let back: BTreeSet<ModId> = back.map(|step| step.mod_id.clone()).collect();
        if back.len() > 1 {
            self.kept_together.push(back);
        }
    }

    /// The files are as they were when this was decided; after a way back they are not tried again as they
    /// are, unless they are still to be looked at: saved after those that failed.
    fn mark_as_served(&mut self, step: &Step) {
        let mod_id = &step.mod_id;
        match step.action {
            Action::RollBack { .. } => {}
            // Its files were not asked.
            Action::Restart => return,
            _ => return self.mark_looked(mod_id),
        }
        if self.has_news_since_the_last(mod_id) {
            let mut requests = self.requests_for_changes();
            requests.retain(|request| request.mod_id == *mod_id);
            self.batch.extend(requests);
        } else {
            self.mark_tried(mod_id);
            self.mark_looked(mod_id);
        }
    }

    /// Whether the files are neither those of the generation that ran last, nor looked at.
    fn has_news_since_the_last(&self, mod_id: &ModId) -> bool {
        let (Some((_, read)), Some(past)) = (self.folder_of(mod_id), self.history.newest(mod_id))
        else {
            return false;
        };
        past.files_hash() != read.files.hash() && !self.is_looked_at(mod_id)
    }

    fn after_switch(&mut self, step: &Step, serving: Serving<'_>, done: Switched) -> ModReport {
        let mod_id = &step.mod_id;
        match done.outcome {
            Outcome::RolledBack => self.history.note_rollback(mod_id),
            Outcome::Restarted => {}
            _ => {
                // New code is in: a way back from the old one is not wanted any more.
                self.queue.remove(mod_id);
                self.history.forget_undone(mod_id);
                self.moved_because.remove(mod_id);
                self.strikes.remove(mod_id);
                self.breakers.remove(mod_id);
            }
        }
        self.on_probation.insert(mod_id.clone());
        let mut report = self.blank_report(step, serving, done.outcome);
        report.carried = done.staged.carried;
        report.problems = done.staged.notes;
        let moved = self.moved_because.remove(mod_id);
        report.problems.extend(moved.into_iter().flatten());
        let times = done.staged.times;
        report.phases = Phases {
            stage: times.stage,
            capture: times.capture,
            restore: times.restore,
            switch: done.switch,
            ..self.waited()
        };
        report
    }

    fn unload_for_good(&mut self, step: &Step, serving: Serving<'_>) -> ModReport {
        let mut report = self.blank_report(step, serving, Outcome::Unloaded);
        let running = self.running.get(&step.mod_id);
        let manifest = running.map(|running| running.source.manifest.clone());
        let notes = self.unload(&step.mod_id, true);
        self.breakers.remove(&step.mod_id);
        self.failed.remove(&step.mod_id);
        let rejection = self.resolution.rejected.get(&step.mod_id);
        let why = rejection.map_or("does not run any more".to_owned(), |rejection| {
            format!("was stopped because it {}", rejection.because)
        });
        if let Some(manifest) = manifest {
            self.hub.set_down(&manifest, &why);
        }
        report.problems.extend(notes.unwrap_or_default());
        report.generation = 0;
        report
    }

    /// Nothing happened: every mod of the transaction runs on as it was.
    pub(super) fn keep(
        &mut self,
        transaction: &Transaction,
        serving: Serving<'_>,
        refusal: &Refusal,
    ) -> ReloadReport {
        self.end_waiting(transaction);
        self.end_untold(transaction);
        if transaction.steps.len() > 1 {
            let mods = transaction.steps.iter().map(|step| step.mod_id.clone());
            self.kept_together.push(mods.collect());
        }
        self.lives.lose(&refusal.mod_id, refusal.lost);
        let mut reports = Vec::new();
        for step in &transaction.steps {
            let mod_id = &step.mod_id;
            let mut report = self.blank_report(step, serving, Outcome::Kept);
            report.phases = self.waited();
            let held = self.why_held(step, refusal);
            report.problems = held.unwrap_or_else(|| refusal.problems_for(mod_id));
            // What begins anew is not what the disk has.
            if step.action != Action::Restart {
                self.mark_looked(mod_id);
                self.mark_tried(mod_id);
                self.note_refused(mod_id, refusal);
                let pause = self.count_failed_reload(step, refusal);
                report.problems.extend(pause);
                let told = report.problems.clone();
                self.troubles.insert(mod_id.clone(), told);
            }
            self.stop_if_it_can_not_go_on(step, refusal);
            self.stop_if_latched(mod_id, &report.problems);
            reports.push(report);
        }
        self.deliver_late();
        self.finish(reports)
    }

    /// If the transaction is held and this mod asks for more itself: everybody is told, and this is why.
    fn why_held(&mut self, step: &Step, refusal: &Refusal) -> Option<Vec<Problem>> {
        let may_ask = matches!(step.action, Action::Reload { .. } | Action::Load);
        let is_concerned = may_ask && refusal.is_hold();
        is_concerned.then(|| self.tell_held(&step.mod_id)).flatten()
    }

    /// A mod that runs waits for what its staged VM had looked for; one that does not is absent to others.
    fn note_refused(&mut self, mod_id: &ModId, refusal: &Refusal) {
        match self.running.get_mut(mod_id) {
            Some(running) if *mod_id == refusal.mod_id => {
                running.missed_since = refusal.modules.clone();
                self.suspects.add(mod_id);
            }
            Some(_) => {}
            None => self.hub.set_absent(mod_id),
        }
    }

    /// A mod that must go back or begin anew, and can't, is stopped.
    fn stop_if_it_can_not_go_on(&mut self, step: &Step, refusal: &Refusal) {
        let was_latched = self
            .running
            .get(&step.mod_id)
            .is_some_and(|running| running.vm.is_latched());
        if matches!(step.action, Action::RollBack { .. } | Action::Restart) && was_latched {
            let moved = self.moved_because.remove(&step.mod_id).unwrap_or_default();
            let is_limit =
                |problem: &&Problem| [Code::TIME_LIMIT, Code::MEMORY_LIMIT].contains(&problem.code);
            let why = moved.iter().rfind(is_limit).cloned();
            let problem = why.or(refusal.problems.first().cloned());
            let unknown = || Problem::error(Code::QUARANTINED, "was stopped").of(&step.mod_id);
            self.quarantine(&step.mod_id, problem.unwrap_or_else(unknown));
        }
    }
}

impl Refusal {
    /// What to tell of one mod of the transaction.
    pub(super) fn problems_for(&self, mod_id: &ModId) -> Vec<Problem> {
        if *mod_id == self.mod_id {
            return self.problems.clone();
        }
        let why = match self.is_hold() {
            true => "waits for an answer of the game",
            false => "could not be loaded",
        };
        let because = format!("would switch together with {}, which {why}", self.mod_id);
        vec![Problem::error(Code::KEPT, because).of(mod_id)]
    }
}
