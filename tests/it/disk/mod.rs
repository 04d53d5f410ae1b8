//! Reading a mods folder: what is found and what is read again; `links` and `refused` have the rest.

mod links;
mod refused;

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use lunation::change::{Batch, Look};
use lunation::disk::{
    FolderReader, FolderReading, ReadRules, Roots, read_asset, read_file_limited, read_settings,
    write_atomic,
};
use tempfile::TempDir;

/// A game's folder with `mods/` and `config/`.
struct Game {
    folder: TempDir,
    reader: FolderReader,
}

impl Game {
    fn new(rules: ReadRules) -> Game {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("mods")).unwrap();
        let roots = Roots::beside(folder.path().join("mods"));
        Game {
            reader: FolderReader::new(roots, rules),
            folder,
        }
    }

    /// With one mod, `economy`.
    fn with_economy(rules: ReadRules) -> Game {
        let game = Game::new(rules);
        game.write("mods/economy/mod.toml", "id = \"economy\"");
        game.write("mods/economy/scripts/main.lua", "return 1");
        game
    }

    fn path(&self, path: &str) -> PathBuf {
        self.folder.path().join(path)
    }

    fn write(&self, path: &str, text: &str) {
        let path = self.path(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    fn read(&mut self) -> FolderReading {
        let reading = self.reader.read_all();
        self.check(reading)
    }

    fn read_looks(&mut self, looks: &[Look]) -> FolderReading {
        let looks = looks.to_vec();
        let reading = self.reader.read_batch(&Batch {
            looks,
            ..Batch::default()
        });
        self.check(reading)
    }

    /// No message may name a path outside of the game's folder.
    fn check(&self, reading: FolderReading) -> FolderReading {
        let root = self.folder.path().to_str().unwrap();
        for problem in &reading.problems {
            let shown = problem.to_string();
            assert!(!shown.contains(root) && !shown.contains("/tmp"), "{shown}");
            assert!(problem.hint.is_some(), "{shown}");
        }
        reading
    }
}

/// `code place` of each problem.
fn problems(reading: &FolderReading) -> Vec<String> {
    let shown = |p: &lunation::Problem| format!("{} {}", p.code, p.place.as_ref().unwrap());
    reading.problems.iter().map(shown).collect()
}

fn files(reading: &FolderReading, folder: &str) -> Vec<String> {
    let files = reading.mods[folder].iter();
    files.map(|(path, _)| path.to_string()).collect()
}

fn text(reading: &FolderReading, folder: &str, path: &str) -> String {
    let content = reading.mods[folder].content(path).unwrap();
    String::from_utf8(content.to_vec()).unwrap()
}

fn mkfifo(path: &Path) {
    let done = std::process::Command::new("mkfifo").arg(path).status();
    assert!(done.unwrap().success());
}

fn following() -> ReadRules {
    ReadRules {
        follow_symlinks: true,
        ..ReadRules::default()
    }
}

#[test]
fn folders_with_a_manifest_are_mods_and_everything_else_is_not() {
    let mut game = Game::with_economy(ReadRules::default());
    game.write("mods/economy/assets/tree.png", "not really a picture");
    game.write("mods/docs/readme.md", "about");
    game.write("mods/forgot/scripts/main.lua", "");
    game.write("mods/.git/mod.toml", "");
    game.write("mods/README.md", "");
    game.write("mods/lunation.toml", "[limits]");
    game.write("config/economy.toml", "tax = 1");
    game.write("config/notes.txt", "");
    let reading = game.read();
    assert_eq!(
        reading.mods.keys().map(|k| &**k).collect::<Vec<_>>(),
        ["economy"]
    );
    assert_eq!(
        files(&reading, "economy"),
        ["assets/tree.png", "mod.toml", "scripts/main.lua"]
    );
    assert_eq!(text(&reading, "economy", "scripts/main.lua"), "return 1");
    let asset = reading.mods["economy"].get("assets/tree.png").unwrap();
    assert!(asset.content.is_none() && asset.size == 20);
    assert_eq!(problems(&reading), ["no-manifest forgot"]);
    assert_eq!(reading.retry, []);
    assert_eq!(reading.settings.unwrap().content.unwrap()[..], *b"[limits]");
    assert_eq!(
        reading.player_config.keys().collect::<Vec<_>>(),
        ["economy"]
    );
}

#[test]
fn nothing_at_all_is_an_empty_reading() {
    let mut game = Game::new(ReadRules::default());
    assert_eq!(game.read(), FolderReading::default());
}

#[test]
fn the_hash_of_an_asset_is_that_of_its_content() {
    let mut game = Game::with_economy(ReadRules::default());
    let big = "x".repeat(300_000);
    game.write("mods/economy/big.bin", &big);
    let reading = game.read();
    let hash = reading.mods["economy"].get("big.bin").unwrap().hash;
    assert_eq!(hash, lunation::files::ContentHash::of(big.as_bytes()));
}

#[test]
fn ignored_folders_and_files_are_not_there() {
    let mut game = Game::with_economy(ReadRules::default());
    for path in [
        ".git/config",
        "target/debug/x.lua",
        "a.lua.bak",
        ".lunation/x.lua",
        "x.tmp",
    ] {
        game.write(&format!("mods/economy/{path}"), "");
    }
    assert_eq!(
        files(&game.read(), "economy"),
        ["mod.toml", "scripts/main.lua"]
    );
}

#[test]
fn without_subdirectories_only_the_mod_s_own_folder_is_read() {
    let mut game = Game::with_economy(ReadRules {
        subdirectories: false,
        ..ReadRules::default()
    });
    assert_eq!(files(&game.read(), "economy"), ["mod.toml"]);
}

#[test]
fn a_reading_that_did_not_change_is_the_same() {
    let mut game = Game::with_economy(ReadRules::default());
    let first = game.read();
    let touched = fs::File::open(game.path("mods/economy/mod.toml")).unwrap();
    touched
        .set_modified(std::time::SystemTime::UNIX_EPOCH)
        .unwrap();
    let second = game.read();
    assert_eq!(first, second);
    assert!(Arc::ptr_eq(&first.mods["economy"], &second.mods["economy"]));
}

#[test]
fn only_what_a_batch_names_is_read_again() {
    let mut game = Game::with_economy(ReadRules::default());
    game.write("mods/weather/mod.toml", "");
    game.read();
    game.write("mods/economy/scripts/main.lua", "return 2");
    game.write("mods/weather/mod.toml", "# edited");
    game.write("mods/lunation.toml", "# new");
    game.write("config/economy.toml", "# new");
    let reading = game.read_looks(&[Look::mods("economy/scripts/main.lua")]);
    assert_eq!(text(&reading, "economy", "scripts/main.lua"), "return 2");
    assert_eq!(text(&reading, "weather", "mod.toml"), "");
    assert!(reading.settings.is_none() && reading.player_config.is_empty());
    let reading = game.read_looks(&[
        Look::mods("lunation.toml"),
        Look::player_config("economy.toml"),
    ]);
    assert!(reading.settings.is_some() && reading.player_config.contains_key("economy"));
    assert_eq!(text(&reading, "weather", "mod.toml"), "");
    let reading = game.reader.read_mods(&["weather".into()]);
    assert_eq!(text(&reading, "weather", "mod.toml"), "# edited");
}

#[test]
fn mods_appear_move_and_vanish() {
    let mut game = Game::with_economy(ReadRules::default());
    game.read();
    game.write("mods/weather/mod.toml", "");
    assert_eq!(
        game.read_looks(&[Look::mods("weather/mod.toml")])
            .mods
            .len(),
        2
    );
    fs::rename(game.path("mods/weather"), game.path("mods/climate")).unwrap();
    let reading = game.read_looks(&[Look::mods("weather"), Look::mods("climate")]);
    let names: Vec<_> = reading.mods.keys().map(|k| &**k).collect();
    assert_eq!(names, ["climate", "economy"]);
    fs::remove_dir_all(game.path("mods/economy")).unwrap();
    let reading = game.read_looks(&[Look::mods("economy/mod.toml")]);
    assert_eq!(reading.mods.len(), 1);
    fs::remove_file(game.path("mods/climate/mod.toml")).unwrap();
    assert!(
        game.read_looks(&[Look::mods("climate/mod.toml")])
            .mods
            .is_empty()
    );
}

#[test]
fn mods_stay_as_they_were_read_while_the_whole_folder_is_away() {
    let mut game = Game::with_economy(ReadRules::default());
    let before = game.read();
    fs::rename(game.path("mods"), game.path("away")).unwrap();
    let reading = game.read();
    assert_eq!(reading.mods, before.mods);
    assert_eq!(problems(&reading), ["unreadable ."]);
    assert_eq!(reading.retry, [Look::mods("")]);
    fs::rename(game.path("away"), game.path("mods")).unwrap();
    assert_eq!(game.read(), before);
}

#[test]
fn the_settings_are_read_alone() {
    let game = Game::new(ReadRules::default());
    let (settings, problems) = read_settings(&game.path("mods"));
    assert!(settings.is_none() && problems.is_empty());
    game.write("mods/lunation.toml", "[limits]");
    let (settings, _) = read_settings(&game.path("mods"));
    assert_eq!(settings.unwrap().content.unwrap()[..], *b"[limits]");
    fs::remove_file(game.path("mods/lunation.toml")).unwrap();
    fs::create_dir(game.path("mods/lunation.toml")).unwrap();
    let (_, problems) = read_settings(&game.path("mods"));
    assert_eq!(problems.len(), 1);
}
