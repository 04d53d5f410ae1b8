//! Reading a mods folder: what is found, what is refused, and what is read again.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use lunation::change::{Batch, Look};
use lunation::disk::{
    FolderReader, FolderReading, ReadRules, read_asset, read_file_limited, read_settings,
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
        let path = |name| folder.path().join(name);
        Game {
            reader: FolderReader::new(path("mods"), path("config"), rules),
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
fn a_file_over_its_limit_is_named_and_absent() {
    let mut game = Game::with_economy(ReadRules {
        max_script_size: 100,
        max_file_size: 1000,
        ..ReadRules::default()
    });
    game.write("mods/economy/scripts/big.lua", &"x".repeat(101));
    game.write("mods/economy/just.lua", &"x".repeat(100));
    game.write("mods/economy/data.json", &"x".repeat(101));
    game.write("mods/economy/big.json", &"x".repeat(1001));
    game.write("mods/economy/big.png", &"x".repeat(1001));
    let reading = game.read();
    assert_eq!(
        files(&reading, "economy"),
        ["data.json", "just.lua", "mod.toml", "scripts/main.lua"]
    );
    assert_eq!(
        problems(&reading),
        [
            "too-large economy/big.json",
            "too-large economy/big.png",
            "too-large economy/scripts/big.lua"
        ]
    );
}

#[test]
fn a_manifest_over_its_limit_leaves_the_mod_there() {
    let mut game = Game::with_economy(ReadRules {
        max_script_size: 20,
        ..ReadRules::default()
    });
    game.write("mods/economy/mod.toml", &"#".repeat(21));
    let reading = game.read();
    assert_eq!(files(&reading, "economy"), ["scripts/main.lua"]);
    assert_eq!(problems(&reading), ["too-large economy/mod.toml"]);
}

#[test]
fn what_stands_in_the_place_of_a_file_is_never_opened() {
    let mut game = Game::with_economy(ReadRules::default());
    fs::remove_file(game.path("mods/economy/scripts/main.lua")).unwrap();
    mkfifo(&game.path("mods/economy/scripts/main.lua"));
    mkfifo(&game.path("mods/lunation.toml"));
    fs::create_dir(game.path("config")).unwrap();
    mkfifo(&game.path("config/economy.toml"));
    game.write("mods/weather/mod.toml/x", "");
    game.write("mods/weather/scripts/main.lua", "");
    let socket = game.path("mods/weather/socket");
    let _socket = std::os::unix::net::UnixListener::bind(socket).unwrap();
    let reading = game.read();
    assert_eq!(files(&reading, "economy"), ["mod.toml"]);
    assert_eq!(
        problems(&reading),
        [
            "not-a-file lunation.toml",
            "not-a-file economy/scripts/main.lua",
            "not-a-file weather/mod.toml",
            "not-a-file weather/socket",
            "not-a-file config/economy.toml",
        ]
    );
}

#[test]
fn a_script_that_becomes_a_fifo_is_gone_and_one_that_becomes_a_file_again_is_back() {
    let mut game = Game::with_economy(ReadRules::default());
    let main = game.path("mods/economy/scripts/main.lua");
    let look = [Look::mods("economy/scripts/main.lua")];
    assert!(
        game.read().mods["economy"]
            .get("scripts/main.lua")
            .is_some()
    );
    fs::remove_file(&main).unwrap();
    mkfifo(&main);
    assert_eq!(files(&game.read_looks(&look), "economy"), ["mod.toml"]);
    fs::remove_file(&main).unwrap();
    fs::write(&main, "return 2").unwrap();
    let reading = game.read_looks(&look);
    assert_eq!(text(&reading, "economy", "scripts/main.lua"), "return 2");
    assert_eq!(reading.problems, []);
}

#[test]
fn links_are_not_followed_by_default() {
    use std::os::unix::fs::symlink;
    let mut game = Game::with_economy(ReadRules::default());
    game.write("secret.lua", "return 'secret'");
    game.write("outside/mod.toml", "");
    symlink(game.path("secret.lua"), game.path("mods/economy/a.lua")).unwrap();
    symlink("scripts", game.path("mods/economy/b")).unwrap();
    symlink(game.path("outside"), game.path("mods/outside")).unwrap();
    let reading = game.read();
    assert_eq!(files(&reading, "economy"), ["mod.toml", "scripts/main.lua"]);
    assert_eq!(
        problems(&reading),
        [
            "link-refused outside",
            "link-refused economy/a.lua",
            "link-refused economy/b"
        ]
    );
}

#[test]
fn links_are_followed_inside_of_the_mods_folder_only() {
    use std::os::unix::fs::symlink;
    let mut game = Game::with_economy(following());
    game.write("secret.lua", "return 'secret'");
    game.write("mods/.store/weather-1/mod.toml", "");
    game.write("mods/.store/weather-1/scripts/main.lua", "return 3");
    symlink(".store/weather-1", game.path("mods/weather")).unwrap();
    symlink("../weather/scripts", game.path("mods/economy/shared")).unwrap();
    symlink("scripts/main.lua", game.path("mods/economy/copy.lua")).unwrap();
    symlink("../../secret.lua", game.path("mods/economy/out.lua")).unwrap();
    symlink("nowhere", game.path("mods/economy/broken.lua")).unwrap();
    let reading = game.read();
    assert_eq!(
        files(&reading, "economy"),
        [
            "copy.lua",
            "mod.toml",
            "scripts/main.lua",
            "shared/main.lua"
        ]
    );
    assert_eq!(text(&reading, "economy", "shared/main.lua"), "return 3");
    assert_eq!(files(&reading, "weather"), ["mod.toml", "scripts/main.lua"]);
    assert_eq!(
        problems(&reading),
        [
            "link-refused economy/broken.lua",
            "link-refused economy/out.lua"
        ]
    );
}

#[test]
fn a_mod_that_is_replaced_by_a_link_out_of_the_folder_is_gone() {
    let mut game = Game::with_economy(following());
    game.read();
    fs::rename(game.path("mods/economy"), game.path("elsewhere")).unwrap();
    std::os::unix::fs::symlink(game.path("elsewhere"), game.path("mods/economy")).unwrap();
    let reading = game.read_looks(&[Look::mods("economy/scripts/main.lua")]);
    assert!(reading.mods.is_empty());
    assert_eq!(problems(&reading), ["link-refused economy"]);
}

#[test]
fn loops_of_links_end() {
    use std::os::unix::fs::symlink;
    let mut game = Game::with_economy(following());
    game.write("mods/economy/a/x.lua", "");
    game.write("mods/economy/b/y.lua", "");
    symlink("../b", game.path("mods/economy/a/to_b")).unwrap();
    symlink("../a", game.path("mods/economy/b/to_a")).unwrap();
    symlink(".", game.path("mods/economy/self")).unwrap();
    symlink("ring", game.path("mods/economy/ring")).unwrap();
    let reading = game.read();
    assert_eq!(
        files(&reading, "economy"),
        [
            "a/to_b/y.lua",
            "a/x.lua",
            "b/to_a/x.lua",
            "b/y.lua",
            "mod.toml",
            "scripts/main.lua"
        ]
    );
    assert_eq!(
        problems(&reading),
        [
            "link-refused economy/ring",
            "link-refused economy/self",
            "link-refused economy/a/to_b/to_a",
            "link-refused economy/b/to_a/to_b",
        ]
    );
}

#[test]
fn a_web_of_links_ends_at_the_limit_of_files() {
    let mut game = Game::with_economy(ReadRules {
        files_max: 500,
        ..following()
    });
    for n in 0..20 {
        game.write(&format!("mods/economy/d{n}/x.lua"), "");
        for link in ["l", "r"] {
            let path = game.path(&format!("mods/economy/d{n}/{link}"));
            std::os::unix::fs::symlink(format!("../d{}", n + 1), path).unwrap();
        }
    }
    let reading = game.read();
    assert!(reading.mods["economy"].iter().count() <= 500);
    assert!(problems(&reading).contains(&"too-many-files economy".to_owned()));
}

#[test]
fn names_that_are_not_utf8_are_named_nearly() {
    use std::os::unix::ffi::OsStrExt;
    let mut game = Game::with_economy(ReadRules::default());
    let name = std::ffi::OsStr::from_bytes(b"b\xff.lua");
    fs::write(game.path("mods/economy").join(name), "").unwrap();
    fs::create_dir(game.path("mods").join(name)).unwrap();
    let reading = game.read();
    assert_eq!(files(&reading, "economy"), ["mod.toml", "scripts/main.lua"]);
    assert_eq!(
        problems(&reading),
        [
            "bad-file-name b\u{fffd}.lua",
            "bad-file-name economy/b\u{fffd}.lua"
        ]
    );
}

#[test]
fn too_many_files_and_too_deep_folders_are_named() {
    let mut game = Game::with_economy(ReadRules {
        files_max: 20,
        depth_max: 3,
        ..ReadRules::default()
    });
    game.write("mods/economy/a/b/c/fits.lua", "");
    game.write("mods/economy/a/b/c/d/deep.lua", "");
    let reading = game.read();
    assert!(files(&reading, "economy").contains(&"a/b/c/fits.lua".to_owned()));
    assert_eq!(problems(&reading), ["too-many-files economy/a/b/c/d"]);
    for n in 0..30 {
        game.write(&format!("mods/economy/z/{n}.lua"), "");
    }
    let reading = game.read();
    assert!(files(&reading, "economy").len() <= 20);
    assert!(problems(&reading).contains(&"too-many-files economy".to_owned()));
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
fn what_can_not_be_read_just_now_stays_as_it_was() {
    use std::os::unix::fs::PermissionsExt;
    let mut game = Game::with_economy(ReadRules::default());
    let before = game.read();
    let main = game.path("mods/economy/scripts/main.lua");
    let scripts = game.path("mods/economy/scripts");
    let allow = |path: &Path, mode| {
        fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    };
    fs::write(&main, "return 2").unwrap();
    allow(&main, 0o000);
    if fs::read(&main).is_ok() {
        eprintln!("skipped: permissions do not bind this user (root)");
        return;
    }
    let reading = game.read();
    assert_eq!(reading.mods, before.mods);
    assert_eq!(problems(&reading), ["unreadable economy/scripts/main.lua"]);
    assert_eq!(reading.retry, [Look::mods("economy/scripts/main.lua")]);
    allow(&scripts, 0o000);
    let reading = game.read();
    assert_eq!(reading.mods, before.mods);
    assert_eq!(problems(&reading), ["unreadable economy/scripts"]);
    allow(&scripts, 0o755);
    allow(&main, 0o644);
    let reading = game.read();
    assert_eq!(text(&reading, "economy", "scripts/main.lua"), "return 2");
    assert_eq!((reading.problems, reading.retry), (vec![], vec![]));
}

#[test]
fn a_file_that_always_grows_does_not_hold_up_the_reader() {
    use std::io::Write;
    use std::sync::atomic::{AtomicBool, Ordering};
    let mut game = Game::with_economy(ReadRules::default());
    game.write("mods/economy/log.txt", "");
    let mut log = fs::File::options()
        .append(true)
        .open(game.path("mods/economy/log.txt"))
        .unwrap();
    let is_done = AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            while !is_done.load(Ordering::Relaxed) {
                log.write_all(b"x").unwrap();
            }
        });
        for _ in 0..20 {
            let reading = game.read();
            assert_eq!(text(&reading, "economy", "scripts/main.lua"), "return 1");
        }
        is_done.store(true, Ordering::Relaxed);
    });
    let reading = game.read();
    let size = fs::metadata(game.path("mods/economy/log.txt"))
        .unwrap()
        .len();
    assert_eq!(reading.mods["economy"].get("log.txt").unwrap().size, size);
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

#[test]
fn a_file_is_replaced_as_a_whole_and_keeps_its_permissions() {
    use std::os::unix::fs::PermissionsExt;
    let game = Game::new(ReadRules::default());
    let path = game.path("config/economy.toml");
    write_atomic(&path, b"a = 1").unwrap();
    let mode = || fs::metadata(&path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode() & 0o600, 0o600);
    fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
    write_atomic(&path, b"a = 2").unwrap();
    assert_eq!(fs::read(&path).unwrap(), b"a = 2");
    assert_eq!(mode(), 0o640);
    assert_eq!(fs::read_dir(game.path("config")).unwrap().count(), 1);
    fs::create_dir(game.path("config/folder")).unwrap();
    assert!(write_atomic(&game.path("config/folder"), b"").is_err());
    assert_eq!(fs::read_dir(game.path("config")).unwrap().count(), 2);
}

#[test]
fn assets_are_read_from_inside_of_the_mods_folder_only() {
    let game = Game::with_economy(ReadRules::default());
    game.write("secret.txt", "secret");
    let mods = game.path("mods");
    let read = |path: &str, follow, limit| {
        read_asset(&mods, path, follow, limit).map_err(|error| error.kind())
    };
    use std::io::ErrorKind;
    assert_eq!(
        read("economy/mod.toml", false, 100),
        Ok(b"id = \"economy\"".to_vec())
    );
    assert_eq!(
        read("economy/mod.toml", false, 5),
        Err(ErrorKind::FileTooLarge)
    );
    assert_eq!(read("economy", false, 100), Err(ErrorKind::InvalidInput));
    assert_eq!(read("economy/none", false, 100), Err(ErrorKind::NotFound));
    assert_eq!(
        read("../secret.txt", true, 100),
        Err(ErrorKind::PermissionDenied)
    );
    assert_eq!(
        read("/etc/passwd", true, 9999),
        Err(ErrorKind::PermissionDenied)
    );
    std::os::unix::fs::symlink("mod.toml", game.path("mods/economy/link")).unwrap();
    assert_eq!(
        read("economy/link", false, 100),
        Err(ErrorKind::PermissionDenied)
    );
    assert!(read("economy/link", true, 100).is_ok());
    mkfifo(&game.path("mods/economy/fifo"));
    let fifo = game.path("mods/economy/fifo");
    let error = read_file_limited(&fifo, 100).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidInput);
}
