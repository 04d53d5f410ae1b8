//! The mods that are measured.

use std::fmt::Write;
use std::path::{Path, PathBuf};

use lunation::{Builder, ModManager};

/// Entries of the state of the mod that is edited.
pub(crate) const ENTRIES: usize = 1_000;

/// Lines of a script.
pub(crate) const LINES: usize = 200;

/// A script of some 200 lines whose function `version` says which edit is live.
pub(crate) fn script(version: usize) -> String {
    let mut text = format!("mod.state.list = {{}}\nfunction version() return {version} end\n");
    text.push_str("mod.on(\"probe\", function() return version() end)\n");
    text.push_str(
        "mod.on(\"fill\", function(n) for i = 1, n do mod.state.list[i] = i * 1.5 end end)\n",
    );
    push_functions(&mut text);
    text
}

/// A module of some 200 lines, the edit `version` of it.
pub(crate) fn module(version: usize) -> String {
    let mut text = format!("local M = {{ version = {version} }}\n");
    push_functions(&mut text);
    text.push_str("return M\n");
    text
}

fn push_functions(text: &mut String) {
    for i in 0..LINES / 4 {
        let _ = write!(
            text,
            "local function f{i}(a, b)\n  if a > b then return a * {i} end\n  return b + {i}\nend\n"
        );
    }
}

/// A folder of mods that is there as long as this is.
pub(crate) struct Mods(tempfile::TempDir);

impl Mods {
    pub(crate) fn new() -> Mods {
        Mods(tempfile::tempdir().expect("a temporary folder"))
    }

    /// One mod, `probe`, with [`script`].
    pub(crate) fn probe() -> Mods {
        let mods = Mods::new();
        mods.put("probe", &script(0));
        mods
    }

    /// So many mods with this entry script.
    pub(crate) fn many(count: usize, main: &str) -> Mods {
        let mods = Mods::new();
        (0..count).for_each(|i| mods.put(&format!("m{i:04}"), main));
        mods
    }

    pub(crate) fn put(&self, id: &str, main: &str) {
        self.write(
            &format!("{id}/mod.toml"),
            &format!("id = \"{id}\"\nversion = \"1.0.0\"\n"),
        );
        self.write(&format!("{id}/scripts/main.lua"), main);
    }

    pub(crate) fn write(&self, path: &str, text: &str) {
        let path = self.path(path);
        std::fs::create_dir_all(path.parent().unwrap_or(Path::new("."))).expect("folders");
        std::fs::write(path, text).expect("a file");
    }

    pub(crate) fn folder(&self) -> PathBuf {
        self.0.path().join("mods")
    }

    pub(crate) fn path(&self, path: &str) -> PathBuf {
        self.folder().join(path)
    }

    /// All of them loaded. What is measured after a start does not meet the history of the start, which is still
    /// being written: for a thousand mods that takes seconds.
    pub(crate) fn load(&self, is_watching: bool) -> ModManager {
        self.build(|builder| builder.watching(is_watching).without_history_on_disk())
    }

    /// All of them loaded, by a manager that is built so.
    pub(crate) fn build(&self, set: impl FnOnce(Builder) -> Builder) -> ModManager {
        let mut manager = set(ModManager::builder(self.folder()))
            .build()
            .expect("a manager");
        assert_eq!(manager.load(), []);
        manager
    }
}
