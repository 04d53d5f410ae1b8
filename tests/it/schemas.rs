//! The JSON Schemas are those of the types, and say the same of every file as the parser.

use std::fs;
use std::path::{Path, PathBuf};

use jsonschema::Validator;
use lunation::{Problem, manifest, profile, settings};
use serde_json::Value as Json;

use crate::manifests::{expect, files, manifest_problems, profile_problems, settings_problems};

fn schema_file(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("schemas")
        .join(name)
}

/// A TOML file as JSON; `None` if it is no TOML, which no schema can be asked about. What JSON can't
/// say (dates, nan and inf) becomes null, which no key takes.
fn json(text: &[u8]) -> Option<Json> {
    let text = std::str::from_utf8(text).ok()?;
    let table: toml::Table = toml::from_str(text).ok()?;
    Some(to_json(toml::Value::Table(table)))
}

fn to_json(value: toml::Value) -> Json {
    match value {
        toml::Value::String(text) => Json::from(text),
        toml::Value::Integer(number) => Json::from(number),
        toml::Value::Float(number) => Json::from(number),
        toml::Value::Boolean(is) => Json::from(is),
        toml::Value::Datetime(_) => Json::Null,
        toml::Value::Array(items) => items.into_iter().map(to_json).collect(),
        toml::Value::Table(table) => table.into_iter().map(|(k, v)| (k, to_json(v))).collect(),
    }
}

fn check(folder: &str, schema: &Json, problems: fn(&[u8]) -> Vec<Problem>) {
    let validator = Validator::new(schema).unwrap();
    let accepted = |text: &[u8]| {
        let by_parser = problems(text).is_empty();
        let by_schema = json(text).map(|json| validator.iter_errors(&json).next().is_none());
        (by_parser, by_schema)
    };
    let check_kind = |kind: &str, expected: (bool, Option<bool>)| {
        for file in files(&format!("{folder}/{kind}")) {
            let text = fs::read(&file).unwrap();
            assert_eq!(
                accepted(&text),
                expected,
                "{} (parser, schema)",
                file.display()
            );
        }
    };
    check_kind("good", (true, Some(true)));
    check_kind("bad", (false, Some(false)));
    for file in files(&format!("{folder}/bad-beyond-schema")) {
        let (by_parser, by_schema) = accepted(&fs::read(&file).unwrap());
        let name = file.display();
        assert!(!by_parser, "{name} is accepted by the parser");
        assert!(by_schema != Some(false), "{name} belongs in `bad`");
    }
}

#[test]
fn the_schema_files_are_those_of_the_types() {
    let pretty = |json: &Json| format!("{}\n", serde_json::to_string_pretty(json).unwrap());
    let manifest = manifest::json_schema();
    expect(&schema_file("mod.schema.json"), &pretty(&manifest));
    let settings = settings::json_schema();
    expect(&schema_file("lunation.schema.json"), &pretty(&settings));
    let profile = profile::json_schema();
    expect(&schema_file("profile.schema.json"), &pretty(&profile));
}

#[test]
fn parser_and_schema_agree_on_every_manifest() {
    check("manifests", &manifest::json_schema(), manifest_problems);
}

#[test]
fn parser_and_schema_agree_on_every_settings_file() {
    check("settings", &settings::json_schema(), settings_problems);
}

#[test]
fn parser_and_schema_agree_on_every_profile() {
    check("profiles", &profile::json_schema(), profile_problems);
}

/// What a tired author, or a clever one, may write in place of anything.
fn replacements() -> Vec<toml::Value> {
    let list = |item: toml::Value| toml::Value::Array(vec![item]);
    let table = toml::Table::from_iter([("x".to_owned(), toml::Value::Integer(1))]);
    vec![
        toml::Value::from(""),
        toml::Value::from("1.0.0"),
        toml::Value::from("bool"),
        toml::Value::from("#ffffff"),
        toml::Value::from(true),
        toml::Value::from(0),
        toml::Value::from(-1),
        toml::Value::from(1.5),
        toml::Value::from(f64::NAN),
        toml::Value::from(1_i64 << 60),
        toml::Value::Datetime("1979-05-27".parse().unwrap()),
        toml::Value::Array(Vec::new()),
        list(toml::Value::from("")),
        list(toml::Value::from("x")),
        list(toml::Value::from(1)),
        list(list(toml::Value::from(1))),
        toml::Value::Table(toml::Table::new()),
        toml::Value::Table(table),
    ]
}

/// Every file that differs from `table` in one place: a key gone, a key too many, a value replaced.
/// Each comes with the path of the place.
fn mutants(table: &toml::Table) -> Vec<(String, toml::Table)> {
    let mut mutants = Vec::new();
    let mut with_extra = table.clone();
    with_extra.insert("extra".to_owned(), toml::Value::from(1));
    mutants.push(("extra".to_owned(), with_extra));
    for (key, value) in table {
        let mut without = table.clone();
        without.remove(key);
        mutants.push((format!("{key} gone"), without));
        let mut replace = |path: String, value: toml::Value| {
            let mut other = table.clone();
            other.insert(key.clone(), value);
            mutants.push((path, other));
        };
        for value in replacements() {
            replace(format!("{key} = {value}"), value);
        }
        if let toml::Value::Table(inner) = value {
            for (path, inner) in self::mutants(inner) {
                replace(format!("{key}.{path}"), toml::Value::Table(inner));
            }
        }
    }
    mutants
}

/// Parser and schema agree on each mutant of `good`, but for the places that `beyond.expected` lists:
/// what a schema can't say, such as a default outside its own limits.
fn check_mutants(folder: &str, good: &str, schema: &Json, problems: fn(&[u8]) -> Vec<Problem>) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests")
        .join(folder);
    let text = fs::read_to_string(folder.join("good").join(good)).unwrap();
    let validator = Validator::new(schema).unwrap();
    let mut beyond = String::new();
    for (path, mutant) in mutants(&toml::from_str(&text).unwrap()) {
        let problems = problems(toml::to_string(&mutant).unwrap().as_bytes());
        let by_schema = validator.is_valid(&to_json(toml::Value::Table(mutant)));
        assert!(
            by_schema || !problems.is_empty(),
            "the schema alone refuses {path}"
        );
        if by_schema && let Some(problem) = problems.first() {
            beyond += &format!("{path}: {}\n", problem.because);
        }
    }
    expect(&folder.join("beyond.expected"), &beyond);
}

#[test]
fn parser_and_schema_agree_on_every_manifest_that_is_wrong_in_one_place() {
    let schema = manifest::json_schema();
    check_mutants("manifests", "everything.toml", &schema, manifest_problems);
}

#[test]
fn parser_and_schema_agree_on_every_settings_file_that_is_wrong_in_one_place() {
    let schema = settings::json_schema();
    check_mutants("settings", "everything.toml", &schema, settings_problems);
}

#[test]
fn parser_and_schema_agree_on_every_profile_that_is_wrong_in_one_place() {
    let schema = profile::json_schema();
    check_mutants("profiles", "everything.toml", &schema, profile_problems);
}

proptest::proptest! {
    /// The pattern of a requirement says what the semver crate says.
    #[test]
    fn the_pattern_of_requirements_is_that_of_semver(
        tokens in proptest::collection::vec(
            proptest::sample::select(vec![
                "1", "0", "01", "12", ".", ".", ".", "*", "x", ",", ", ", " ", ">", "=", "<", "^", "~",
                "-", "+", "a", "1.2.3", "rc.1", ">=1",
            ]),
            0..9,
        ),
    ) {
        let text = tokens.concat();
        let is_requirement = semver::VersionReq::parse(&text).is_ok();
        let pattern = manifest::json_schema()["$defs"]["Requirement"].take();
        let by_schema = jsonschema::is_valid(&pattern, &Json::from(text.as_str()));
        proptest::prop_assert_eq!(by_schema, is_requirement, "{:?}", text);
    }
}
