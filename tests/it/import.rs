//! Mods of other games: `tests/import/*`, each beside what `lunation import --dry-run` says of it.

use std::fs;
use std::path::{Path, PathBuf};

use lunation::manifest;

use crate::cli::{check, json_lines};
use crate::driver::{Place, program};
use crate::manifests::expect;

fn cases() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/import");
    let entries = fs::read_dir(folder).expect("the cases are there");
    let mut cases: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    cases.retain(|case| case.is_dir());
    cases.sort();
    assert!(cases.len() >= 8, "found only {cases:?}");
    cases
}

fn import(case: &Path, options: &[&str]) -> String {
    let name = case.file_name().expect("a case has a name");
    let output = program()
        .current_dir(case.parent().expect("it is in a folder"))
        .arg("import")
        .arg(name)
        .args(options)
        .output()
        .expect("the program runs");
    String::from_utf8(output.stdout).expect("it prints UTF-8")
}

#[test]
fn every_description_of_another_game_becomes_the_expected_manifest() {
    for case in cases() {
        let said = import(&case, &["--dry-run"]);
        expect(&case.with_extension("expected"), &said);
    }
}

#[test]
fn every_manifest_of_an_import_is_a_good_one() {
    for case in cases() {
        for line in json_lines(&import(&case, &["--dry-run", "--json"])) {
            let problems = line["problems"].as_array().expect("a list");
            let has_error = problems.iter().any(|it| it["severity"] == "error");
            assert_eq!(line["manifest"].is_null(), has_error, "{line}");
            if let Some(text) = line["manifest"].as_str() {
                let (manifest, problems) = manifest::parse(text.as_bytes(), "mod.toml");
                assert!(problems.is_empty(), "{problems:?} in\n{text}");
                assert_eq!(manifest.unwrap().id.as_str(), line["id"]);
            }
        }
    }
}

fn luanti() -> Place {
    let place = Place::empty();
    place.write("luanti/pipes/mod.conf", "name = pipes\ndepends = tubes\n");
    place.write("luanti/pipes/init.lua", "require('@tubes/words')");
    place.write("luanti/tubes/mod.conf", "name = tubes\n");
    place.write("luanti/tubes/init.lua", "print('tubes are up')");
    place.write("luanti/tubes/scripts/words.lua", "return {}");
    place
}

#[test]
fn imported_mods_load() {
    let place = luanti();
    check(
        &place,
        &["import", "luanti"],
        0,
        &[
            "pipes/mod.conf → luanti/pipes/mod.toml",
            "2 mods imported: 0 errors, 2 warnings",
        ],
    );
    check(
        &place,
        &["run", "luanti", "--ticks", "1"],
        0,
        &["loaded 2 mods: tubes, pipes"],
    );
}

#[test]
fn an_import_twice_is_the_same_and_never_replaces_what_somebody_wrote() {
    let place = luanti();
    check(&place, &["import", "luanti"], 0, &[]);
    check(
        &place,
        &["import", "luanti"],
        0,
        &["luanti/pipes/mod.toml is there already, the same"],
    );
    let own = "id = 'pipes'\nversion = '9.0.0'\n";
    place.write("luanti/pipes/mod.toml", own);
    check(
        &place,
        &["import", "luanti"],
        1,
        &[
            "not-imported",
            "would replace luanti/pipes/mod.toml",
            "say --force",
        ],
    );
    let kept = fs::read_to_string(place.at("luanti/pipes/mod.toml")).unwrap();
    assert_eq!(kept, own);
    check(
        &place,
        &["import", "luanti", "--force"],
        0,
        &["pipes/mod.conf → "],
    );
    let replaced = fs::read_to_string(place.at("luanti/pipes/mod.toml")).unwrap();
    assert!(replaced.contains("version = \"0.1.0\""), "{replaced}");
}

#[test]
fn every_version_of_an_archive_gets_a_folder_of_its_own() {
    let place = Place::empty();
    let text = |version: &str| format!("{{ \"identifier\": \"AJE\", \"version\": \"{version}\" }}");
    place.write("meta/AJE/one.ckan", text("1.0"));
    place.write("meta/AJE/two.ckan", text("1.1"));
    check(
        &place,
        &["import", "meta"],
        1,
        &[
            "describes a mod that is elsewhere",
            "--out",
            "0 mods imported: 2 errors",
        ],
    );
    let made = ["mods/aje-1.0.0/mod.toml", "mods/aje-1.1.0/mod.toml"];
    check(&place, &["import", "meta", "--out", "mods"], 0, &made);
    assert!(made.iter().all(|path| place.at(path).is_file()));
    // The same version from elsewhere does not take the place of the first.
    place.write(
        "meta/AJE/two-again.ckan",
        text("1.1").replace('}', ", \"name\": \"x\" }"),
    );
    check(
        &place,
        &["import", "meta", "--out", "others", "--force"],
        1,
        &["which another mod of this import is already"],
    );
}

#[test]
fn one_file_of_any_name_is_known_by_what_it_says() {
    let place = Place::empty();
    place.write("a.json", "{ \"identifier\": \"AJE\", \"version\": \"1\" }");
    place.write("b.json", "{ \"hello\": 1 }");
    place.write("c.json", "{ \"name\": \"armor\", \"version\": \"1.0.0\" }");
    check(
        &place,
        &["import", "a.json", "--dry-run"],
        0,
        &["id = \"aje\""],
    );
    check(
        &place,
        &["import", "b.json"],
        1,
        &["say what it is with --format"],
    );
    let arguments = ["import", "c.json", "--format", "factorio", "--dry-run"];
    check(&place, &arguments, 0, &["id = \"armor\""]);
    check(
        &place,
        &["import", "nowhere"],
        1,
        &["nowhere can't be read"],
    );
    place.write("zips/armor_1.0.0.zip", "PK");
    check(
        &place,
        &["import", "zips"],
        1,
        &["unpack the .zip files first"],
    );
}
