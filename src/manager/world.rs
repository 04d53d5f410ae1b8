//! What the disk says against what runs: a reading is resolved and told to the plan as a [`World`].

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use crate::change::{Kind, changes};
use crate::config::{self, ConfigValues};
use crate::files::{ContentHash, FileChangeKind, ModFiles};
use crate::lua::LoadedModules;
use crate::manifest::{Apply, Manifest};
use crate::mod_id::ModId;
use crate::problem::{Code, Problem};
use crate::reload::{Absence, Accepted, Cause, ChangedFile, Changes, ReloadRequest, Script, World};
use crate::resolve::{Candidate, Rules, resolve};
use crate::settings::VersionPolicy;

use super::ModManager;
use super::follow::{ReadMod, Reading};
use super::running::Running;

/// What was looked at last of one mod: everything that its files and the player's values say.
pub(super) type Look = (ContentHash, Option<ContentHash>);

impl ModManager {
    /// Takes a reading over and asks for the mods that are different.
    pub(super) fn take_in(&mut self, mut reading: Reading) {
        self.answered = self.answered.max(reading.ticket);
        self.times = reading.times;
        self.times.detect = reading
            .times
            .finished
            .map_or(Duration::ZERO, |finished| finished.elapsed());
        if !self.asked_for(reading.ticket) {
            self.leave_unwatched_as_they_are(&mut reading);
        }
        if reading.attempt > 0 {
            self.tell_retry(reading.attempt);
        }
        let has_settings_changed = *self.reading.settings != *reading.settings;
        self.reading = reading;
        if has_settings_changed || !self.is_loaded {
            self.hub.set_settings(&self.reading.settings);
            self.queue =
                crate::reload::ReloadQueue::new(&self.reading.settings.hot_reload.reload_queue);
        }
        self.resolve_reading();
        self.set_delays();
        self.ask_for_what_is_different();
    }

    /// Whether somebody asked for the reading with this ticket, so that nothing is left out of it.
    fn asked_for(&self, ticket: u64) -> bool {
        ticket > 0 && ticket >= self.asked_ticket
    }

    fn leave_unwatched_as_they_are(&self, reading: &mut Reading) {
        for mod_id in &self.unwatched {
            let Some((folder, known)) = self.folder_of(mod_id) else {
                continue;
            };
            reading.mods.insert(folder.clone(), known.clone());
        }
    }

    fn tell_retry(&mut self, attempt: u32) {
        let running: Vec<ModId> = self.running.keys().cloned().collect();
        if let Some(hook) = &mut self.hooks.on_retry {
            let broken = self
                .reading
                .problems
                .iter()
                .filter_map(|problem| problem.mod_id.clone());
            let broken: BTreeSet<ModId> =
                broken.filter(|mod_id| running.contains(mod_id)).collect();
            broken.iter().for_each(|mod_id| hook(mod_id, attempt));
        }
    }

    /// Mods may have a quiet time of their own.
    fn set_delays(&mut self) {
        let delay_of = |read: &ReadMod| read.manifest.as_ref()?.hot_reload.debounce_delay;
        let delays: BTreeMap<Arc<str>, Duration> = self
            .reading
            .mods
            .iter()
            .filter_map(|(folder, read)| {
                Some((folder.clone(), Duration::from_millis(delay_of(read)?)))
            })
            .collect();
        if delays != self.delays {
            self.follower.set_delays(delays.clone());
            self.delays = delays;
        }
    }

    /// Resolves the manifests of the reading, if they are others than before.
    fn resolve_reading(&mut self) {
        let candidates = self.candidates();
        let is_same = candidates.len() == self.resolved.len()
            && candidates
                .iter()
                .zip(&self.resolved)
                .all(|(a, b)| a.0 == b.0 && Arc::ptr_eq(&a.1, &b.1));
        if is_same && self.is_loaded {
            return;
        }
        let rules = Rules::from(&self.reading.settings.hot_reload.dependencies);
        let list: Vec<Candidate<'_>> = candidates
            .iter()
            .map(|(folder, manifest)| {
                let read = self.reading.mods.get(folder);
                let read = read.filter(|read| {
                    read.manifest
                        .as_ref()
                        .is_some_and(|read| Arc::ptr_eq(read, manifest))
                });
                Candidate {
                    manifest,
                    folder,
                    error: read.and_then(ReadMod::error),
                }
            })
            .collect();
        self.resolution = resolve(&list, self.host_api.as_ref(), &rules);
        self.resolved = candidates;
        self.tell_who_is_present();
    }

    fn tell_who_is_present(&self) {
        let mut present: BTreeMap<ModId, ModId> = BTreeMap::new();
        for (name, providers) in &self.resolution.provided {
            present.extend(
                providers
                    .first()
                    .map(|provider| (name.clone(), provider.clone())),
            );
        }
        present.extend(
            self.resolution
                .order
                .iter()
                .map(|mod_id| (mod_id.clone(), mod_id.clone())),
        );
        present.retain(|_, mod_id| {
            !self.tried.contains_key(mod_id) || self.running.contains_key(mod_id)
        });
        self.hub.set_present(present);
    }

    /// What can be resolved: the manifests of the reading. Where a running mod's own can't be used as it is
    /// now, the one that it runs with stands in, so that a typo does not take the mods away that need it.
    fn candidates(&self) -> Vec<(Arc<str>, Arc<Manifest>)> {
        let of = |(folder, read): (&Arc<str>, &ReadMod)| {
            let running = self
                .running
                .values()
                .find(|running| running.source.files.folder() == folder);
            let stands_in = || running.map(|running| running.source.manifest.clone());
            let usable = read.usable().filter(|new| {
                !running.is_some_and(|running| self.is_refused_version(new, running))
            });
            let manifest = usable
                .cloned()
                .or_else(stands_in)
                .or_else(|| read.manifest.clone());
            Some((folder.clone(), manifest?))
        };
        self.reading.mods.iter().filter_map(of).collect()
    }

    pub(super) fn is_refused_version(&self, new: &Manifest, running: &Running) -> bool {
        self.reading.settings.hot_reload.version_policy == VersionPolicy::Newer
            && new.id == running.source.manifest.id
            && new.version < running.source.manifest.version
    }

    fn ask_for_what_is_different(&mut self) {
        let now = self.start.elapsed();
        let mut requests = Vec::new();
        for (mod_id, changes) in self.changed() {
            let kind = changes
                .files
                .iter()
                .map(|file| file.kind)
                .max()
                .unwrap_or(Kind::Asset);
            for file in &changes.files {
                let cause = Cause::FileChanged {
                    path: file.path.clone(),
                    change: file.change,
                };
                requests.push(ReloadRequest::new(mod_id.clone(), kind, cause, now));
            }
        }
        for mod_id in self
            .resolution
            .order
            .iter()
            .filter(|mod_id| !self.running.contains_key(*mod_id))
        {
            if !self.was_tried(mod_id) {
                let cause = Cause::ResolutionChanged;
                requests.push(ReloadRequest::new(mod_id.clone(), Kind::Full, cause, now));
            }
        }
        for mod_id in self
            .running
            .keys()
            .filter(|mod_id| !self.resolution.accepts(mod_id))
        {
            if self.absence(mod_id).is_none() {
                requests.push(ReloadRequest::new(
                    mod_id.clone(),
                    Kind::Full,
                    Cause::Removed,
                    now,
                ));
            }
        }
        // Requests of one reading are one batch, however many: they go past the limit of the queue, which
        // is there against piling up.
        self.batch.extend(requests);
    }

    /// What runs and what the files say, for a plan.
    pub(super) fn world(&self) -> World {
        let mut world = World {
            changed: self.changed(),
            ..World::default()
        };
        for (mod_id, accepted) in &self.resolution.mods {
            let dependencies = self
                .resolution
                .dependencies_of(mod_id)
                .into_iter()
                .cloned()
                .collect();
            let accepted = Accepted {
                position: accepted.position,
                group: accepted.group,
                dependencies,
                was_tried: self.was_tried(mod_id),
            };
            world.accepted.insert(mod_id.clone(), accepted);
        }
        for (mod_id, running) in &self.running {
            world.running.insert(mod_id.clone(), running.as_planned());
            if let Some(absence) = self.absence(mod_id) {
                world.absent.insert(mod_id.clone(), absence);
            }
        }
        for mod_id in self.resolution.rejected.keys() {
            world.absent.extend(
                self.absence(mod_id)
                    .map(|absence| (mod_id.clone(), absence)),
            );
        }
        world
    }

    fn absence(&self, mod_id: &ModId) -> Option<Absence> {
        let rejection = self.resolution.rejected.get(mod_id)?;
        let due_to = rejection
            .waits_for
            .clone()
            .or_else(|| Some(rejection.root.clone()));
        Some(Absence::Rejected {
            because: rejection.because.as_str().into(),
            due_to: due_to.filter(|due_to| due_to != mod_id),
        })
    }

    /// Whether these very files were tried, with these dependencies, and did not come up.
    fn was_tried(&self, mod_id: &ModId) -> bool {
        self.tried
            .get(mod_id)
            .is_some_and(|tried| Some(tried) == self.look_at(mod_id).as_ref())
    }

    /// Everything that the reading says about a mod, as hashes.
    pub(super) fn look_at(&self, mod_id: &ModId) -> Option<Look> {
        let (_, read) = self.folder_of(mod_id)?;
        let player = self
            .reading
            .player_config
            .get(mod_id.as_str())
            .map(|file| file.hash);
        Some((read.files.hash(), player))
    }

    /// The mods whose files are not those that were looked at last, with all that differs from what runs.
    fn changed(&self) -> BTreeMap<ModId, Changes> {
        let mut changed = BTreeMap::new();
        for (mod_id, running) in &self.running {
            let Some((_, read)) = self.folder_of(mod_id) else {
                continue;
            };
            let player = self
                .reading
                .player_config
                .get(mod_id.as_str())
                .map(|file| file.hash);
            let is_same =
                Arc::ptr_eq(&read.files, &running.source.files) && player == running.player_config;
            if is_same || self.looked.get(mod_id) == Some(&(read.files.hash(), player)) {
                continue;
            }
            let changes = self.changes_of(running, read, player);
            if !changes.files.is_empty() {
                changed.insert(mod_id.clone(), changes);
            }
        }
        changed
    }

    fn changes_of(
        &self,
        running: &Running,
        read: &ReadMod,
        player: Option<ContentHash>,
    ) -> Changes {
        let assets = &read
            .manifest
            .as_ref()
            .unwrap_or(&running.source.manifest)
            .assets;
        let changed = |change: crate::change::Change| ChangedFile {
            path: change.path,
            kind: change.kind,
            change: change.file_change,
        };
        let mut files: Vec<ChangedFile> = changes(&running.source.files, &read.files, assets)
            .into_iter()
            .map(changed)
            .collect();
        let mod_id = running.source.mod_id();
        if player != running.player_config {
            let change = match (running.player_config, player) {
                (None, _) => FileChangeKind::Added,
                (_, None) => FileChangeKind::Deleted,
                _ => FileChangeKind::Edited,
            };
            files.push(ChangedFile {
                path: player_path(mod_id),
                kind: Kind::Config,
                change,
            });
        }
        let mut reload_keys = Vec::new();
        if files.iter().any(|file| file.kind == Kind::Config) {
            let (values, _) = self.config_of(&running.source.manifest, &read.files);
            let differences = config::diff(&running.source.config, &values);
            let needs_reload = differences
                .into_iter()
                .filter(|change| change.apply == Apply::Reload);
            reload_keys.extend(needs_reload.map(|change| Arc::from(change.key)));
        }
        Changes { files, reload_keys }
    }

    /// The folder of a mod and what was read there: the one that the resolution chose, else the one that
    /// it runs from, else one that says so.
    pub(super) fn folder_of(&self, mod_id: &ModId) -> Option<(&Arc<str>, &ReadMod)> {
        let chosen = self
            .resolution
            .mods
            .get(mod_id)
            .map(|accepted| accepted.folder.as_str());
        let runs_from = || {
            self.running
                .get(mod_id)
                .map(|running| &**running.source.files.folder())
        };
        let by_name = chosen
            .or_else(runs_from)
            .and_then(|folder| self.reading.mods.get_key_value(folder));
        by_name.or_else(|| {
            self.reading
                .mods
                .iter()
                .find(|(_, read)| read.mod_id.as_ref() == Some(mod_id))
        })
    }

    /// The effective config values of a mod.
    pub(super) fn config_of(
        &self,
        manifest: &Manifest,
        files: &ModFiles,
    ) -> (ConfigValues, Vec<Problem>) {
        let own_path = files.display_path("config.toml");
        let own = files
            .content("config.toml")
            .map(|text| (&**text, &*own_path));
        let player_path = player_path(&manifest.id);
        let player = self.reading.player_config.get(manifest.id.as_str());
        let player = player
            .and_then(|file| file.content.as_ref())
            .map(|text| (&**text, &*player_path));
        let (values, problems) = config::layer(&manifest.config, own, player);
        (
            values,
            problems
                .into_iter()
                .map(|problem| problem.of(&manifest.id))
                .collect(),
        )
    }

    /// Everything that is wrong now, with the files, the manifests, the resolution and the mods.
    pub(super) fn all_problems(&self) -> Vec<Problem> {
        let mut problems = self.reading.problems.clone();
        for read in self.reading.mods.values() {
            problems.extend(read.problems.iter().cloned());
        }
        problems.extend(self.resolution.problems.iter().cloned());
        problems.extend(self.troubles.values().flatten().cloned());
        for running in self.running.values() {
            problems.extend(
                self.config_of(&running.source.manifest, &running.source.files)
                    .1,
            );
        }
        let unknown = self.player_configs_of_nobody();
        problems.extend(unknown);
        problems
    }

    fn player_configs_of_nobody(&self) -> Vec<Problem> {
        let is_known = |id: &str| {
            self.reading
                .mods
                .values()
                .any(|read| read.mod_id.as_ref().is_some_and(|m| m.as_str() == id))
        };
        let of = |id: &String| {
            let problem = Problem::warning(
                Code::CONFIG_REFUSED,
                format!("has values for {id}, a mod that is not there"),
            );
            problem.at(crate::problem::Place::file(format!("config/{id}.toml")))
        };
        self.reading
            .player_config
            .keys()
            .filter(|id| !is_known(id))
            .map(of)
            .collect()
    }
}

/// The player's file as people see it.
pub(super) fn player_path(mod_id: &ModId) -> Arc<str> {
    format!("config/{mod_id}.toml").into()
}

impl Running {
    fn as_planned(&self) -> crate::reload::Running {
        let LoadedModules { loaded, missing } = self.vm.loaded_modules();
        let own_id = self.source.mod_id();
        let script = |(mod_id, path): &(ModId, Arc<str>)| Script {
            mod_id: mod_id.clone(),
            path: path.clone(),
        };
        let is_own = |(mod_id, _): &&(ModId, Arc<str>)| mod_id == own_id;
        crate::reload::Running {
            generation: self.generation(),
            position: self.position,
            dependencies: self.source.dependencies.clone(),
            scripts: loaded
                .iter()
                .filter(is_own)
                .map(|(_, path)| path.clone())
                .collect(),
            borrowed: loaded
                .iter()
                .filter(|entry| !is_own(entry))
                .map(script)
                .collect(),
            missed: missing
                .iter()
                .chain(&self.missed_since.missing)
                .chain(&self.missed_since.loaded)
                .map(script)
                .collect(),
        }
    }
}
