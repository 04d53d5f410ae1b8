//! Config and assets in place: the VM runs on and is told.

use std::sync::Arc;
use std::time::Instant;

use crate::config::{self, ConfigChange};
use crate::lua::{AssetView, Hook};
use crate::manager::ModManager;
use crate::manager::commit::changes_payload;
use crate::mod_id::ModId;
use crate::problem::Problem;
use crate::reload::{ModEvent, ModReport, Outcome, Phases, Step};

use super::Serving;

impl ModManager {
    /// Applies config and assets in place: no VM is made anew.
    pub(super) fn apply(
        &mut self,
        step: &Step,
        serving: Serving<'_>,
        assets: &[Arc<str>],
    ) -> ModReport {
        let started = Instant::now();
        let mod_id = &step.mod_id;
        self.take_over_files(mod_id);
        let (has_changed, mut problems) = self.apply_config(mod_id);
        problems.extend(self.apply_assets(mod_id, assets));
        let is_refused =
            !has_changed && assets.is_empty() && problems.iter().any(Problem::is_error);
        let outcome = if is_refused {
            Outcome::Kept
        } else {
            Outcome::Applied
        };
        let mut report = self.blank_report(step, serving, outcome);
        report.problems = problems;
        report.phases = Phases {
            switch: started.elapsed(),
            ..self.waited()
        };
        report
    }

    /// Whether any config value is another one now, and what went wrong.
    fn apply_config(&mut self, mod_id: &ModId) -> (bool, Vec<Problem>) {
        let Some(running) = self.running.get(mod_id) else {
            return (false, Vec::new());
        };
        let (values, mut problems) =
            self.config_of(&running.source.manifest, &running.source.files);
        let changes = config::diff(&running.source.config, &values);
        for change in &changes {
            let set = running.vm.set_config(&change.key, &change.new);
            let failed = set.err();
            problems
                .extend(failed.map(|fault| fault.problem(mod_id, "while its config was changed")));
        }
        if let Some(running) = self.running.get_mut(mod_id) {
            running.source.config = values;
        }
        problems.extend(self.tell_config(mod_id, &changes));
        (!changes.is_empty(), problems)
    }

    /// Tells a mod and the host that config values are others.
    fn tell_config(&mut self, mod_id: &ModId, changes: &[ConfigChange]) -> Option<Problem> {
        let running = self.running.get(mod_id)?;
        let generation = running.generation();
        let payload = changes_payload(changes)?;
        let told = running.vm.run_hook(Hook::Config, &[payload]);
        let keys = changes.iter().map(|change| change.key.as_str().into());
        self.tell(&ModEvent::ConfigChanged {
            mod_id: mod_id.clone(),
            generation,
            keys: keys.collect(),
        });
        let fault = told.err()?;
        Some(fault.problem(mod_id, "in on_config"))
    }

    fn apply_assets(&mut self, mod_id: &ModId, assets: &[Arc<str>]) -> Vec<Problem> {
        let Some(running) = self.running.get(mod_id) else {
            return Vec::new();
        };
        for path in assets {
            let mut views = running.assets.lock();
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
        self.tell_assets(mod_id, assets)
    }

    /// Tells a mod and the host that assets have new versions.
    pub(in crate::manager) fn tell_assets(
        &mut self,
        mod_id: &ModId,
        assets: &[Arc<str>],
    ) -> Vec<Problem> {
        let tell = |path| self.tell_asset(mod_id, path);
        assets.iter().filter_map(tell).collect()
    }

    fn tell_asset(&mut self, mod_id: &ModId, path: &Arc<str>) -> Option<Problem> {
        let running = self.running.get(mod_id)?;
        let view = running.assets.lock().get(path).copied();
        let (vm, generation) = (running.vm.clone(), running.generation());
        if let Some(view) = view {
            vm.touch_asset(path, view);
        }
        let told = vm.run_asset_hook(path);
        self.tell(&ModEvent::AssetChanged {
            mod_id: mod_id.clone(),
            generation,
            path: path.clone(),
            version: view.map_or(0, |view| view.version),
        });
        let fault = told.err()?;
        Some(fault.problem(mod_id, "in on_asset"))
    }
}
