//! Factorio: `info.json`, by <https://lua-api.factorio.com/latest/auxiliary/mod-structure.html>.

use semver::{Comparator, Op};

use super::Original;
use super::draft::{Draft, Other, Said};
use super::json::Json;
use super::text::Text;
use super::version::{compare, span};
use crate::problem::{Place, Problem};

/// The script that Factorio runs.
const SCRIPT: &str = "control.lua";

pub(super) fn read(text: &Text<'_>, original: &Original) -> Result<Draft, Box<Problem>> {
    let entries = Json::root(text)?;
    let id = entries.iter().find(|(key, _)| key == "name");
    let id = id.and_then(|(_, value)| value.said());
    let id = id.ok_or_else(|| text.refuse("has no `name`", "is it the info.json of a mod?"))?;
    let mut draft = Draft::new(id);
    let mut left_out = Vec::new();
    let mut has_version = false;
    let mut has_dependencies = false;
    for (key, value) in entries {
        match (key.as_str(), value.string()) {
            ("name", _) => {}
            ("title", Some(title)) => draft.name = Some(title),
            ("version", Some(version)) => {
                has_version = true;
                draft.set_version(&version, &value.place());
            }
            ("description", Some(text)) => draft.description = Some(text),
            ("author", _) => {
                let authors = value.items().into_iter();
                draft.authors.extend(authors.filter_map(Json::string));
            }
            ("factorio_version", Some(version)) => {
                let versions = span(Some(&version), Some(&version));
                draft.set_game(&key, &value.place(), versions);
            }
            ("dependencies", _) => {
                has_dependencies = true;
                for item in value.items() {
                    dependency(&mut draft, item);
                }
            }
            _ => left_out.push(key),
        }
    }
    if !has_version {
        draft.notes.note(
            &text.whole(),
            "has no `version`",
            "it gets 0.0.0; write the right one",
        );
    }
    if !has_dependencies {
        let because = "has no `dependencies`, for which Factorio takes `base`";
        let hint = "add `base` to [dependencies] if the game has such a mod";
        draft.notes.note(&text.whole(), because, hint);
    }
    draft.leave_out(text, &left_out);
    draft.set_entry(SCRIPT, &original.beside, &text.whole());
    Ok(draft)
}

/// `? bobs_ores >= 1.2`
fn dependency(draft: &mut Draft, item: Json<'_>) {
    let Some(Said { text, place }) = item.said() else {
        let because = "lists a dependency that is no text";
        draft.notes.note(&item.place(), because, "it is left out");
        return;
    };
    let text = text.trim();
    let (prefix, rest) = ["(?)", "!", "?", "+", "~"]
        .into_iter()
        .find_map(|prefix| Some((prefix, text.strip_prefix(prefix)?)))
        .unwrap_or(("", text));
    let end = rest.find(['<', '>', '=']).unwrap_or(rest.len());
    let (name, versions) = rest.split_at(end);
    let name = name.trim();
    if name.is_empty() {
        let because = format!("lists the dependency {text:?}, which names no mod");
        draft.notes.note(&place, because, "it is left out");
        return;
    }
    let mut other = Other::any(name, place.clone());
    let versions = versions.trim();
    if prefix == "!" {
        if !versions.is_empty() {
            let because =
                format!("excludes `{name}` with a version, which Factorio does not look at");
            let hint = "write the version into [conflicts] if it is meant";
            draft.notes.note(&place, because, hint);
        }
        draft.conflicts.push(other);
        return;
    }
    other.versions.extend(requirement(draft, versions, &place));
    other.optional = matches!(prefix, "?" | "(?)" | "+");
    other.reason = (prefix == "+").then_some("recommended");
    if prefix == "~" {
        let because = format!("needs `{name}` in any order");
        let hint = "a dependency loads first here; mods that need each other load as one group";
        draft.notes.note(&place, because, hint);
    }
    draft.dependencies.push(other);
}

/// `>= 1.2`
fn requirement(draft: &mut Draft, text: &str, place: &Place) -> Option<Comparator> {
    if text.is_empty() {
        return None;
    }
    let (op, version) = [
        (">=", Op::GreaterEq),
        ("<=", Op::LessEq),
        ("=", Op::Exact),
        (">", Op::Greater),
        ("<", Op::Less),
    ]
    .into_iter()
    .find_map(|(sign, op)| Some((op, text.strip_prefix(sign)?.trim())))?;
    if !version.starts_with(|c: char| c.is_ascii_digit()) {
        let because = format!("compares with {version:?}, which is no version");
        draft.notes.note(place, because, "every version will do");
        return None;
    }
    let version = draft.compared(version, place);
    Some(compare(op, &version))
}
