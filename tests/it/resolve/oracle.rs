//! The resolution against two that are easy to read, on thousands of small sets: one tries and goes back,
//! one looks at every choice that there is.

use std::collections::{BTreeMap, BTreeSet};

use lunation::ModId;
use lunation::resolve::{Edge, EdgeKind, Resolution, Rules, resolve};
use proptest::prelude::*;
use semver::Version;

use super::manifests::{Found, candidates};
use super::masks;
use super::meaning::Meaning;
use super::naive::naive;
use super::worlds::{Asked, asked, folders};

/// The versions of what was asked for.
type Answer = BTreeMap<ModId, Version>;

impl Asked {
    fn only_asked<'m>(&self, all: impl Iterator<Item = (&'m ModId, &'m Version)>) -> Answer {
        let wanted = self.rules.wanted.as_ref();
        all.filter(|(id, _)| wanted.is_none_or(|ids| ids.contains(*id)))
            .map(|(id, version)| (id.clone(), version.clone()))
            .collect()
    }

    fn answer(&self, resolution: &Resolution) -> Answer {
        self.only_asked(resolution.mods.iter().map(|(id, it)| (id, &it.version)))
    }
}

fn agree(found: &[Found], asked: &Asked) -> Result<(), TestCaseError> {
    let all = candidates(found);
    let Asked { rules, host } = asked;
    let resolution = resolve(&all, host.as_ref(), rules);
    let answer = asked.answer(&resolution);

    let meaning = Meaning::of(&all, host.as_ref(), rules);
    let chosen = |choice: &mut dyn Iterator<Item = &usize>| {
        let chosen = choice.map(|it| meaning.candidates[*it]);
        asked.only_asked(chosen.map(|it| (&it.id, &it.version)))
    };
    let naive = chosen(&mut naive(&meaning, usize::MAX).unwrap().iter());
    let masks = chosen(&mut masks::best(&meaning).iter());
    prop_assert_eq!(
        &naive,
        &masks,
        "the oracles differ: one tries, one looks at all choices"
    );
    prop_assert_eq!(&answer, &naive, "the resolution, then what the oracles say");
    is_valid(&meaning, &resolution)?;
    nobody_runs_in_vain(&resolution, rules)
}

/// The mods that run are a valid choice, those that nobody asked for among them.
fn is_valid(meaning: &Meaning, resolution: &Resolution) -> Result<(), TestCaseError> {
    let mut chosen = Vec::new();
    for (id, accepted) in &resolution.mods {
        let versions = meaning.of.get(id).into_iter().flatten();
        let mut versions =
            versions.filter(|it| meaning.candidates[**it].version == accepted.version);
        let candidate = versions.next();
        prop_assert!(
            candidate.is_some(),
            "{} {} is not possible",
            id,
            accepted.version
        );
        chosen.extend(candidate.copied());
    }
    for one in &chosen {
        let manifest = meaning.candidates[*one];
        for need in &meaning.needs[*one] {
            prop_assert!(
                need.iter().any(|it| chosen.contains(it)),
                "{} lacks something",
                manifest.id
            );
        }
        for other in chosen.iter().filter(|other| *other != one) {
            let excluded = meaning.exclude_each_other(*one, *other);
            prop_assert!(
                !excluded,
                "{} and {}",
                manifest.id,
                meaning.candidates[*other].id
            );
        }
    }
    Ok(())
}

/// Every mod that runs is asked for, or is needed by one that is, directly or through others.
fn nobody_runs_in_vain(resolution: &Resolution, rules: &Rules) -> Result<(), TestCaseError> {
    let Some(wanted) = &rules.wanted else {
        return Ok(());
    };
    let mut reached: BTreeSet<&ModId> = wanted.iter().filter(|it| resolution.accepts(it)).collect();
    let needs = |it: &&Edge| it.kind == EdgeKind::Required;
    loop {
        let known = reached.len();
        for edge in resolution.edges.iter().filter(needs) {
            if reached.contains(&edge.from) {
                reached.insert(&edge.to);
            }
        }
        if reached.len() == known {
            break;
        }
    }
    let running: BTreeSet<&ModId> = resolution.mods.keys().collect();
    prop_assert_eq!(
        reached,
        running,
        "by name those that are needed, then those that run"
    );
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn the_best_choice_is_the_one_that_plain_searches_find((found, asked) in (folders(), asked())) {
        agree(&found, &asked)?;
    }
}
