//! [`Names`]: the id of each mod that another game calls by a name of its own.

use std::collections::{BTreeMap, BTreeSet};

use crate::mod_id::{MOD_ID_CHARS_MAX, ModId};

/// Which id stands for which name. Two names never share an id.
pub(super) struct Names {
    ids: BTreeMap<String, ModId>,
}

impl Names {
    /// A name that is an id keeps it. The others get the nearest one that is free, in the order of the names: so the
    /// answer depends on nothing but which names there are.
    pub(super) fn of<'n>(names: impl Iterator<Item = &'n str>) -> Names {
        let names: BTreeSet<&str> = names.collect();
        let (legal, others): (Vec<&str>, Vec<&str>) = names
            .into_iter()
            .partition(|name| name.parse::<ModId>().is_ok());
        let mut ids: BTreeMap<String, ModId> = legal
            .into_iter()
            .filter_map(|name| Some((name.to_owned(), name.parse().ok()?)))
            .collect();
        let mut taken: BTreeSet<ModId> = ids.values().cloned().collect();
        // How often the ids that begin alike were asked for: thousands of names may have the same nearest id.
        let mut asked: BTreeMap<ModId, usize> = BTreeMap::new();
        for name in others {
            let nearest = nearest(name);
            let count = asked.entry(nearest.clone()).or_default();
            let id = loop {
                *count += 1;
                let id = numbered(&nearest, *count);
                if taken.insert(id.clone()) {
                    break id;
                }
            };
            ids.insert(name.to_owned(), id);
        }
        Names { ids }
    }

    /// The id that stands for `name`, which is one of those that this was made of.
    pub(super) fn id(&self, name: &str) -> &ModId {
        &self.ids[name]
    }
}

/// The id that a name is most like.
fn nearest(name: &str) -> ModId {
    ModId::nearest(name)
        // A number or a single letter, or a name that is reserved.
        .or_else(|| ModId::nearest(&format!("mod-{name}")))
        .unwrap_or_else(|| "mod".parse().expect("three small letters are an id"))
}

/// `id`, `id-2`, `id-3`, …
fn numbered(id: &ModId, number: usize) -> ModId {
    if number == 1 {
        return id.clone();
    }
    let end = format!("-{number}");
    let kept = id.as_str().len().min(MOD_ID_CHARS_MAX - end.len());
    let text = format!("{}{end}", &id.as_str()[..kept]);
    text.parse().expect("an id with a number behind it is one")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(names: &[&str], ids: &[&str]) {
        let known = Names::of(names.iter().copied());
        let given: Vec<&str> = names.iter().map(|name| known.id(name).as_str()).collect();
        assert_eq!(given, ids);
        let mut turned = names.to_vec();
        turned.reverse();
        let again = Names::of(turned.into_iter());
        assert!(names.iter().all(|name| again.id(name) == known.id(name)));
    }

    #[test]
    fn a_name_that_is_an_id_keeps_it_and_the_others_get_one_of_their_own() {
        check(
            &["Better Armor", "better-armor", "BETTER ARMOR", "flib"],
            &["better-armor-3", "better-armor", "better-armor-2", "flib"],
        );
    }

    #[test]
    fn what_has_no_letters_is_called_mod() {
        check(
            &["42", "", "日本", "con", "x"],
            &["mod-42", "mod", "mod-2", "mod-con", "mod-x"],
        );
    }

    #[test]
    fn long_names_that_begin_alike_stay_apart() {
        let names: Vec<String> = (0..3).map(|n| "A".repeat(70 + n)).collect();
        let known = Names::of(names.iter().map(String::as_str));
        let ids: BTreeSet<&ModId> = names.iter().map(|name| known.id(name)).collect();
        assert_eq!(ids.len(), 3);
    }
}
