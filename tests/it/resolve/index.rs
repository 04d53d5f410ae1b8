//! Questions to an index of a whole community: the real one where it is at hand, a generated one elsewhere.

use std::collections::{BTreeMap, BTreeSet};

use lunation::ModId;
use lunation::manifest::{Manifest, candidates};
use lunation::resolve::{Candidate, HostApi, Resolution, Rules, resolve};

use super::generated::{Dice, generated};
use super::meaning::Meaning;
use super::naive::naive;

/// The index, and whether it is the real one.
fn index() -> Vec<Manifest> {
    let beside = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../shared/data/ckan-sample.jsonl"
    );
    let text = std::fs::read(beside).unwrap_or_else(|why| {
        println!("the real index is not asked ({why}): a generated one is");
        generated(500, 20, 1).into_bytes()
    });
    let (manifests, problems) = candidates(&text, "index.jsonl");
    assert_eq!(problems, []);
    manifests
}

fn as_candidates(manifests: &[Manifest]) -> Vec<Candidate<'_>> {
    let candidate = manifests.iter().map(|manifest| Candidate {
        manifest,
        folder: "index",
        error: None,
    });
    candidate.collect()
}

fn host() -> HostApi {
    HostApi {
        name: "game".to_owned(),
        version: "1.12.5".parse().unwrap(),
    }
}

fn ids(manifests: &[Manifest]) -> Vec<ModId> {
    let ids: BTreeSet<ModId> = manifests
        .iter()
        .map(|manifest| manifest.id.clone())
        .collect();
    ids.into_iter().collect()
}

/// Steps that are left to the plain search. It finds most answers in a few thousand.
const STEPS_MAX: usize = 50_000;

/// Asks for some mods. The answer is a valid one, what runs is what a plain search finds, where it finds
/// anything in time, and every mod that was asked for and does not run has a reason.
fn check(all: &[Candidate], meaning: &mut Meaning, wanted: Option<BTreeSet<ModId>>) -> Resolution {
    let rules = Rules {
        wanted: wanted.clone(),
        ..Rules::default()
    };
    let resolution = resolve(all, Some(&host()), &rules);
    let chosen: BTreeMap<&ModId, usize> = resolution
        .mods
        .iter()
        .map(|(id, accepted)| {
            let mut versions = meaning.of[id].iter();
            let is_it = |it: &&usize| meaning.candidates[**it].version == accepted.version;
            (
                id,
                *versions
                    .find(is_it)
                    .unwrap_or_else(|| panic!("{id}: {}", accepted.version)),
            )
        })
        .collect();
    let members: BTreeSet<usize> = chosen.values().copied().collect();
    for one in &members {
        let id = &meaning.candidates[*one].id;
        for need in &meaning.needs[*one] {
            assert!(
                need.iter().any(|it| members.contains(it)),
                "{id} lacks something"
            );
        }
        for other in members.range(one + 1..) {
            let excluded = meaning.exclude_each_other(*one, *other);
            assert!(!excluded, "{id} and {}", meaning.candidates[*other].id);
        }
    }
    meaning.ask(wanted.as_ref());
    if let Ok(choice) = naive(meaning, STEPS_MAX) {
        let is_asked = |id: &ModId| wanted.as_ref().is_none_or(|ids| ids.contains(id));
        let only_asked = |all: &BTreeSet<usize>| -> Vec<String> {
            let all = all.iter().map(|it| meaning.candidates[*it]);
            let asked = all.filter(|it| is_asked(&it.id));
            asked
                .map(|it| format!("{} {}", it.id, it.version))
                .collect()
        };
        assert_eq!(
            only_asked(&members),
            only_asked(&choice),
            "by name the resolution, then the search"
        );
    }
    for id in wanted.iter().flatten() {
        let is_answered = resolution.accepts(id) != resolution.rejected.contains_key(id);
        assert!(is_answered, "nothing is said about {id}");
        assert!(!resolution.why(id).is_empty());
    }
    resolution
}

#[test]
fn questions_to_an_index_of_a_community_have_valid_answers() {
    let manifests = index();
    let all = as_candidates(&manifests);
    let mut meaning = Meaning::of(&all, Some(&host()), &Rules::default());
    let everything = check(&all, &mut meaning, None);
    assert!(everything.order.len() > manifests.len() / 100);
    let ids = ids(&manifests);
    let mut dice = Dice(7);
    for roots in [50, 50, 50, 300] {
        let wanted = dice.some(&ids, roots);
        let some = check(&all, &mut meaning, Some(wanted.into_iter().collect()));
        assert!(some.order.len() > roots / 2, "{:?}", some.order);
    }
    for alone in ids.iter().step_by(25) {
        let resolution = check(&all, &mut meaning, Some(BTreeSet::from([alone.clone()])));
        assert_eq!(
            resolution.accepts(alone),
            meaning.of.contains_key(alone) && resolution.accepts(alone)
        );
    }
}

#[test]
fn an_index_of_5_000_mods_is_put_in_order() {
    let (manifests, problems) = candidates(generated(5_000, 1, 2).as_bytes(), "index.jsonl");
    assert_eq!((manifests.len(), problems.len()), (5_000, 0));
    let resolution = resolve(&as_candidates(&manifests), Some(&host()), &Rules::default());
    assert!(resolution.order.len() > 2_500, "{}", resolution.order.len());
    for edge in resolution.edges.iter().filter(|edge| edge.cut.is_none()) {
        assert!(resolution.mods[edge.first()].position < resolution.mods[edge.second()].position);
    }
}
