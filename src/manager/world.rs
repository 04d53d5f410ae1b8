//! What the disk says against what runs, as plain values: the [`World`] that a plan is made from.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::change::{Change, Kind, changes};
use crate::config;
use crate::files::{ContentHash, FileChangeKind, ModFiles};
use crate::manifest::Apply;
use crate::mod_id::ModId;
use crate::problem::Code;
use crate::reload::{self, Absence, Accepted, ChangedFile, Changes, Script, World};

use super::ModManager;
use super::configs::player_path;
use super::follow::ReadMod;
use super::running::{PlayerValues, Running};
use super::suspects::Suspects;

/// What was looked at last of one mod: everything that its files and the player's values say.
pub(super) type Look = (ContentHash, PlayerValues);

impl ModManager {
    /// What runs and what the files say, for a plan.
    pub(super) fn world(&self) -> World {
        self.world_of(&Suspects::All)
    }

    /// The same, of these mods.
    pub(super) fn world_of(&self, mods: &Suspects) -> World {
        let accepted = mods.among(&self.resolution.mods);
        let running = mods.among(&self.running);
        let running_ids = mods.among(&self.running).map(|(mod_id, _)| mod_id);
        let left_out = running_ids.filter(|mod_id| self.left_out(mod_id).is_some());
        let absent = self.resolution.rejected.keys().chain(left_out);
        World {
            changed: self.changed(mods),
            accepted: accepted
                .filter_map(|(mod_id, _)| Some((mod_id.clone(), self.accepted(mod_id)?)))
                .collect(),
            running: running
                .map(|(mod_id, running)| (mod_id.clone(), running.as_planned()))
                .collect(),
            absent: absent
                .filter_map(|mod_id| Some((mod_id.clone(), self.absence(mod_id)?)))
                .collect(),
        }
    }

    fn accepted(&self, mod_id: &ModId) -> Option<Accepted> {
        let accepted = self.resolution.mods.get(mod_id)?;
        let dependencies = self.resolution.dependencies_of(mod_id).into_iter();
        // Whoever can do without a quarantined mod runs on as it is: that one may be back soon.
        let running = self.running.get(mod_id);
        let had = running.into_iter().flat_map(|it| &it.source.dependencies);
        let down = had.filter(|id| self.is_down_for_now(id));
        Some(Accepted {
            position: accepted.position,
            group: accepted.group,
            dependencies: dependencies.chain(down).cloned().collect(),
            was_tried: self.is_left_alone(mod_id),
        })
    }

    /// Why the resolution rejects a mod.
    pub(super) fn absence(&self, mod_id: &ModId) -> Option<Absence> {
        if self.left_out(mod_id).is_some() {
            return Some(Absence::Disabled);
        }
        let rejection = self.resolution.rejected.get(mod_id)?;
        if self.quarantined.contains_key(mod_id) {
            return Some(Absence::Quarantined);
        }
        let mut due_to = vec![rejection.waits_for.as_ref().unwrap_or(&rejection.root)];
        if rejection.code == Code::VERSION_CLASH {
            // Those that say what does not go together, and what it runs with and they want otherwise.
            due_to.extend(rejection.derivation.iter().map(|statement| &statement.by));
            let running = self.running.get(mod_id);
            due_to.extend(running.into_iter().flat_map(|it| &it.source.dependencies));
        }
        due_to.retain(|other| *other != mod_id);
        Some(Absence::Rejected {
            because: rejection.because.as_str().into(),
            due_to: due_to.into_iter().cloned().collect(),
        })
    }

    /// Why the player wants it so that a mod does not run, if that is so; completes "because it …".
    pub(super) fn left_out(&self, mod_id: &ModId) -> Option<String> {
        self.chosen.leaves_out(mod_id, &self.resolution)
    }

    /// Whether these very files were tried, with these dependencies, and did not come up.
    pub(super) fn was_tried(&self, mod_id: &ModId) -> bool {
        let tried = self.tried.get(mod_id);
        tried.is_some_and(|tried| Some(*tried) == self.look_at(mod_id))
    }

    /// Whether a mod that does not run is not tried as it is: it was already, or it pauses.
    pub(super) fn is_left_alone(&self, mod_id: &ModId) -> bool {
        self.was_tried(mod_id) || self.is_paused(mod_id)
    }

    /// Everything that the reading says about a mod, as hashes.
    pub(super) fn look_at(&self, mod_id: &ModId) -> Option<Look> {
        let (_, read) = self.folder_of(mod_id)?;
        Some(self.look_of(mod_id, read))
    }

    /// The same of a mod that may be in another folder.
    pub(super) fn look_of(&self, mod_id: &ModId, read: &ReadMod) -> Look {
        (read.files.hash(), self.player_values(mod_id))
    }

    /// Remembers that a mod was looked at as it is now.
    pub(super) fn mark_looked(&mut self, mod_id: &ModId) {
        match self.look_at(mod_id) {
            Some(look) => drop(self.looked.insert(mod_id.clone(), look)),
            None => drop(self.looked.remove(mod_id)),
        }
    }

    /// Whether a mod was looked at as it is now.
    pub(super) fn is_looked_at(&self, mod_id: &ModId) -> bool {
        let look = self.look_at(mod_id);
        look.is_some() && self.looked.get(mod_id).copied() == look
    }

    /// Remembers that a mod was tried as it is now, in vain.
    pub(super) fn mark_tried(&mut self, mod_id: &ModId) {
        if let Some(look) = self.look_at(mod_id) {
            self.tried.insert(mod_id.clone(), look);
        }
        if let Some((_, read)) = self.folder_of(mod_id) {
            let files = read.files.clone();
            self.refused.insert(mod_id.clone(), files);
        }
    }

    /// Whether the code on disk is the one that was refused: then config and assets can change beside it.
    pub(super) fn has_refused_code(
        &self,
        mod_id: &ModId,
        read: &ReadMod,
        assets: &[String],
    ) -> bool {
        let Some(refused) = self.refused.get(mod_id) else {
            return false;
        };
        let since = changes(refused, &read.files, assets);
        since.iter().all(|change| change.kind <= Kind::Config)
    }

    /// Those of `mods` whose files are not those that were looked at last, with all that differs from what runs.
    pub(super) fn changed(&self, mods: &Suspects) -> BTreeMap<ModId, Changes> {
        let running = mods.among(&self.running);
        running
            .filter_map(|(mod_id, running)| Some((mod_id.clone(), self.changes_of(running)?)))
            .collect()
    }

    /// How the files of a running mod differ, if they do and were not looked at as they are.
    fn changes_of(&self, running: &Running) -> Option<Changes> {
        let mod_id = running.source.mod_id();
        let (_, read) = self.folder_of(mod_id)?;
        let player = self.player_values(mod_id);
        let is_same = self.is_what_runs(running, read, player);
        if is_same || self.looked.get(mod_id) == Some(&(read.files.hash(), player)) {
            return None;
        }
        let mut files = changed_files(running, read);
        files.extend(self.changed_player_files(running, player));
        let is_refused = self.has_refused_code(mod_id, read, &running.source.manifest.assets);
        if is_refused || self.is_paused(mod_id) {
            files.retain(|file| file.kind <= Kind::Config);
        }
        if files.is_empty() {
            return None;
        }
        let has_config = files.iter().any(|file| file.kind == Kind::Config);
        let reload_keys = if has_config {
            self.keys_that_reload(running, &read.files)
        } else {
            Vec::new()
        };
        Some(Changes { files, reload_keys })
    }

    /// Which of the player's files have other values for a running mod.
    fn changed_player_files(
        &self,
        running: &Running,
        player: PlayerValues,
    ) -> impl Iterator<Item = ChangedFile> {
        let had = running.player;
        let own = file_change(had.file, player.file)
            .map(|change| (player_path(running.source.mod_id()), change));
        let profile =
            file_change(had.profile, player.profile).map(|change| (self.profile_file(), change));
        own.into_iter()
            .chain(profile)
            .map(|(path, change)| ChangedFile {
                path,
                kind: Kind::Config,
                change,
            })
    }

    /// The config values that differ and can't be applied in place.
    fn keys_that_reload(&self, running: &Running, files: &ModFiles) -> Vec<Arc<str>> {
        let (values, _) = self.config_of(&running.source.manifest, files);
        config::diff(&running.source.config, &values)
            .into_iter()
            .filter(|change| change.apply == Apply::Reload)
            .map(|change| change.key.into())
            .collect()
    }

    /// The folder of a mod and what was read there: the one that the resolution chose, else the one that
    /// it runs from, else the one that was quarantined or rejected, else one that says so.
    pub(super) fn folder_of(&self, mod_id: &ModId) -> Option<(&Arc<str>, &Arc<ReadMod>)> {
        let mods = &self.reading.mods;
        let accepted = self.resolution.mods.get(mod_id);
        let of_running = || {
            let running = self.running.get(mod_id)?;
            Some(&**running.source.files.folder())
        };
        let of_quarantined = || {
            self.quarantined.get(mod_id)?;
            Some(&**self.refused.get(mod_id)?.folder())
        };
        let of_rejected = || Some(self.resolution.rejected.get(mod_id)?.folder.as_str());
        let folder = accepted
            .map(|accepted| accepted.folder.as_str())
            .or_else(of_running)
            .or_else(of_quarantined)
            .or_else(of_rejected);
        let says_so = |(_, read): &(&Arc<str>, &Arc<ReadMod>)| read.mod_id.as_ref() == Some(mod_id);
        folder
            .and_then(|folder| mods.get_key_value(folder))
            .or_else(|| mods.iter().find(says_so))
    }

    /// The generation that runs, 0 if none does.
    pub(super) fn generation_of(&self, mod_id: &ModId) -> u64 {
        self.running.get(mod_id).map_or(0, Running::generation)
    }
}

/// How wide the effect of changes may be.
pub(super) fn widest_kind(changes: &Changes) -> Kind {
    let kinds = changes.files.iter().map(|file| file.kind);
    kinds.max().unwrap_or(Kind::Asset)
}

fn changed_files(running: &Running, read: &ReadMod) -> Vec<ChangedFile> {
    let manifest = read.manifest.as_ref().unwrap_or(&running.source.manifest);
    let changed = |change: Change| ChangedFile {
        path: change.path,
        kind: change.kind,
        change: change.file_change,
    };
    changes(&running.source.files, &read.files, &manifest.assets)
        .into_iter()
        .map(changed)
        .collect()
}

/// What has happened to values that the player gave.
fn file_change(before: Option<ContentHash>, now: Option<ContentHash>) -> Option<FileChangeKind> {
    match (before, now) {
        (before, now) if before == now => None,
        (None, _) => Some(FileChangeKind::Added),
        (_, None) => Some(FileChangeKind::Deleted),
        _ => Some(FileChangeKind::Edited),
    }
}

impl Running {
    /// What a plan has to know of it.
    fn as_planned(&self) -> reload::Running {
        let own_id = self.source.mod_id();
        let since = &self.missed_since;
        // This is asked of every mod whenever one is edited: nothing is copied but what is needed.
        let modules = self.vm.look_at_modules();
        let loaded = || modules.loaded.iter().chain(&since.loaded);
        let own = loaded().filter(|(mod_id, _)| mod_id == own_id);
        let borrowed = loaded().filter(|(mod_id, _)| mod_id != own_id);
        let missed = modules.missing.iter().chain(&since.missing);
        reload::Running {
            generation: self.generation(),
            position: self.position,
            dependencies: self.source.dependencies.clone(),
            scripts: own.map(|(_, path)| path.clone()).collect(),
            borrowed: borrowed.map(script).collect(),
            missed: missed.map(script).collect(),
            state_version: self.vm.state_version(),
        }
    }
}

fn script((mod_id, path): &(ModId, Arc<str>)) -> Script {
    Script {
        mod_id: mod_id.clone(),
        path: path.clone(),
    }
}
