//! A [`World`]: one mod that runs, and what can be seen of it.

use std::path::PathBuf;

use lunation::change::Kind;
use lunation::reload::{Outcome, ReloadReport};
use lunation::{ModId, ModManager};

/// The files of a mod: paths and contents.
pub(super) type Files = Vec<(&'static str, String)>;

/// A mods folder of its own with the mod `it`, which runs. Gone at the end.
pub(super) struct World {
    pub(super) mods: ModManager,
    folder: tempfile::TempDir,
}

impl World {
    /// A world in which the mod has these scripts, and `settings` hold.
    pub(super) fn new(settings: &str, files: &Files) -> World {
        let folder = tempfile::tempdir().expect("a temporary folder can be made");
        let mods = ModManager::builder(folder.path())
            .watching(false)
            .build()
            .expect("a manager can be made");
        let mut world = World { mods, folder };
        world.write("lunation.toml", settings);
        world.write("it/mod.toml", "id = \"it\"\nversion = \"1.0.0\"\n");
        world.write_scripts(files);
        assert_eq!(world.mods.load(), []);
        world
    }

    pub(super) fn write_scripts(&self, files: &Files) {
        for (path, text) in files {
            self.write(&format!("it/scripts/{path}"), text);
        }
    }

    fn write(&self, path: &str, text: &str) {
        let path: PathBuf = self.folder.path().join(path);
        let folder = path.parent().expect("a file is in a folder");
        std::fs::create_dir_all(folder).expect("a folder can be made");
        std::fs::write(path, text).expect("a file can be written");
    }

    /// Reloads the mod.
    pub(super) fn reload(&mut self) -> ReloadReport {
        let report = self.mods.reload(&id(), Kind::Script, false);
        report.expect("the mod is there")
    }

    /// What has come of the files that were written.
    pub(super) fn follow(&mut self) -> ReloadReport {
        let mut reports = self.mods.check_updates();
        assert_eq!(reports.len(), 1, "{reports:?}");
        reports.remove(0)
    }

    /// What the handlers of an event return, as text.
    #[track_caller]
    pub(super) fn ask(&mut self, event: &str, payload: i64) -> String {
        let dispatched = self.mods.dispatch(event, &payload);
        assert_eq!(dispatched.errors, [], "{event} {payload}");
        let results = dispatched.results.iter();
        let text = results.map(|value| {
            value
                .as_str()
                .map_or_else(|| format!("{value:?}"), str::to_owned)
        });
        text.collect::<Vec<_>>().join("\n")
    }
}

fn id() -> ModId {
    "it".parse().expect("a good name")
}

#[track_caller]
pub(super) fn is_outcome(report: &ReloadReport, expected: Outcome) {
    assert_eq!(report.mods[0].outcome, expected, "{report:#?}");
}
