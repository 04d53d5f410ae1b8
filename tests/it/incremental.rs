//! What is not done twice: compiling, in one run of the game and in the next.

use std::path::PathBuf;

use lunation::ModManager;
use lunation::reload::Outcome;

const ENTRY: &str =
    "local unit = require(\"unit\") mod.on(\"ask\", function() return unit.name end)";

/// A mods folder of its own, and a folder for bytecode.
struct Place(tempfile::TempDir);

impl Place {
    fn new() -> Place {
        let place = Place(tempfile::tempdir().unwrap());
        for id in ["one", "two"] {
            let manifest = format!("id = \"{id}\"\nversion = \"1.0.0\"\n");
            place.write(&format!("{id}/mod.toml"), &manifest);
            place.write(&format!("{id}/scripts/main.lua"), ENTRY);
            place.write(&format!("{id}/scripts/unit.lua"), &unit(id));
        }
        place
    }

    fn write(&self, path: &str, text: &str) {
        let path = self.0.path().join("mods").join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }

    fn bytecode(&self) -> PathBuf {
        self.0.path().join("cache")
    }

    fn load(&self) -> ModManager {
        let mut mods = ModManager::builder(self.0.path().join("mods"))
            .watching(false)
            .without_history_on_disk()
            .bytecode_folder(self.bytecode())
            .build()
            .unwrap();
        assert_eq!(mods.load(), []);
        mods
    }
}

fn unit(name: &str) -> String {
    format!("return {{ name = \"{name}\" }}")
}

/// What the mods answer.
fn said(mods: &mut ModManager) -> String {
    let said = mods.dispatch("ask", &()).results;
    let said: Vec<&str> = said.iter().filter_map(|it| it.as_str()).collect();
    said.join(" ")
}

/// What is compiled for two mods at first, for the very same text, for a text that another file has, and for a new
/// one. Engines whose bytecode has the name of the file in it share none between files.
const COMPILED: [usize; 4] = if cfg!(feature = "luau") {
    [3, 3, 3, 4]
} else {
    [4, 4, 5, 6]
};

#[test]
fn a_content_is_compiled_once_whoever_has_it_and_however_often_it_is_read() {
    let place = Place::new();
    let mut mods = place.load();
    assert_eq!(&*said(&mut mods), "one two");
    let mut compiled = vec![mods.scripts_compiled()];
    place.write("one/scripts/unit.lua", &unit("one"));
    assert_eq!(mods.check_updates(), []);
    compiled.push(mods.scripts_compiled());
    for text in ["two", "three"] {
        place.write("one/scripts/unit.lua", &unit(text));
        let reports = mods.check_updates();
        assert_eq!(reports[0].mods[0].outcome, Outcome::Reloaded);
        assert_eq!(said(&mut mods), format!("{text} two"));
        compiled.push(mods.scripts_compiled());
    }
    assert_eq!(compiled, COMPILED);
}

#[test]
#[cfg(all(unix, feature = "luau"))]
fn the_next_run_compiles_only_what_is_new() {
    let place = Place::new();
    drop(place.load());
    let mut mods = place.load();
    assert_eq!((mods.scripts_compiled(), &*said(&mut mods)), (0, "one two"));
    place.write("one/scripts/unit.lua", &unit("edited"));
    mods.check_updates();
    assert_eq!(
        (mods.scripts_compiled(), &*said(&mut mods)),
        (1, "edited two")
    );
    drop(mods);
    let mut mods = place.load();
    assert_eq!(
        (mods.scripts_compiled(), &*said(&mut mods)),
        (0, "edited two")
    );
}

#[test]
#[cfg(all(unix, feature = "luau"))]
fn bytecode_that_is_not_as_it_was_written_is_made_anew() {
    let place = Place::new();
    drop(place.load());
    let files = std::fs::read_dir(place.bytecode()).unwrap().flatten();
    let pack = files
        .map(|file| file.path())
        .find(|path| !path.ends_with("key"));
    let pack = pack.unwrap();
    let mut bytes = std::fs::read(&pack).unwrap();
    *bytes.last_mut().unwrap() ^= 1;
    std::fs::write(&pack, bytes).unwrap();
    let mut mods = place.load();
    assert_eq!((mods.scripts_compiled(), &*said(&mut mods)), (3, "one two"));
    drop(mods);
    assert_eq!(place.load().scripts_compiled(), 0);
}

#[test]
fn without_the_setting_nothing_is_kept() {
    let place = Place::new();
    place.write("lunation.toml", "[hot_reload]\nbytecode_on_disk = false\n");
    drop(place.load());
    assert!(!place.bytecode().exists());
    assert_eq!(place.load().scripts_compiled(), COMPILED[0]);
}
