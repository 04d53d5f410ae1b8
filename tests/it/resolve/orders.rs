//! Load orders that declarations allow, and the mod whose place makes a difference.

use std::collections::BTreeSet;

use lunation::ModId;
use lunation::manifest::OrderHint;
use lunation::resolve::{EdgeKind, LoadOrders, Misplaced, Resolution, Rules};
use proptest::prelude::*;

use super::laws::{folders, plain};
use super::manifests::{Found, bare, id, needing, resolved};

fn resolution(found: &[Found]) -> Resolution {
    resolved(found, Some("1.0.0"), &Rules::default())
}

/// The orders of `found`, each as one text, sorted.
fn orders(found: &[Found], count: usize) -> (Vec<String>, bool) {
    let (list, is_all) = LoadOrders::of(&resolution(found)).some(count, 7);
    let text = |order: &Vec<ModId>| -> String {
        let names: Vec<&str> = order.iter().map(ModId::as_str).collect();
        names.join(" ")
    };
    let mut texts: Vec<String> = list.iter().map(text).collect();
    texts.sort();
    (texts, is_all)
}

fn after(mut found: Found, other: &str) -> Found {
    found.manifest.order.after.push(OrderHint {
        id: id(other),
        place: found.manifest.place.clone(),
    });
    found
}

#[test]
fn a_few_mods_are_tried_in_every_order_that_they_allow() {
    assert_eq!(orders(&[], 5), (vec![String::new()], true));
    assert_eq!(orders(&[bare("aa")], 5), (vec!["aa".to_owned()], true));
    let found = [bare("aa"), needing("bb", &["aa"]), bare("cc")];
    let all = ["aa bb cc", "aa cc bb", "cc aa bb"].map(str::to_owned);
    assert_eq!(orders(&found, 3), (all.to_vec(), true));
    assert!(!orders(&found, 2).1);
    assert_eq!(orders(&found, 2).0.len(), 2);
}

#[test]
fn mods_that_require_each_other_stay_together_and_a_hint_among_them_holds() {
    let ring = [needing("aa", &["bb"]), needing("bb", &["aa"]), bare("cc")];
    let all = ["aa bb cc", "bb aa cc", "cc aa bb", "cc bb aa"].map(str::to_owned);
    assert_eq!(orders(&ring, 9), (all.to_vec(), true));
    let [first, second, third] = ring;
    let hinted = [after(first, "bb"), second, third];
    let all = ["bb aa cc", "cc bb aa"].map(str::to_owned);
    assert_eq!(orders(&hinted, 9), (all.to_vec(), true));
}

#[test]
fn the_orders_of_many_mods_depend_on_the_seed_alone() {
    let found: Vec<Found> = (0..30).map(|n| bare(&format!("mod-{n:02}"))).collect();
    let orders = LoadOrders::of(&resolution(&found));
    let (some, is_all) = orders.some(50, 1);
    assert!(!is_all);
    assert_eq!(some.iter().collect::<BTreeSet<_>>().len(), 50);
    assert_eq!(orders.some(50, 1).0, some);
    assert_ne!(orders.some(50, 2).0, some);
}

/// Where `mod_id` fails unless `fails` says otherwise of the mods before it.
fn check_culprit(
    found: &[Found],
    mod_id: &str,
    fails: fn(&[&str]) -> bool,
) -> Option<(Misplaced, ModId)> {
    let orders = LoadOrders::of(&resolution(found));
    let mod_id = id(mod_id);
    let fails = |order: &[ModId]| {
        let before = order.iter().take_while(|other| **other != mod_id);
        fails(&before.map(ModId::as_str).collect::<Vec<_>>())
    };
    let (list, _) = orders.some(100, 0);
    let bad = list.iter().find(|order| fails(order)).expect("one fails");
    let good = list
        .iter()
        .find(|order| !fails(order))
        .expect("one does not");
    orders.culprit(&mod_id, bad, good, fails)
}

#[test]
fn the_mod_whose_place_makes_the_difference_is_found() {
    let mut found: Vec<Found> = (0..12).map(|n| bare(&format!("mod-{n:02}"))).collect();
    found.push(needing("trade", &["mod-03"]));
    found.push(needing("economy", &["mod-07"]));
    let missing = check_culprit(&found, "trade", |before| !before.contains(&"economy"));
    assert_eq!(missing, Some((Misplaced::Before, id("economy"))));
    let disturbed = check_culprit(&found, "trade", |before| before.contains(&"economy"));
    assert_eq!(disturbed, Some((Misplaced::After, id("economy"))));
    // It is not the one that came along.
    let needed = check_culprit(&found, "trade", |before| !before.contains(&"mod-07"));
    assert_eq!(needed, Some((Misplaced::Before, id("mod-07"))));
    let two = check_culprit(&found, "trade", |before| {
        !before.contains(&"economy") || !before.contains(&"mod-11")
    });
    // From an order that lacks only one of the two it is that one.
    assert!(two.is_none_or(|(how, other)| {
        how == Misplaced::Before && ["economy", "mod-11"].contains(&other.as_str())
    }));
}

#[test]
fn the_mod_that_makes_the_difference_may_be_in_the_same_group() {
    let found = [
        needing("aa", &["bb"]),
        needing("bb", &["cc"]),
        needing("cc", &["aa"]),
    ];
    let culprit = check_culprit(&found, "aa", |before| !before.contains(&"cc"));
    assert_eq!(culprit, Some((Misplaced::Before, id("cc"))));
}

proptest! {
    #[test]
    fn every_order_holds_to_the_declarations(found in folders(), seed in any::<u64>()) {
        let resolution = plain(&found);
        let orders = LoadOrders::of(&resolution);
        let (list, is_all) = orders.some(12, seed);
        prop_assert!(list.len() == 12 || is_all);
        prop_assert_eq!(&list[0], &resolution.order);
        prop_assert_eq!(list.iter().collect::<BTreeSet<_>>().len(), list.len());
        for order in &list {
            prop_assert_eq!(&orders.nearest(order), order);
            let again = resolution.clone().in_order(order);
            prop_assert_eq!(&again.order, order);
            let place = |mod_id: &ModId| order.iter().position(|it| it == mod_id).unwrap();
            for (mod_id, accepted) in &again.mods {
                prop_assert_eq!(accepted.position, place(mod_id));
                prop_assert!(again.groups[accepted.group].contains(mod_id));
                prop_assert_eq!(
                    resolution.group_of(mod_id).iter().collect::<BTreeSet<_>>(),
                    again.group_of(mod_id).iter().collect::<BTreeSet<_>>()
                );
            }
            for edge in resolution.edges.iter().filter(|edge| edge.cut.is_none()) {
                let is_in_group = resolution.group_of(&edge.from).contains(&edge.to);
                let is_hint = matches!(edge.kind, EdgeKind::After | EdgeKind::Before);
                if !is_in_group || is_hint {
                    prop_assert!(place(edge.first()) < place(edge.second()), "{edge:?} in {order:?}");
                }
            }
        }
    }
}
