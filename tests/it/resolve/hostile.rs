//! Folders that are made to be slow, or that contradict themselves: each has an answer, and it says what is wrong.

use std::collections::BTreeSet;

use lunation::manifest::{Conflict, Provided};
use lunation::resolve::{Resolution, Rules};
use lunation::{Code, ModId};

use super::generated::name;
use super::manifests::{Found, bare, id, needing, resolved};

fn check(found: &[Found], rules: &Rules) -> Resolution {
    let resolution = resolved(found, None, rules);
    for mod_id in found.iter().map(|it| &it.manifest.id).take(100) {
        assert!(!resolution.why(mod_id).is_empty());
    }
    resolution
}

fn without_a_limit() -> Rules {
    Rules {
        depth_max: usize::MAX,
        ..Rules::default()
    }
}

fn excluding(found: &mut Found, other: &str) {
    found.manifest.conflicts.push(Conflict {
        id: id(other),
        versions: "*".parse().unwrap(),
        reason: None,
        place: found.manifest.place.clone(),
    });
}

fn providing(found: &mut Found, name: &str) {
    found.manifest.provides.push(Provided {
        id: id(name),
        version: "1.0.0".parse().unwrap(),
        place: found.manifest.place.clone(),
    });
}

#[test]
fn a_chain_of_100_000_mods_loads_from_its_end() {
    let found: Vec<Found> = (0..100_000)
        .map(|n| match n {
            0 => bare(&name(0)),
            n => needing(&name(n), &[&name(n - 1)]),
        })
        .collect();
    let resolution = check(&found, &without_a_limit());
    assert_eq!(resolution.order.len(), 100_000);
    assert_eq!(resolution.order[99_999], id(&name(99_999)));
}

#[test]
fn one_mod_with_100_000_dependencies_loads_last_or_names_what_is_missing() {
    let names: Vec<String> = (1..=100_000).map(name).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let mut found = vec![needing("greedy", &names)];
    found.extend(names.iter().map(|name| bare(name)));
    let resolution = check(&found, &without_a_limit());
    assert_eq!(resolution.order.last(), Some(&id("greedy")));

    let resolution = check(&found[..1], &without_a_limit());
    assert!(resolution.order.is_empty());
    assert!(resolution.why(&id("greedy")).len() < 40);
}

#[test]
fn of_10_000_versions_of_one_mod_the_best_that_fits_runs() {
    let mut found = vec![needing("user", &["base"])];
    found[0].manifest.dependencies[0].versions = "<5000".parse().unwrap();
    found.extend((0..10_000).map(|major| {
        let mut version = bare("base");
        version.folder = format!("base-{major}");
        version.manifest.version.major = major;
        version
    }));
    let resolution = check(&found, &Rules::default());
    assert_eq!(resolution.mods[&id("base")].version.major, 4_999);
    assert_eq!(resolution.problems, []);
}

#[test]
fn a_circle_of_1_000_that_provide_each_others_names_loads() {
    let mut found: Vec<Found> = (0..1_000)
        .map(|n| needing(&name(n), &[&format!("api-{n:06}")]))
        .collect();
    for n in 0..1_000 {
        providing(&mut found[(n + 1) % 1_000], &format!("api-{n:06}"));
    }
    let resolution = check(&found, &without_a_limit());
    assert_eq!(
        (resolution.order.len(), resolution.groups.len()),
        (1_000, 1)
    );
}

#[test]
fn a_mod_that_depends_on_itself_or_excludes_itself_runs() {
    let mut found = vec![needing("selfish", &["selfish"]), bare("other")];
    excluding(&mut found[0], "selfish");
    let resolution = check(&found, &Rules::default());
    assert_eq!(resolution.order, [id("other"), id("selfish")]);
    assert_eq!(resolution.problems, []);
}

#[test]
fn two_mods_that_require_and_exclude_each_other_are_both_explained() {
    let mut found = vec![needing("love", &["hate"]), needing("hate", &["love"])];
    excluding(&mut found[0], "hate");
    let resolution = check(&found, &Rules::default());
    assert!(resolution.order.is_empty());
    assert_eq!(resolution.rejected.len(), 2);
    assert_eq!(resolution.problems[0].code, Code::VERSION_CLASH);
}

/// Each of `guests` needs a seat, any of `seats`, and a seat takes one guest. That one must stay away can only be
/// found by trying nearly everything.
fn guests(guests: usize, seats: usize) -> (Vec<Found>, Rules) {
    let mut found = Vec::new();
    for guest in 0..guests {
        found.push(needing(
            &format!("guest-{guest}"),
            &[&format!("seat-for-{guest}")],
        ));
        for seat in 0..seats {
            let mut taken = bare(&format!("seat-{seat}-of-{guest}"));
            providing(&mut taken, &format!("seat-for-{guest}"));
            providing(&mut taken, &format!("seat-{seat}"));
            excluding(&mut taken, &format!("seat-{seat}"));
            found.push(taken);
        }
    }
    let wanted: BTreeSet<ModId> = (0..guests)
        .map(|guest| id(&format!("guest-{guest}")))
        .collect();
    let rules = Rules {
        wanted: Some(wanted),
        ..Rules::default()
    };
    (found, rules)
}

#[test]
fn of_5_guests_for_4_seats_4_are_seated() {
    let (found, rules) = guests(5, 4);
    let resolution = check(&found, &rules);
    let guests = rules.wanted.iter().flatten();
    assert_eq!(guests.filter(|guest| resolution.accepts(guest)).count(), 4);
    assert!(resolution.rejected.contains_key(&id("guest-4")));
    // Everyone has a seat, and no seat has two.
    let seats = resolution.order.iter().map(ModId::as_str);
    let seats: Vec<&str> = seats
        .filter_map(|it| it.split_once("-of-"))
        .map(|it| it.0)
        .collect();
    assert_eq!(seats.len(), 4);
    assert_eq!(BTreeSet::from_iter(seats).len(), 4);
}

#[test]
fn of_12_guests_for_11_seats_a_good_many_are_seated_and_that_it_was_cut_short_is_said() {
    let (found, rules) = guests(12, 11);
    let resolution = check(&found, &rules);
    let guests = rules.wanted.iter().flatten();
    let seated = guests.filter(|guest| resolution.accepts(guest)).count();
    assert!((8..12).contains(&seated), "{seated} are seated");
    let mut problems = resolution.problems.iter();
    assert!(problems.any(|problem| problem.code == Code::SEARCH_CUT_SHORT));
}
