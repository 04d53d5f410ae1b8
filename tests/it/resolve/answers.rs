//! What a resolution answers to other rooms: who uses whom, who is meant by a name, what is different.

use lunation::ModId;
use lunation::manifest::{OrderHint, Provided};
use lunation::resolve::{Resolution, ResolutionDiff, Rules, diff};

use super::manifests::{Found, bare, id, needing, resolved};

fn check(found: &[Found]) -> Resolution {
    resolved(found, None, &Rules::default())
}

fn ids(names: &[&str]) -> Vec<ModId> {
    names.iter().map(|name| id(name)).collect()
}

fn providing(mod_id: &str, name: &str, version: &str) -> Found {
    let mut found = bare(mod_id);
    found.manifest.provides.push(Provided {
        id: id(name),
        version: version.parse().unwrap(),
        place: found.manifest.place.clone(),
    });
    found
}

#[test]
fn users_and_used_are_found_through_provided_names_and_hints_are_not_among_them() {
    let mut shop = needing("shop", &["price-api", "base"]);
    shop.manifest.dependencies[1].optional = true;
    let mut late = bare("late");
    late.manifest.order.after.push(OrderHint {
        id: id("shop"),
        place: late.manifest.place.clone(),
    });
    let found = [
        shop,
        late,
        bare("base"),
        providing("market", "price-api", "1.0.0"),
    ];
    let resolution = check(&found);
    assert_eq!(
        resolution.dependencies_of(&id("shop")),
        [&id("base"), &id("market")]
    );
    assert_eq!(resolution.dependents_of(&id("market")), [&id("shop")]);
    assert!(resolution.dependents_of(&id("shop")).is_empty());
    assert_eq!(resolution.edges_to(&id("shop")).count(), 1);
    assert!(resolution.dependencies_of(&id("nobody")).is_empty());
}

#[test]
fn a_name_means_the_first_provider_unless_a_dependency_chose_another() {
    let mut stall = needing("stall", &["price-api"]);
    stall.manifest.dependencies[0].versions = "^2".parse().unwrap();
    let found = [
        stall,
        providing("bazaar", "price-api", "1.0.0"),
        providing("market", "price-api", "2.0.0"),
    ];
    let resolution = check(&found);
    let name = id("price-api");
    assert_eq!(resolution.provider_of(&name), Some(&id("bazaar")));
    assert_eq!(
        resolution.provider_for(&id("stall"), &name),
        Some(&id("market"))
    );
    assert_eq!(resolution.provider_for(&id("bazaar"), &name), None);
    assert_eq!(resolution.provider_of(&id("market")), Some(&id("market")));
    assert_eq!(resolution.provider_of(&id("nobody")), None);
}

#[test]
fn a_new_an_old_an_updated_and_a_rewired_mod_are_told_apart() {
    let before = [
        bare("base"),
        bare("gone"),
        bare("tools"),
        needing("shop", &["base"]),
    ];
    let mut base = bare("base");
    base.manifest.version = "1.1.0".parse().unwrap();
    let after = [
        base,
        bare("fresh"),
        bare("tools"),
        needing("shop", &["base", "tools"]),
    ];
    let expected = ResolutionDiff {
        appeared: ids(&["fresh"]),
        vanished: ids(&["gone"]),
        version_changed: vec![lunation::resolve::VersionChange {
            id: id("base"),
            from: "1.0.0".parse().unwrap(),
            to: "1.1.0".parse().unwrap(),
        }],
        // It changed places with `shop`; that others came and went moved nobody.
        moved: ids(&["tools"]),
        dependencies_changed: ids(&["shop"]),
    };
    assert_eq!(diff(&check(&before), &check(&after)), expected);
    assert!(diff(&check(&before), &check(&before)).is_empty());
}

#[test]
fn another_requirement_on_the_same_mod_is_no_change_of_dependencies() {
    let before = [bare("base"), needing("shop", &["base"])];
    let mut after = before.clone();
    after[1].manifest.dependencies[0].versions = "^1".parse().unwrap();
    after[1].manifest.dependencies[0].optional = true;
    assert!(diff(&check(&before), &check(&after)).is_empty());
}

#[test]
fn a_rejected_mod_vanishes_and_takes_its_users_along() {
    let before = [bare("base"), needing("shop", &["base"]), bare("tools")];
    let difference = diff(&check(&before), &check(&before[1..]));
    assert_eq!(difference.vanished, ids(&["base", "shop"]));
    assert!(difference.moved.is_empty());
}

#[test]
fn one_mod_that_goes_to_the_end_is_the_only_one_that_moved() {
    let mods: Vec<Found> = ["aa", "bb", "cc", "dd"].into_iter().map(bare).collect();
    let mut after = mods.clone();
    let place = after[0].manifest.place.clone();
    after[0].manifest.order.after.push(OrderHint {
        id: id("dd"),
        place,
    });
    let difference = diff(&check(&mods), &check(&after));
    assert_eq!(difference.moved, ids(&["aa"]));
}
