//! Tests of what a manifest becomes; the words for bad ones stand in `tests/manifests`.

use proptest::prelude::*;

use super::*;
use crate::problem::{Code, Problem};
use crate::settings::{Carry, OnUncarryable};

const EVERYTHING: &str = include_str!("../../tests/manifests/good/everything.toml");

fn good(text: &str) -> Manifest {
    let (manifest, problems) = parse(text.as_bytes(), "economy/mod.toml");
    assert_eq!(problems, []);
    manifest.unwrap()
}

fn bad(text: &str) -> (Option<Manifest>, Vec<Problem>) {
    let (manifest, problems) = parse(text.as_bytes(), "economy/mod.toml");
    assert!(problems.iter().any(Problem::is_error));
    (manifest, problems)
}

#[test]
fn every_key_arrives_where_it_belongs() {
    let mod_ = good(EVERYTHING);
    assert_eq!(mod_.id.as_str(), "economy");
    assert_eq!(mod_.name, "Economy");
    assert_eq!(mod_.version, Version::new(1, 4, 0));
    assert_eq!(mod_.description, "Prices that follow supply");
    assert_eq!(mod_.authors, ["Ada", "Grace"]);
    assert_eq!(mod_.license.as_deref(), Some("MIT"));
    assert_eq!(&*mod_.entry, "scripts/main.lua");
    let game = mod_.game.unwrap();
    assert!(game.versions.matches(&Version::new(1, 9, 0)));
    assert_eq!(game.place.to_string(), "economy/mod.toml:9:1");
    assert_eq!(mod_.provides[0].id.as_str(), "price-api");
    let capabilities = mod_.capabilities.all();
    let capabilities = capabilities.map(|it| format!("{} {}", it.name, it.place));
    let places = [
        "colony.jobs economy/mod.toml:26:13",
        "colony.ui economy/mod.toml:27:13",
    ];
    assert_eq!(capabilities.collect::<Vec<_>>(), places);
    assert_eq!(mod_.order.after[0].id.as_str(), "terrain");
    assert_eq!(mod_.order.before, []);
    assert_eq!(mod_.assets, ["assets/**", "*.png"]);
    assert_eq!(mod_.hot_reload.debounce_delay, Some(0));
    assert_eq!(mod_.hot_reload.on_uncarryable, Some(OnUncarryable::Drop));
}

#[test]
fn a_dependency_is_a_requirement_or_a_table() {
    let mod_ = good(EVERYTHING);
    let [base, weather, any] = &mod_.dependencies[..] else {
        panic!("{:?}", mod_.dependencies)
    };
    assert_eq!(base.versions.to_string(), "^1.2");
    assert!(!base.optional);
    assert_eq!(base.place.to_string(), "economy/mod.toml:13:1");
    assert!(weather.optional);
    assert_eq!(weather.reason.as_deref(), Some("prices follow the season"));
    assert_eq!(any.versions, VersionReq::STAR);
    assert_eq!(mod_.conflicts[0].id.as_str(), "inflation");
    assert_eq!(mod_.conflicts[1].versions, VersionReq::STAR);
}

#[test]
fn config_options_stand_in_the_order_of_the_file_with_their_limits() {
    let config = good(EVERYTHING).config;
    let keys: Vec<&str> = config.iter().map(|option| option.key.as_str()).collect();
    let written = "tax_rate taxed stalls motto season sign wares steps tones";
    assert_eq!(keys.join(" "), written);
    assert_eq!(
        config[0].kind,
        ConfigKind::Float {
            min: Some(0.0),
            max: Some(1.0),
            step: Some(0.01)
        }
    );
    assert_eq!(config[0].label, "Tax rate");
    assert_eq!(config[0].apply, Apply::Live);
    assert_eq!(config[2].apply, Apply::Reload);
    assert_eq!(config[2].default, Value::Integer(3));
    assert_eq!(config[2].label, "stalls");
    let steps = [1, 2, 3].map(Value::Integer);
    assert_eq!(config[7].default, Value::list(steps));
}

#[test]
fn what_is_left_out_has_its_default() {
    let mod_ = good("id = 'economy'\nversion = '1.0.0'");
    assert_eq!(mod_.name, "economy");
    assert_eq!(&*mod_.entry, "scripts/main.lua");
    assert_eq!(mod_.game, None);
    assert_eq!(mod_.hot_reload, HotReloadOverrides::default());
}

#[test]
fn the_id_is_known_even_if_the_rest_is_wrong() {
    let (manifest, problems) = bad("id = 'economy'\nversion = 1\nx = tru");
    assert_eq!(manifest.unwrap().version, Version::new(0, 0, 0));
    for problem in problems {
        assert_eq!(problem.mod_id.unwrap().as_str(), "economy");
    }
    assert_eq!(bad("version = '1.0.0'").0, None);
    assert_eq!(bad("id = '../economy'").0, None);
}

#[test]
fn all_problems_are_told_at_once() {
    let (_, problems) = bad("id = 'x'\nversion = '1'\nname = 1\nx = 2\n[order]\nafter = ['A']");
    let codes: Vec<Code> = problems.iter().map(|problem| problem.code).collect();
    let expected = [
        Code::BAD_ID,
        Code::BAD_VERSION,
        Code::WRONG_TYPE,
        Code::UNKNOWN_KEY,
        Code::BAD_ID,
    ];
    assert_eq!(codes, expected);
}

#[test]
fn text_for_people_is_one_line() {
    let mod_ = good("id = 'economy'\nversion = '1.0.0'\nname = \"a\\nb\\u202e\"");
    assert_eq!(mod_.name, "a b ");
}

#[test]
fn overrides_change_what_they_name_and_can_not_switch_on() {
    let settings = HotReload {
        enabled: false,
        ..HotReload::default()
    };
    let overrides = HotReloadOverrides {
        enabled: Some(true),
        debounce_delay: Some(7),
        carry: Some(Carry::State),
        on_uncarryable: None,
    };
    let own = overrides.over(&settings);
    assert!(!own.enabled);
    assert_eq!(own.debounce_delay, 7);
    assert_eq!(own.state_management.carry, Carry::State);
    assert_eq!(own.state_management.on_uncarryable, OnUncarryable::Refuse);
    assert_eq!(HotReloadOverrides::default().over(&settings), settings);
}

#[test]
fn a_value_becomes_what_its_kind_holds() {
    let int = ConfigKind::Int {
        min: None,
        max: None,
        step: None,
    };
    assert_eq!(int.accept(&Value::Number(2.0)), Ok(Value::Integer(2)));
    assert!(int.accept(&Value::Number(f64::NAN)).is_err());
    assert!(int.accept(&Value::Number(1e300)).is_err());
    assert!(int.accept(&Value::Integer(i64::MIN)).is_err());
    let letters = |max| ConfigKind::String {
        max_length: Some(max),
    };
    assert!(letters(2).accept(&Value::from("éé")).is_ok());
    assert!(letters(1).accept(&Value::from("éé")).is_err());
    assert!(ConfigKind::Color.accept(&Value::from("#FFcc00")).is_ok());
    assert!(ConfigKind::Color.accept(&Value::from("#ffc")).is_err());
    assert!(ConfigKind::Color.accept(&Value::from("ffcc00")).is_err());
}

proptest! {
    /// Slips of the finger in a good manifest: whatever happens, it is no panic, and each problem has a
    /// line that is there.
    #[test]
    fn a_damaged_manifest_is_answered(
        cuts in proptest::collection::vec((0..EVERYTHING.len(), 0..40usize, ".{0,6}"), 1..4),
    ) {
        let mut text = EVERYTHING.to_owned();
        for (at, length, put) in cuts {
            let at = at.min(text.len());
            let end = (at + length).min(text.len());
            if text.is_char_boundary(at) && text.is_char_boundary(end) {
                text.replace_range(at..end, &put);
            }
        }
        let (manifest, problems) = parse(text.as_bytes(), "economy/mod.toml");
        prop_assert!(manifest.is_some() || problems.iter().any(Problem::is_error));
        let lines = text.split('\n').count();
        for problem in problems {
            let line = problem.place.unwrap().line.unwrap();
            prop_assert!((1..=lines).contains(&usize::try_from(line).unwrap()));
        }
    }

    /// The oracle: serde's own reading of the same TOML knows whether there is a syntax error.
    #[test]
    fn bytes_that_are_no_toml_are_never_accepted(bytes in proptest::collection::vec(any::<u8>(), 0..60)) {
        let is_toml = std::str::from_utf8(&bytes).is_ok_and(|text| text.parse::<toml::Table>().is_ok());
        let (_, problems) = parse(&bytes, "economy/mod.toml");
        let is_told = problems.iter().any(|problem| {
            matches!(problem.code, Code::TOML_SYNTAX | Code::NOT_UTF8)
        });
        prop_assert_eq!(is_told, !is_toml);
    }
}
