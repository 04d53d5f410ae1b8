//! What is offered to a person so that a rejected mod runs: with it, the mod runs, and nothing of it can be
//! left away.

use std::collections::BTreeSet;

use lunation::ModId;
use lunation::resolve::{Change, Rules, repair, resolve};
use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::TestRunner;

use super::manifests::{Found, bare, candidates};
use super::worlds::{Asked, asked, folders};

/// What a person would have who makes the changes.
fn changed(found: &[Found], asked: &Asked, changes: &[Change]) -> (Vec<Found>, Asked) {
    let (mut found, mut asked) = (found.to_vec(), asked.clone());
    let rules = &mut asked.rules;
    for change in changes {
        match change {
            Change::SwitchOff { id } => {
                rules.disabled.insert(id.clone());
            }
            Change::SwitchOn { id } => {
                rules.disabled.remove(id);
                rules.wanted.iter_mut().for_each(|wanted| {
                    wanted.insert(id.clone());
                });
            }
            Change::Get { id, version, .. } => {
                let mut new = bare(id.as_str());
                new.folder = format!("{id}, which is new");
                new.manifest.version = version.clone();
                found.push(new);
                rules.wanted.iter_mut().for_each(|wanted| {
                    wanted.insert(id.clone());
                });
            }
            Change::Unpin { id } => {
                rules.pins.remove(id);
            }
            Change::Mend { id } => found
                .iter_mut()
                .filter(|it| it.manifest.id == *id)
                .for_each(|it| it.error = None),
            Change::Unlist { id } => rules.order.retain(|it| it != id),
            Change::AllowDepth { depth } => rules.depth_max = *depth,
        }
    }
    (found, asked)
}

fn runs(found: &[Found], asked: &Asked, mod_id: &ModId) -> bool {
    let resolution = resolve(&candidates(found), asked.host.as_ref(), &asked.rules);
    resolution.accepts(mod_id)
}

/// Whether the mod would run if it were the only one that is asked for, and nothing were forbidden.
fn could_run(found: &[Found], asked: &Asked, mod_id: &ModId) -> bool {
    let mut asked = asked.clone();
    asked.rules = Rules {
        validate_versions: asked.rules.validate_versions,
        wanted: Some(BTreeSet::from([mod_id.clone()])),
        ..Rules::default()
    };
    let mut found = found.to_vec();
    found.iter_mut().for_each(|it| it.error = None);
    runs(&found, &asked, mod_id)
}

/// What is offered is made, tried, and tried with less.
fn check(found: &[Found], asked: &Asked, mod_id: &ModId) -> bool {
    let changes = repair(
        &candidates(found),
        asked.host.as_ref(),
        &asked.rules,
        mod_id,
    );
    if changes.is_empty() {
        return false;
    }
    let world = || format!("{found:#?}\n{asked:#?}");
    let (with, then) = changed(found, asked, &changes);
    assert!(
        runs(&with, &then, mod_id),
        "{mod_id} does not run with {changes:?}: {}",
        world()
    );
    for place in 0..changes.len() {
        let mut fewer = changes.clone();
        fewer.remove(place);
        let (with, then) = changed(found, asked, &fewer);
        assert!(
            !runs(&with, &then, mod_id),
            "{mod_id} runs with {fewer:?}: {}",
            world()
        );
    }
    true
}

#[test]
fn with_what_is_offered_the_mod_runs_and_with_less_it_does_not() {
    let mut runner = TestRunner::deterministic();
    let (mut repaired, mut repairable) = (0, 0);
    for _ in 0..500 {
        let found = folders().new_tree(&mut runner).unwrap().current();
        let asked = asked().new_tree(&mut runner).unwrap().current();
        let resolution = resolve(&candidates(&found), asked.host.as_ref(), &asked.rules);
        for mod_id in resolution.rejected.keys() {
            let is_repaired = check(&found, &asked, mod_id);
            repaired += usize::from(is_repaired);
            repairable += usize::from(is_repaired || could_run(&found, &asked, mod_id));
        }
    }
    // What is offered is found step by step, so now and then there is something that is not found.
    assert!(
        repairable > 500 && repaired * 100 >= repairable * 99,
        "{repaired} of {repairable}"
    );
}
