//! What a new VM is made from: files, scripts, config and assets, of now or of an earlier generation.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use parking_lot::Mutex;

use crate::change::{Kind, classify};
use crate::files::{ModFile, ModFiles};
use crate::lua::{AssetView, Scripts};
use crate::manifest::Manifest;
use crate::mod_id::ModId;
use crate::problem::{Code, Problem};
use crate::reload::{Action, Step};

use crate::manager::demand::not_kept;
use crate::manager::follow::ReadMod;
use crate::manager::running::{Assets, Running, Source};

use super::migrate::check_migrations;
use super::{Stager, makes_a_vm};

impl Stager<'_> {
    /// What the new VM is made from, and what is wrong with it without keeping it from running.
    ///
    /// # Errors
    /// Why there is nothing that a VM could be made from.
    pub(super) fn source_of(&self, step: &Step) -> Result<(Source, Vec<Problem>), Vec<Problem>> {
        let mod_id = &step.mod_id;
        if let Action::RollBack { to } = step.action {
            let past = self.past_of(mod_id, to);
            return past
                .map(|source| (source, Vec::new()))
                .map_err(|problem| vec![problem]);
        }
        if let (Action::Restart, Some(running)) = (&step.action, self.manager.running.get(mod_id)) {
            return Ok((running.source.clone(), Vec::new()));
        }
        let Some((folder, read)) = self.manager.folder_of(mod_id) else {
            let problem = Problem::error(Code::NO_MANIFEST, "has no folder any more").of(mod_id);
            return Err(vec![problem]);
        };
        let Some(manifest) = read.usable() else {
            return Err(read.problems.to_vec());
        };
        self.check_version(manifest)
            .map_err(|problem| vec![problem])?;
        let (granted, denied) = match self.manager.granted(manifest) {
            Ok(shares) => shares,
            // A save brings states, not code: what waits for an answer does not keep them out.
            Err(problems) => {
                let running = self.manager.running.get(mod_id);
                let running = running.filter(|_| !self.options.restore.is_empty());
                let source = running.map(|running| (running.source.clone(), Vec::new()));
                return source.ok_or(problems);
            }
        };
        self.check_dependencies(manifest)?;
        check_migrations(&read.files).map_err(|problems| of_mod(mod_id, problems))?;
        tracing::debug!(%mod_id, %folder, "staging");
        let (source, mut notes) = self.source_of_now(manifest, read);
        notes.extend(self.manager.news_of_unknown_capabilities(manifest));
        let source = Source {
            granted,
            denied,
            ..source
        };
        Ok((source, notes))
    }

    /// What a mod needs is up before it, or comes up with it. One that runs already has had what it needs.
    fn check_dependencies(&self, manifest: &Manifest) -> Result<(), Vec<Problem>> {
        let running = &self.manager.running;
        let had = running
            .get(&manifest.id)
            .map(|running| &running.source.dependencies);
        let is_up = |id: &ModId| {
            let mut steps = self.steps();
            had.is_some_and(|had| had.contains(id))
                || running.contains_key(id)
                || steps.any(|step| step.mod_id == *id && makes_a_vm(&step.action))
        };
        let needed = manifest
            .dependencies
            .iter()
            .filter(|needed| !needed.optional);
        let down = needed.filter(|needed| !is_up(&self.manager.hub.called(&needed.id)));
        let problems: Vec<Problem> = down
            .map(|needed| {
                let because = format!("needs `{}`, which did not come up", needed.id);
                let problem = Problem::error(Code::DEPENDENCY_REJECTED, because);
                let hint = format!("see why {} does not run; this mod loads with it", needed.id);
                problem.of(&manifest.id).at(needed.place.clone()).hint(hint)
            })
            .collect();
        if problems.is_empty() {
            Ok(())
        } else {
            Err(problems)
        }
    }

    /// All but what the mod is granted.
    fn source_of_now(&self, manifest: &Arc<Manifest>, read: &ReadMod) -> (Source, Vec<Problem>) {
        let mod_id = &manifest.id;
        let (config, problems) = self.manager.config_of(manifest, &read.files);
        let dependencies = self.manager.resolution.dependencies_of(mod_id);
        let dependencies: BTreeSet<ModId> = dependencies.into_iter().cloned().collect();
        let mut scripts = BTreeMap::from([(mod_id.clone(), read.scripts.clone())]);
        let mut libraries = BTreeMap::new();
        for dependency in &dependencies {
            if let Some((found, files)) = self.scripts_of(dependency) {
                scripts.insert(dependency.clone(), found);
                libraries.insert(dependency.clone(), files);
            }
        }
        let source = Source {
            manifest: manifest.clone(),
            files: read.files.clone(),
            scripts,
            libraries,
            config,
            dependencies,
            granted: BTreeSet::new(),
            denied: BTreeSet::new(),
        };
        (source, problems)
    }

    fn past_of(&self, mod_id: &ModId, generation: u64) -> Result<Source, Problem> {
        let past = self.manager.history.get(mod_id, generation);
        let past = past.ok_or_else(|| not_kept(Some(generation)).of(mod_id))?;
        self.manager.source_of_past(mod_id, past)
    }

    /// The scripts of a dependency: those that it will run with after the switch.
    fn scripts_of(&self, dependency: &ModId) -> Option<(Arc<Scripts>, Arc<ModFiles>)> {
        let read = || {
            let (_, read) = self.manager.folder_of(dependency)?;
            Some((read.scripts.clone(), read.files.clone()))
        };
        let is_staged_too = self
            .steps()
            .any(|step| step.mod_id == *dependency && makes_a_vm(&step.action));
        if is_staged_too {
            return read();
        }
        let running = self.manager.running.get(dependency);
        running
            .map(|running| (running.source.own_scripts(), running.source.files.clone()))
            .or_else(read)
    }

    fn check_version(&self, manifest: &Manifest) -> Result<(), Problem> {
        let running = self.manager.running.get(&manifest.id);
        match running.filter(|running| self.manager.is_refused_version(manifest, running)) {
            Some(running) => Err(older_version(manifest, running)),
            None => Ok(()),
        }
    }

    /// The assets that the new VM sees: one that is different has the next version.
    pub(super) fn assets_of(&self, source: &Source) -> Assets {
        let running = self.manager.running.get(source.mod_id());
        let assets = source.files.iter();
        let assets = assets
            .filter(|(path, _)| source.is_asset(path))
            .map(|(path, file)| (path.clone(), next_view(running, path, file)));
        Arc::new(Mutex::new(assets.collect()))
    }
}

impl Source {
    /// Whether the file at `path` is an asset.
    pub(in crate::manager) fn is_asset(&self, path: &str) -> bool {
        let (kind, _) = classify(path, &self.manifest.assets);
        kind == Kind::Asset
    }
}

fn of_mod(mod_id: &ModId, problems: Vec<Problem>) -> Vec<Problem> {
    let problems = problems.into_iter();
    problems.map(|problem| problem.of(mod_id)).collect()
}

/// How the VM sees an asset that is `file` now.
fn next_view(running: Option<&Running>, path: &str, file: &ModFile) -> AssetView {
    let before = running.and_then(|running| {
        let view = running.assets.lock().get(path).copied()?;
        Some((view, running.source.files.get(path)?))
    });
    let version = match before {
        None => 1,
        Some((view, old)) => view.version + u64::from(old.hash != file.hash),
    };
    AssetView {
        version,
        size: file.size,
    }
}

fn older_version(manifest: &Manifest, running: &Running) -> Problem {
    let (new, old) = (&manifest.version, &running.source.manifest.version);
    let because = format!("went from version {old} down to {new}, and version_policy is \"newer\"");
    Problem::error(Code::VERSION_POLICY, because)
        .of(&manifest.id)
        .at(manifest.place.clone())
        .hint("raise the version, or set version_policy = \"any\"")
}
