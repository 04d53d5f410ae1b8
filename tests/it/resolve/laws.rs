//! Laws that hold for every folder of mods.

use std::collections::BTreeSet;

use lunation::ModId;
use lunation::manifest::{Conflict, Dependency, OrderHint, Provided};
use lunation::resolve::{EdgeKind, Resolution, Rules, diff};
use proptest::prelude::*;

use super::manifests::{Found, bare, id, resolved};

const VERSIONS: &[&str] = &["*", "^1", "^2"];

/// One thing that a mod says about another: what, about which mod, with which versions.
type Said = (u8, usize, usize);

pub(super) fn folders() -> impl Strategy<Value = Vec<Found>> {
    let said = proptest::collection::vec((0_u8..8, 0_usize..14, 0..VERSIONS.len()), 0..5);
    proptest::collection::vec((1_u64..3, said), 1..14).prop_map(|mods| {
        mods.into_iter()
            .enumerate()
            .map(|(n, (major, said))| folder(n, major, &said))
            .collect()
    })
}

/// The mod number `n`, which says things about mods 0 to 11 and the names 12 and 13, which some provide.
fn folder(n: usize, major: u64, said: &[Said]) -> Found {
    let mut found = bare(&format!("mod-{n:02}"));
    found.manifest.version.major = major;
    let place = found.manifest.place.clone();
    let mut named = BTreeSet::from([n]);
    for (what, about, versions) in said.iter().filter(|(_, about, _)| named.insert(*about)) {
        let other = id(&format!("mod-{about:02}"));
        let hint = OrderHint {
            id: other.clone(),
            place: place.clone(),
        };
        match what {
            0 => found.manifest.order.after.push(hint),
            1 => found.manifest.order.before.push(hint),
            2 if n.is_multiple_of(4) => found.manifest.conflicts.push(Conflict {
                id: other,
                versions: VERSIONS[*versions].parse().unwrap(),
                reason: None,
                place: place.clone(),
            }),
            3 => found.manifest.provides.push(Provided {
                id: id(&format!("mod-{}", 12 + about % 2)),
                version: "1.0.0".parse().unwrap(),
                place: place.clone(),
            }),
            _ => found.manifest.dependencies.push(Dependency {
                id: other,
                versions: VERSIONS[*versions].parse().unwrap(),
                optional: *what > 5,
                reason: None,
                place: place.clone(),
            }),
        }
    }
    found
}

pub(super) fn plain(found: &[Found]) -> Resolution {
    resolved(found, Some("1.0.0"), &Rules::default())
}

fn position(resolution: &Resolution, mod_id: &ModId) -> usize {
    resolution
        .order
        .iter()
        .position(|other| other == mod_id)
        .unwrap()
}

proptest! {
    #[test]
    fn the_order_of_the_candidates_does_not_matter(
        (found, shuffled) in folders().prop_flat_map(|found| (Just(found.clone()), Just(found).prop_shuffle()))
    ) {
        let (one, other) = (plain(&found), plain(&shuffled));
        prop_assert!(diff(&one, &other).is_empty());
        prop_assert_eq!(one, other);
    }

    #[test]
    fn every_mod_is_accepted_or_rejected_and_the_groups_are_the_order(found in folders()) {
        let resolution = plain(&found);
        for Found { manifest, .. } in &found {
            prop_assert!(resolution.accepts(&manifest.id) != resolution.rejected.contains_key(&manifest.id));
        }
        prop_assert_eq!(resolution.groups.concat(), resolution.order.clone());
        for (place, mod_id) in resolution.order.iter().enumerate() {
            prop_assert_eq!(resolution.mods[mod_id].position, place);
            prop_assert!(resolution.group_of(mod_id).contains(mod_id));
        }
    }

    #[test]
    fn what_an_accepted_mod_requires_is_there_and_loads_before_it_or_in_its_group(found in folders()) {
        let resolution = plain(&found);
        for Found { manifest, .. } in found.iter().filter(|f| resolution.accepts(&f.manifest.id)) {
            for dependency in manifest.dependencies.iter().filter(|d| !d.optional) {
                let provides_itself = manifest.provides.iter().any(|p| p.id == dependency.id);
                let Some(provider) = resolution.provider_for(&manifest.id, &dependency.id) else {
                    prop_assert!(provides_itself, "{} lacks {}", manifest.id, dependency.id);
                    continue;
                };
                let earlier = position(&resolution, provider) < position(&resolution, &manifest.id);
                prop_assert!(earlier || resolution.group_of(&manifest.id).contains(provider));
            }
        }
    }

    #[test]
    fn an_edge_holds_exactly_if_it_is_not_cut_and_required_ones_are_cut_only_in_groups(found in folders()) {
        let resolution = plain(&found);
        for edge in &resolution.edges {
            let holds = position(&resolution, edge.first()) < position(&resolution, edge.second());
            prop_assert_eq!(holds, edge.cut.is_none(), "{:?}", edge);
            if edge.kind == EdgeKind::Required && !holds {
                prop_assert!(resolution.group_of(&edge.from).contains(&edge.to));
            }
        }
    }

    #[test]
    fn members_of_a_group_reach_each_other_by_requirements(found in folders()) {
        let resolution = plain(&found);
        let reach = |from: &ModId| {
            let mut reached = BTreeSet::from([from.clone()]);
            loop {
                let known = reached.len();
                for edge in resolution.edges.iter().filter(|e| e.kind == EdgeKind::Required) {
                    if reached.contains(&edge.from) {
                        reached.insert(edge.to.clone());
                    }
                }
                if reached.len() == known {
                    break reached;
                }
            }
        };
        for one in &resolution.order {
            for other in &resolution.order {
                let mutual = reach(one).contains(other) && reach(other).contains(one);
                prop_assert_eq!(mutual, resolution.group_of(one).contains(other));
            }
        }
    }

    #[test]
    fn no_two_accepted_mods_exclude_each_other(found in folders()) {
        let resolution = plain(&found);
        let accepted = || found.iter().map(|f| &f.manifest).filter(|m| resolution.accepts(&m.id));
        for one in accepted() {
            for conflict in &one.conflicts {
                for other in accepted().filter(|other| other.id != one.id) {
                    let itself = other.id == conflict.id && conflict.versions.matches(&other.version);
                    let provided = other.provides.iter();
                    let mut provided = provided.filter(|p| p.id == conflict.id && p.id != other.id);
                    prop_assert!(!itself && !provided.any(|p| conflict.versions.matches(&p.version)));
                }
            }
        }
    }

    #[test]
    fn every_rejected_mod_has_a_root_cause_that_is_told_once(found in folders()) {
        let resolution = plain(&found);
        let errors: Vec<_> = resolution.problems.iter().filter(|p| p.is_error()).collect();
        for rejection in resolution.rejected.values() {
            // To the root, in fewer steps than there are mods.
            let mut at = rejection;
            for _ in 0..found.len() {
                match at.waits_for.as_ref().and_then(|next| resolution.rejected.get(next)) {
                    Some(next) if at.code.as_str() == "dependency-rejected" => at = next,
                    _ => break,
                }
            }
            prop_assert_eq!(&at.root, &rejection.root);
            let names_root = at.root == at.id || Some(&at.root) == at.waits_for.as_ref();
            prop_assert!(names_root, "{:?}", at);
            let told = errors.iter().filter(|problem| problem.code == at.code);
            let told = told.filter(|problem| {
                problem.mod_id.as_ref() == Some(&at.root) || problem.because.contains(&format!("`{}`", at.root))
            });
            prop_assert!(told.count() >= 1, "nobody tells {:?}", at);
        }
        let distinct: BTreeSet<_> = errors.iter().map(|problem| problem.to_string()).collect();
        prop_assert_eq!(distinct.len(), errors.len());
    }

    #[test]
    fn mods_that_nobody_knows_change_nothing_but_their_own_presence(found in folders()) {
        let before = plain(&found);
        let strange = [id("aa-stranger"), id("zz-stranger")];
        let mut more = found.clone();
        more.extend(strange.iter().map(|id| bare(id.as_str())));
        let after = plain(&more);
        let others: Vec<_> = after.order.iter().filter(|id| !strange.contains(id)).cloned().collect();
        prop_assert_eq!(&others, &before.order);
        prop_assert_eq!(&after.rejected, &before.rejected);
        prop_assert_eq!(&after.edges, &before.edges);
        prop_assert_eq!(&after.problems, &before.problems);
        let difference = diff(&before, &after);
        prop_assert_eq!(difference.appeared, strange);
        prop_assert!(difference.moved.is_empty() && difference.dependencies_changed.is_empty());
    }

    #[test]
    fn without_the_mods_that_a_difference_names_both_orders_are_the_same((old, new) in (folders(), folders())) {
        let (old, new) = (plain(&old), plain(&new));
        let difference = diff(&old, &new);
        let named = [&difference.appeared, &difference.vanished, &difference.moved];
        let rest = |order: &[ModId]| -> Vec<ModId> {
            order.iter().filter(|id| !named.iter().any(|ids| ids.contains(id))).cloned().collect()
        };
        prop_assert_eq!(rest(&old.order), rest(&new.order));
        prop_assert!(difference.appeared.iter().all(|id| new.accepts(id) && !old.accepts(id)));
        prop_assert!(difference.vanished.iter().all(|id| old.accepts(id) && !new.accepts(id)));
    }

    #[test]
    fn every_question_has_an_answer(found in folders()) {
        let resolution = plain(&found);
        for one in &found {
            prop_assert!(!resolution.why(&one.manifest.id).is_empty());
            for other in &found {
                prop_assert!(!resolution.why_before(&one.manifest.id, &other.manifest.id).is_empty());
            }
        }
    }
}
