//! [`Profile::parse`]: a profile walked key by key.

use std::collections::{BTreeMap, BTreeSet};

use semver::VersionReq;

use super::{PROFILE_BYTES_MAX, Profile};
use crate::config::Override;
use crate::manifest::{id_hint, mod_id, versions};
use crate::mod_id::ModId;
use crate::problem::{Code, Place, Problem};
use crate::toml_reader::{Item, Section, TomlText, shown};

impl Profile {
    /// Reads `text`, the content of `file`, such as `profiles/winter.toml`.
    ///
    /// What is wrong has no effect and is among the problems.
    ///
    /// ```
    /// use lunation::Profile;
    /// let text = b"mods = ['economy']\ndisbled = ['noise']";
    /// let (profile, problems) = Profile::parse(text, "profiles/winter.toml");
    /// assert_eq!(profile.mods.unwrap().len(), 1);
    /// assert_eq!(
    ///     problems[0].to_string(),
    ///     "profiles/winter.toml:2:1: has the unknown key `disbled` (hint: did you mean `disabled`? \
    ///      the keys here are mods, disabled, order, pins, config)"
    /// );
    /// ```
    pub fn parse(text: &[u8], file: &str) -> (Profile, Vec<Problem>) {
        let mut profile = Profile::default();
        let toml = match TomlText::read(text, file, PROFILE_BYTES_MAX) {
            Ok(toml) => toml,
            Err(problem) => return (profile, vec![*problem]),
        };
        let mut root = toml.root();
        let places = &mut profile.places;
        profile.mods = root.item("mods").map(|list| {
            let mods = ids(&list, places);
            mods.into_iter().map(|(id, _)| id).collect()
        });
        let disabled = listed(root.item("disabled"), places);
        profile.disabled = off(disabled, profile.mods.as_ref());
        let order = listed(root.item("order"), places);
        profile.order = order.into_iter().map(|(id, _)| id).collect();
        profile.pins = pins(&root.section("pins"), places);
        profile.config = config(&root.section("config"), places);
        root.finish();
        (profile, toml.into_problems())
    }
}

type Places = BTreeMap<ModId, Place>;

fn listed<'r>(list: Option<Item<'r>>, places: &mut Places) -> Vec<(ModId, Item<'r>)> {
    list.map(|list| ids(&list, places)).unwrap_or_default()
}

/// The ids of a list, each once.
fn ids<'r>(list: &Item<'r>, places: &mut Places) -> Vec<(ModId, Item<'r>)> {
    let mut known = BTreeSet::new();
    let mut ids = Vec::new();
    for item in list.list() {
        let Some(id) = mod_id(&item) else { continue };
        if !known.insert(id.clone()) {
            item.bad(format!("lists `{id}` twice"), "list it once");
            continue;
        }
        places.entry(id.clone()).or_insert_with(|| item.place());
        ids.push((id, item));
    }
    ids
}

/// The mods that are switched off. To ask for one as well is a contradiction.
fn off(disabled: Vec<(ModId, Item<'_>)>, mods: Option<&BTreeSet<ModId>>) -> BTreeSet<ModId> {
    for (id, item) in &disabled {
        if mods.is_some_and(|mods| mods.contains(id)) {
            let because = format!("asks for `{id}` in `mods` and switches it off");
            item.bad(because, "take it out of one of the two lists");
        }
    }
    disabled.into_iter().map(|(id, _)| id).collect()
}

fn pins(section: &Section<'_>, places: &mut Places) -> BTreeMap<ModId, VersionReq> {
    let named = named(section, "pins", places).into_iter();
    named
        .filter_map(|(id, item)| Some((id, versions(&item)?)))
        .collect()
}

fn config(section: &Section<'_>, places: &mut Places) -> BTreeMap<ModId, Vec<Override>> {
    let mods = named(section, "sets values of", places).into_iter();
    mods.filter_map(|(id, item)| {
        let entries = item.section()?.entries().into_iter();
        let values = entries.filter_map(|(key, item)| {
            let value = item.value()?;
            let place = item.place();
            let key = key.to_owned();
            Some(Override { key, value, place })
        });
        Some((id, values.collect()))
    })
    .collect()
}

/// The entries of a table whose keys are ids of mods.
fn named<'r>(section: &Section<'r>, verb: &str, places: &mut Places) -> Vec<(ModId, Item<'r>)> {
    let entries = section.entries().into_iter();
    entries
        .filter_map(|(key, item)| match key.parse::<ModId>() {
            Ok(id) => {
                places.entry(id.clone()).or_insert_with(|| item.key_place());
                Some((id, item))
            }
            Err(why) => {
                let because = format!("{verb} `{}`, an id that {why}", shown(key));
                item.report_key(Code::BAD_ID, because, id_hint(key));
                None
            }
        })
        .collect()
}
