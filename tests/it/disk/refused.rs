//! What is refused or left for later, and single files.

use super::*;

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
