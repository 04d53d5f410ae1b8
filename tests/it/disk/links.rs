//! Links: not followed by default, and never out of the folder.

use std::os::unix::fs::symlink;

use super::*;

#[test]
fn links_are_not_followed_by_default() {
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
    symlink(game.path("elsewhere"), game.path("mods/economy")).unwrap();
    let reading = game.read_looks(&[Look::mods("economy/scripts/main.lua")]);
    assert!(reading.mods.is_empty());
    assert_eq!(problems(&reading), ["link-refused economy"]);
}

#[test]
fn loops_of_links_end() {
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
            symlink(format!("../d{}", n + 1), path).unwrap();
        }
    }
    let reading = game.read();
    assert!(reading.mods["economy"].iter().count() <= 500);
    assert!(problems(&reading).contains(&"too-many-files economy".to_owned()));
}
