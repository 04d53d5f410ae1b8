//! The sample mods and the Lua of the documents: every piece compiles on the flavour at hand.

use std::fs;
use std::path::{Path, PathBuf};

use crate::docs::{blocks, documents};

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
