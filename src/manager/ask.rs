//! Questions about the mods that change nothing.

use std::collections::{BTreeMap, HashSet};

use crate::change::classify;
use crate::files::FileChangeKind;
use crate::mod_id::ModId;
use crate::problem::{Problem, count_in};
use crate::reload::{self, Cause, ChangedFile, ReloadPlan, World};
use crate::resolve::Resolution;
use crate::settings::Settings;
use crate::value::Value;

use super::ModManager;
use super::audit::Audit;
use super::history::Generation;
use super::log::LogEntry;

use super::words::ModStatus;

impl ModManager {
    /// The host's clock, in ticks since the start.
    pub fn tick(&self) -> u64 {
        self.hub.current_tick()
    }

    /// How many scripts have been compiled since the start: those of a content that was new, here and in the
    /// [folder of bytecode](crate::Builder::bytecode_folder).
    pub fn scripts_compiled(&self) -> usize {
        self.reading.compiled
    }

    /// Every mod of the folder: first those that run, in load order.
    pub fn mods(&self) -> Vec<ModStatus> {
        self.statuses()
    }

    /// Everything that is wrong now, with the files, the manifests, the resolution and the mods.
    pub fn problems(&self) -> Vec<Problem> {
        let files = self.reading.problems.iter();
        let mut problems: Vec<Problem> = files.map(|problem| self.of_its_mod(problem)).collect();
        for read in self.reading.mods.values() {
            problems.extend(read.problems.iter().cloned());
        }
        problems.extend(self.resolution.problems.iter().cloned());
        let troubles = self.troubles.iter();
        let troubles = troubles.filter(|(mod_id, _)| self.folder_of(mod_id).is_some());
        problems.extend(troubles.flat_map(|(_, troubles)| troubles).cloned());
        let answered = self.answers.keys();
        let asking = answered.filter_map(|mod_id| self.asking(mod_id));
        problems.extend(asking.filter_map(|it| self.granted(it).err()).flatten());
        let accepted = self.resolution.mods.keys();
        let asking = accepted.filter_map(|mod_id| self.asking(mod_id));
        problems.extend(asking.flat_map(|manifest| self.unknown_capabilities(manifest)));
        for running in self.running.values() {
            let source = &running.source;
            let (_, refused) = self.config_of(&source.manifest, &source.files);
            problems.extend(refused);
        }
        problems.extend(self.player_configs_of_nobody());
        problems.extend(self.problems_of_choice());
        problems.extend(self.history.problems());
        problems.extend(self.audit.as_ref().and_then(Audit::problem));
        let mut kept = Vec::new();
        for problem in each_once(problems) {
            count_in(&mut kept, problem, self.problems_max());
        }
        kept
    }

    /// Every script that can't be compiled, those too that no mod has loaded.
    pub fn syntax_errors(&self) -> Vec<Problem> {
        let mods = self.reading.mods.values();
        mods.flat_map(|read| read.scripts.problems())
            .cloned()
            .collect()
    }

    /// A problem with a file, as one of the mod in whose folder the file is.
    pub(super) fn of_its_mod(&self, problem: &Problem) -> Problem {
        let folder = problem
            .place
            .as_ref()
            .and_then(|place| place.file.split('/').next());
        let read = folder.and_then(|folder| self.reading.mods.get(folder));
        match read.and_then(|read| read.mod_id.as_ref()) {
            Some(mod_id) => problem.clone().of(mod_id),
            None => problem.clone(),
        }
    }

    /// Which mods run, in which order, and why not the others.
    pub fn resolution(&self) -> &Resolution {
        &self.resolution
    }

    /// The settings of the mods folder.
    pub fn settings(&self) -> &Settings {
        &self.reading.settings
    }

    /// The value at `path` below `mod.state`, such as `enemies[3].name`; all of it for an empty path.
    ///
    /// # Errors
    /// The mod does not run, or the value can't be shown.
    pub fn state(&self, mod_id: &ModId, path: &str) -> Result<Value, Problem> {
        self.vm_of(mod_id)?
            .state_at(path)
            .map_err(|fault| fault.problem(mod_id, "while its state was read"))
    }

    /// What mods logged after the line `since`, as far as it is kept.
    pub fn log(&self, since: u64, mod_id: Option<&ModId>) -> Vec<LogEntry> {
        self.hub.log.since(since, mod_id)
    }

    /// The generations of a mod that are kept, oldest first; the last one runs.
    pub fn history(&self, mod_id: &ModId) -> Vec<Generation> {
        let past = self.history.of(mod_id);
        let now = self.running.get(mod_id).into_iter();
        let is_on_disk = |generation| self.history.is_on_disk(mod_id, generation);
        past.map(|past| Generation::of_past(past, is_on_disk(past.generation())))
            .chain(now.map(|now| Generation::of_running(now, is_on_disk(now.generation()))))
            .collect()
    }

    /// What a change of these files, relative to the mods folder, would do; nothing is done.
    pub fn plan(&self, paths: &[&str]) -> ReloadPlan {
        let mut world = World {
            changed: BTreeMap::new(),
            ..self.world()
        };
        let mut requests = Vec::new();
        for (mod_id, file) in paths.iter().filter_map(|path| self.imagine_change(path)) {
            let cause = Cause::FileChanged {
                path: file.path.clone(),
                change: file.change,
            };
            requests.push(self.request(mod_id, file.kind, cause));
            let changes = world.changed.entry(mod_id.clone()).or_default();
            changes.files.push(file);
        }
        reload::plan(&requests, &world)
    }

    /// The change of a file of a running mod that the path stands for.
    fn imagine_change(&self, path: &str) -> Option<(&ModId, ChangedFile)> {
        let (folder, rest) = path.split_once('/').unwrap_or((path, ""));
        let mut running = self.running.iter();
        let (mod_id, running) =
            running.find(|(_, running)| &**running.source.files.folder() == folder)?;
        let (kind, _) = classify(rest, &running.source.manifest.assets);
        let is_there = running.source.files.get(rest).is_some();
        let change = if is_there {
            FileChangeKind::Edited
        } else {
            FileChangeKind::Added
        };
        let path = rest.into();
        Some((mod_id, ChangedFile { path, kind, change }))
    }
}

/// The problems in their order, each once: a trouble with a file may have kept a mod from loading too.
fn each_once(mut problems: Vec<Problem>) -> Vec<Problem> {
    let mut told = HashSet::new();
    problems.retain(|problem| {
        let place = problem.place.clone();
        place.is_none() || told.insert((problem.code, place, problem.because.clone()))
    });
    problems
}
