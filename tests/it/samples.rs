//! The sample mods and the Lua of the documents: every piece compiles on the flavour at hand, and what teaches how
//! state is kept runs and reloads.

use std::fs;
use std::path::{Path, PathBuf};

use crate::docs::{blocks, documents};
#[cfg(feature = "cli")]
use crate::driver::{Host, Place};
#[cfg(feature = "cli")]
use serde_json::json;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// All files below `folder` whose name ends with `end`, sorted.
fn files_below(folder: &Path, end: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut pending = vec![folder.to_owned()];
    while let Some(path) = pending.pop() {
        if path.is_dir() {
            let entries = fs::read_dir(&path).expect("a folder of the samples can be listed");
            pending.extend(entries.flatten().map(|entry| entry.path()));
        } else if path.to_string_lossy().ends_with(end) {
            found.push(path);
        }
    }
    found.sort();
    found
}

#[track_caller]
fn check_compiles(name: &str, lua: &str) {
    let vm = mlua::Lua::new();
    let chunk = vm.load(lua).set_name(format!("={name}"));
    let outcome = chunk.set_mode(mlua::chunk::ChunkMode::Text).into_function();
    assert!(outcome.is_ok(), "{name} does not compile: {outcome:?}");
}

#[test]
fn every_script_of_the_samples_compiles() {
    let scripts = files_below(&root().join("mods"), ".lua");
    assert!(scripts.len() >= 7, "found only {scripts:?}");
    for script in scripts {
        let lua = fs::read_to_string(&script).expect("a sample can be read");
        check_compiles(&script.to_string_lossy(), &lua);
    }
}

#[test]
fn every_lua_block_of_the_documents_compiles() {
    let mut compiled = 0;
    for document in documents() {
        for block in blocks(&document.text, "lua") {
            let name = format!("{}:{}", document.path, block.line);
            check_compiles(&name, &block.text);
            compiled += 1;
        }
    }
    assert!(compiled >= 10, "found only {compiled} blocks of Lua");
}

#[test]
fn every_sample_says_what_it_is() {
    for manifest in files_below(&root().join("mods"), "mod.toml") {
        let text = fs::read_to_string(&manifest).expect("a manifest can be read");
        let table: toml::Table = text.parse().expect("a manifest is TOML");
        let folder = manifest.parent().and_then(Path::file_name);
        assert_eq!(table["id"].as_str(), folder.and_then(|name| name.to_str()));
        for key in ["name", "version", "description", "license"] {
            assert!(table.contains_key(key), "{manifest:?} has no {key}");
        }
        let script = manifest.with_file_name("scripts").join("main.lua");
        let lua = fs::read_to_string(script).expect("a sample has its script");
        assert!(
            lua.starts_with("-- "),
            "{manifest:?}: the script says what it teaches"
        );
    }
}

/// The documents whose examples are whole scripts.
#[cfg(feature = "cli")]
const RUN: [&str; 2] = ["docs/guides/keep-state.md", "docs/concepts/state.md"];

#[cfg(feature = "cli")]
#[test]
fn every_example_of_how_state_is_kept_runs_and_reloads() {
    let place = Place::empty();
    let mut examples = Vec::new();
    let documents = documents();
    for document in documents.iter().filter(|one| RUN.contains(&&*one.path)) {
        for block in blocks(&document.text, "lua") {
            let mod_id = format!("example-{}", examples.len());
            place.add_mod(&mod_id, "", &block.text);
            examples.push((mod_id, format!("{}:{}", document.path, block.line)));
        }
    }
    assert!(examples.len() >= 8, "found only {examples:?}");
    let mut host = Host::manual(&place);
    for _ in 0..2 {
        let answer = host.call("dispatch", json!({ "event": "job_done" }));
        assert_eq!(answer["errors"], json!([]));
    }
    let answer = host.call("advance", json!({ "ticks": 300 }));
    assert_eq!(answer["errors"], json!([]));
    for (mod_id, place) in examples {
        let report = host.call("reload", json!({ "mod": mod_id }))["report"].take();
        assert_eq!(
            report["mods"][0]["outcome"], "reloaded",
            "{place}: {report}"
        );
    }
}

#[cfg(feature = "cli")]
#[test]
fn the_animals_live_on_with_edited_classes() {
    let place = Place::empty();
    for path in files_below(&root().join("mods/animals"), "") {
        let name = path.strip_prefix(root()).expect("a sample is in here");
        let content = fs::read(&path).expect("a sample can be read");
        place.write(&name.to_string_lossy(), content);
    }
    let mut host = Host::manual(&place);
    host.call("advance", json!({ "ticks": 300 }));
    place.edit("mods/animals/scripts/main.lua", "\"baa\"", "\"BAA!\"");
    place.edit("mods/animals/scripts/animal.lua", " days old", " days");
    host.wait_idle();
    host.call("advance", json!({ "ticks": 300 }));
    let log = host.call("log", json!({}));
    let lines = log["lines"].as_array().expect("the log is a list");
    let heard: Vec<_> = lines.iter().map(|line| &line["text"]).collect();
    let expected = [
        "Dolly, 3 days old, says baa",
        "Molly, 2 days old, says baa",
        "Polly, 1 days old, says baa",
        "Rex, 3 days old, says woof",
        "Dolly, 6 days, says BAA!",
        "Molly, 5 days, says BAA!",
        "Polly, 4 days, says BAA!",
        "Rex, 6 days, says woof",
    ];
    assert_eq!(heard, expected);
}
