//! The report of a transaction: what is known of each mod, and who hears it.

use crate::change::Kind;
use crate::manager::ModManager;
use crate::manager::audit::Audit;
use crate::mod_id::ModId;
use crate::reload::{Action, Carried, ModEvent, ModReport, Outcome, Phases, ReloadReport, Step};

use super::Serving;

impl ModManager {
    /// A report of one mod, with what is known before anything is done.
    pub(super) fn blank_report(
        &self,
        step: &Step,
        serving: Serving<'_>,
        outcome: Outcome,
    ) -> ModReport {
        let mod_id = &step.mod_id;
        let changes = serving.world.changed.get(mod_id);
        let files = changes.into_iter().flat_map(|changes| &changes.files);
        ModReport {
            mod_id: mod_id.clone(),
            kind: serving.kind_of(step),
            outcome,
            generation: self.generation_of(mod_id),
            version: self.version_of(mod_id),
            causes: step.reasons.iter().map(ToString::to_string).collect(),
            files: files.map(|file| file.path.clone()).collect(),
            phases: Phases::default(),
            carried: Carried::default(),
            problems: Vec::new(),
        }
    }

    /// The version that runs, else the one on disk; 0.0.0 where no manifest can be read.
    fn version_of(&self, mod_id: &ModId) -> semver::Version {
        let running = self.running.get(mod_id);
        let running = running.map(|running| &running.source.manifest.version);
        let read = || self.folder_of(mod_id).and_then(|(_, read)| read.version());
        running
            .or_else(read)
            .cloned()
            .unwrap_or_else(|| semver::Version::new(0, 0, 0))
    }

    /// The times until the reading that is being served was there.
    pub(super) fn waited(&self) -> Phases {
        Phases {
            detect: self.times.detect,
            settle: self.times.settle,
            read: self.times.read,
            compile: self.times.compile,
            ..Phases::default()
        }
    }

    /// Numbers a report and tells everybody.
    pub(super) fn finish(&mut self, mut mods: Vec<ModReport>) -> ReloadReport {
        // That the disk can't be used concerns no mod in particular; whoever looks at reports hears it once.
        if let Some(first) = mods.first_mut() {
            first.problems.extend(self.history.untold_problem());
            first
                .problems
                .extend(self.audit.as_ref().and_then(Audit::untold_problem));
        }
        self.transactions += 1;
        let report = ReloadReport {
            transaction: self.transactions,
            mods,
        };
        for event in ModEvent::of_report(&report) {
            let mut mods = report.mods.iter();
            let of_mod = mods.find(|of_mod| of_mod.mod_id == *event.mod_id());
            self.tell_reported(&event, of_mod);
        }
        if let Some(hook) = &mut self.hooks.on_after_reload {
            hook(&report);
        }
        report
    }
}

impl Serving<'_> {
    /// How wide the effect of a step is.
    fn kind_of(&self, step: &Step) -> Kind {
        match &step.action {
            Action::Reload { kind } => *kind,
            Action::ApplyAssets { .. } => Kind::Asset,
            Action::ApplyConfig { .. } => Kind::Config,
            Action::Load | Action::Restart | Action::Unload | Action::RollBack { .. } => Kind::Full,
            Action::Keep | Action::Nothing => self.asked_kind(&step.mod_id),
        }
    }

    fn asked_kind(&self, mod_id: &ModId) -> Kind {
        let own = self.requests.iter().filter(|r| r.mod_id == *mod_id);
        own.map(|request| request.kind).max().unwrap_or(Kind::Full)
    }
}
