//! What a manifest says of other mods: dependencies, conflicts, provided names, order hints.

use std::collections::HashSet;

use semver::VersionReq;

use super::parse::{id_hint, line, mod_id, version, versions};
use super::{Conflict, Dependency, Order, OrderHint, Provided};
use crate::mod_id::ModId;
use crate::problem::Code;
use crate::toml_reader::{Item, Section, shown};

/// `[dependencies]`; `own` is the id of the mod itself.
pub(super) fn dependencies(section: Section<'_>, own: Option<&ModId>) -> Vec<Dependency> {
    named(&section, own, "depends on")
        .into_iter()
        .filter_map(|(id, item)| {
            let relation = relation(&id, &item, true)?;
            Some(Dependency {
                id,
                versions: relation.versions,
                optional: relation.optional,
                reason: relation.reason,
                place: item.key_place(),
            })
        })
        .collect()
}

/// `[conflicts]`; `own` is the id of the mod itself.
pub(super) fn conflicts(section: Section<'_>, own: Option<&ModId>) -> Vec<Conflict> {
    named(&section, own, "excludes")
        .into_iter()
        .filter_map(|(id, item)| {
            let relation = relation(&id, &item, false)?;
            Some(Conflict {
                id,
                versions: relation.versions,
                reason: relation.reason,
                place: item.key_place(),
            })
        })
        .collect()
}

/// `provides = { … }`; `own` is the id of the mod itself.
pub(super) fn provides(section: Section<'_>, own: Option<&ModId>) -> Vec<Provided> {
    named(&section, own, "provides")
        .into_iter()
        .filter_map(|(id, item)| {
            Some(Provided {
                id,
                version: version(&item)?,
                place: item.key_place(),
            })
        })
        .collect()
}

/// `[order]`; `own` is the id of the mod itself.
pub(super) fn order(mut section: Section<'_>, own: Option<&ModId>) -> Order {
    let after = order_hints(section.item("after"), own);
    let mut before = order_hints(section.item("before"), own);
    section.finish();
    let ids_after: HashSet<&ModId> = after.iter().map(|(id, _)| id).collect();
    before.retain(|(id, item)| {
        let is_both = ids_after.contains(id);
        if is_both {
            let because = format!("loads both before and after `{id}`");
            item.bad(because, "list it once");
        }
        !is_both
    });
    Order {
        after: hints(after),
        before: hints(before),
    }
}

/// A version requirement, alone or as the table `{ version, optional, reason }`.
struct Relation {
    versions: VersionReq,
    optional: bool,
    reason: Option<String>,
}

/// Keys of the mod itself that end up among the dependencies when they stand below the section.
const KEYS_OF_THE_MOD: &[&str] = &[
    "name",
    "version",
    "description",
    "authors",
    "license",
    "entry",
    "game",
];

fn relation(key: &ModId, item: &Item<'_>, is_dependency: bool) -> Option<Relation> {
    if KEYS_OF_THE_MOD.contains(&key.as_str()) && !is_requirement(item) {
        let because = format!("sets `{}`, which is a key of the mod itself", item.name());
        let hint = "move it above the first [section]: what follows a section belongs to it";
        item.report_key(Code::UNKNOWN_KEY, because, hint);
        return None;
    }
    if !item.is_section() {
        return Some(Relation {
            versions: versions(item)?,
            optional: false,
            reason: None,
        });
    }
    let mut section = item.section()?;
    let version = section.item("version");
    let mut optional = false;
    if is_dependency {
        section.boolean("optional", &mut optional);
    }
    let reason = line(section.item("reason"));
    section.finish();
    let versions = match version {
        Some(version) => versions(&version)?,
        None => VersionReq::STAR,
    };
    Some(Relation {
        versions,
        optional,
        reason,
    })
}

fn is_requirement(item: &Item<'_>) -> bool {
    item.is_section()
        || item
            .as_str()
            .is_some_and(|text| VersionReq::parse(text).is_ok())
}

/// The entries of a table whose keys are ids of other mods.
fn named<'r>(section: &Section<'r>, own: Option<&ModId>, verb: &str) -> Vec<(ModId, Item<'r>)> {
    section
        .entries()
        .into_iter()
        .filter_map(|(key, item)| {
            let id = match key.parse::<ModId>() {
                Ok(id) => id,
                Err(why) => {
                    let because = format!("{verb} `{}`, an id that {why}", shown(key));
                    item.report_key(Code::BAD_ID, because, id_hint(key));
                    return None;
                }
            };
            if own == Some(&id) {
                let because = format!("{verb} itself");
                item.report_key(Code::SELF_REFERENCE, because, "remove this line");
                return None;
            }
            Some((id, item))
        })
        .collect()
}

fn order_hints<'r>(list: Option<Item<'r>>, own: Option<&ModId>) -> Vec<(ModId, Item<'r>)> {
    let items = list.map(|list| list.list()).unwrap_or_default();
    items
        .into_iter()
        .filter_map(|item| {
            let id = mod_id(&item)?;
            if own == Some(&id) {
                let because = "names itself in its load order";
                item.report(Code::SELF_REFERENCE, because, "remove it from the list");
                return None;
            }
            Some((id, item))
        })
        .collect()
}

fn hints(list: Vec<(ModId, Item<'_>)>) -> Vec<OrderHint> {
    list.into_iter()
        .map(|(id, item)| OrderHint {
            id,
            place: item.place(),
        })
        .collect()
}
