//! What holds for every import, however strange the mod.

use proptest::prelude::*;

use super::*;
use crate::problem::Severity;

fn original(format: Format, text: impl Into<Vec<u8>>) -> Original {
    let file = match format {
        Format::Factorio => "some/info.json",
        Format::Luanti => "some/mod.conf",
        Format::Ckan => "some/some.ckan",
    };
    Original {
        format,
        file: file.to_owned(),
        folder: "some".to_owned(),
        text: text.into(),
        beside: Vec::new(),
        depends_txt: None,
    }
}

/// Whatever comes out is good: a manifest without problems, or the error that says why there is none.
fn check(originals: &[Original]) -> Vec<Imported> {
    let imported = import(originals);
    assert_eq!(imported.len(), originals.len());
    for one in &imported {
        let has_error = one.problems.iter().any(Problem::is_error);
        assert_eq!(one.manifest.is_none(), has_error, "{one:?}");
        assert!(one.problems.len() <= 102, "{}", one.problems.len());
        assert!(one.problems.iter().all(|problem| problem.place.is_some()));
        if let Some(text) = &one.manifest {
            let (parsed, problems) = manifest::parse(text.as_bytes(), "mod.toml");
            assert!(problems.is_empty(), "{problems:?}\n{text}");
            let parsed = parsed.expect("without problems there is a manifest");
            assert_eq!(Some(&parsed.id), one.mod_id.as_ref());
            assert_eq!(Some(&parsed.version), one.version.as_ref());
        }
    }
    let again = import(originals);
    let texts = |all: &[Imported]| -> Vec<_> { all.iter().map(|it| it.manifest.clone()).collect() };
    assert_eq!(texts(&imported), texts(&again));
    imported
}

/// What is refused has one error, whose words contain `words`.
fn check_refused(original: Original, words: &str) {
    let imported = check(&[original]).remove(0);
    let errors = imported.problems.iter();
    let errors: Vec<&Problem> = errors.filter(|it| it.severity == Severity::Error).collect();
    assert_eq!(errors.len(), 1, "{errors:?}");
    assert!(errors[0].to_string().contains(words), "{}", errors[0]);
}

#[test]
fn what_is_too_large_or_too_deep_or_no_text_is_refused() {
    let deep = format!(
        "{{\"name\":\"deep\",\"dependencies\":{}",
        "[".repeat(200_000)
    );
    check_refused(original(Format::Factorio, deep), "is no JSON");
    let deep = format!(
        "{{\"name\":\"deep\",\"dependencies\":{}{}}}",
        "[".repeat(9_000),
        "]".repeat(9_000)
    );
    let imported = check(&[original(Format::Factorio, deep)]).remove(0);
    assert!(imported.manifest.is_some());
    let huge = vec![b' '; ORIGINAL_BYTES_MAX as usize + 1];
    check_refused(original(Format::Luanti, huge), "524288 are the most");
    check_refused(original(Format::Ckan, vec![0xff]), "is no UTF-8");
    check_refused(original(Format::Ckan, "[1]"), "is no JSON object");
    check_refused(original(Format::Ckan, ""), "is no JSON");
}

#[test]
fn a_mod_that_needs_more_than_a_manifest_can_hold_is_refused() {
    let names: Vec<String> = (0..60_000).map(|n| format!("\"{n:05}\"")).collect();
    let many = format!(
        "{{\"name\":\"many\",\"dependencies\":[{}]}}",
        names.join(",")
    );
    check_refused(
        original(Format::Factorio, many),
        "would get a mod.toml that",
    );
    let names: Vec<String> = (0..100_000).map(|n| format!("\"a{n:05}\"")).collect();
    let too_many = format!(
        "{{\"name\":\"many\",\"dependencies\":[{}]}}",
        names.join(",")
    );
    check_refused(
        original(Format::Factorio, too_many),
        "are the most that are read",
    );
}

#[test]
fn a_mod_that_names_another_a_thousand_times_needs_it_once() {
    let versions: Vec<String> = (0..1000).map(|n| format!("\"lib >= {n}\"")).collect();
    let text = format!(
        "{{\"name\":\"it\",\"dependencies\":[{}]}}",
        versions.join(",")
    );
    let imported = check(&[original(Format::Factorio, text)]).remove(0);
    let (parsed, _) = manifest::parse(imported.manifest.unwrap().as_bytes(), "mod.toml");
    assert_eq!(parsed.unwrap().dependencies.len(), 1);
    let told = |words: &str| {
        imported
            .problems
            .iter()
            .any(|it| it.because.contains(words))
    };
    assert!(told("names more versions of `lib` than fit"));
    assert!(told("names `lib` more than once"));
    assert_eq!(imported.problems.len(), 4, "{:?}", imported.problems);
}

#[test]
fn what_is_told_of_one_mod_has_an_end_that_says_how_much_is_missing() {
    let text = format!(
        "{{\"name\":\"it\",\"dependencies\":[{}1]}}",
        "null,".repeat(999)
    );
    let imported = check(&[original(Format::Factorio, text)]).remove(0);
    let last = imported.problems.last().expect("there are problems");
    assert_eq!(imported.problems.len(), 100);
    assert!(last.because.starts_with("has 9"), "{last}");
}

fn word() -> impl Strategy<Value = String> {
    prop_oneof![
        "[a-z]{1,3}",
        "[A-Z][a-z ]{0,4}",
        "\\PC{0,5}",
        Just("name".to_owned()),
        Just("any".to_owned()),
        Just("lunation".to_owned()),
        "[!?~+]? ?[a-c]{1,2} ?(>=|<|=|>)? ?[0-9.]{0,6}",
        "[0-9]{0,3}:?v?[0-9]{0,20}(\\.[0-9]{0,4}){0,4}[-a-z]{0,3}",
    ]
}

/// A value as it may stand in any place.
fn value() -> impl Strategy<Value = serde_json::Value> {
    let leaf = prop_oneof![
        word().prop_map(serde_json::Value::from),
        any::<f64>().prop_map(serde_json::Value::from),
        any::<bool>().prop_map(serde_json::Value::from),
        Just(serde_json::Value::Null),
    ];
    leaf.prop_recursive(3, 24, 5, |inner| {
        let key = prop_oneof![
            Just("name".to_owned()),
            Just("any_of".to_owned()),
            Just("min_version".to_owned()),
            Just("version".to_owned()),
            word()
        ];
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(serde_json::Value::from),
            prop::collection::vec((key, inner), 0..4).prop_map(|entries| entries
                .into_iter()
                .collect::<serde_json::Map<_, _>>()
                .into()),
        ]
    })
}

const KEYS: &[&str] = &[
    "name",
    "identifier",
    "title",
    "version",
    "description",
    "abstract",
    "author",
    "license",
    "factorio_version",
    "ksp_version",
    "ksp_version_min",
    "ksp_version_max",
    "dependencies",
    "depends",
    "recommends",
    "suggests",
    "conflicts",
    "provides",
    "homepage",
];

proptest! {
    #[test]
    fn any_object_becomes_a_good_manifest_or_an_error(
        name in word(),
        entries in prop::collection::vec((prop::sample::select(KEYS), value()), 0..12),
        is_factorio in any::<bool>(),
    ) {
        let mut object: serde_json::Map<String, serde_json::Value> = entries
            .into_iter()
            .map(|(key, value)| (key.to_owned(), value))
            .collect();
        object.entry("name").or_insert_with(|| name.clone().into());
        object.entry("identifier").or_insert_with(|| name.into());
        let text = serde_json::to_string_pretty(&object).unwrap();
        let format = if is_factorio { Format::Factorio } else { Format::Ckan };
        check(&[original(format, text)]);
    }

    #[test]
    fn any_conf_becomes_a_good_manifest_or_an_error(
        lines in prop::collection::vec((prop_oneof![
            Just("name"), Just("depends"), Just("optional_depends"), Just("release"),
            Just("min_minetest_version"), Just("description"), Just("author"), Just("x"), Just("#"),
        ], prop::collection::vec(word(), 0..4)), 0..10),
        noise in "\\PC{0,20}",
        depends_txt in prop::option::of(prop::collection::vec(word(), 0..5)),
    ) {
        let lines: Vec<String> = lines
            .into_iter()
            .map(|(key, words)| format!("{key} = {}", words.join(",")))
            .collect();
        let mut one = original(Format::Luanti, format!("{}\n{noise}", lines.join("\n")));
        one.depends_txt = depends_txt.map(|words| words.join("\n").into_bytes());
        check(&[one]);
    }

    #[test]
    fn any_bytes_are_answered(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        for format in [Format::Factorio, Format::Luanti, Format::Ckan] {
            check(&[original(format, bytes.clone())]);
        }
    }
}
