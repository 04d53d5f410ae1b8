//! What the player has chosen: the active profile, as its file says, and the lock that nothing may drift from.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::Arc;

use crate::disk::{self, Roots};
use crate::files::{ContentHash, ModFile};
use crate::mod_id::ModId;
use crate::problem::{Code, Place, Problem};
use crate::profile::{LOCK_BYTES_MAX, LOCK_FILE, Lock, LockedMod, Profile, ProfileName};
use crate::reload::ReloadReport;
use crate::resolve::{Resolution, Rules};

use super::ModManager;
use super::follow::Mods;
use super::running::PlayerValues;
use super::suspects::Suspects;

/// What the player has chosen.
#[derive(Default)]
pub(super) struct Chosen {
    active: Option<ProfileName>,
    /// The profile that was active last: what goes with it is told by its name.
    last: Option<ProfileName>,
    /// What the active profile says, or said when its file could last be used.
    pub(super) profile: Profile,
    /// The content that it was read from.
    file: Option<ContentHash>,
    /// Why the file, as it is now, is not used.
    problems: Vec<Problem>,
    /// What may run, exactly, if that matters.
    lock: Option<Lock>,
    /// How the files on disk are different from that.
    drift: Vec<Problem>,
}

/// What goes on while the files drift from the lock.
pub(super) struct Undrifted {
    mods: Arc<Mods>,
    profile: Profile,
    file: Option<ContentHash>,
}

impl Chosen {
    /// With the profile of that name on, and with its lock if only what is locked may run.
    ///
    /// # Errors
    /// The profile is not there or has errors, or so the lock.
    pub(super) fn new(
        roots: &Roots,
        name: Option<&ProfileName>,
        is_locked: bool,
    ) -> Result<Chosen, Vec<Problem>> {
        let mut chosen = Chosen {
            active: name.cloned(),
            last: name.cloned(),
            lock: is_locked.then(|| read_lock(roots, name)).transpose()?,
            ..Chosen::default()
        };
        if let Some(name) = name {
            let text =
                disk::read_profile(&roots.profiles, name).map_err(|problem| vec![*problem])?;
            chosen.take(&ModFile::text(text), name)?;
        }
        Ok(chosen)
    }

    /// Takes the content of the active profile over.
    fn take(&mut self, file: &ModFile, name: &ProfileName) -> Result<(), Vec<Problem>> {
        if self.file == Some(file.hash) {
            return Ok(());
        }
        let text = file.content.as_deref().unwrap_or_default();
        let (profile, problems) = Profile::parse(text, &name.file());
        if problems.iter().any(Problem::is_error) {
            return Err(problems);
        }
        (self.profile, self.file) = (profile, Some(file.hash));
        Ok(())
    }

    /// Whether a mod does not run because the player wants it so, as it was resolved; completes "because it …".
    pub(super) fn leaves_out(&self, mod_id: &ModId, resolution: &Resolution) -> Option<String> {
        let name = self.active.as_ref()?;
        if resolution.unneeded.contains(mod_id) {
            return Some(format!("is not asked for in the profile `{name}`"));
        }
        let rejection = resolution.rejected.get(mod_id)?;
        if rejection.code == Code::DISABLED {
            return Some(format!("{} in the profile `{name}`", rejection.because));
        }
        // A pre-release that nobody asks for has the same code, and no pin.
        let pin = self.profile.pins.get(mod_id)?;
        (rejection.code == Code::WRONG_PINNED_VERSION)
            .then(|| format!("is pinned to {pin} in the profile `{name}`"))
    }
}

/// Where the lock of a profile, or of the whole folder, is.
fn lock_path(roots: &Roots, name: Option<&ProfileName>) -> (PathBuf, String) {
    match name {
        Some(name) => {
            let file = format!("{name}.lock");
            (roots.profiles.join(&file), format!("profiles/{file}"))
        }
        None => (roots.mods.join(LOCK_FILE), LOCK_FILE.to_owned()),
    }
}

fn read_lock(roots: &Roots, name: Option<&ProfileName>) -> Result<Lock, Vec<Problem>> {
    let (path, shown) = lock_path(roots, name);
    let text = disk::read_file_limited(&path, LOCK_BYTES_MAX as u64).map_err(|error| {
        let problem = match error.kind() {
            std::io::ErrorKind::NotFound => {
                let because = "is to be what is locked, and there is no lock";
                Problem::error(Code::NO_LOCK, because).hint("write one with `lunation lock`")
            }
            _ => {
                let because = format!("can't be read: {error}");
                Problem::error(Code::UNREADABLE, because).hint("write it anew with `lunation lock`")
            }
        };
        vec![problem.at(Place::file(shown.clone()))]
    })?;
    Lock::parse(&text, &shown)
}

impl ModManager {
    /// The profile that is on.
    pub fn profile(&self) -> Option<&ProfileName> {
        self.chosen.active.as_ref()
    }

    /// What the active profile says; chooses nothing where none is on.
    pub fn chosen(&self) -> &Profile {
        &self.chosen.profile
    }

    /// The profiles that there are, by name.
    pub fn profiles(&self) -> Vec<ProfileName> {
        disk::list_profiles(&self.roots.profiles)
    }

    /// Puts another profile on, or none, and does what follows: mods come, go, change their version or their
    /// values, as after any other change.
    ///
    /// # Errors
    /// The profile is not there or has errors; or only what is locked may run, and what it asks for is not. All
    /// stays as it was then.
    pub fn set_profile(
        &mut self,
        name: Option<&ProfileName>,
    ) -> Result<Vec<ReloadReport>, Problem> {
        let is_locked = self.chosen.lock.is_some();
        let mut chosen = Chosen::new(&self.roots, name, is_locked).map_err(first)?;
        chosen.last = chosen.last.or_else(|| self.chosen.last.clone());
        let before = std::mem::replace(&mut self.chosen, chosen);
        self.suspects = Suspects::All;
        if self.is_loaded {
            let drift = self.drift_of(&self.resolve_now());
            if let Some(problem) = drift.into_iter().next() {
                self.chosen = before;
                return Err(problem);
            }
        }
        Ok(match self.is_loaded {
            true => self.check_updates(),
            false => Vec::new(),
        })
    }

    /// What runs, exactly, as a lock has it.
    pub fn lock(&self) -> Lock {
        self.lock_of(&self.resolution)
    }

    /// Writes [`ModManager::lock`] where `locked` looks for it: into `lunation.lock` in the mods folder, or
    /// beside the active profile. Returns that file as people see it.
    ///
    /// # Errors
    /// The file can't be written, or would be larger than what is read again.
    pub fn write_lock(&self) -> Result<String, Problem> {
        let (path, shown) = lock_path(&self.roots, self.profile());
        let lock = self.lock();
        let text = lock.text();
        if text.len() > LOCK_BYTES_MAX {
            let because = format!(
                "would have more than {LOCK_BYTES_MAX} bytes for {} mods",
                lock.mods.len()
            );
            let problem = Problem::error(Code::TOO_LARGE, because).at(Place::file(shown));
            return Err(problem.hint("lock a profile that asks for fewer mods"));
        }
        let written = disk::write_atomic(&path, text.as_bytes());
        written.map_err(|error| {
            let because = format!("can't be written: {}", error.kind());
            let problem = Problem::error(Code::UNREADABLE, because);
            problem
                .at(Place::file(shown.clone()))
                .hint("look at the permissions of the folder that it is in")
        })?;
        Ok(shown)
    }

    /// How the files on disk differ from the lock, where only what is locked may run: so nothing of them is taken
    /// over.
    pub fn drift(&self) -> &[Problem] {
        &self.chosen.drift
    }

    /// How what there is differs from its lock, all at once: nothing if it does not.
    ///
    /// # Errors
    /// There is no lock, or it can't be used.
    pub fn compare_with_lock(&self) -> Result<Vec<Problem>, Vec<Problem>> {
        let lock = read_lock(&self.roots, self.profile())?;
        Ok(self.drift_from(&lock, &self.resolution))
    }

    fn lock_of(&self, resolution: &Resolution) -> Lock {
        let host = self.host_api.as_ref();
        let mods = resolution.mods.iter().filter_map(|(mod_id, accepted)| {
            let read = self.reading.mods.get(accepted.folder.as_str())?;
            Some((
                mod_id.clone(),
                LockedMod::new(&accepted.version, &read.files),
            ))
        });
        Lock {
            host: host.map(|host| host.version.clone()),
            mods: mods.collect(),
        }
    }

    fn drift_from(&self, lock: &Lock, resolution: &Resolution) -> Vec<Problem> {
        let read = self.reading.mods.values();
        let present: BTreeSet<&ModId> = read.filter_map(|read| read.mod_id.as_ref()).collect();
        lock.drift(&self.lock_of(resolution), resolution, &present)
    }

    /// How a resolution drifts from the lock, if only what is locked may run.
    fn drift_of(&self, resolution: &Resolution) -> Vec<Problem> {
        let lock = self.chosen.lock.as_ref();
        lock.map_or(Vec::new(), |lock| self.drift_from(lock, resolution))
    }

    /// What a resolution abides by: the settings, the profile, the lock.
    pub(super) fn rules(&self) -> Rules {
        let settings = Rules::from(&self.reading.settings.hot_reload.dependencies);
        let mut rules = self.chosen.profile.rules(settings);
        let locked = self.chosen.lock.iter().flat_map(|lock| &lock.mods);
        let exactly = |(mod_id, locked): (&ModId, &LockedMod)| {
            let version = format!("={}", locked.version).parse().ok()?;
            Some((mod_id.clone(), version))
        };
        rules.pins.extend(locked.filter_map(exactly));
        rules
    }

    /// What to go back to if the reading that is being taken in drifts from the lock.
    pub(super) fn undrifted(&mut self, mods: Arc<Mods>) -> Option<Undrifted> {
        self.chosen.lock.is_some().then(|| Undrifted {
            mods,
            profile: self.chosen.profile.clone(),
            file: self.chosen.file,
        })
    }

    /// Where the reading drifts from the lock, mods and profile stay as they were before: at a start, that is
    /// no mod at all.
    pub(super) fn hold_what_drifts(&mut self, before: Option<Undrifted>) {
        self.chosen.drift = self.drift_of(&self.resolution);
        if let Some(before) = before.filter(|_| !self.chosen.drift.is_empty()) {
            self.reading.mods = before.mods;
            self.chosen.profile = before.profile;
            self.chosen.file = before.file;
            self.resolve_again();
        }
    }

    /// Takes the file of the active profile over, as the reading has it. One that is broken or gone changes
    /// nothing.
    pub(super) fn follow_profile(&mut self) {
        let Some(name) = self.chosen.active.clone() else {
            return;
        };
        self.chosen.problems = match self.reading.profiles.get(name.as_str()) {
            Some(file) => self.chosen.take(file, &name).err().unwrap_or_default(),
            None => {
                let because = "is gone; what it said holds on";
                let problem = Problem::error(Code::UNKNOWN_PROFILE, because);
                let hint = "bring the file back, or put another profile on";
                vec![problem.at(Place::file(name.file())).hint(hint)]
            }
        };
    }

    /// What is wrong with the profile, and how the files drift from the lock.
    pub(super) fn problems_of_choice(&self) -> Vec<Problem> {
        let mut problems = self.chosen.problems.clone();
        let read = self.reading.mods.values();
        let known = read.filter_map(|read| read.mod_id.as_ref());
        if self.is_loaded && self.chosen.drift.is_empty() {
            problems.extend(self.chosen.profile.unknown(known));
        }
        problems.extend(self.chosen.drift.iter().cloned());
        problems
    }

    /// What the player says of the values of a mod, as it was read last.
    pub(super) fn player_values(&self, mod_id: &ModId) -> PlayerValues {
        let file = self.reading.player_config.get(mod_id.as_str());
        PlayerValues {
            file: file.map(|file| file.hash),
            profile: self.chosen.profile.values_hash(mod_id),
        }
    }

    /// The file of the active profile as people see it, or of the one that was active last.
    pub(super) fn profile_file(&self) -> Arc<str> {
        let name = self.chosen.active.as_ref().or(self.chosen.last.as_ref());
        name.map_or("profiles".to_owned(), ProfileName::file).into()
    }
}

/// The first of several problems: one answers a call.
fn first(problems: Vec<Problem>) -> Problem {
    let none = || Problem::error(Code::UNKNOWN_PROFILE, "can't be used");
    problems.into_iter().next().unwrap_or_else(none)
}
