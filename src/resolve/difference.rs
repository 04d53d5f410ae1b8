//! What is different between two resolutions.

use std::collections::BTreeMap;

use semver::Version;
use serde::Serialize;

use super::Resolution;
use crate::mod_id::ModId;

/// What is different in a newer [`Resolution`], of the mods that run. Each list is in load order, the
/// vanished mods in the old one.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ResolutionDiff {
    /// Mods that run now and did not before.
    pub appeared: Vec<ModId>,
    /// Mods that ran before and do not now.
    pub vanished: Vec<ModId>,
    /// Mods that have another version now.
    pub version_changed: Vec<VersionChange>,
    /// The fewest mods that must have changed places, so that all others are in the order of before.
    pub moved: Vec<ModId>,
    /// Mods that use other mods than before, or the same by other names. Another version of the same mod
    /// or another requirement does not count.
    pub dependencies_changed: Vec<ModId>,
}

/// A mod that has another version now.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct VersionChange {
    /// The mod.
    pub id: ModId,
    /// Its version before.
    pub from: Version,
    /// Its version now.
    pub to: Version,
}

impl ResolutionDiff {
    /// Whether nothing is different.
    pub fn is_empty(&self) -> bool {
        *self == ResolutionDiff::default()
    }
}

/// What is different in `new`.
pub fn diff(old: &Resolution, new: &Resolution) -> ResolutionDiff {
    let absent = |order: &[ModId], other: &Resolution| -> Vec<ModId> {
        order
            .iter()
            .filter(|id| !other.accepts(id))
            .cloned()
            .collect()
    };
    let version_change = |id: &ModId| {
        let (from, to) = (&old.mods.get(id)?.version, &new.mods.get(id)?.version);
        let change = VersionChange {
            id: id.clone(),
            from: from.clone(),
            to: to.clone(),
        };
        (from != to).then_some(change)
    };
    let stayed = || new.order.iter().filter(|id| old.accepts(id));
    ResolutionDiff {
        appeared: absent(&new.order, old),
        vanished: absent(&old.order, new),
        version_changed: stayed().filter_map(version_change).collect(),
        moved: moved(old, stayed().collect()),
        dependencies_changed: stayed()
            .filter(|id| dependencies(old, id) != dependencies(new, id))
            .cloned()
            .collect(),
    }
}

/// Who stands behind each name that the mod depends on.
fn dependencies<'a>(resolution: &'a Resolution, mod_id: &ModId) -> BTreeMap<&'a ModId, &'a ModId> {
    let edges = resolution.edges_from(mod_id).iter();
    let dependencies = edges.filter(|edge| edge.is_dependency());
    dependencies.map(|edge| (&edge.name, &edge.to)).collect()
}

/// All of `ids` but a longest run that is in the order of `old` (patience sorting).
fn moved(old: &Resolution, ids: Vec<&ModId>) -> Vec<ModId> {
    let positions: Vec<usize> = ids.iter().map(|id| old.mods[*id].position).collect();
    // The last place of the best run of each length, and the place before each place in its run.
    let mut ends: Vec<usize> = Vec::new();
    let mut before: Vec<Option<usize>> = Vec::with_capacity(ids.len());
    for (place, position) in positions.iter().enumerate() {
        let length = ends.partition_point(|end| positions[*end] < *position);
        before.push(length.checked_sub(1).map(|shorter| ends[shorter]));
        match ends.get_mut(length) {
            Some(end) => *end = place,
            None => ends.push(place),
        }
    }
    let mut is_kept = vec![false; ids.len()];
    let mut kept = ends.last().copied();
    while let Some(place) = kept {
        is_kept[place] = true;
        kept = before[place];
    }
    let moved = ids.into_iter().zip(is_kept).filter(|(_, is_kept)| !is_kept);
    moved.map(|(id, _)| id.clone()).collect()
}
