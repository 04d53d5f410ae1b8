//! [`FolderReader`]: reads a mods folder whole, and later only what may have changed.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::beside::Beside;
use super::folder::KnownFolder;
use super::roots::Roots;
use super::rules::{ReadRules, SETTINGS_FILE};
use super::settings::SettingsRead;
use super::walk::{Walk, bad_name, follow, plain_name, unreadable};
use crate::change::{Batch, Look, Root};
use crate::files::{ModFile, ModFiles};
use crate::problem::{Code, Place, Problem};

/// Entries of the mods folder itself.
const ENTRIES_MAX: usize = 65_536;

/// A mods folder as it was read: cheap to clone and to compare, since contents are shared.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct FolderReading {
    /// `lunation.toml`, if there is one.
    pub settings: Option<ModFile>,
    /// Every folder with a manifest, by name. A reading that did not change is the same `Arc`.
    pub mods: BTreeMap<Arc<str>, Arc<ModFiles>>,
    /// The player's own values, by mod id: the name of the file without `.toml`.
    pub player_config: BTreeMap<String, ModFile>,
    /// The player's profiles, by name.
    pub profiles: BTreeMap<String, ModFile>,
    /// What was wrong. What could not be read for a cause that may pass is as it was read before.
    pub problems: Vec<Problem>,
    /// What could not be read for a cause that may pass: look there again later.
    pub retry: Vec<Look>,
}

/// Reads a mods folder and remembers what it read.
#[derive(Debug)]
pub struct FolderReader {
    roots: Roots,
    rules: ReadRules,
    known: BTreeMap<Arc<str>, KnownFolder>,
    /// Those of `known` that are mods, ready to be handed out: one changed mod among a thousand must not
    /// cost a look at all of them.
    readings: BTreeMap<Arc<str>, Arc<ModFiles>>,
    player_config: Beside,
    profiles: Beside,
    settings: SettingsRead,
    /// For a single script in place of mods: the manifest that is made for it.
    script_manifest: Option<ModFile>,
    /// Of the mods folder itself.
    problems: Vec<Problem>,
    is_missing: bool,
}

impl FolderReader {
    /// A reader of these folders. Nothing is read yet, and none has to exist.
    pub fn new(roots: Roots, rules: ReadRules) -> FolderReader {
        FolderReader {
            roots,
            rules,
            known: BTreeMap::new(),
            readings: BTreeMap::new(),
            player_config: Beside::new(Root::PlayerConfig),
            profiles: Beside::new(Root::Profiles),
            settings: SettingsRead::default(),
            script_manifest: None,
            problems: Vec::new(),
            is_missing: false,
        }
    }

    /// A reader of a single script in `folder`, as the only mod, whose `manifest` is made for it. The
    /// `rules` say which script it is: see [`ReadRules::for_one_file`]. Settings are not looked for, nor
    /// the player's own values.
    pub fn of_script(folder: PathBuf, manifest: ModFile, rules: ReadRules) -> FolderReader {
        FolderReader {
            script_manifest: Some(manifest),
            ..FolderReader::new(Roots::beside(folder), rules)
        }
    }

    /// Changes what is read, and how much at most; everything is read anew the next time.
    pub fn set_rules(&mut self, rules: ReadRules) {
        self.rules = rules;
        self.known.values_mut().for_each(|known| known.suspect(""));
        self.player_config.suspect("");
        self.profiles.suspect("");
    }

    /// Compares everything with the disk. Files whose size, times and inode are as before are not read.
    pub fn read_all(&mut self) -> FolderReading {
        if self.script_manifest.is_none() {
            self.settings.read(&self.roots.mods, &self.rules);
        }
        self.read_beside(Root::PlayerConfig);
        self.read_beside(Root::Profiles);
        self.read_list(&mut |_| true);
        self.reading()
    }

    /// Compares these mods, named by their folders, with the disk. The rest is as it was read last.
    pub fn read_mods(&mut self, folders: &[Arc<str>]) -> FolderReading {
        let is_new = |folder: &Arc<str>| !self.known.contains_key(folder);
        if folders.iter().any(is_new) {
            let wanted: BTreeSet<&Arc<str>> = folders.iter().collect();
            self.read_list(&mut |folder| wanted.contains(folder));
        } else {
            self.read_folders(folders);
        }
        self.reading()
    }

    /// Looks where a batch of events says. Files that it names are read whatever their times say.
    pub fn read_batch(&mut self, batch: &Batch) -> FolderReading {
        for look in &batch.looks {
            self.suspect(look);
        }
        if batch.rescan {
            return self.read_all();
        }
        let mut folders: BTreeSet<Arc<str>> = BTreeSet::new();
        let mut list_changed = false;
        for look in &batch.looks {
            match (look.root, look.first_part()) {
                (Root::PlayerConfig | Root::Profiles, _) => {}
                (Root::Mods, SETTINGS_FILE) => self.settings.read(&self.roots.mods, &self.rules),
                (Root::Mods, folder) => {
                    list_changed |= *folder == *look.path || !self.known.contains_key(folder);
                    folders.insert(folder.into());
                }
            }
        }
        for root in [Root::PlayerConfig, Root::Profiles] {
            if batch.looks.iter().any(|look| look.root == root) {
                self.read_beside(root);
            }
        }
        if list_changed {
            self.read_list(&mut |folder| folders.contains(folder));
        } else {
            self.read_folders(&folders.into_iter().collect::<Vec<_>>());
        }
        self.reading()
    }

    /// Has a file, or everything in a folder, read again the next time whatever its times say.
    pub fn suspect(&mut self, look: &Look) {
        match (look.root, look.path.split_once('/')) {
            (Root::PlayerConfig, _) => self.player_config.suspect(&look.path),
            (Root::Profiles, _) => self.profiles.suspect(&look.path),
            (Root::Mods, _) if look.path.is_empty() || self.script_manifest.is_some() => {
                self.known.values_mut().for_each(|known| known.suspect(""));
            }
            (Root::Mods, parts) => {
                let (folder, path) = parts.unwrap_or((&look.path, ""));
                if let Some(known) = self.known.get_mut(folder) {
                    known.suspect(path);
                }
            }
        }
    }

    /// Lists the mods folder: forgets mods that are gone, reads new ones and those that are wanted.
    fn read_list(&mut self, is_wanted: &mut dyn FnMut(&Arc<str>) -> bool) {
        if let Some(manifest) = self.script_manifest.clone() {
            return self.read_script(manifest);
        }
        let list = match list(&self.roots.mods, &self.rules) {
            Ok(list) => list,
            Err(error) => return self.miss(&error),
        };
        self.is_missing = false;
        self.problems = list.problems;
        self.known.retain(|name, _| list.folders.contains_key(name));
        self.readings
            .retain(|name, _| list.folders.contains_key(name));
        for (name, real) in list.folders {
            if is_wanted(&name) || !self.known.contains_key(&name) {
                self.read_folder(&list.base, &name, real);
            }
        }
    }

    /// Everything may be back in a moment: the mods go on as they were read.
    fn miss(&mut self, error: &io::Error) {
        self.is_missing = true;
        let what = "can't be listed; the mods stay as they were read";
        self.problems = vec![unreadable(what, error).at(Place::file("."))];
    }

    fn read_script(&mut self, manifest: ModFile) {
        let base = match self.roots.mods.canonicalize() {
            Ok(base) => base,
            Err(error) => return self.miss(&error),
        };
        self.is_missing = false;
        self.problems.clear();
        let name: Arc<str> = "".into();
        let known = self.known.entry(name.clone());
        known.or_insert_with(|| KnownFolder::with_manifest(manifest));
        self.read_folder(&base, &name, base.clone());
    }

    fn read_folders(&mut self, folders: &[Arc<str>]) {
        let Ok(base) = self.roots.mods.canonicalize() else {
            return self.read_list(&mut |_| false);
        };
        for name in folders {
            match enter(&base, name, &self.rules) {
                Ok(Some(real)) => self.read_folder(&base, name, real),
                // Gone, or something else by now: the list says what.
                _ => return self.read_list(&mut |name| folders.contains(name)),
            }
        }
    }

    fn read_folder(&mut self, base: &Path, name: &Arc<str>, real: PathBuf) {
        let known = self
            .known
            .entry(name.clone())
            .or_insert_with(|| KnownFolder::new(name));
        let walk = Walk {
            rules: &self.rules,
            root: Root::Mods,
            base,
            folder: name,
        };
        let is_there = known.read(&walk, || walk.run("", real.clone(), |_| {}));
        if is_there && known.has_manifest {
            let reading = known.reading.clone();
            self.readings.insert(name.clone(), reading);
        } else {
            self.readings.remove(name);
        }
        if !is_there {
            self.known.remove(name);
        }
    }

    /// Reads one of the player's folders. A single script has none.
    fn read_beside(&mut self, root: Root) {
        if self.script_manifest.is_some() {
            return;
        }
        let beside = match root {
            Root::Profiles => &mut self.profiles,
            _ => &mut self.player_config,
        };
        beside.read(self.roots.get(root), &self.rules);
    }

    fn reading(&self) -> FolderReading {
        let mut reading = FolderReading {
            settings: self.settings.file.clone(),
            mods: self.readings.clone(),
            problems: self.problems.clone(),
            ..FolderReading::default()
        };
        reading.problems.extend(self.settings.problem.clone());
        if self.settings.may_pass {
            reading.retry.push(Look::mods(SETTINGS_FILE));
        }
        if self.is_missing {
            reading.retry.push(Look::mods(""));
        }
        for (name, known) in &self.known {
            if !known.has_manifest && known.has_scripts {
                reading.problems.push(no_manifest(name));
            } else if !known.has_manifest && known.retry.is_empty() {
                // Neither a mod nor meant as one: documents, pictures.
                continue;
            }
            reading.problems.extend_from_slice(&known.problems);
            reading.retry.extend_from_slice(&known.retry);
        }
        reading.player_config = self.player_config.tell(&mut reading);
        reading.profiles = self.profiles.tell(&mut reading);
        reading
    }
}

/// The folders in a mods folder that may be mods.
pub(super) struct List {
    /// The mods folder, canonical.
    pub(super) base: PathBuf,
    /// By name: where it really is.
    pub(super) folders: BTreeMap<Arc<str>, PathBuf>,
    problems: Vec<Problem>,
}

pub(super) fn list(mods: &Path, rules: &ReadRules) -> io::Result<List> {
    let mut list = List {
        base: mods.canonicalize()?,
        folders: BTreeMap::new(),
        problems: Vec::new(),
    };
    for (count, entry) in fs::read_dir(&list.base)?.enumerate() {
        if count == ENTRIES_MAX {
            let because = format!("has more than {ENTRIES_MAX} files and folders");
            let problem = Problem::error(Code::TOO_MANY_FILES, because).at(Place::file("."));
            list.problems.push(problem.hint("keep only mods in it"));
            break;
        }
        let name = match plain_name(entry?.file_name()) {
            Ok(name) => name,
            Err(name) => {
                list.problems.push(bad_name(Place::file(name)));
                continue;
            }
        };
        match enter(&list.base, &name, rules) {
            Ok(Some(real)) => drop(list.folders.insert(name.into(), real)),
            Ok(None) => {}
            Err(problem) => list.problems.push(problem.at(Place::file(name))),
        }
    }
    list.problems.sort_by(|a, b| a.place.cmp(&b.place));
    Ok(list)
}

/// Where the folder of that name really is; `None` for what is none, or never counts.
pub(super) fn enter(
    base: &Path,
    name: &str,
    rules: &ReadRules,
) -> Result<Option<PathBuf>, Problem> {
    let path = base.join(name);
    let metadata = match fs::symlink_metadata(&path) {
        Ok(metadata) => metadata,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        // It may be a mod that can't be reached just now: listing it tells.
        Err(_) => return Ok(Some(path)),
    };
    let leads_to_folder = || fs::metadata(&path).is_ok_and(|target| target.is_dir());
    let is_link = metadata.is_symlink() && leads_to_folder();
    let is_hidden = name.starts_with('.') || rules.ignore.matches(name, true);
    if is_hidden || !(metadata.is_dir() || is_link) {
        return Ok(None);
    }
    if is_link {
        return follow(&path, base, rules.follow_symlinks).map(Some);
    }
    Ok(Some(path))
}

fn no_manifest(folder: &str) -> Problem {
    Problem::error(Code::NO_MANIFEST, "has scripts but no `mod.toml`")
        .at(Place::file(folder))
        .hint("write a `mod.toml` with `id` and `version`, or start with `lunation new`")
}
