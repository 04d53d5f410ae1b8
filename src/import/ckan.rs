//! CKAN, the archive of Kerbal Space Program: `.ckan` files, by
//! <https://github.com/KSP-CKAN/CKAN/blob/master/Spec.md>.

use semver::{Comparator, Op};

use super::draft::{Draft, Other};
use super::json::Json;
use super::text::Text;
use super::version::{compare, span};
use crate::problem::{Place, Problem};

/// What says nothing about the mod.
const FOR_PROGRAMS: &[&str] = &["spec_version", "comment", "ksp_version_strict"];

pub(super) fn read(text: &Text<'_>) -> Result<Draft, Box<Problem>> {
    let entries = Json::root(text)?;
    let id = entries.iter().find(|(key, _)| key == "identifier");
    let id = id.and_then(|(_, value)| value.said());
    let id = id.ok_or_else(|| text.refuse("has no `identifier`", "is it a file of CKAN?"))?;
    let mut draft = Draft::new(id);
    let mut left_out = Vec::new();
    let mut has_version = false;
    let mut game = Game::default();
    for (key, value) in entries {
        match (key.as_str(), value.string()) {
            ("identifier", _) => {}
            ("name", Some(name)) => draft.name = Some(name),
            ("version", Some(version)) => {
                has_version = true;
                draft.set_version(&version, &value.place());
            }
            ("abstract", Some(text)) => draft.description = Some(text),
            ("author", _) => {
                let authors = value.items().into_iter();
                draft.authors.extend(authors.filter_map(Json::string));
            }
            ("license", _) => {
                let licenses = value.items().into_iter();
                let licenses: Vec<String> = licenses.filter_map(Json::string).collect();
                draft.license = Some(licenses.join(" OR "));
            }
            ("ksp_version", Some(version)) => game.set(&key, &version, &version, value),
            ("ksp_version_min", Some(version)) => game.set(&key, &version, "any", value),
            ("ksp_version_max", Some(version)) => game.set(&key, "any", &version, value),
            ("depends", _) => each(&mut draft, value, depend),
            ("recommends", _) => each(&mut draft, value, recommend),
            ("suggests", _) => each(&mut draft, value, suggest),
            ("conflicts", _) => {
                for item in value.items() {
                    let other = relation(&mut draft, item);
                    draft.conflicts.extend(other);
                }
            }
            ("provides", _) => {
                let names = value.items().into_iter();
                draft.provides.extend(names.filter_map(Json::said));
            }
            (known, _) if FOR_PROGRAMS.contains(&known) => {}
            _ => left_out.push(key),
        }
    }
    if let Some((keys, place)) = game.said {
        let versions = span(game.min.as_deref(), game.max.as_deref());
        draft.set_game(&keys, &place, versions);
    }
    if !has_version {
        let hint = "it gets 0.0.0; write the right one";
        draft.notes.note(&text.whole(), "has no `version`", hint);
    }
    draft.leave_out(text, &left_out);
    Ok(draft)
}

/// The versions of KSP that a mod is made for.
#[derive(Default)]
struct Game {
    min: Option<String>,
    max: Option<String>,
    said: Option<(String, Place)>,
}

impl Game {
    fn set(&mut self, key: &str, min: &str, max: &str, value: Json<'_>) {
        let is_named = |version: &&str| *version != "any" && !version.is_empty();
        let (min, max) = (Some(min).filter(is_named), Some(max).filter(is_named));
        if min.is_none() && max.is_none() {
            return;
        }
        self.min = min.map(str::to_owned).or(self.min.take());
        self.max = max.map(str::to_owned).or(self.max.take());
        match &mut self.said {
            Some((keys, _)) => *keys += &format!(", {key}"),
            None => self.said = Some((key.to_owned(), value.place())),
        }
    }
}

/// Reads each mod of a list, and gives it to `take`. Where any of several will do, none of them can be required.
fn each(draft: &mut Draft, list: Json<'_>, take: fn(&mut Draft, Other)) {
    for item in list.items() {
        let entries = item.entries().unwrap_or_default();
        let any_of = entries.iter().find(|(key, _)| key == "any_of");
        let Some((_, any_of)) = any_of else {
            if let Some(other) = relation(draft, item) {
                take(draft, other);
            }
            continue;
        };
        let choices = any_of.items().into_iter();
        let choices: Vec<Other> = choices.filter_map(|one| relation(draft, one)).collect();
        let names: Vec<String> = choices
            .iter()
            .map(|it| format!("`{}`", it.name.text))
            .collect();
        if names.len() > 1 {
            let because = format!("asks for any of {}, and mod.toml can't", names.join(", "));
            let hint = "they become optional; let each provide one name, and depend on that";
            draft.notes.note(&item.place(), because, hint);
        }
        match <[Other; 1]>::try_from(choices) {
            Ok([only]) => take(draft, only),
            Err(several) => {
                let reason = "one of several that will do";
                several.into_iter().for_each(|it| wish(draft, it, reason));
            }
        }
    }
}

/// `{ "name": "ModuleManager", "min_version": "2.1.5" }`
fn relation(draft: &mut Draft, item: Json<'_>) -> Option<Other> {
    let place = item.place();
    let mut name = item.string();
    let mut versions: Vec<Comparator> = Vec::new();
    for (key, value) in item.entries().unwrap_or_default() {
        let op = match key.as_str() {
            "name" => {
                name = value.string();
                continue;
            }
            "version" => Op::Exact,
            "min_version" => Op::GreaterEq,
            "max_version" => Op::LessEq,
            _ => {
                let because = format!("says `{key}` of another mod, which mod.toml has no key for");
                draft.notes.note(&value.place(), because, "it is left out");
                continue;
            }
        };
        let Some(text) = value.string() else { continue };
        if text != "any" {
            let version = draft.compared(&text, &value.place());
            versions.push(compare(op, &version));
        }
    }
    let name = name.map(|name| name.trim().to_owned());
    let Some(name) = name.filter(|name| !name.is_empty()) else {
        let because = "names another mod without a `name`";
        draft.notes.note(&place, because, "it is left out");
        return None;
    };
    Some(Other {
        versions,
        ..Other::any(name, place)
    })
}

fn depend(draft: &mut Draft, other: Other) {
    draft.dependencies.push(other);
}

fn recommend(draft: &mut Draft, other: Other) {
    wish(draft, other, "recommended");
}

fn suggest(draft: &mut Draft, other: Other) {
    wish(draft, other, "suggested");
}

/// A wish never keeps a mod from running beside another version.
fn wish(draft: &mut Draft, mut other: Other, reason: &'static str) {
    if !other.versions.is_empty() {
        let because = format!("wishes for versions of `{}`", other.name.text);
        let hint = "an optional dependency excludes the others, so every version will do";
        draft.notes.note(&other.name.place, because, hint);
        other.versions.clear();
    }
    other.optional = true;
    other.reason = Some(reason);
    draft.dependencies.push(other);
}
