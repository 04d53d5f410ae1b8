//! How the mods of a [`World`] are related: who runs a changed script, who goes with whom, who waits for whom.

use std::collections::{BTreeMap, BTreeSet};

use crate::change::Kind;
use crate::files::FileChangeKind;
use crate::mod_id::ModId;

use super::reason::Reason;
use super::world::{Absence, Running, Script, World};

/// A script that is different.
pub(super) struct ChangedScript {
    pub(super) change: FileChangeKind,
    /// The mods that reload because of it.
    pub(super) reloads: Vec<ModId>,
}

pub(super) fn changed_scripts(world: &World) -> BTreeMap<Script, ChangedScript> {
    let mut scripts = BTreeMap::new();
    for (mod_id, changes) in &world.changed {
        if !world.accepted.contains_key(mod_id) {
            continue;
        }
        for file in changes.files.iter().filter(|f| f.kind == Kind::Script) {
            let script = Script {
                mod_id: mod_id.clone(),
                path: file.path.clone(),
            };
            let (change, reloads) = (file.change, Vec::new());
            scripts.insert(script, ChangedScript { change, reloads });
        }
    }
    scripts
}

/// The scripts that a VM has loaded or looked for, of those mods that have changes at all.
pub(super) fn scripts_of<'a>(
    world: &'a World,
    mod_id: &'a ModId,
    running: &'a Running,
) -> impl Iterator<Item = Script> + 'a {
    let own = running.scripts.iter().map(|path| Script {
        mod_id: mod_id.clone(),
        path: path.clone(),
    });
    let own = own.filter(|_| world.changed.contains_key(mod_id));
    let others = running.borrowed.iter().chain(&running.missed);
    let is_own =
        |script: &Script| script.mod_id == *mod_id && running.scripts.contains(&script.path);
    let others =
        others.filter(move |script| world.changed.contains_key(&script.mod_id) && !is_own(script));
    own.chain(others.cloned())
}

pub(super) fn why_touched(
    script: Script,
    change: FileChangeKind,
    by: &ModId,
    running: &Running,
) -> Reason {
    let is_own = script.mod_id == *by && running.scripts.contains(&script.path);
    let was_missed = !is_own && !running.borrowed.contains(&script);
    let (by, of, path) = (by.clone(), script.mod_id, script.path);
    match (was_missed, of == by) {
        (true, _) => Reason::LookedFor {
            by,
            of,
            path,
            change,
        },
        (false, true) => Reason::Loaded { by, path, change },
        (false, false) => Reason::Required {
            by,
            of,
            path,
            change,
        },
    }
}

/// The running mods that go: because they are removed or switched off, or because they are rejected
/// due to one that goes, or that was quarantined while they ran with it.
pub(super) fn going(world: &World) -> BTreeSet<&ModId> {
    let mut rejected_due_to: BTreeMap<&ModId, Vec<&ModId>> = BTreeMap::new();
    let mut next = Vec::new();
    for mod_id in world.running.keys() {
        match world.absent.get(mod_id) {
            _ if world.accepted.contains_key(mod_id) => {}
            Some(Absence::Quarantined) => {}
            None | Some(Absence::Removed | Absence::Disabled) => next.push(mod_id),
            Some(Absence::Rejected { due_to, .. }) => {
                for other in due_to {
                    if world.absent.get(other) == Some(&Absence::Quarantined) {
                        if world.running[mod_id].dependencies.contains(other) {
                            next.push(mod_id);
                        }
                        continue;
                    }
                    rejected_due_to.entry(other).or_default().push(mod_id);
                    if !world.running.contains_key(other) {
                        // A name that one of those provided which it was loaded with.
                        for provider in world.dependencies(mod_id) {
                            rejected_due_to.entry(provider).or_default().push(mod_id);
                        }
                    }
                }
            }
        }
    }
    let mut going = BTreeSet::new();
    while let Some(mod_id) = next.pop() {
        if going.insert(mod_id) {
            next.extend(rejected_due_to.remove(mod_id).into_iter().flatten());
        }
    }
    going
}

/// The members of each group.
pub(super) fn groups(world: &World) -> BTreeMap<usize, Vec<&ModId>> {
    let mut groups: BTreeMap<usize, Vec<&ModId>> = BTreeMap::new();
    for (mod_id, accepted) in &world.accepted {
        groups.entry(accepted.group).or_default().push(mod_id);
    }
    groups
}

/// The accepted mods that don't run, or run without it, by each of their dependencies.
pub(super) fn waiting(world: &World) -> BTreeMap<&ModId, Vec<&ModId>> {
    let mut waiting: BTreeMap<&ModId, Vec<&ModId>> = BTreeMap::new();
    for (mod_id, accepted) in &world.accepted {
        let had = world
            .running
            .get(mod_id)
            .map(|running| &running.dependencies);
        let lacks = |dependency: &&ModId| had.is_none_or(|had| !had.contains(*dependency));
        for dependency in accepted.dependencies.iter().filter(lacks) {
            waiting.entry(dependency).or_default().push(mod_id);
        }
    }
    waiting
}
