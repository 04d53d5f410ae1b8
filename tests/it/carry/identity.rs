//! A reload of the same code changes nothing that a mod could notice, whatever the mod is and did.

use proptest::collection::vec;
use proptest::prelude::*;

use lunation::reload::{Outcome, ReloadReport};
use lunation::{Code, Problem};

use super::random_mod::{ACTIONS, Choices, FILES, random_mod};
use super::world::{Files, World, is_outcome};

const SETTINGS: &str = "[hot_reload.probation]\nmax_errors = 1000\n";

/// Runs a random mod, reloads it, and runs it on; beside it one that is never reloaded, the oracle.
fn check(choices: &[u16], before: &[i64], after: &[i64], is_edited: bool) {
    let files = random_mod(&mut Choices::of(choices));
    let mut reloaded = World::new(SETTINGS, &files);
    let mut oracle = World::new(SETTINGS, &files);
    let act = |world: &mut World, action: &i64| drop(world.ask("act", *action));
    for action in before {
        act(&mut reloaded, action);
        act(&mut oracle, action);
    }
    let was = reloaded.ask("dump", 0);
    // Who looks loads what was not loaded yet: both have to look at the same time.
    oracle.ask("dump", 0);
    let report = if is_edited {
        let commented = files
            .iter()
            .map(|(path, text)| (*path, format!("-- A line above\n{text}")));
        reloaded.write_scripts(&commented.collect());
        reloaded.follow()
    } else {
        reloaded.reload()
    };
    if is_refused_for_a_late_module(&report) {
        is_same(&was, &reloaded.ask("dump", 0), &files);
        return;
    }
    is_outcome(&report, Outcome::Reloaded);
    is_same(&was, &reloaded.ask("dump", 0), &files);
    for action in after {
        act(&mut reloaded, action);
        act(&mut oracle, action);
        is_same(
            &oracle.ask("outline", 0),
            &reloaded.ask("outline", 0),
            &files,
        );
    }
}

/// Whether a function of `b.lua`, which is loaded while the mod runs, could not be told apart: nothing
/// remembers what stood where when it had been loaded (`docs/concepts/state.md`).
fn is_refused_for_a_late_module(report: &ReloadReport) -> bool {
    let its = &report.mods[0];
    let is_of_late_module = |problem: &Problem| {
        problem.code == Code::UNCARRYABLE
            && problem.because.contains("(it/scripts/b.lua:")
            && problem.because.contains("shares its variable")
    };
    its.outcome == Outcome::Kept && its.problems.iter().all(is_of_late_module)
}

/// Two dumps are equal, or the first lines that differ are told.
fn is_same(expected: &str, found: &str, files: &Files) {
    if expected != found {
        let mut lines = expected.lines().zip(found.lines()).enumerate();
        let differing = lines.find(|(_, (one, other))| one != other);
        let sources = files.iter().skip(1).map(|(path, text)| {
            let own = text.split("f, ...)) end\nend").last().unwrap_or_default();
            format!("{path}:{own}")
        });
        let sources: Vec<String> = sources.collect();
        panic!("{differing:?} in\n{expected}\n{}", sources.join("\n"));
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, max_shrink_time: 30_000, cases: 300, ..ProptestConfig::default() })]

    #[test]
    fn nobody_notices_a_reload_of_the_same_code(
        choices in vec(any::<u16>(), 0..400),
        before in vec(0..ACTIONS * FILES, 0..30),
        after in vec(0..ACTIONS * FILES, 0..10),
        is_edited in any::<bool>(),
    ) {
        check(&choices, &before, &after, is_edited);
    }
}

#[test]
fn random_mods_are_worth_testing() {
    let choices: Vec<u16> = (0..600u32).map(|n| (n * 7919 % 65521) as u16).collect();
    let files = random_mod(&mut Choices::of(&choices));
    let mut world = World::new(SETTINGS, &files);
    let fresh = world.ask("dump", 0);
    for action in 0..ACTIONS * FILES {
        world.ask("act", action);
    }
    let grown = world.ask("dump", 0);
    assert!(fresh.lines().count() > 50, "{fresh}");
    assert_ne!(fresh, grown);
}
