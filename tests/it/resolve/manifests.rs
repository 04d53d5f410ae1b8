//! Manifests from the tables of a scenario, written as in `mod.toml`, and the resolution of some.

use std::fmt;

use lunation::manifest::{self, Dependency, Manifest};
use lunation::resolve::{Candidate, HostApi, Resolution, Rules, resolve};
use lunation::{ModId, Problem};
use toml::{Table, Value};

/// A manifest, the folder in which it stands, and its first error.
#[derive(Clone)]
pub(crate) struct Found {
    pub(crate) manifest: Manifest,
    pub(crate) folder: String,
    pub(crate) error: Option<Problem>,
}

/// As a story would write it: a law that fails shows one.
impl fmt::Debug for Found {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Manifest { id, version, .. } = &self.manifest;
        write!(
            f,
            "\n[mods.\"{}\"]\nid = \"{id}\"\nversion = \"{version}\"\n",
            self.folder
        )?;
        if let Some(error) = &self.error {
            writeln!(f, "# error: {error}")?;
        }
        if let Some(game) = &self.manifest.game {
            writeln!(f, "game = \"{}\"", game.versions)?;
        }
        let list = |f: &mut fmt::Formatter<'_>, key: &str, entries: Vec<String>| match entries
            .is_empty()
        {
            true => Ok(()),
            false => writeln!(f, "{key} = {{ {} }}", entries.join(", ")),
        };
        let dependencies = self.manifest.dependencies.iter();
        let dependencies = dependencies.map(|it| match it.optional {
            true => format!(
                "{} = {{ version = \"{}\", optional = true }}",
                it.id, it.versions
            ),
            false => format!("{} = \"{}\"", it.id, it.versions),
        });
        list(f, "dependencies", dependencies.collect())?;
        let conflicts = self.manifest.conflicts.iter();
        let conflicts = conflicts.map(|it| format!("{} = \"{}\"", it.id, it.versions));
        list(f, "conflicts", conflicts.collect())?;
        let provides = self.manifest.provides.iter();
        let provides = provides.map(|it| format!("{} = \"{}\"", it.id, it.version));
        list(f, "provides", provides.collect())?;
        let order = &self.manifest.order;
        for (key, hints) in [("after", &order.after), ("before", &order.before)] {
            if !hints.is_empty() {
                let ids: Vec<&ModId> = hints.iter().map(|hint| &hint.id).collect();
                writeln!(f, "order.{key} = {ids:?}")?;
            }
        }
        Ok(())
    }
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

pub(crate) fn candidates(found: &[Found]) -> Vec<Candidate<'_>> {
    let candidate = found.iter().map(|found| Candidate {
        manifest: &found.manifest,
        folder: &found.folder,
        error: found.error.as_ref(),
    });
    candidate.collect()
}

/// The resolution of `found` for the host colony in version `host`.
pub(crate) fn resolved(found: &[Found], host: Option<&str>, rules: &Rules) -> Resolution {
    let host = host.map(|version| HostApi {
        name: "colony".to_owned(),
        version: version.parse().unwrap(),
    });
    resolve(&candidates(found), host.as_ref(), rules)
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
