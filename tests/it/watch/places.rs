//! What becomes of folders: renamed, removed, made again, replaced by links, files and FIFOs, closed and opened.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};

use super::scene::{Scene, manifest, rounds, script, write};

fn following() -> Scene {
    Scene::with("[hot_reload]\nfollow_symlinks = true\n", |builder| builder)
}

/// A mod in a folder of its own, wherever that is.
fn add_mod(scene: &Scene, folder: &str, id: &str, version: u64) {
    write(
        &scene.path(folder).join("scripts/main.lua"),
        &script(version),
    );
    write(&scene.path(folder).join("mod.toml"), &manifest(id));
}

#[test]
fn a_mod_is_followed_wherever_its_folder_goes() {
    let mut scene = Scene::new();
    for round in 0..rounds() {
        let version = round * 10;
        add_mod(&scene, "mods/weather", "weather", version);
        scene.until_version("weather", version);
        fs::rename(scene.path("mods/weather"), scene.path("mods/climate")).unwrap();
        scene.write("mods/climate/scripts/main.lua", &script(version + 1));
        scene.until_version("weather", version + 1);
        // A name of the same letters.
        fs::rename(scene.path("mods/climate"), scene.path("mods/Climate")).unwrap();
        fs::rename(
            scene.path("mods/Climate/scripts"),
            scene.path("mods/Climate/parts"),
        )
        .unwrap();
        fs::rename(
            scene.path("mods/Climate/parts"),
            scene.path("mods/Climate/scripts"),
        )
        .unwrap();
        scene.write("mods/Climate/scripts/main.lua", &script(version + 2));
        scene.until_version("weather", version + 2);
        fs::remove_dir_all(scene.path("mods/Climate")).unwrap();
        scene.until_gone("weather");
        add_mod(&scene, "mods/Climate", "weather", version + 3);
        scene.until_version("weather", version + 3);
        fs::rename(scene.path("mods/Climate"), scene.path("away")).unwrap();
        scene.until_gone("weather");
        scene.write("away/scripts/main.lua", &script(version + 4));
        fs::rename(scene.path("away"), scene.path("mods/weather")).unwrap();
        scene.until_version("weather", version + 4);
        fs::remove_dir_all(scene.path("mods/weather")).unwrap();
        scene.until_gone("weather");
        scene.forget();
    }
}

#[test]
fn a_file_is_followed_through_names_of_the_same_letters() {
    let mut scene = Scene::new();
    let main = scene.main();
    for round in 0..rounds() {
        let version = round + 1;
        let upper = main.with_file_name("Main.lua");
        fs::rename(&main, &upper).unwrap();
        fs::write(&upper, script(version)).unwrap();
        fs::rename(&upper, &main).unwrap();
        scene.until_version("economy", version);
    }
}

#[test]
fn a_mod_that_is_replaced_by_a_link_is_followed_where_links_are() {
    let mut scene = following();
    for round in 0..rounds() {
        let version = round * 10 + 1;
        add_mod(&scene, "mods/.store/economy", "economy", version);
        fs::remove_dir_all(scene.path("mods/economy")).unwrap();
        symlink(".store/economy", scene.path("mods/economy")).unwrap();
        scene.until_version("economy", version);
        scene.write("mods/.store/economy/scripts/main.lua", &script(version + 1));
        scene.until_version("economy", version + 1);
        // The link leads to another place at once, as package managers switch versions.
        add_mod(&scene, "mods/.store/next", "economy", version + 2);
        symlink(".store/next", scene.path("mods/link")).unwrap();
        fs::rename(scene.path("mods/link"), scene.path("mods/economy")).unwrap();
        scene.until_version("economy", version + 2);
        scene.write("mods/.store/next/scripts/main.lua", &script(version + 3));
        scene.until_version("economy", version + 3);
        // And a folder again.
        fs::remove_file(scene.path("mods/economy")).unwrap();
        fs::rename(scene.path("mods/.store/next"), scene.path("mods/economy")).unwrap();
        scene.write("mods/economy/scripts/main.lua", &script(version + 4));
        scene.until_version("economy", version + 4);
        fs::remove_dir_all(scene.path("mods/.store")).unwrap();
        scene.forget();
    }
}

#[test]
fn a_link_is_not_followed_unless_that_is_wished_and_the_mod_runs_on_when_it_is_back() {
    let mut scene = Scene::new();
    for round in 0..rounds() {
        add_mod(&scene, "mods/.store", "economy", 1000);
        fs::remove_dir_all(scene.path("mods/economy")).unwrap();
        symlink(".store", scene.path("mods/economy")).unwrap();
        scene.until_gone("economy");
        fs::remove_file(scene.path("mods/economy")).unwrap();
        add_mod(&scene, "mods/economy", "economy", round);
        scene.until_version("economy", round);
    }
}

#[test]
fn a_script_behind_a_link_is_followed_and_loops_of_links_end() {
    let mut scene = following();
    let main = scene.main();
    for round in 0..rounds() {
        let version = round * 10 + 1;
        scene.write("mods/economy/code/main.lua", &script(version));
        fs::remove_file(&main).unwrap();
        symlink("../code/main.lua", &main).unwrap();
        symlink("../scripts", scene.path("mods/economy/scripts/again")).unwrap();
        symlink("loop", scene.path("mods/economy/scripts/loop")).unwrap();
        scene.until_version("economy", version);
        scene.write("mods/economy/code/main.lua", &script(version + 1));
        scene.until_version("economy", version + 1);
        fs::remove_file(scene.path("mods/economy/scripts/again")).unwrap();
        fs::remove_file(scene.path("mods/economy/scripts/loop")).unwrap();
        fs::remove_file(&main).unwrap();
        fs::write(&main, script(version + 2)).unwrap();
        scene.until_version("economy", version + 2);
    }
}

#[test]
fn a_script_that_becomes_a_folder_or_a_fifo_blocks_nothing_and_comes_back() {
    let mut scene = Scene::new();
    let main = scene.main();
    for round in 0..rounds() {
        let version = round * 2 + 1;
        fs::remove_file(&main).unwrap();
        fs::create_dir(&main).unwrap();
        scene.write("mods/economy/scripts/main.lua/a.lua", "return 1");
        fs::remove_dir_all(&main).unwrap();
        fs::write(&main, script(version)).unwrap();
        scene.until_version("economy", version);
        fs::remove_file(&main).unwrap();
        let path = std::ffi::CString::new(main.to_str().unwrap()).unwrap();
        // SAFETY: the path ends with a zero and lives as long as the call.
        assert_eq!(unsafe { libc::mkfifo(path.as_ptr(), 0o644) }, 0);
        // While it is one, other files are followed.
        scene.write("mods/weather/scripts/main.lua", &script(version));
        scene.write("mods/weather/mod.toml", &manifest("weather"));
        scene.until_version("weather", version);
        assert!(scene.version("economy").is_some(), "it runs on as it was");
        fs::remove_file(&main).unwrap();
        fs::write(&main, script(version + 1)).unwrap();
        scene.until_version("economy", version + 1);
        fs::remove_dir_all(scene.path("mods/weather")).unwrap();
        scene.until_gone("weather");
    }
}

#[test]
fn a_file_that_could_not_be_read_is_read_when_it_can_be() {
    let mut scene = Scene::new();
    let main = scene.main();
    let allow = |path: &std::path::Path, mode| {
        fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    };
    let folder = main.parent().unwrap();
    for round in 0..rounds() {
        let version = round * 2 + 1;
        allow(&main, 0o000);
        // Whoever may do everything replaces it nevertheless.
        let new = scene.path("new.lua");
        fs::write(&new, script(version)).unwrap();
        allow(&new, 0o000);
        fs::rename(&new, &main).unwrap();
        allow(&main, 0o644);
        scene.until_version("economy", version);
        allow(folder, 0o000);
        allow(folder, 0o755);
        fs::write(&main, script(version + 1)).unwrap();
        scene.until_version("economy", version + 1);
    }
}
