//! A game that follows real files by the real watcher, the whole way from a system call to a running mod.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Instant;

use lunation::reload::{Outcome, ReloadReport};
use lunation::{Builder, ModId, ModManager, Until, Value};
use tempfile::TempDir;

use super::LIMIT;
use super::ways::WAYS;

/// Everything that a test of the watcher needs: a mods folder, and the game that runs it.
pub(super) struct Scene {
    pub(super) mods: ModManager,
    /// Every report since the last [`Scene::forget`].
    pub(super) reports: Vec<ReloadReport>,
    pub(super) folder: TempDir,
}

/// A script whose mod knows its version. It is long enough to be written in parts, and half of it is none.
pub(super) fn script(version: u64) -> String {
    let mut script = format!("local version = {version}\n");
    for line in 0..60 {
        script += &format!("local function work{line}(n) return n + {line} end\n");
    }
    script + "mod.export({ version = function() return version end })\n"
}

pub(super) fn manifest(id: &str) -> String {
    format!("id = \"{id}\"\nversion = \"1.0.0\"\n")
}

impl Scene {
    /// A game with the mod `economy`, of version 0.
    pub(super) fn new() -> Scene {
        Scene::with("", |builder| builder)
    }

    /// The same with these settings, built in this way.
    pub(super) fn with(settings: &str, build: impl FnOnce(Builder) -> Builder) -> Scene {
        let folder = tempfile::tempdir().unwrap();
        let mods = folder.path().join("mods");
        write(&mods.join("lunation.toml"), settings);
        write(&mods.join("economy/mod.toml"), &manifest("economy"));
        write(&mods.join("economy/scripts/main.lua"), &script(0));
        let builder = ModManager::builder(&mods).without_history_on_disk();
        let mut scene = Scene {
            mods: build(builder).build().unwrap(),
            reports: Vec::new(),
            folder,
        };
        assert_eq!(scene.mods.load(), []);
        scene
    }

    /// A path below the folder that has the mods in `mods`.
    pub(super) fn path(&self, path: &str) -> PathBuf {
        self.folder.path().join(path)
    }

    pub(super) fn main(&self) -> PathBuf {
        self.path("mods/economy/scripts/main.lua")
    }

    pub(super) fn write(&self, path: &str, text: &str) {
        write(&self.path(path), text);
    }

    /// What the running mod says that it is; `None` if it does not run.
    pub(super) fn version(&mut self, id: &str) -> Option<u64> {
        let id: ModId = id.parse().unwrap();
        let answer = self.mods.call(&id, "version", &[]).ok()?;
        match answer[..] {
            [Value::Integer(version)] => u64::try_from(version).ok(),
            [Value::Number(version)] => Some(version as u64),
            ref other => panic!("{other:?} is no version"),
        }
    }

    /// Follows the files until it is so. Nothing is looked for: what no event tells is never seen.
    #[track_caller]
    pub(super) fn until(&mut self, wanted: &str, is_so: impl Fn(&mut Scene) -> bool) {
        let deadline = Instant::now() + LIMIT;
        while !is_so(self) {
            let left = deadline.saturating_duration_since(Instant::now());
            assert!(!left.is_zero(), "never seen: {wanted}; {:#?}", self.reports);
            let reports = self.mods.wait(left, Until::Report);
            self.reports.extend(reports);
        }
    }

    #[track_caller]
    pub(super) fn until_version(&mut self, id: &str, version: u64) {
        self.until(&format!("{id} {version}"), |scene| {
            scene.version(id) == Some(version)
        });
    }

    #[track_caller]
    pub(super) fn until_gone(&mut self, id: &str) {
        self.until(&format!("{id} gone"), |scene| scene.version(id).is_none());
    }

    /// Saves `main` in each of [`WAYS`], the first time as the version after `version`: every one goes live, and
    /// nobody is alarmed. The answer is the last version.
    #[track_caller]
    pub(super) fn save_in_every_way(&mut self, mut version: u64, round: u64) -> u64 {
        let main = self.main();
        for (name, save) in WAYS {
            version += 1;
            save(&main, &script(version));
            self.until_version("economy", version);
            self.assert_no_alarm(&format!("{name}, round {round}"));
            self.forget();
        }
        // Some leave backups, and one only appends.
        fs::write(&main, script(version)).unwrap();
        version
    }

    /// Asserts that the problems that there are say these words.
    #[track_caller]
    pub(super) fn assert_told(&mut self, words: &str) {
        self.rest();
        let problems = self.mods.problems();
        let mut told = problems.iter().map(|problem| &problem.because);
        assert!(told.any(|told| told.contains(words)), "{problems:?}");
    }

    /// Goes on until everything that is on its way has arrived.
    pub(super) fn rest(&mut self) {
        let reports = self.mods.wait(LIMIT, Until::Idle);
        self.reports.extend(reports);
    }

    /// What became of mods since the last [`Scene::forget`], with how often.
    pub(super) fn outcomes(&self) -> BTreeMap<(String, &'static str), usize> {
        let mut outcomes = BTreeMap::new();
        for report in self.reports.iter().flat_map(|report| &report.mods) {
            let key = (report.mod_id.to_string(), name_of(report.outcome));
            *outcomes.entry(key).or_default() += 1;
        }
        outcomes
    }

    /// Nobody was told that something is wrong.
    #[track_caller]
    pub(super) fn assert_no_alarm(&self, what: &str) {
        for report in self.reports.iter().flat_map(|report| &report.mods) {
            let is_alarm = report.outcome == Outcome::Kept || !report.problems.is_empty();
            assert!(!is_alarm, "{what}: {report:#?}");
        }
    }

    pub(super) fn forget(&mut self) {
        self.reports.clear();
    }
}

/// Writes a file, and makes the folders above it.
pub(super) fn write(path: &Path, text: &str) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
}

/// How often a scenario is gone through: `REPEAT=100` for a hundred times.
pub(super) fn rounds() -> u64 {
    let repeat = std::env::var("REPEAT").ok();
    repeat.map_or(2, |repeat| repeat.parse().expect("REPEAT is a number"))
}

fn name_of(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Reloaded => "reloaded",
        Outcome::Kept => "kept",
        Outcome::Loaded => "loaded",
        Outcome::Unloaded => "unloaded",
        Outcome::Applied => "applied",
        _ => "something else",
    }
}
