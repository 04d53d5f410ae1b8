//! The documents: every link leads somewhere, and every example is one.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Component, Path, PathBuf};

/// A document of the repository.
pub(crate) struct Document {
    /// Relative to the repository: `docs/index.md`.
    pub(crate) path: String,
    pub(crate) text: String,
}

/// A fenced block of a document.
pub(crate) struct Block {
    /// The line of its first line, from 1.
    pub(crate) line: usize,
    pub(crate) text: String,
}

/// The README and everything in `docs`.
pub(crate) fn documents() -> Vec<Document> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut found = Vec::new();
    let mut pending = vec!["README.md".to_owned(), "docs".to_owned()];
    while let Some(path) = pending.pop() {
        let full = root.join(&path);
        if full.is_dir() {
            let entries = fs::read_dir(full).expect("a folder of the documents can be listed");
            let names = entries.flatten().map(|entry| entry.file_name());
            pending.extend(names.map(|name| format!("{path}/{}", name.to_string_lossy())));
        } else if path.ends_with(".md") {
            let text = fs::read_to_string(full).expect("a document can be read");
            found.push(Document { path, text });
        }
    }
    found.sort_by(|a, b| a.path.cmp(&b.path));
    found
}

/// The fenced blocks of `language` in `text`.
pub(crate) fn blocks(text: &str, language: &str) -> Vec<Block> {
    let mut found = Vec::new();
    let mut open: Option<(bool, Block)> = None;
    for (at, line) in text.lines().enumerate() {
        match (&mut open, line.trim().strip_prefix("```")) {
            (None, Some(name)) => {
                let block = Block {
                    line: at + 2,
                    text: String::new(),
                };
                open = Some((name == language, block));
            }
            (Some(_), Some(_)) => found.extend(open.take().filter(|(is_it, _)| *is_it)),
            (Some((_, block)), None) => {
                block.text.push_str(line);
                block.text.push('\n');
            }
            (None, None) => {}
        }
    }
    found.into_iter().map(|(_, block)| block).collect()
}

/// `text` without its fenced blocks and code spans; lines stay where they are.
fn prose(text: &str) -> String {
    let mut in_block = false;
    let mut prose = String::new();
    for line in text.lines() {
        let is_fence = line.trim_start().starts_with("```");
        if !in_block && !is_fence {
            let spans = line.split('`').enumerate();
            prose.extend(spans.filter(|(n, _)| n % 2 == 0).map(|(_, span)| span));
        }
        in_block ^= is_fence;
        prose.push('\n');
    }
    prose
}

/// The targets of the links of `text`, with their lines.
fn links(text: &str) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    for (at, line) in prose(text).lines().enumerate() {
        let inline = line.split("](").skip(1);
        found.extend(inline.filter_map(|rest| Some((at + 1, rest.split_once(')')?.0.to_owned()))));
    }
    found
}

/// The anchors that the headings of `text` make, as GitHub spells them.
fn anchors(text: &str) -> BTreeSet<String> {
    let mut in_block = false;
    let mut found = BTreeSet::new();
    for line in text.lines() {
        in_block ^= line.trim_start().starts_with("```");
        let heading = line.trim_start_matches('#');
        if !in_block && heading.len() < line.len() && heading.starts_with(' ') {
            let kept = heading.trim().chars().filter_map(|c| match c {
                ' ' => Some('-'),
                c if c.is_alphanumeric() || matches!(c, '-' | '_') => c.to_lowercase().next(),
                _ => None,
            });
            found.insert(kept.collect());
        }
    }
    found
}

/// Why a link of the document at `path` leads nowhere.
fn check_link(root: &Path, path: &str, target: &str) -> Option<String> {
    if target.starts_with("https://") || target.starts_with("mailto:") {
        return None;
    }
    let (file, anchor) = match target.split_once('#') {
        Some((file, anchor)) => (file, Some(anchor)),
        None => (target, None),
    };
    let full = if file.is_empty() {
        root.join(path)
    } else {
        tidy(&root.join(path).with_file_name("").join(file))
    };
    if !full.starts_with(root) {
        return Some(format!("{target} leads out of the repository"));
    }
    if !full.exists() {
        return Some(format!("{target} is not there"));
    }
    let text = anchor.and_then(|_| fs::read_to_string(&full).ok())?;
    let is_there = anchors(&text).contains(anchor?);
    (!is_there).then(|| format!("{target} names a heading that is not there"))
}

/// `path` without `..`.
fn tidy(path: &Path) -> PathBuf {
    let mut tidy = PathBuf::new();
    for part in path.components() {
        if part == Component::ParentDir {
            tidy.pop();
        } else {
            tidy.push(part);
        }
    }
    tidy
}

#[test]
fn every_link_leads_somewhere() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut dead = Vec::new();
    let mut seen = 0;
    for document in documents() {
        for (line, target) in links(&document.text) {
            seen += 1;
            let why = check_link(root, &document.path, &target);
            dead.extend(why.map(|why| format!("{}:{line}: {why}", document.path)));
        }
    }
    assert!(seen > 30, "found only {seen} links");
    assert!(dead.is_empty(), "dead links:\n{}", dead.join("\n"));
}

#[test]
fn every_document_can_be_reached_from_the_index() {
    let mut reached = BTreeSet::from(["docs/index.md".to_owned()]);
    let mut pending = vec!["docs/index.md".to_owned()];
    let all = documents();
    while let Some(path) = pending.pop() {
        let Some(document) = all.iter().find(|document| document.path == path) else {
            continue;
        };
        for (_, target) in links(&document.text) {
            let file = target.split('#').next().unwrap_or_default();
            let full = tidy(&Path::new(&path).with_file_name("").join(file));
            let full = full.to_string_lossy().into_owned();
            if reached.insert(full.clone()) {
                pending.push(full);
            }
        }
    }
    let hidden: Vec<_> = all
        .iter()
        .map(|d| &d.path)
        .filter(|p| !reached.contains(*p))
        .collect();
    assert!(
        hidden.is_empty(),
        "no way leads from docs/index.md to {hidden:?}"
    );
}

#[test]
fn toml_blocks_of_the_documents_are_toml() {
    for document in documents() {
        for block in blocks(&document.text, "toml") {
            let parsed = block.text.parse::<toml::Table>();
            assert!(
                parsed.is_ok(),
                "{}:{}: {parsed:?}",
                document.path,
                block.line
            );
        }
    }
}

#[test]
fn every_dependency_earns_its_place_in_the_design() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let read = |path: &str| fs::read_to_string(root.join(path)).expect("the file is there");
    let package: toml::Table = read("Cargo.toml").parse().expect("Cargo.toml is TOML");
    let design = read("docs/design.md");
    for table in ["dependencies", "dev-dependencies"] {
        for name in package[table].as_table().expect("a table").keys() {
            let row = format!("| {name} | ");
            assert!(
                design.contains(&row),
                "docs/design.md has no line on {name}"
            );
        }
    }
}

#[test]
fn a_dead_link_is_found() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let check = |target: &str| check_link(root, "docs/index.md", target);
    assert!(check("nowhere.md").is_some());
    assert!(check("../../elsewhere.md").is_some());
    assert!(check("#no-such-heading").is_some());
    assert!(check("../README.md#no-such-heading").is_some());
    assert_eq!(check("../README.md"), None);
    assert_eq!(check("../mods/counter/scripts/main.lua"), None);
    assert_eq!(check("https://example.org"), None);
}

#[test]
fn links_are_read_in_prose_and_not_in_code() {
    let text = "[a](b.md) `[c](d.md)` and [e](f.md#g)\n```\n[h](i.md)\n```\n[j](k.md)\n";
    let targets: Vec<_> = links(text).into_iter().map(|(_, target)| target).collect();
    assert_eq!(targets, ["b.md", "f.md#g", "k.md"]);
    let expected = ["title", "where-do-i-put-"].map(str::to_owned);
    assert_eq!(
        anchors("# Title\n```\n# no\n```\n## Where do I put …?\n"),
        expected.into()
    );
}
