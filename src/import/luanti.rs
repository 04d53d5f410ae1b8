//! Luanti, once Minetest: `mod.conf` and the older `depends.txt`, by <https://api.luanti.org/mods/>.

use semver::Version;

use super::Original;
use super::draft::{Draft, Other, Said};
use super::text::Text;
use super::version::span;
use crate::problem::{Place, Problem};

/// The script that Luanti runs.
const SCRIPT: &str = "init.lua";

pub(super) fn read(text: &Text<'_>, original: &Original) -> Result<Draft, Box<Problem>> {
    if original.file.rsplit('/').next() == Some("depends.txt") {
        let mut draft = named_after_folder(text, original);
        add_depends_txt(&mut draft, text);
        draft.set_entry(SCRIPT, &original.beside, &text.whole());
        return Ok(draft);
    }
    let (entries, unread) = entries(text);
    let id = entries.iter().find(|(key, _)| key == "name");
    let mut draft = match id.filter(|(_, value)| !value.text.is_empty()) {
        Some((_, value)) => Draft::new(Said {
            text: value.text.clone(),
            place: value.place.clone(),
        }),
        None => named_after_folder(text, original),
    };
    for place in unread {
        let because = "has a line that is neither `key = value` nor a comment";
        draft.notes.note(&place, because, "it is left out");
    }
    let mut left_out = Vec::new();
    let (mut has_release, mut has_dependencies) = (false, false);
    let (mut least, mut most): (Option<Said>, Option<Said>) = (None, None);
    for (key, value) in entries {
        match key.as_str() {
            "name" => {}
            "title" => draft.name = Some(value.text),
            "description" => draft.description = Some(value.text),
            "author" => draft.authors = list(&value.text).map(str::to_owned).collect(),
            "license" => draft.license = Some(value.text),
            "release" => {
                has_release = true;
                release(&mut draft, &value);
            }
            "depends" | "optional_depends" => {
                has_dependencies = true;
                for name in list(&value.text) {
                    let mut other = Other::any(name, value.place.clone());
                    other.optional = key == "optional_depends";
                    draft.dependencies.push(other);
                }
            }
            "min_minetest_version" | "min_luanti_version" => least = Some(value),
            "max_minetest_version" | "max_luanti_version" => most = Some(value),
            _ => left_out.push(key),
        }
    }
    set_game(&mut draft, least, most);
    if !has_release {
        tell_version(&mut draft, &text.whole());
    }
    if let Some(bytes) = original.depends_txt.as_deref() {
        match Text::read(bytes, &beside(&original.file, "depends.txt")) {
            Ok(older) if has_dependencies => {
                let because = "stands beside a mod.conf that says what the mod needs";
                draft.notes.note(&older.whole(), because, "it is left out");
            }
            Ok(older) => add_depends_txt(&mut draft, &older),
            Err(problem) => return Err(problem),
        }
    }
    draft.leave_out(text, &left_out);
    draft.set_entry(SCRIPT, &original.beside, &text.whole());
    Ok(draft)
}

/// A mod is called like its folder if nothing says otherwise.
fn named_after_folder(text: &Text<'_>, original: &Original) -> Draft {
    let mut draft = Draft::new(Said {
        text: original.folder.clone(),
        place: text.whole(),
    });
    if original.file.ends_with("depends.txt") {
        tell_version(&mut draft, &text.whole());
    }
    draft
}

/// Mods of Luanti have no version.
fn tell_version(draft: &mut Draft, place: &Place) {
    draft.version = Version::new(0, 1, 0);
    let because = "has no version, as no mod of Luanti has";
    let hint = "it gets 0.1.0; raise it with each release from now on";
    draft.notes.note(place, because, hint);
}

/// The number of a release becomes the last one of the version: a later release is a later version.
fn release(draft: &mut Draft, value: &Said) {
    let number = value.text.parse().unwrap_or(0);
    draft.version = Version::new(0, 1, number);
    let because = format!("has the release {:?} and no version", value.text);
    let hint = format!("its version becomes {}", draft.version);
    draft.notes.note(&value.place, because, &hint);
}

fn set_game(draft: &mut Draft, least: Option<Said>, most: Option<Said>) {
    let text = |said: &Option<Said>| said.as_ref().map(|said| said.text.clone());
    let versions = span(text(&least).as_deref(), text(&most).as_deref());
    let (key, place) = match (&least, &most) {
        (None, None) => return,
        (Some(least), None) => ("min_minetest_version", &least.place),
        (None, Some(most)) => ("max_minetest_version", &most.place),
        (Some(least), Some(_)) => ("min_minetest_version, max_minetest_version", &least.place),
    };
    draft.set_game(key, place, versions);
}

/// One mod a line; a `?` behind it: if it is there.
fn add_depends_txt(draft: &mut Draft, text: &Text<'_>) {
    let mut offset = 0;
    for line in text.text.split('\n') {
        let name = line.trim();
        if !name.is_empty() {
            let plain = name.trim_end_matches('?').trim_end();
            let mut other = Other::any(plain, text.place(offset));
            other.optional = plain.len() < name.len();
            draft.dependencies.push(other);
        }
        offset += line.len() + 1;
    }
}

fn list(text: &str) -> impl Iterator<Item = &str> {
    text.split(',')
        .map(str::trim)
        .filter(|item| !item.is_empty())
}

fn beside(file: &str, name: &str) -> String {
    match file.rsplit_once('/') {
        Some((folder, _)) => format!("{folder}/{name}"),
        None => name.to_owned(),
    }
}

/// `key = value`; a value that begins with `"""` goes on to the next `"""`; a `#` begins a comment. With the places
/// of the lines that are nothing of that.
fn entries(text: &Text<'_>) -> (Vec<(String, Said)>, Vec<Place>) {
    let (mut entries, mut unread) = (Vec::new(), Vec::new());
    let mut rest = text.text;
    while !rest.is_empty() {
        let offset = text.text.len() - rest.len();
        let (line, behind) = rest.split_once('\n').unwrap_or((rest, ""));
        rest = behind;
        let plain = line.trim();
        if plain.is_empty() || plain.starts_with('#') {
            continue;
        }
        let Some((key, value)) = plain.split_once('=') else {
            unread.push(text.place(offset));
            continue;
        };
        let place = text.place(offset);
        let value = value.trim();
        let value = match value.strip_prefix("\"\"\"") {
            None => value.to_owned(),
            Some(first) => {
                let (more, behind) = rest.split_once("\"\"\"").unwrap_or((rest, ""));
                rest = behind.split_once('\n').map_or("", |(_, behind)| behind);
                format!("{first} {more}").trim().to_owned()
            }
        };
        entries.push((key.trim().to_owned(), Said { text: value, place }));
    }
    (entries, unread)
}
