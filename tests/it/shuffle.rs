//! `check --shuffle`: mods are loaded in every order that they allow.

use serde_json::json;

use crate::cli::{check, json_lines};
use crate::driver::Place;

/// `economy` tells the game something once it has loaded, and `trade` asks for it while it loads.
fn undeclared() -> Place {
    let place = Place::empty();
    place.add_mod(
        "economy",
        "",
        "mod.on('mod_loaded', function()\n  colony.state.save_mod_state('economy', { price = 3 })\nend)",
    );
    place.add_mod(
        "trade",
        "",
        "local function start()\n  return colony.state.get_mod_state('economy').price\nend\nstart()",
    );
    place.add_mod("base", "", "");
    place
}

#[test]
fn a_dependency_that_nobody_declared_is_found_and_named() {
    let place = undeclared();
    check(&place, &["check", "mods"], 0, &["3 mods checked: 0 errors"]);
    check(
        &place,
        &["check", "mods", "--shuffle", "10"],
        1,
        &[
            "undeclared-order",
            "trade fails when it loads before `economy`, on which it declares no dependency",
            "trade/scripts/main.lua:2",
            "add `economy = \"*\"` to [dependencies] in trade/mod.toml",
            "3 mods checked: 1 error, 0 warnings",
            "6 load orders tried, all that there are: 1 mod relies on an order that nobody declared",
        ],
    );
    place.edit(
        "mods/trade/mod.toml",
        "version = \"1.0.0\"\n",
        "version = \"1.0.0\"\n[dependencies]\neconomy = \"*\"\n",
    );
    check(
        &place,
        &["check", "mods", "--shuffle", "10"],
        0,
        &["3 load orders tried, all that there are: none makes a difference"],
    );
}

#[test]
fn the_same_is_there_for_programs() {
    let arguments = ["check", "mods", "--shuffle", "10", "--json"];
    let lines = json_lines(&check(&undeclared(), &arguments, 1, &[]));
    let [problem, summary] = lines.as_slice() else {
        panic!("{lines:?}");
    };
    assert_eq!(problem["code"], "undeclared-order");
    let shuffle = &summary["shuffle"];
    assert_eq!(shuffle["orders"], 6);
    assert_eq!(shuffle["all"], true);
    let found = &shuffle["found"][0];
    assert_eq!(found["mod"], "trade");
    assert_eq!(found["fails"], 3);
    assert_eq!(found["when"], "before");
    assert_eq!(found["other"], "economy");
    assert_eq!(found["problem"], *problem);
}

#[test]
fn a_mod_that_has_to_be_first_is_found_too() {
    let place = undeclared();
    place.write(
        "mods/trade/scripts/main.lua",
        "assert(not colony.state.get_mod_state('economy'), 'too late')",
    );
    check(
        &place,
        &["check", "mods", "--shuffle", "10"],
        1,
        &[
            "trade fails when it loads after `economy`, and says nothing of it",
            "add `before = [\"economy\"]` to [order] in trade/mod.toml",
        ],
    );
}

#[test]
fn mods_that_require_each_other_are_tried_in_every_order_among_themselves() {
    let place = Place::empty();
    place.add_mod(
        "aa",
        "[dependencies]\nbb = '*'\n",
        "mod.export({ one = function() return 1 end })\nmod.import('bb').two()",
    );
    place.add_mod(
        "bb",
        "[dependencies]\naa = '*'\n",
        "mod.export({ two = function() return 2 end })",
    );
    let said = "aa fails when it loads before `bb`, and both require each other";
    check(&place, &["check", "mods", "--shuffle", "4"], 1, &[said]);
}

#[test]
fn a_mod_that_fails_in_every_order_is_a_plain_error() {
    let place = Place::with_mod("broken", "error('always')");
    place.add_mod("other", "", "");
    let out = check(
        &place,
        &["check", "mods", "--shuffle", "5"],
        1,
        &["lua-error", "always", "none makes a difference"],
    );
    assert!(!out.contains("undeclared-order"), "{out}");
}

#[test]
fn one_mod_and_none_are_shuffled_in_their_only_order() {
    let only = "1 load order tried, all that there are: none makes a difference";
    let place = Place::with_mod("alone", "");
    check(&place, &["check", "mods", "--shuffle", "5"], 0, &[only]);
    check(
        &Place::empty(),
        &["check", "mods", "--shuffle", "5"],
        0,
        &[only],
    );
}

#[test]
fn of_many_orders_some_are_tried_and_the_seed_says_which() {
    let place = undeclared();
    place.add_mod("more", "", "");
    let arguments = ["check", "mods", "--shuffle", "6", "--seed", "3", "--json"];
    let once = json_lines(&check(&place, &arguments, 1, &[]));
    assert_eq!(json_lines(&check(&place, &arguments, 1, &[])), once);
    let shuffle = &once.last().expect("a line")["shuffle"];
    assert_eq!(shuffle["orders"], json!(6));
    assert_eq!(shuffle["all"], json!(false));
    check(&place, &["check", "mods", "--seed", "3"], 2, &["--shuffle"]);
    check(&place, &["check", "mods", "--shuffle", "0"], 2, &[]);
}
