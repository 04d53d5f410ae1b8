//! Folders that are far too big: the work grows with their size, and nothing overflows.

use lunation::manifest::{Conflict, OrderHint};
use lunation::resolve::{Resolution, Rules, draw};

use super::manifests::{Found, bare, id, needing, resolved};

/// The answers to every question about the folder. Work that grows with the square would take minutes here.
fn check(found: &[Found], depth_max: usize) -> Resolution {
    let rules = Rules {
        depth_max,
        ..Rules::default()
    };
    let resolution = resolved(found, None, &rules);
    let first = &found[0].manifest.id;
    assert!(!resolution.why(first).is_empty());
    assert!(
        !resolution
            .why_before(first, &found[found.len() - 1].manifest.id)
            .is_empty()
    );
    for drawn in [
        draw::text(&resolution),
        draw::svg(&resolution),
        draw::dot(&resolution),
    ] {
        assert!(drawn.contains(first.as_str()));
    }
    resolution
}

fn name(n: usize) -> String {
    format!("mod-{n:05}")
}

/// Each mod requires the one before it; the first the last, where `closed`.
fn chain(length: usize, closed: bool) -> Vec<Found> {
    let before = |n: usize| (n + length - 1) % length;
    let links = (0..length).map(|n| match n == 0 && !closed {
        true => bare(&name(n)),
        false => needing(&name(n), &[&name(before(n))]),
    });
    links.collect()
}

#[test]
fn a_chain_of_10_000_mods_loads_where_the_limit_allows_it() {
    let resolution = check(&chain(10_000, false), usize::MAX);
    assert_eq!(resolution.order.len(), 10_000);
    assert_eq!(resolution.order[9_999], id("mod-09999"));
    assert!(resolution.problems.is_empty());
}

#[test]
fn a_chain_of_10_000_mods_is_cut_at_the_limit_with_one_problem() {
    let resolution = check(&chain(10_000, false), 64);
    assert_eq!(resolution.order.len(), 65);
    assert_eq!(resolution.rejected.len(), 9_935);
    assert_eq!(resolution.rejected[&id("mod-09999")].root, id("mod-00065"));
    assert_eq!(resolution.problems.len(), 1);
    assert!(
        resolution.problems[0]
            .because
            .contains("9934 mods wait for it")
    );
}

#[test]
fn a_circle_of_10_000_mods_is_one_group_and_one_warning() {
    let resolution = check(&chain(10_000, true), 64);
    assert_eq!(resolution.groups.len(), 1);
    assert_eq!(resolution.order.len(), 10_000);
    assert_eq!(resolution.problems.len(), 1);
}

#[test]
fn a_missing_mod_under_a_chain_of_10_000_is_told_once() {
    let resolution = check(&chain(10_000, false)[1..], usize::MAX);
    assert_eq!(resolution.rejected.len(), 9_999);
    assert_eq!(resolution.problems.len(), 1);
    let why = resolution.why(&id("mod-09999"));
    assert!(
        why.len() < 40 && why.last().unwrap().contains("hint: "),
        "{why:?}"
    );
}

#[test]
fn a_hundred_thousand_dependencies_are_read_once_each() {
    let found: Vec<Found> = (0..2_050)
        .map(|n| {
            let below: Vec<String> = (0..n.min(50)).map(|k| name(n - 1 - k)).collect();
            needing(
                &name(n),
                &below.iter().map(String::as_str).collect::<Vec<_>>(),
            )
        })
        .collect();
    let resolution = check(&found, usize::MAX);
    assert_eq!(resolution.order.len(), 2_050);
    assert!(resolution.edges.len() > 100_000);
}

#[test]
fn of_2_000_mods_that_all_exclude_each_other_the_first_stays() {
    let mut found: Vec<Found> = (0..2_000).map(|n| bare(&name(n))).collect();
    let conflicts: Vec<Conflict> = (0..2_000)
        .map(|n| Conflict {
            id: id(&name(n)),
            versions: "*".parse().unwrap(),
            reason: None,
            place: found[n].manifest.place.clone(),
        })
        .collect();
    for (n, found) in found.iter_mut().enumerate() {
        found.manifest.conflicts = conflicts.clone();
        found.manifest.conflicts.remove(n);
    }
    let resolution = check(&found, 64);
    assert_eq!(resolution.order, [id("mod-00000")]);
    assert_eq!(resolution.rejected.len(), 1_999);
}

#[test]
fn of_300_mods_that_all_want_to_be_after_each_other_each_is_warned_once() {
    let mut found: Vec<Found> = (0..300).map(|n| bare(&name(n))).collect();
    let hints: Vec<OrderHint> = found
        .iter()
        .map(|found| OrderHint {
            id: found.manifest.id.clone(),
            place: found.manifest.place.clone(),
        })
        .collect();
    for found in &mut found {
        found.manifest.order.after = hints.clone();
    }
    let resolution = check(&found, 64);
    assert_eq!(resolution.order.len(), 300);
    assert!(resolution.problems.len() < 300);
}

#[test]
fn a_chain_of_5_000_mods_that_all_want_to_be_first_keeps_its_order() {
    let mut found = chain(5_000, false);
    let first = OrderHint {
        id: id(&name(0)),
        place: found[0].manifest.place.clone(),
    };
    for found in &mut found[1..] {
        found.manifest.order.before.push(first.clone());
    }
    let resolution = check(&found, usize::MAX);
    assert_eq!(resolution.order[0], id(&name(0)));
    assert_eq!(resolution.problems.len(), 4_999);
}
