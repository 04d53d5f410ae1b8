//! What is different between two resolutions.

use std::collections::BTreeMap;

use semver::Version;
use serde::Serialize;

use super::{Accepted, Edge, Resolution};
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
    let (mut stayed, mut appeared) = (Vec::new(), Vec::new());
    let mut has_stayed = vec![false; old.order.len()];
    let mut olds = Said::of(old).peekable();
    for new in Said::of(new) {
        // Both are sorted by id.
        while olds.next_if(|old| old.id < new.id).is_some() {}
        match olds.next_if(|old| old.id == new.id) {
            Some(old) => {
                has_stayed[old.accepted.position] = true;
                stayed.push((old, new));
            }
            None => appeared.push(new),
        }
    }
    stayed.sort_unstable_by_key(|(_, new)| new.accepted.position);
    appeared.sort_unstable_by_key(|new| new.accepted.position);
    let vanished = old.order.iter().zip(has_stayed);
    let vanished = vanished.filter(|(_, has_stayed)| !has_stayed);
    let changed = stayed.iter().filter(|(old, new)| !old.depends_alike(new));
    ResolutionDiff {
        appeared: appeared.into_iter().map(|new| new.id.clone()).collect(),
        vanished: vanished.map(|(id, _)| id.clone()).collect(),
        version_changed: stayed.iter().filter_map(version_change).collect(),
        moved: moved(&stayed),
        dependencies_changed: changed.map(|(_, new)| new.id.clone()).collect(),
    }
}

/// A mod that runs, and what it says about others.
struct Said<'a> {
    id: &'a ModId,
    accepted: &'a Accepted,
    edges: &'a [Edge],
}

impl<'a> Said<'a> {
    /// All mods that run, by id.
    fn of(resolution: &'a Resolution) -> impl Iterator<Item = Said<'a>> {
        let mut rest = resolution.edges.as_slice();
        resolution.mods.iter().map(move |(id, accepted)| {
            // They are sorted by the mod that says them.
            let start = rest.iter().take_while(|edge| edge.from < *id).count();
            let own = rest[start..].iter().take_while(|edge| edge.from == *id);
            let (edges, further) = rest[start..].split_at(own.count());
            rest = further;
            Said {
                id,
                accepted,
                edges,
            }
        })
    }

    /// The names that the mod depends on, each with who stands behind it.
    fn dependencies(&self) -> impl Iterator<Item = (&'a ModId, &'a ModId)> + Clone + use<'a> {
        let dependencies = self.edges.iter().filter(|edge| edge.is_dependency());
        dependencies.map(|edge| (&edge.name, &edge.to))
    }

    fn depends_alike(&self, other: &Said<'a>) -> bool {
        let (own, others) = (self.dependencies(), other.dependencies());
        // In whatever order they are said, which nearly always is the same.
        own.clone().eq(others.clone())
            || own.collect::<BTreeMap<_, _>>() == others.collect::<BTreeMap<_, _>>()
    }
}

fn version_change((old, new): &(Said, Said)) -> Option<VersionChange> {
    let (from, to) = (&old.accepted.version, &new.accepted.version);
    (from != to).then(|| VersionChange {
        id: new.id.clone(),
        from: from.clone(),
        to: to.clone(),
    })
}

/// All of those that stayed, in their new order, but a longest run that is in the old one (patience sorting).
fn moved(stayed: &[(Said, Said)]) -> Vec<ModId> {
    let positions: Vec<usize> = stayed
        .iter()
        .map(|(old, _)| old.accepted.position)
        .collect();
    // The last place of the best run of each length, and the place before each place in its run.
    let mut ends: Vec<usize> = Vec::new();
    let mut before: Vec<Option<usize>> = Vec::with_capacity(stayed.len());
    for (place, position) in positions.iter().enumerate() {
        let length = ends.partition_point(|end| positions[*end] < *position);
        before.push(length.checked_sub(1).map(|shorter| ends[shorter]));
        match ends.get_mut(length) {
            Some(end) => *end = place,
            None => ends.push(place),
        }
    }
    let mut is_kept = vec![false; stayed.len()];
    let mut kept = ends.last().copied();
    while let Some(place) = kept {
        is_kept[place] = true;
        kept = before[place];
    }
    let moved = stayed.iter().zip(is_kept).filter(|(_, is_kept)| !is_kept);
    moved.map(|((_, new), _)| new.id.clone()).collect()
}
