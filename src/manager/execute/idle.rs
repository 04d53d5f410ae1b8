//! What is planned for nobody: taken over from the disk, or noted as rejected, without a VM being touched.

use std::sync::Arc;

use crate::change::{Kind, changes};
use crate::files::ModFiles;
use crate::manager::ModManager;
use crate::mod_id::ModId;
use crate::problem::Problem;
use crate::reload::{Action, Cause, Outcome, ReloadPlan, ReloadReport, Step};

use super::Serving;

impl ModManager {
    /// What changed and is not run by any VM is taken over; what can't be accepted is noted.
    pub(super) fn take_over_idle(
        &mut self,
        plan: &ReloadPlan,
        serving: Serving<'_>,
    ) -> Vec<ReloadReport> {
        let mut reports = Vec::new();
        for step in &plan.idle {
            reports.extend(self.idle_step(step, serving));
        }
        reports
    }

    /// The answer to a request that leads to nothing.
    pub(in crate::manager) fn answer_idle(
        &mut self,
        plan: &ReloadPlan,
        serving: Serving<'_>,
    ) -> ReloadReport {
        let reports = self.take_over_idle(plan, serving);
        reports
            .into_iter()
            .next()
            .unwrap_or_else(|| self.finish(Vec::new()))
    }

    /// There is a report where somebody waits for one: files have changed, or the host asked.
    fn idle_step(&mut self, step: &Step, serving: Serving<'_>) -> Option<ReloadReport> {
        let mod_id = &step.mod_id;
        self.mark_looked(mod_id);
        let is_kept = matches!(step.action, Action::Keep);
        let has_changed = serving.world.changed.contains_key(mod_id);
        if has_changed && !is_kept {
            self.take_over_files(mod_id);
        }
        if !has_changed && !serving.is_asked_for(mod_id) {
            return None;
        }
        if is_kept {
            let is_told = !self.holds_back_rejection(step, serving);
            return is_told.then(|| self.tell_rejection(step, serving));
        }
        let report = self.blank_report(step, serving, Outcome::Unchanged);
        Some(self.finish(vec![report]))
    }

    /// Says why the files of a mod can't be accepted.
    pub(super) fn tell_rejection(&mut self, step: &Step, serving: Serving<'_>) -> ReloadReport {
        let mut report = self.blank_report(step, serving, Outcome::Kept);
        report.problems.extend(self.why_rejected(&step.mod_id));
        self.finish(vec![report])
    }

    fn why_rejected(&self, mod_id: &ModId) -> Option<Problem> {
        let rejection = self.resolution.rejected.get(mod_id)?;
        let mut problem = Problem::error(rejection.code, &rejection.because).of(mod_id);
        if let Some(place) = &rejection.place {
            problem = problem.at(place.clone());
        }
        if let Some(hint) = &rejection.hint {
            problem = problem.hint(hint);
        }
        Some(problem)
    }

    /// Takes the content of the disk over where no VM has to be made anew for it.
    pub(super) fn take_over_files(&mut self, mod_id: &ModId) {
        let Some((_, read)) = self.folder_of(mod_id) else {
            return;
        };
        let (files, scripts) = (read.files.clone(), read.scripts.clone());
        let player = self.player_values(mod_id);
        let is_code_refused = self.refused.contains_key(mod_id);
        let Some(running) = self.running.get_mut(mod_id) else {
            return;
        };
        self.suspects.add(mod_id);
        running.player = player;
        if is_code_refused {
            let assets = &running.source.manifest.assets;
            let beside_code = with_what_stands_beside_code(&running.source.files, &files, assets);
            running.source.files = Arc::new(beside_code);
        } else {
            running.source.files = files;
            running.source.scripts.insert(mod_id.clone(), scripts);
        }
    }
}

/// The files that run, with config and assets as they are on disk.
fn with_what_stands_beside_code(
    running: &ModFiles,
    disk: &ModFiles,
    assets: &[String],
) -> ModFiles {
    let mut files = running.clone();
    let changed = changes(running, disk, assets).into_iter();
    for change in changed.filter(|change| change.kind <= Kind::Config) {
        match disk.get(&change.path) {
            Some(file) => files.insert(change.path, file.clone()),
            None => drop(files.remove(&change.path)),
        }
    }
    files
}

impl Serving<'_> {
    /// Whether somebody asked for the mod, and waits for an answer.
    pub(super) fn is_asked_for(&self, mod_id: &ModId) -> bool {
        let mut own = self.requests.iter().filter(|r| r.mod_id == *mod_id);
        own.any(|request| {
            let mut causes = request.causes.iter();
            causes.any(|cause| matches!(cause, Cause::Asked { .. }))
        })
    }
}
