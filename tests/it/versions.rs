//! Several versions of mods, and mods that can't run together, as they are on the command line.

use std::fs;

use crate::cli::{check, json_lines};
use crate::driver::Place;

#[test]
fn of_several_versions_the_locked_one_runs() {
    let place = Place::with_mod("town", "print('the older one')");
    check(&place, &["lock", "mods"], 0, &["locked 1 mod"]);
    place.write(
        "mods/town-1.1.0/mod.toml",
        "id = 'town'\nversion = '1.1.0'\n",
    );
    place.write("mods/town-1.1.0/scripts/main.lua", "print('the newer one')");
    let run = ["run", "mods", "--ticks", "1"];
    check(&place, &run, 0, &["loaded 1 mod", "the newer one"]);
    let locked = [&run[..], &["--locked"]].concat();
    check(&place, &locked, 0, &["loaded 1 mod", "the older one"]);
    check(
        &place,
        &["why", "mods", "town", "--locked"],
        0,
        &["`town` 1.0.0 loads", "1.1.0 is not used because it"],
    );
    // Where the locked one is gone, the other one does not take its place.
    fs::remove_dir_all(place.at("mods/town")).unwrap();
    check(&place, &locked, 1, &["town: is 1.1.0, locked 1.0.0"]);
}

#[test]
fn check_offers_what_has_been_tried_out_where_that_says_more() {
    let place = Place::with_mod("axes", "");
    place.add_mod("bows", "", "");
    place.add_mod("tools", "[conflicts]\naxes = '*'\nbows = '*'\n", "");
    let told = ["conflict", "help: switch off `axes` and `bows`"];
    check(&place, &["check", "mods"], 1, &told);
    let out = check(&place, &["check", "mods", "--json"], 1, &[]);
    assert_eq!(json_lines(&out)[0]["hint"], "switch off `axes` and `bows`");

    let place = Place::with_mod("a1", "");
    place.write(
        "mods/lunation.toml",
        "[hot_reload.dependencies]\nmax_dependency_depth = 2\n",
    );
    for depth in 2..6 {
        let needs = format!("[dependencies]\na{} = '*'\n", depth - 1);
        place.add_mod(&format!("a{depth}"), &needs, "");
    }
    let told = ["too-deep", "help: set `max_dependency_depth` to 3"];
    check(&place, &["check", "mods"], 1, &told);
}

#[test]
fn check_keeps_a_hint_that_says_as_much() {
    let place = Place::with_mod("base", "");
    let needs = "[dependencies]\nbsae = '*'\ntols = '*'\n";
    place.add_mod("shop", needs, "");
    place.add_mod("tools", "", "");
    let told = ["did you mean `base`?", "did you mean `tools`?"];
    check(&place, &["check", "mods"], 1, &told);
}

#[test]
fn many_candidates_for_other_hosts_are_one_line() {
    let place = Place::with_mod("base", "");
    let line =
        |id: &str, more: &str| format!("{{\"id\": \"{id}\", \"version\": \"1.0.0\"{more}}}\n");
    let index = |count: usize| {
        let old = (0..count).map(|n| line(&format!("old-{n}"), ", \"game\": \"^1\""));
        let user = line("user", ", \"dependencies\": {\"old-0\": \"*\"}");
        old.collect::<String>() + &line("new", "") + &user
    };
    let asked = ["check", "--candidates", "index.jsonl", "--host", "2.0.0"];
    place.write("index.jsonl", index(5));
    let out = check(
        &place,
        &asked,
        1,
        &["7 versions of 7 mods: 1 run, 6 rejected"],
    );
    assert_eq!(out.matches("error[wrong-host-version]").count(), 5, "{out}");

    place.write("index.jsonl", index(40));
    let words = [
        "1  new 1.0.0",
        "error[wrong-host-version]: 40 mods are made for other versions of the game: `old-0`, `old-1`,",
        " and 35 more; 1 more waits for one of them",
        "42 versions of 42 mods: 1 run, 41 rejected; 40 errors",
    ];
    let out = check(&place, &asked, 1, &words);
    assert_eq!(out.matches("error[wrong-host-version]").count(), 1, "{out}");
    let out = check(&place, &[&asked[..], &["--json"]].concat(), 1, &[]);
    let lines = json_lines(&out);
    let each = lines
        .iter()
        .filter(|line| line["code"] == "wrong-host-version");
    assert_eq!(each.count(), 40);
}
