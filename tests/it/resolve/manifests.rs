//! Manifests from the tables of a scenario, written as in `mod.toml`, and the resolution of some.

use lunation::manifest::{self, Dependency, Manifest};
use lunation::resolve::{Candidate, HostApi, Resolution, Rules, resolve};
use lunation::{ModId, Problem};
use toml::{Table, Value};

/// A manifest, the folder in which it stands, and its first error.
#[derive(Clone, Debug)]
pub(crate) struct Found {
    pub(crate) manifest: Manifest,
    pub(crate) folder: String,
    pub(crate) error: Option<Problem>,
}

/// The mod `id` 1.0.0, which says nothing.
pub(crate) fn bare(id: &str) -> Found {
    read(id, &Table::new())
}

/// The mod `id` 1.0.0 with required dependencies on any version.
pub(crate) fn needing(id: &str, dependencies: &[&str]) -> Found {
    let mut found = bare(id);
    for dependency in dependencies {
        found.manifest.dependencies.push(Dependency {
            id: self::id(dependency),
            versions: "*".parse().unwrap(),
            optional: false,
            reason: None,
            place: found.manifest.place.clone(),
        });
    }
    found
}

pub(crate) fn id(text: &str) -> ModId {
    text.parse().unwrap_or_else(|why| panic!("{text}: {why}"))
}

/// The resolution of `found` for the host colony in version `host`.
pub(crate) fn resolved(found: &[Found], host: Option<&str>, rules: &Rules) -> Resolution {
    let candidates = found.iter().map(|found| Candidate {
        manifest: &found.manifest,
        folder: &found.folder,
        error: found.error.as_ref(),
    });
    let host = host.map(|version| HostApi {
        name: "colony".to_owned(),
        version: version.parse().unwrap(),
    });
    resolve(&candidates.collect::<Vec<_>>(), host.as_ref(), rules)
}

/// The manifest in the table of the folder `folder`. Where none is given, the id is that of the folder
/// and the version 1.0.0. Lines are those of the table written out, with `id` first.
pub(crate) fn read(folder: &str, table: &Table) -> Found {
    let mut table = table.clone();
    let mut text = String::new();
    for (key, default) in [("id", folder), ("version", "1.0.0")] {
        let value = table.remove(key).unwrap_or_else(|| Value::from(default));
        text += &format!("{key} = {value}\n");
    }
    text += &toml::to_string(&table).unwrap();
    let (manifest, problems) = manifest::parse(text.as_bytes(), &format!("{folder}/mod.toml"));
    Found {
        manifest: manifest.unwrap_or_else(|| panic!("{folder}: {problems:?}")),
        folder: folder.to_owned(),
        error: problems.into_iter().find(Problem::is_error),
    }
}
