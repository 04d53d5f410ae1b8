//! What a folder loses with a mod that is removed from it.

use std::collections::BTreeSet;

use lunation::ModId;
use lunation::resolve::{EdgeKind, Resolution, resolve};
use proptest::prelude::*;

use super::manifests::{Found, candidates};
use super::meaning::Meaning;
use super::worlds::{Asked, asked, folders};

fn resolved(found: &[Found], asked: &Asked) -> Resolution {
    resolve(&candidates(found), asked.host.as_ref(), &asked.rules)
}

/// `gone`, and those that require any of it, directly or through others.
fn with_users<'r>(
    resolution: &'r Resolution,
    gone: impl IntoIterator<Item = &'r ModId>,
) -> BTreeSet<&'r ModId> {
    let mut lost: BTreeSet<&ModId> = gone.into_iter().collect();
    loop {
        let known = lost.len();
        let required = resolution
            .edges
            .iter()
            .filter(|it| it.kind == EdgeKind::Required);
        let users = required
            .filter(|it| lost.contains(&it.to))
            .map(|it| &it.from);
        let users: Vec<&ModId> = users.collect();
        lost.extend(users);
        if lost.len() == known {
            return lost;
        }
    }
}

fn without(found: &[Found], gone: &ModId) -> Vec<Found> {
    let rest = found.iter().filter(|it| it.manifest.id != *gone);
    rest.cloned().collect()
}

proptest! {
    #[test]
    fn where_nobody_excludes_anybody_a_removed_mod_takes_only_its_users_along(
        (mut found, mut asked) in (folders(), asked())
    ) {
        // One version of each mod, all of them asked for: then nothing else can come instead.
        let mut known = BTreeSet::new();
        found.retain(|it| known.insert(it.manifest.id.clone()));
        found.iter_mut().for_each(|it| it.manifest.conflicts.clear());
        asked.rules.wanted = None;
        let before = resolved(&found, &asked);
        for gone in &before.order {
            let lost = with_users(&before, [gone]);
            let after = resolved(&without(&found, gone), &asked);
            for id in before.order.iter().filter(|it| !lost.contains(it)) {
                prop_assert!(after.accepts(id), "{id} went with {gone}");
                prop_assert_eq!(&after.mods[id].version, &before.mods[id].version);
            }
            prop_assert!(after.order.iter().all(|it| before.accepts(it)));
        }
    }

    #[test]
    fn what_else_goes_with_a_removed_mod_makes_room_for_something_more_important(
        (found, mut asked) in (folders(), asked())
    ) {
        asked.rules.wanted = None;
        let before = resolved(&found, &asked);
        for gone in &before.order {
            let rest = without(&found, gone);
            let after = resolved(&rest, &asked);
            let all = candidates(&rest);
            let meaning = Meaning::of(&all, asked.host.as_ref(), &asked.rules);
            // A pre-release that only the removed mod named goes, too.
            let is_possible = |id: &ModId| {
                let versions = meaning.of.get(id).into_iter().flatten();
                let mut versions = versions.map(|it| &meaning.candidates[*it].version);
                versions.any(|it| *it == before.mods[id].version)
            };
            let impossible = before.order.iter().filter(|id| !is_possible(id));
            let lost = with_users(&before, impossible);
            let could_stay = |id: &ModId| before.accepts(id) && !lost.contains(id);
            let mut order = meaning.asked.iter();
            let first = order.find(|id| could_stay(id) != after.accepts(id));
            prop_assert!(first.is_none_or(|id| after.accepts(id)), "{first:?} went with {gone}");
        }
    }
}
