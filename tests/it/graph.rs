//! `lunation graph`, as a person or a script calls it.

use serde_json::{Value as Json, json};

use crate::cli::{check, two_mods};

#[test]
fn graph_has_five_formats() {
    let place = two_mods();
    check(&place, &["graph", "mods"], 0, &["base", "user"]);
    check(
        &place,
        &["graph", "mods", "--format", "dot"],
        0,
        &["digraph", "base"],
    );
    check(
        &place,
        &["graph", "mods", "--format", "mermaid"],
        0,
        &["flowchart", "base"],
    );
    check(
        &place,
        &["graph", "mods", "--format", "svg"],
        0,
        &["<svg", "base", "</svg>"],
    );
    let out = check(&place, &["graph", "mods", "--json"], 0, &[]);
    let _: Json = serde_json::from_str(&out).expect("it is JSON");
    check(
        &place,
        &["graph", "mods", "--format", "png"],
        2,
        &["png", "svg"],
    );
}

#[test]
fn graph_shows_what_lies_around_a_mod() {
    let place = two_mods();
    let alone = ["graph", "mods", "--around", "base", "--depth", "0"];
    check(
        &place,
        &alone,
        0,
        &["0 steps around base", "… 1 more after it"],
    );
    let out = check(
        &place,
        &["graph", "mods", "--around", "base", "--json"],
        0,
        &[],
    );
    let json: Json = serde_json::from_str(&out).expect("it is JSON");
    assert_eq!(json["order"], json!(["base", "user"]));
    assert_eq!(
        json["around"],
        json!({ "id": "base", "depth": 2, "more": {} })
    );
    let wrong = ["graph", "mods", "--around", "baes"];
    check(
        &place,
        &wrong,
        1,
        &["no mod here is called `baes`", "did you mean `base`?"],
    );
    check(&place, &["graph", "mods", "--depth", "1"], 2, &["--around"]);
}
