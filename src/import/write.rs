//! The text of a `mod.toml`, in the order in which people write one.

use semver::VersionReq;

use super::draft::{Draft, Other};
use super::names::Names;
use crate::problem::one_line;

/// The manifest that says what a settled draft says.
pub(super) fn manifest(draft: &Draft, names: &Names) -> String {
    let mut toml = String::new();
    let mut line = |key: &str, value: &str| {
        toml.push_str(key);
        toml.push_str(" = ");
        toml.push_str(value);
        toml.push('\n');
    };
    line("id", &quoted(names.id(&draft.id.text).as_str()));
    if let Some(name) = text(&draft.name) {
        line("name", &quoted(&name));
    }
    line("version", &quoted(&draft.version.to_string()));
    if let Some(description) = text(&draft.description) {
        line("description", &quoted(&description));
    }
    let authors: Vec<String> = draft.authors.iter().map(|name| quoted(name)).collect();
    if !authors.is_empty() {
        line("authors", &format!("[{}]", authors.join(", ")));
    }
    if let Some(license) = text(&draft.license) {
        line("license", &quoted(&license));
    }
    if let Some(entry) = draft.entry {
        line("entry", &quoted(entry));
    }
    if !draft.game.is_empty() {
        let game = VersionReq {
            comparators: draft.game.clone(),
        };
        line("game", &quoted(&game.to_string()));
    }
    let provided = draft.provides.iter().map(|said| names.id(&said.text));
    let provided: Vec<String> = provided.map(|id| format!("{id} = \"0.0.0\"")).collect();
    section(&mut toml, "provides", &provided);
    let others = |list: &[Other]| -> Vec<String> {
        let entry = |other: &Other| format!("{} = {}", names.id(&other.name.text), relation(other));
        list.iter().map(entry).collect()
    };
    section(&mut toml, "dependencies", &others(&draft.dependencies));
    section(&mut toml, "conflicts", &others(&draft.conflicts));
    toml
}

fn section(toml: &mut String, name: &str, lines: &[String]) {
    if !lines.is_empty() {
        *toml += &format!("\n[{name}]\n{}\n", lines.join("\n"));
    }
}

/// `"^1.2"`, or `{ version = "^1.2", optional = true, reason = "…" }`
fn relation(other: &Other) -> String {
    let versions = quoted(&other.requirement().to_string());
    let mut entries = vec![format!("version = {versions}")];
    if other.optional {
        entries.push("optional = true".to_owned());
    }
    entries.extend(other.reason.map(|why| format!("reason = {}", quoted(why))));
    match entries.len() {
        1 => versions,
        _ => format!("{{ {} }}", entries.join(", ")),
    }
}

/// A text that says something.
fn text(text: &Option<String>) -> Option<String> {
    let text = one_line(text.as_deref()?.trim());
    (!text.is_empty()).then_some(text)
}

/// As TOML writes it.
fn quoted(text: &str) -> String {
    let text = one_line(text);
    // What `one_line` leaves has no control characters; a back slash and a quotation mark are all that is special.
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}
