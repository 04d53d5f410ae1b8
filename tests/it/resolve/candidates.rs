//! An index of mods as a file: what each line becomes, and what is said about bad ones.

use lunation::Problem;
use lunation::manifest::{Manifest, candidates};

use crate::driver::Place;

fn check(text: &str, problems: &[&str]) -> Vec<Manifest> {
    let (manifests, told) = candidates(text.as_bytes(), "index.jsonl");
    let told: Vec<String> = told.iter().map(Problem::to_string).collect();
    assert_eq!(told, problems);
    manifests
}

#[test]
fn every_key_arrives_where_it_belongs() {
    let text = r#"
        {"id": "base", "version": "2.0.0-beta.1"}

        {"id": "economy", "version": "1.4.0", "game": ">=1, <2", "dependencies": {"base": "^1.2", "tools": "*"}, "optional": {"weather": ">=2"}, "conflicts": {"inflation": "<3"}, "provides": {"price-api": "1.0.0"}}"#;
    let manifests = check(text, &[]);
    let [base, economy] = &manifests[..] else {
        panic!("{manifests:?}")
    };
    assert_eq!(
        (base.id.as_str(), base.version.to_string()),
        ("base", "2.0.0-beta.1".to_owned())
    );
    assert_eq!(base.place.to_string(), "index.jsonl:2");
    assert_eq!(economy.place.to_string(), "index.jsonl:4");
    assert_eq!(
        economy.game.as_ref().unwrap().versions.to_string(),
        ">=1, <2"
    );
    let said = economy.dependencies.iter();
    let said = said.map(|d| format!("{} {} {} {}", d.id, d.versions, d.optional, d.place));
    assert_eq!(
        said.collect::<Vec<_>>(),
        [
            "base ^1.2 false index.jsonl:4",
            "tools * false index.jsonl:4",
            "weather >=2 true index.jsonl:4"
        ]
    );
    assert_eq!(economy.conflicts[0].id.as_str(), "inflation");
    assert_eq!(economy.provides[0].version.to_string(), "1.0.0");
}

#[test]
fn every_bad_line_is_told_and_the_others_are_used() {
    let text = r#"{"id": "base", "version": "1.0.0"}
{"id": "base", "version": "1.0"}
{"id": "No", "version": "1.0.0"}
{"version": "1.0.0"}
["base"]
{"id": "shop", "version": "1.0.0"
{"id": "shop", "version": 1, "dependecies": {"base": "*"}, "conflicts": ["base"]}
{"id": "mine", "version": "1.0.0", "dependencies": {"mine": "*", "BAD": "*", "base": "new", "tools": 2}}
{"id": "good", "version": "1.0.0"}"#;
    let keys = "the keys here are id, version, game, dependencies, optional, conflicts, provides";
    let manifests = check(
        text,
        &[
            "index.jsonl:2: sets `version` to \"1.0\", which is not a version: unexpected end of input while parsing minor version number (hint: write three numbers, such as \"1.0.0\")",
            "index.jsonl:3: names in `id` \"No\", which starts with 'N'; an id starts with a small letter a to z (hint: \"no\" would do)",
            "index.jsonl:4: has no `id` (hint: add \"id\": \"my-mod\")",
            "index.jsonl:5: is a list, but a candidate is an object (hint: write {\"id\": \"my-mod\", \"version\": \"1.0.0\"})",
            "index.jsonl:6:33: is no JSON: EOF while parsing an object at line 1 column 33 (hint: one object stands on one line)",
            "index.jsonl:7: sets `version` to a number, but it takes a string (hint: put it in quotes)",
            "index.jsonl:7: sets `conflicts` to a list, but it takes an object (hint: write \"conflicts\": {\"base\": \"1.0.0\"})",
            &format!(
                "index.jsonl:7: has the unknown key `dependecies` (hint: did you mean `dependencies`? {keys})"
            ),
            "index.jsonl:8: names itself in `dependencies` (hint: remove it)",
            "index.jsonl:8: names in `dependencies` \"BAD\", which starts with 'B'; an id starts with a small letter a to z (hint: \"bad\" would do)",
            "index.jsonl:8: sets `dependencies.base` to \"new\", which is not a version requirement: unexpected character 'n' while parsing major version number (hint: write it as \"^1.2\", \">=1.0, <2\" or \"*\")",
            "index.jsonl:8: sets `dependencies.tools` to a number, but it takes a string (hint: put it in quotes)",
        ],
    );
    let ids: Vec<&str> = manifests
        .iter()
        .map(|manifest| manifest.id.as_str())
        .collect();
    assert_eq!(ids, ["base", "base", "shop", "mine", "good"]);
}

#[test]
fn ten_thousand_bad_lines_are_a_thousand_problems_and_a_number() {
    let (manifests, problems) = candidates("nonsense\n".repeat(10_000).as_bytes(), "index.jsonl");
    assert_eq!((manifests.len(), problems.len()), (0, 1_001));
    let last = problems.last().unwrap().to_string();
    assert_eq!(
        last,
        "index.jsonl: has 9000 more problems than are shown (hint: mend the first ones)"
    );
}

#[test]
fn deep_nesting_long_lines_and_bytes_that_are_no_text_are_refused() {
    let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    let long = format!("{{\"id\": \"{}\"}}", "a".repeat(2_000_000));
    for bad in [
        deep.as_bytes(),
        long.as_bytes(),
        b"{\"id\": \"\xff\xfe\"}",
        b"\0",
    ] {
        let (manifests, problems) = candidates(bad, "index.jsonl");
        assert_eq!((manifests.len(), problems.len()), (0, 1), "{problems:?}");
        assert!(problems[0].because.len() < 300, "{problems:?}");
    }
}

#[test]
fn check_of_candidates_says_what_runs_and_why_not_the_others() {
    let place = Place::with_mod("base", "");
    place.write(
        "index.jsonl",
        "{\"id\": \"base\", \"version\": \"1.0.0\"}\n\
         {\"id\": \"shop\", \"version\": \"1.0.0\", \"game\": \"^1\", \"dependencies\": {\"base\": \"^1\"}}\n\
         {\"id\": \"lost\", \"version\": \"1.0.0\", \"dependencies\": {\"nowhere\": \"*\"}}\n",
    );
    let asked = ["check", "--candidates", "index.jsonl", "--host", "1.2.0"];
    let words = [
        "1  base 1.0.0\n2  shop 1.0.0\n",
        "error[missing-dependency]: lost requires `nowhere`",
        "index.jsonl:3",
        "3 versions of 3 mods: 2 run, 1 rejected; 1 error, 0 warnings",
        "ms, resolved in ",
    ];
    crate::cli::check(&place, &asked, 1, &words);
    let out = crate::cli::check(&place, &[&asked[..], &["--json"]].concat(), 1, &[]);
    let lines = crate::cli::json_lines(&out);
    assert_eq!(lines[0]["code"], "missing-dependency");
    assert_eq!(lines[1]["order"][1]["id"], "shop");
    assert_eq!(lines[1]["rejected"][0]["id"], "lost");
    let unknown = [&asked[..], &["--wanted", "base,shpo"]].concat();
    crate::cli::check(
        &place,
        &unknown,
        1,
        &["no candidate is called `shpo` (hint: did you mean `shop`?)"],
    );
    crate::cli::check(
        &place,
        &["check", "mods", "--host", "1.2.0"],
        2,
        &["--candidates"],
    );
}
