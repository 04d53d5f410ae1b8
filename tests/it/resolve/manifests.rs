//! Manifests from the tables of a scenario, written as in `mod.toml`, and the resolution of some.

use std::sync::Arc;

use lunation::manifest::{
    Capabilities, Conflict, Dependency, HotReloadOverrides, Manifest, Order, OrderHint, Provided,
    Requirement,
};
use lunation::resolve::{Candidate, HostApi, Resolution, Rules, resolve};
use lunation::{ModId, Place};
use toml::{Table, Value};

/// A manifest and the folder in which it stands.
#[derive(Clone, Debug)]
pub(crate) struct Found {
    pub(crate) manifest: Manifest,
    pub(crate) folder: String,
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
    });
    let host = host.map(|version| HostApi {
        name: "colony".to_owned(),
        version: version.parse().unwrap(),
    });
    resolve(&candidates.collect::<Vec<_>>(), host.as_ref(), rules)
}

/// The manifest in the table of the folder `folder`; the id is that of the folder where none is given.
pub(crate) fn read(folder: &str, table: &Table) -> Found {
    let text = |key: &str, default: &str| {
        let value = table.get(key).map(|value| value.as_str().expect(key));
        value.unwrap_or(default).to_owned()
    };
    // A place in the real file would need its text: the key tells as much here.
    let place = |key: &str| Place::file(format!("{folder}/mod.toml[{key}]"));
    let id_text = text("id", folder);
    let manifest = Manifest {
        id: id(&id_text),
        name: id_text.clone(),
        version: text("version", "1.0.0").parse().expect(folder),
        description: String::new(),
        authors: Vec::new(),
        license: None,
        entry: Arc::from("scripts/main.lua"),
        game: table.get("game").map(|versions| Requirement {
            versions: versions.as_str().unwrap().parse().unwrap(),
            place: place("game"),
        }),
        provides: entries(table, "provides", |name, value| Provided {
            id: id(name),
            version: value.as_str().unwrap().parse().unwrap(),
            place: place(&format!("provides.{name}")),
        }),
        dependencies: entries(table, "dependencies", |name, value| Dependency {
            id: id(name),
            versions: versions(value),
            optional: value
                .get("optional")
                .is_some_and(|value| value.as_bool().unwrap()),
            reason: reason(value),
            place: place(&format!("dependencies.{name}")),
        }),
        conflicts: entries(table, "conflicts", |name, value| Conflict {
            id: id(name),
            versions: versions(value),
            reason: reason(value),
            place: place(&format!("conflicts.{name}")),
        }),
        order: Order {
            after: hints(table, "after", place("order.after")),
            before: hints(table, "before", place("order.before")),
        },
        capabilities: Capabilities::default(),
        config: Vec::new(),
        assets: Vec::new(),
        hot_reload: HotReloadOverrides::default(),
        place: Place::file(format!("{folder}/mod.toml")),
    };
    Found {
        manifest,
        folder: folder.to_owned(),
    }
}

fn entries<T>(table: &Table, key: &str, read: impl Fn(&str, &Value) -> T) -> Vec<T> {
    let table = table.get(key).map(|value| value.as_table().expect(key));
    let entries = table.into_iter().flatten();
    entries.map(|(name, value)| read(name, value)).collect()
}

fn hints(table: &Table, key: &str, place: Place) -> Vec<OrderHint> {
    let list = table
        .get("order")
        .and_then(|order| order.get(key))
        .map(|list| list.as_array());
    let names = list.flatten().into_iter().flatten();
    names
        .map(|name| OrderHint {
            id: id(name.as_str().unwrap()),
            place: place.clone(),
        })
        .collect()
}

fn versions(value: &Value) -> semver::VersionReq {
    let text = value.as_str().or_else(|| value.get("version")?.as_str());
    text.unwrap_or("*").parse().unwrap()
}

fn reason(value: &Value) -> Option<String> {
    value
        .get("reason")
        .map(|reason| reason.as_str().unwrap().to_owned())
}
