//! [`Suspects`]: which mods may be others than the disk says, so that one edit among a thousand mods looks at one.
//!
//! A mod that is no suspect is accepted and runs, with exactly the files, the values and the dependencies that
//! the reading has. Whatever could end that makes it a suspect again: a reading with other files of it, a switch,
//! another resolution. In doubt all are. So what is left out is what a look at everything would not find either;
//! builds with debug assertions look at everything, too, and compare.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::mod_id::ModId;
use crate::reload::{ReloadRequest, World};

use super::ModManager;
use super::follow::{ReadMod, Reading};
use super::running::{PlayerValues, Running};

/// Which mods may be others than the disk says.
#[derive(Debug, Default)]
pub(super) enum Suspects {
    /// Used at the start, and after everything that concerns more than a few.
    #[default]
    All,
    /// Used while the others are known to be as the disk says.
    These(BTreeSet<ModId>),
}

/// How a reading differs from the one before.
#[derive(Default)]
pub(super) struct News {
    /// The folders that are in both and have other files: as they were read before.
    changed: Vec<(Arc<str>, Arc<ReadMod>)>,
    /// Whether a folder came or went, or has another manifest.
    pub(super) has_other_manifests: bool,
}

impl Suspects {
    pub(super) fn add(&mut self, mod_id: &ModId) {
        if let Suspects::These(these) = self {
            these.insert(mod_id.clone());
        }
    }

    /// Those of `mods` that are suspects, in the order of their ids.
    pub(super) fn among<'a, T>(
        &'a self,
        mods: &'a BTreeMap<ModId, T>,
    ) -> Box<dyn Iterator<Item = (&'a ModId, &'a T)> + 'a> {
        match self {
            Suspects::All => Box::new(mods.iter()),
            Suspects::These(these) => {
                Box::new(these.iter().filter_map(|id| mods.get_key_value(id)))
            }
        }
    }
}

impl News {
    /// What is different in `now`.
    pub(super) fn between(before: &Reading, now: &Reading) -> News {
        let mut news = News::default();
        if before.mods.len() != now.mods.len() {
            news.has_other_manifests = true;
            return news;
        }
        for ((folder, old), (name, new)) in before.mods.iter().zip(now.mods.iter()) {
            let is_same_folder = Arc::ptr_eq(folder, name) || folder == name;
            if is_same_folder && Arc::ptr_eq(old, new) {
                continue;
            }
            let manifests = (old.usable(), new.usable());
            news.has_other_manifests |= match manifests {
                (Some(a), Some(b)) => !is_same_folder || !Arc::ptr_eq(a, b),
                _ => true,
            };
            news.changed.push((folder.clone(), old.clone()));
        }
        news
    }

    /// The mods whose files are others, if nothing but files is.
    fn mods(&self) -> Option<impl Iterator<Item = &ModId>> {
        let mods = self.changed.iter();
        (!self.has_other_manifests).then(|| mods.filter_map(|(_, read)| read.mod_id.as_ref()))
    }
}

impl ModManager {
    /// The mods that must not be taken over from a reading with this news, as far as they may be in it.
    pub(super) fn switched_off_in(&self, news: &News) -> Vec<ModId> {
        let is_off = |running: &Running| running.source.manifest.hot_reload.enabled == Some(false);
        match (&self.suspects, news.mods()) {
            (Suspects::These(these), Some(mods)) => mods
                .chain(these)
                .filter(|mod_id| self.running.get(*mod_id).is_some_and(is_off))
                .cloned()
                .collect(),
            _ => {
                let running = self.running.iter();
                let off = running.filter(|(_, running)| is_off(running));
                off.map(|(mod_id, _)| mod_id.clone()).collect()
            }
        }
    }

    /// What a reading with this news has made others: to be called when it was taken over.
    pub(super) fn suspect_news(&mut self, news: &News, before: &Reading) {
        let Some(mods) = news.mods() else {
            self.suspects = Suspects::All;
            return;
        };
        mods.for_each(|mod_id| self.suspects.add(mod_id));
        let (old, new) = (&before.player_config, &self.reading.player_config);
        let names: BTreeSet<&String> = old.keys().chain(new.keys()).collect();
        for name in names {
            let [had, has] = [old, new].map(|files| files.get(name).map(|file| file.hash));
            if let Ok(mod_id) = name.parse()
                && had != has
            {
                self.suspects.add(&mod_id);
            }
        }
        if before.profiles != self.reading.profiles {
            self.suspects = Suspects::All;
        }
    }

    /// Clears those of which it is sure that they are as the disk says.
    pub(super) fn clear_suspects(&mut self) {
        let ids: Vec<ModId> = match &self.suspects {
            Suspects::These(these) => these.iter().cloned().collect(),
            Suspects::All => {
                let rejected = self.resolution.rejected.keys();
                let known = self.running.keys().chain(self.resolution.mods.keys());
                known.chain(rejected).cloned().collect()
            }
        };
        let left = ids.into_iter().filter(|mod_id| !self.is_as_on_disk(mod_id));
        self.suspects = Suspects::These(left.collect());
    }

    /// Whether a mod is no suspect.
    fn is_as_on_disk(&self, mod_id: &ModId) -> bool {
        let (Some(running), Some(accepted)) =
            (self.running.get(mod_id), self.resolution.mods.get(mod_id))
        else {
            return false;
        };
        let Some(read) = self.reading.mods.get(accepted.folder.as_str()) else {
            return false;
        };
        let dependencies = self.resolution.dependencies_of(mod_id);
        let missed = &running.missed_since;
        read.mod_id.as_ref() == Some(mod_id)
            && self.is_what_runs(running, read, self.player_values(mod_id))
            && dependencies.into_iter().eq(&running.source.dependencies)
            && missed.loaded.is_empty()
            && missed.missing.is_empty()
            && !self.is_left_alone(mod_id)
            && !self.quarantined.contains_key(mod_id)
    }

    /// Whether a mod runs with the very files and values that were read.
    pub(super) fn is_what_runs(
        &self,
        running: &Running,
        read: &ReadMod,
        player: PlayerValues,
    ) -> bool {
        Arc::ptr_eq(&read.files, &running.source.files) && player == running.player
    }

    /// Whether a look at all mods finds nothing that the suspects don't have.
    pub(super) fn is_nobody_overlooked(&self) -> bool {
        let Suspects::These(these) = &self.suspects else {
            return true;
        };
        let changed = self.changed(&Suspects::All);
        let absent = self
            .running
            .keys()
            .filter(|id| !self.resolution.accepts(id));
        let accepted = self.resolution.mods.keys();
        let arriving = accepted.filter(|id| !self.running.contains_key(*id));
        let mut different = changed.keys().chain(absent).chain(arriving);
        different.all(|mod_id| these.contains(mod_id))
    }

    /// As [`ModManager::world`], with no more mods than a plan for these requests can look at.
    pub(super) fn world_around(&self, requests: &[ReloadRequest]) -> World {
        let Suspects::These(these) = &self.suspects else {
            return self.world();
        };
        let mut next: Vec<&ModId> = these.iter().collect();
        next.extend(requests.iter().map(|request| &request.mod_id));
        let mut scope = BTreeSet::new();
        while let Some(mod_id) = next.pop() {
            // Most have nothing to do with each other, and where nearly all have, it does not matter.
            if scope.contains(mod_id) {
                continue;
            }
            scope.insert(mod_id.clone());
            next.extend(self.resolution.dependents_of(mod_id));
            next.extend(self.resolution.group_of(mod_id));
        }
        self.world_of(&Suspects::These(scope))
    }
}
