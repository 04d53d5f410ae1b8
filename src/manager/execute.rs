//! Carrying plans out: requests become a plan, each transaction of it is staged and switched, or kept.

use std::sync::Arc;
use std::time::Instant;

use crate::change::Kind;
use crate::config;
use crate::lua::{AssetView, Hook};
use crate::mod_id::ModId;
use crate::problem::{Code, Problem};
use crate::reload::{
    Action, Cause, ModEvent, ModReport, Outcome, Phases, ReloadPlan, ReloadReport, ReloadRequest,
    Step, Transaction, World, plan,
};

use super::ModManager;
use super::commit::{Switched, changes_payload};
use super::stage::{Refusal, StageOptions, stage};

/// How often one transaction may be widened by dependents that use what it takes away.
const WIDENINGS_MAX: usize = 64;

impl ModManager {
    /// Serves what was asked for until nothing is left, or `deadline`.
    pub(super) fn serve(&mut self, deadline: Option<Instant>) -> Vec<ReloadReport> {
        let mut reports = Vec::new();
        while let Some(requests) = self.next_requests() {
            let world = self.world();
            let mut plan = plan(&requests, &world);
            self.take_over_idle(&plan, &requests, &world, &mut reports);
            let transactions = std::mem::take(&mut plan.transactions);
            let mut transactions = transactions.into_iter();
            for transaction in transactions.by_ref() {
                let report = self.execute(transaction, &requests, &world, &StageOptions::default());
                reports.push(report);
                if deadline.is_some_and(|deadline| Instant::now() >= deadline) {
                    break;
                }
            }
            self.postpone(transactions, &requests);
            if deadline.is_some_and(|deadline| Instant::now() >= deadline) {
                break;
            }
        }
        reports
    }

    fn next_requests(&mut self) -> Option<Vec<ReloadRequest>> {
        if self.queue.take_rescan() {
            self.follower.rescan();
        }
        let mut requests = std::mem::take(&mut self.batch);
        requests.extend(self.queue.take_all());
        (!requests.is_empty()).then_some(requests)
    }

    /// What the budget did not reach is asked for again.
    fn postpone(&mut self, left: impl Iterator<Item = Transaction>, requests: &[ReloadRequest]) {
        for step in left.flat_map(|transaction| transaction.steps) {
            let own = requests
                .iter()
                .filter(|request| request.mod_id == step.mod_id);
            self.batch.extend(own.cloned());
            if !requests.iter().any(|request| request.mod_id == step.mod_id) {
                let now = self.start.elapsed();
                self.batch.push(ReloadRequest::new(
                    step.mod_id,
                    Kind::Full,
                    Cause::ResolutionChanged,
                    now,
                ));
            }
        }
    }

    /// What changed and is not run by any VM is taken over; what can't be accepted is noted.
    fn take_over_idle(
        &mut self,
        plan: &ReloadPlan,
        requests: &[ReloadRequest],
        world: &World,
        reports: &mut Vec<ReloadReport>,
    ) {
        for step in &plan.idle {
            let mod_id = &step.mod_id;
            self.mark_looked(mod_id);
            let has_changed = world.changed.contains_key(mod_id);
            let outcome = if matches!(step.action, Action::Keep) {
                Outcome::Kept
            } else {
                Outcome::Unchanged
            };
            if outcome == Outcome::Unchanged && has_changed {
                self.take_over_files(mod_id);
            }
            let was_asked = requests.iter().any(|request| {
                request.mod_id == *mod_id
                    && request
                        .causes
                        .iter()
                        .any(|cause| matches!(cause, Cause::Asked { .. }))
            });
            if has_changed || was_asked {
                let mut report = self.blank_report(step, requests, world, outcome);
                if outcome == Outcome::Kept {
                    report.problems = self.why_rejected(mod_id);
                }
                reports.push(self.finish(vec![report]));
            }
        }
    }

    fn why_rejected(&self, mod_id: &ModId) -> Vec<Problem> {
        let rejection = self.resolution.rejected.get(mod_id);
        rejection
            .map(|rejection| {
                let problem = Problem::error(rejection.code, &rejection.because).of(mod_id);
                let problem = match &rejection.place {
                    Some(place) => problem.at(place.clone()),
                    None => problem,
                };
                match &rejection.hint {
                    Some(hint) => problem.hint(hint),
                    None => problem,
                }
            })
            .into_iter()
            .collect()
    }

    /// Takes the content of the disk over where no VM has to be touched for it.
    fn take_over_files(&mut self, mod_id: &ModId) {
        let Some((_, read)) = self.folder_of(mod_id) else {
            return;
        };
        let (files, scripts) = (read.files.clone(), read.scripts.clone());
        let player = self
            .reading
            .player_config
            .get(mod_id.as_str())
            .map(|file| file.hash);
        if let Some(running) = self.running.get_mut(mod_id) {
            running.source.files = files;
            running.source.scripts.insert(mod_id.clone(), scripts);
            running.player_config = player;
        }
    }

    fn mark_looked(&mut self, mod_id: &ModId) {
        match self.look_at(mod_id) {
            Some(look) => drop(self.looked.insert(mod_id.clone(), look)),
            None => drop(self.looked.remove(mod_id)),
        }
    }

    /// Carries one transaction out: all of it, or nothing.
    pub(super) fn execute(
        &mut self,
        mut transaction: Transaction,
        requests: &[ReloadRequest],
        world: &World,
        options: &StageOptions,
    ) -> ReloadReport {
        self.tell_modified(&transaction, world);
        for _ in 0..WIDENINGS_MAX {
            if let Some(hook) = &mut self.hooks.on_before_reload {
                transaction.steps.iter().for_each(|step| hook(step));
            }
            match stage(self, &transaction, options) {
                Ok(staged) => {
                    let switched = self.commit(staged);
                    return self.complete(&transaction, requests, world, switched);
                }
                Err(refusal) if !refusal.widened_by.is_empty() => {
                    let wider = self.widen(&transaction, &refusal, requests, world);
                    transaction = wider;
                }
                Err(refusal) => return self.keep(&transaction, requests, world, *refusal),
            }
        }
        let first = transaction.steps[0].mod_id.clone();
        let problem = Problem::error(Code::KEPT, "affects too many mods at once").of(&first);
        let refusal = Refusal {
            mod_id: first,
            problems: vec![problem],
            modules: Default::default(),
            widened_by: Vec::new(),
        };
        self.keep(&transaction, requests, world, refusal)
    }

    /// The same transaction with the mods that have to come along.
    fn widen(
        &self,
        transaction: &Transaction,
        refusal: &Refusal,
        requests: &[ReloadRequest],
        world: &World,
    ) -> Transaction {
        let now = self.start.elapsed();
        let mut wider = requests.to_vec();
        for joining in &refusal.widened_by {
            let cause = Cause::DependencyChanged {
                mod_id: refusal.mod_id.clone(),
            };
            wider.push(ReloadRequest::new(
                joining.clone(),
                Kind::Script,
                cause,
                now,
            ));
        }
        let mut merged = Transaction::default();
        for planned in plan(&wider, world).transactions {
            let touches = |step: &Step| {
                refusal.widened_by.contains(&step.mod_id)
                    || transaction
                        .steps
                        .iter()
                        .any(|own| own.mod_id == step.mod_id)
            };
            if planned.steps.iter().any(touches) {
                merged.steps.extend(planned.steps);
            }
        }
        merged.steps.sort_by_key(|step| {
            world
                .accepted
                .get(&step.mod_id)
                .map_or(usize::MAX, |mods| mods.position)
        });
        merged
    }

    fn tell_modified(&mut self, transaction: &Transaction, world: &World) {
        for step in &transaction.steps {
            let (Some(changes), Some(running)) = (
                world.changed.get(&step.mod_id),
                self.running.get(&step.mod_id),
            ) else {
                continue;
            };
            let event = ModEvent::Modified {
                mod_id: step.mod_id.clone(),
                generation: running.generation(),
                kind: changes
                    .files
                    .iter()
                    .map(|file| file.kind)
                    .max()
                    .unwrap_or(Kind::Asset),
                files: changes.files.iter().map(|file| file.path.clone()).collect(),
            };
            self.subscribers.tell(&event);
        }
    }

    /// After the switch: what is applied in place, what is unloaded, and the report.
    fn complete(
        &mut self,
        transaction: &Transaction,
        requests: &[ReloadRequest],
        world: &World,
        mut switched: Vec<Switched>,
    ) -> ReloadReport {
        let mut reports = Vec::new();
        for step in &transaction.steps {
            let done = switched.iter().position(|done| done.mod_id == step.mod_id);
            let report = match (&step.action, done) {
                (_, Some(index)) => {
                    let done = switched.swap_remove(index);
                    self.switched_report(step, requests, world, done)
                }
                (Action::ApplyAssets { assets }, _) => self.apply(step, requests, world, assets),
                (Action::ApplyConfig { assets }, _) => self.apply(step, requests, world, assets),
                (Action::Unload, _) => {
                    let mut report = self.blank_report(step, requests, world, Outcome::Unloaded);
                    report
                        .problems
                        .extend(self.unload(&step.mod_id, true).unwrap_or_default());
                    report.generation = 0;
                    report
                }
                _ => self.blank_report(step, requests, world, Outcome::Unchanged),
            };
            self.mark_looked(&step.mod_id);
            reports.push(report);
        }
        self.deliver_emitted();
        self.finish(reports)
    }

    fn switched_report(
        &mut self,
        step: &Step,
        requests: &[ReloadRequest],
        world: &World,
        done: Switched,
    ) -> ModReport {
        let mod_id = &step.mod_id;
        if matches!(done.outcome, Outcome::RolledBack) {
            let generation = self
                .running
                .get(mod_id)
                .map_or(0, super::running::Running::generation);
            self.rolled_back.insert(mod_id.clone(), generation);
            if let Some(look) = self.look_at(mod_id) {
                self.tried.insert(mod_id.clone(), look);
            }
        }
        self.on_probation.insert(mod_id.clone());
        let mut report = self.blank_report(step, requests, world, done.outcome);
        report.carried = done.staged.carried;
        report.problems = done.staged.notes;
        report.problems.extend(self.rollback_because.remove(mod_id));
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

    /// Applies config and assets in place: no VM is touched.
    fn apply(
        &mut self,
        step: &Step,
        requests: &[ReloadRequest],
        world: &World,
        assets: &[Arc<str>],
    ) -> ModReport {
        let started = Instant::now();
        let mod_id = &step.mod_id;
        self.take_over_files(mod_id);
        let mut problems = self.apply_config(mod_id);
        problems.extend(self.apply_assets(mod_id, assets));
        let mut report = self.blank_report(step, requests, world, Outcome::Applied);
        report.problems = problems;
        report.phases = Phases {
            switch: started.elapsed(),
            ..self.waited()
        };
        report
    }

    fn apply_config(&mut self, mod_id: &ModId) -> Vec<Problem> {
        let Some(running) = self.running.get(mod_id) else {
            return Vec::new();
        };
        let (values, mut problems) =
            self.config_of(&running.source.manifest, &running.source.files);
        let changes = config::diff(&running.source.config, &values);
        let vm = running.vm.clone();
        let generation = running.generation();
        for change in &changes {
            if let Err(fault) = vm.set_config(&change.key, &change.new) {
                problems.push(fault.problem(mod_id, "while its config was changed"));
            }
        }
        if let Some(running) = self.running.get_mut(mod_id) {
            running.source.config = values;
        }
        if let Some(payload) = changes_payload(&changes) {
            let told = vm.run_hook(Hook::Config, &[payload]);
            problems.extend(
                told.err()
                    .map(|fault| fault.problem(mod_id, "in on_config")),
            );
            let keys = changes
                .iter()
                .map(|change| change.key.as_str().into())
                .collect();
            self.subscribers.tell(&ModEvent::ConfigChanged {
                mod_id: mod_id.clone(),
                generation,
                keys,
            });
        }
        problems
    }

    fn apply_assets(&mut self, mod_id: &ModId, assets: &[Arc<str>]) -> Vec<Problem> {
        let Some(running) = self.running.get(mod_id) else {
            return Vec::new();
        };
        {
            let mut views = running.assets.lock();
            for path in assets {
                let before = views.get(path).map_or(0, |view| view.version);
                match running.source.files.get(path) {
                    Some(file) => {
                        let view = AssetView {
                            version: before + 1,
                            size: file.size,
                        };
                        views.insert(path.clone(), view);
                    }
                    None => drop(views.remove(path)),
                }
            }
        }
        self.tell_assets(mod_id, assets)
    }

    /// Tells a mod and the host that assets have new versions.
    pub(super) fn tell_assets(&mut self, mod_id: &ModId, assets: &[Arc<str>]) -> Vec<Problem> {
        let mut problems = Vec::new();
        for path in assets {
            let Some(running) = self.running.get(mod_id) else {
                break;
            };
            let view = running.assets.lock().get(path).copied();
            let (vm, generation) = (running.vm.clone(), running.generation());
            if let Some(view) = view {
                vm.touch_asset(path, view);
            }
            let told = vm.run_asset_hook(path);
            problems.extend(told.err().map(|fault| fault.problem(mod_id, "in on_asset")));
            let (path, version) = (path.clone(), view.map_or(0, |view| view.version));
            let mod_id = mod_id.clone();
            self.subscribers.tell(&ModEvent::AssetChanged {
                mod_id,
                generation,
                path,
                version,
            });
        }
        problems
    }

    /// Nothing happened: every mod of the transaction runs on as it was.
    fn keep(
        &mut self,
        transaction: &Transaction,
        requests: &[ReloadRequest],
        world: &World,
        refusal: Refusal,
    ) -> ReloadReport {
        let mut reports = Vec::new();
        let culprit = refusal.mod_id.clone();
        for step in &transaction.steps {
            let mod_id = &step.mod_id;
            let mut report = self.blank_report(step, requests, world, Outcome::Kept);
            report.phases = self.waited();
            if *mod_id == culprit {
                report.problems = refusal.problems.clone();
            } else {
                let because =
                    format!("would switch together with {culprit}, which could not be loaded");
                report.problems = vec![Problem::error(Code::KEPT, because).of(mod_id)];
            }
            self.troubles
                .insert(mod_id.clone(), report.problems.clone());
            self.mark_looked(mod_id);
            if let Some(look) = self.look_at(mod_id) {
                self.tried.insert(mod_id.clone(), look);
            }
            match self.running.get_mut(mod_id) {
                Some(running) if *mod_id == culprit => {
                    running.missed_since = refusal.modules.clone()
                }
                Some(_) => {}
                None => self.hub.set_absent(mod_id),
            }
            self.stop_if_rollback_failed(step, &refusal);
            reports.push(report);
        }
        self.finish(reports)
    }

    /// A mod that must go back and can't is stopped.
    fn stop_if_rollback_failed(&mut self, step: &Step, refusal: &Refusal) {
        let was_latched = self
            .running
            .get(&step.mod_id)
            .is_some_and(|running| running.vm.is_latched());
        if matches!(step.action, Action::RollBack { .. }) && was_latched {
            let problem = refusal.problems.first().cloned();
            let problem = self.rollback_because.remove(&step.mod_id).or(problem);
            let unknown = || Problem::error(Code::QUARANTINED, "was stopped").of(&step.mod_id);
            self.quarantine(&step.mod_id, problem.unwrap_or_else(unknown));
        }
    }

    /// A report of one mod, with what is known before anything is done.
    fn blank_report(
        &self,
        step: &Step,
        requests: &[ReloadRequest],
        world: &World,
        outcome: Outcome,
    ) -> ModReport {
        let mod_id = &step.mod_id;
        let changes = world.changed.get(mod_id);
        let files: Vec<Arc<str>> = changes
            .into_iter()
            .flat_map(|changes| &changes.files)
            .map(|file| file.path.clone())
            .collect();
        let own = requests.iter().filter(|request| request.mod_id == *mod_id);
        let kind = match &step.action {
            Action::Reload { kind } => *kind,
            Action::ApplyAssets { .. } => Kind::Asset,
            Action::ApplyConfig { .. } => Kind::Config,
            Action::Load | Action::Unload | Action::RollBack { .. } => Kind::Full,
            Action::Keep | Action::Nothing => {
                own.map(|request| request.kind).max().unwrap_or(Kind::Full)
            }
        };
        let running = self.running.get(mod_id);
        let version = running
            .map(|running| running.source.manifest.version.clone())
            .or_else(|| {
                self.folder_of(mod_id)?
                    .1
                    .manifest
                    .as_ref()
                    .map(|manifest| manifest.version.clone())
            })
            .unwrap_or_else(|| semver::Version::new(0, 0, 0));
        ModReport {
            mod_id: mod_id.clone(),
            kind,
            outcome,
            generation: running.map_or(0, super::running::Running::generation),
            version,
            causes: step.reasons.iter().map(ToString::to_string).collect(),
            files,
            phases: Phases::default(),
            carried: Default::default(),
            problems: Vec::new(),
        }
    }

    /// The times until the reading that is being served was there.
    fn waited(&self) -> Phases {
        Phases {
            detect: self.times.detect,
            settle: self.times.settle,
            read: self.times.read,
            compile: self.times.compile,
            ..Phases::default()
        }
    }

    /// The answer to a request that leads to nothing.
    pub(super) fn answer_idle(
        &mut self,
        plan: &ReloadPlan,
        requests: &[ReloadRequest],
        world: &World,
    ) -> ReloadReport {
        let mut reports = Vec::new();
        self.take_over_idle(plan, requests, world, &mut reports);
        reports
            .into_iter()
            .next()
            .unwrap_or_else(|| self.finish(Vec::new()))
    }

    /// Numbers a report and tells everybody.
    pub(super) fn finish(&mut self, mods: Vec<ModReport>) -> ReloadReport {
        self.transactions += 1;
        let report = ReloadReport {
            transaction: self.transactions,
            mods,
        };
        for event in ModEvent::of_report(&report) {
            self.subscribers.tell(&event);
        }
        if let Some(hook) = &mut self.hooks.on_after_reload {
            hook(&report);
        }
        report
    }
}
