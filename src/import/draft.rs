//! [`Draft`]: what a description says, in which other mods still have the names of their game.

use semver::{Comparator, Version, VersionReq};

use super::names::Names;
use super::text::{Notes, Text};
use super::version;
use crate::problem::{Place, TEXT_BYTES_MAX};

/// The most comparators of a requirement: the parser of requirements takes no more.
const COMPARATORS_MAX: usize = 32;

/// A text, and where it stands.
pub(super) struct Said {
    pub(super) text: String,
    pub(super) place: Place,
}

/// Another mod that is spoken of.
pub(super) struct Other {
    pub(super) name: Said,
    pub(super) versions: Vec<Comparator>,
    pub(super) optional: bool,
    pub(super) reason: Option<&'static str>,
}

impl Other {
    /// In every version.
    pub(super) fn any(text: impl Into<String>, place: Place) -> Other {
        let text = text.into();
        Other {
            name: Said { text, place },
            versions: Vec::new(),
            optional: false,
            reason: None,
        }
    }

    pub(super) fn requirement(&self) -> VersionReq {
        VersionReq {
            comparators: self.versions.clone(),
        }
    }
}

/// What a description says.
pub(super) struct Draft {
    pub(super) id: Said,
    pub(super) name: Option<String>,
    pub(super) version: Version,
    pub(super) description: Option<String>,
    pub(super) authors: Vec<String>,
    pub(super) license: Option<String>,
    /// The script that the other game runs first, if that is there.
    pub(super) entry: Option<&'static str>,
    pub(super) game: Vec<Comparator>,
    pub(super) provides: Vec<Said>,
    pub(super) dependencies: Vec<Other>,
    pub(super) conflicts: Vec<Other>,
    pub(super) notes: Notes,
}

impl Draft {
    pub(super) fn new(id: Said) -> Draft {
        Draft {
            id,
            name: None,
            version: Version::new(0, 0, 0),
            description: None,
            authors: Vec::new(),
            license: None,
            entry: None,
            game: Vec::new(),
            provides: Vec::new(),
            dependencies: Vec::new(),
            conflicts: Vec::new(),
            notes: Notes::default(),
        }
    }

    /// All names of mods in it.
    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        let others = self.dependencies.iter().chain(&self.conflicts);
        let others = others.map(|other| &other.name).chain(&self.provides);
        std::iter::once(&self.id)
            .chain(others)
            .map(|said| said.text.as_str())
    }

    /// Takes `text` as the version of the mod, and says what that loses.
    pub(super) fn set_version(&mut self, text: &str, place: &Place) {
        let (version, lost) = version::version(text);
        self.version = version;
        if let Some(lost) = lost {
            let because = format!("has the version {text:?}, which becomes {}", self.version);
            self.notes.note(place, format!("{because}: {lost}"), "");
        }
    }

    /// Takes `text` as a version that others are compared with, and says what that loses.
    pub(super) fn compared(&mut self, text: &str, place: &Place) -> Version {
        let (version, lost) = version::version(text);
        if let Some(lost) = lost {
            let because = format!("names the version {text:?}, which becomes {version}");
            self.notes.note(place, format!("{because}: {lost}"), "");
        }
        version
    }

    /// Takes over which versions of its game a mod is for.
    pub(super) fn set_game(&mut self, key: &str, place: &Place, versions: Vec<Comparator>) {
        if versions.is_empty() {
            let because = format!("says in `{key}` what is no version");
            self.notes.note(place, because, "it is left out");
            return;
        }
        self.game.extend(versions);
        let because = format!(
            "is made for versions of its game, by `{key}`, which becomes game = \"{}\"",
            VersionReq {
                comparators: self.game.clone()
            }
        );
        let hint = "write the versions of the game that it is to run in now, or remove the line";
        self.notes.note(place, because, hint);
    }

    /// Says which keys have no place in a `mod.toml`.
    pub(super) fn leave_out(&mut self, text: &Text<'_>, keys: &[String]) {
        if keys.is_empty() {
            return;
        }
        let keys: Vec<String> = keys.iter().map(|key| format!("`{key}`")).collect();
        let because = format!("says {}, which mod.toml has no key for", keys.join(", "));
        self.notes
            .note(&text.whole(), because, "keep the file beside mod.toml");
    }

    /// Uses the script that the other game runs first, if it is among the files beside the description.
    pub(super) fn set_entry(&mut self, script: &'static str, beside: &[String], place: &Place) {
        if beside.iter().any(|name| name == script) {
            self.entry = Some(script);
        } else {
            let because = format!("has no {script} beside it, so nothing of it can run");
            let hint = "write its code into scripts/main.lua";
            self.notes.note(place, because, hint);
        }
    }

    /// Brings together what is said twice, takes out what no manifest may say, and tells which names changed.
    pub(super) fn settle(&mut self, names: &Names) {
        let own = names.id(&self.id.text);
        let notes = &mut self.notes;
        let (depends, excludes) = (both as Merging, either as Merging);
        for (list, verb, merging) in [
            (&mut self.dependencies, "depends on", depends),
            (&mut self.conflicts, "excludes", excludes),
        ] {
            list.retain(|other| {
                let is_own = names.id(&other.name.text) == own;
                if is_own {
                    notes.note(
                        &other.name.place,
                        format!("{verb} itself"),
                        "that is left out",
                    );
                }
                !is_own
            });
            merge(list, names, notes, merging);
        }
        self.provides.retain(|said| names.id(&said.text) != own);
        self.provides.sort_by_key(|said| names.id(&said.text));
        self.provides.dedup_by_key(|said| names.id(&said.text));
        if self
            .description
            .as_ref()
            .is_some_and(|text| text.len() > TEXT_BYTES_MAX)
        {
            let because = format!("has a description of more than {TEXT_BYTES_MAX} bytes");
            let place = self.id.place.clone();
            self.notes.note(&place, because, "the rest is cut off");
        }
        self.tell_names(names);
    }

    fn tell_names(&mut self, names: &Names) {
        let mut changed: Vec<(&str, String)> = self
            .names()
            .filter(|name| names.id(name).as_str() != *name)
            .map(|name| {
                (
                    name,
                    format!("{name:?} is {:?} now", names.id(name).as_str()),
                )
            })
            .collect();
        let own = self.id.text.clone();
        changed.sort_unstable();
        changed.dedup();
        changed.sort_by_key(|(name, _)| *name != own);
        if changed.is_empty() {
            return;
        }
        let changed: Vec<String> = changed.into_iter().map(|(_, text)| text).collect();
        let because = format!("uses names that are no ids: {}", changed.join(", "));
        let hint = "an id has only a to z, 0 to 9, '_' and '-'";
        let place = self.id.place.clone();
        self.notes.note(&place, because, hint);
    }
}

/// Of each mod only one entry is left. By id.
fn merge(list: &mut Vec<Other>, names: &Names, notes: &mut Notes, merging: Merging) {
    list.sort_by_key(|other| names.id(&other.name.text));
    let mut again: Option<Said> = None;
    let mut tell = |said: Option<Said>, hint: &str| {
        if let Some(Said { text, place }) = said {
            notes.note(&place, format!("names `{text}` more than once"), hint);
        }
    };
    let mut hint = "";
    list.dedup_by(|next, first| {
        let is_same = names.id(&next.name.text) == names.id(&first.name.text);
        if is_same {
            hint = merging(first, next);
            let text = next.name.text.clone();
            let place = next.name.place.clone();
            again.get_or_insert(Said { text, place });
        } else {
            tell(again.take(), hint);
        }
        is_same
    });
    tell(again, hint);
    for other in list {
        let all = std::mem::take(&mut other.versions);
        let mut is_all = true;
        for comparator in all {
            if other.versions.contains(&comparator) {
                continue;
            }
            is_all = other.versions.len() < COMPARATORS_MAX;
            if !is_all {
                break;
            }
            other.versions.push(comparator);
        }
        if !is_all {
            let because = format!("names more versions of `{}` than fit", other.name.text);
            let hint = format!("only the first {COMPARATORS_MAX} are carried over");
            notes.note(&other.name.place, because, &hint);
        }
    }
}

/// How an entry takes in another one on the same mod, and what is said of that.
type Merging = fn(&mut Other, &mut Other) -> &'static str;

/// What is needed twice has to fit both times.
fn both(first: &mut Other, next: &mut Other) -> &'static str {
    first.optional &= next.optional;
    first.versions.append(&mut next.versions);
    first.reason = first.reason.filter(|_| first.optional);
    "they become one entry, which holds where all of them do"
}

/// A requirement can't say "these versions or those", so what is excluded twice is excluded in every version.
fn either(first: &mut Other, next: &mut Other) -> &'static str {
    if first.versions != next.versions {
        first.versions.clear();
    }
    "they become one entry, which holds for all versions if they name different ones"
}
