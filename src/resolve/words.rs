//! How names, versions and lists are said.

use semver::VersionReq;

use crate::manifest::{Dependency, Manifest};
use crate::mod_id::ModId;

/// The most mods of a list that anybody wants to read.
const LIST_SHOWN: usize = 12;

/// The most mods of a circle that are named.
pub(super) const CYCLE_SHOWN: usize = 48;

/// `` `a`, `b` and `c` ``, or `` `a`, `b` and 7 more `` where there are more than `shown`.
pub(super) fn list<'a>(ids: impl Iterator<Item = &'a ModId>, shown: usize) -> String {
    let mut ids: Vec<&ModId> = ids.collect();
    let mut last = None;
    if ids.len() > shown {
        last = Some(format!("{} more", ids.len() - shown));
        ids.truncate(shown);
    } else if ids.len() > 1 {
        last = ids.pop().map(|id| format!("`{id}`"));
    }
    let names: Vec<String> = ids.into_iter().map(|id| format!("`{id}`")).collect();
    let names = names.join(", ");
    match last {
        Some(last) => format!("{names} and {last}"),
        None => names,
    }
}

/// `a`, `a and b`, `a, b and c`
pub(super) fn and(parts: &[String]) -> String {
    match parts {
        [] => String::new(),
        [one] => one.clone(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}

/// `` `base` ^1.2 ``
pub(super) fn wanted(dependency: &Dependency) -> String {
    format!("`{}`{}", dependency.id, versions(&dependency.versions))
}

/// ` ^1.2` with a space before it; nothing for `*`.
pub(super) fn versions(versions: &VersionReq) -> String {
    match versions.comparators.is_empty() {
        true => String::new(),
        false => format!(" {versions}"),
    }
}

/// `` `base` 1.0.0 ``, or `` `market` 2.1.0, which provides `price-api` 1.0.0 `` where the mod answers to
/// another name.
pub(super) fn provider(manifest: &Manifest, name: &ModId) -> String {
    let itself = format!("`{}` {}", manifest.id, manifest.version);
    match manifest
        .provides
        .iter()
        .find(|provided| provided.id == *name)
    {
        Some(provided) if manifest.id != *name => {
            format!("{itself}, which provides `{name}` {}", provided.version)
        }
        _ => itself,
    }
}

/// `; 3 mods wait for it: …`
pub(super) fn waiting<'a>(what: &str, ids: impl ExactSizeIterator<Item = &'a ModId>) -> String {
    match ids.len() {
        0 => String::new(),
        1 => format!("; 1 mod waits for {what}: {}", list(ids, LIST_SHOWN)),
        count => format!("; {count} mods wait for {what}: {}", list(ids, LIST_SHOWN)),
    }
}

/// `; so does `a``, `; so do `a` and `b``
pub(super) fn so_do<'a>(ids: impl ExactSizeIterator<Item = &'a ModId>) -> String {
    match ids.len() {
        0 => String::new(),
        1 => format!("; so does {}", list(ids, LIST_SHOWN)),
        _ => format!("; so do {}", list(ids, LIST_SHOWN)),
    }
}

/// What to try where `provider` has a version that does not fit.
pub(super) fn hint_for_version(provider: &Manifest, dependency: &Dependency) -> String {
    let provided = provider
        .provides
        .iter()
        .find(|provided| provided.id == dependency.id);
    let version = match provided {
        Some(provided) if provider.id != dependency.id => &provided.version,
        _ => &provider.version,
    };
    if version.pre.is_empty() {
        let fits = match provider.id == dependency.id {
            true => "fits".to_owned(),
            false => format!("provides `{}`", dependency.id),
        };
        format!(
            "get a version of `{}` that {fits}{}, or change the requirement",
            provider.id,
            versions(&dependency.versions)
        )
    } else {
        format!("a requirement takes a pre-release only if it names one: `>={version}`")
    }
}
