//! Tests of layers, differences and edits.

use proptest::prelude::*;

use super::*;
use crate::manifest;

const SCHEMA: &str = "id = 'economy'\nversion = '1.0.0'\n\
    [config.tax]\ntype = 'float'\ndefault = 0.1\nmin = 0\nmax = 1\n\
    [config.stalls]\ntype = 'int'\ndefault = 3\napply = 'reload'\n\
    [config.season]\ntype = 'enum'\nvalues = ['spring', 'winter']\ndefault = 'spring'\n\
    [config.wares]\ntype = 'list'\nitems = 'string'\ndefault = ['corn']\n";

fn schema() -> Vec<ConfigOption> {
    let (manifest, problems) = manifest::parse(SCHEMA.as_bytes(), "economy/mod.toml");
    assert_eq!(problems, []);
    manifest.unwrap().config
}

fn values(of_mod: &str, of_player: &str) -> (ConfigValues, Vec<String>) {
    let (values, problems) = layer(
        &schema(),
        Some((of_mod.as_bytes(), "economy/config.toml")),
        Some((of_player.as_bytes(), "config/economy.toml")),
        &[],
        None,
    );
    let problems = problems.iter().map(Problem::to_string).collect();
    (values, problems)
}

#[test]
fn the_player_is_above_the_mod_and_the_mod_above_its_defaults() {
    let (values, problems) = values("tax = 0.2\nstalls = 5", "tax = 1");
    assert_eq!(problems, [""; 0]);
    assert_eq!(values.get("tax"), Some(&Value::Number(1.0)));
    assert_eq!(values.get("stalls"), Some(&Value::Integer(5)));
    assert_eq!(values.get("season"), Some(&Value::from("spring")));
    let keys: Vec<&str> = values.iter().map(|entry| entry.key.as_str()).collect();
    assert_eq!(keys, ["tax", "stalls", "season", "wares"]);
}

#[test]
fn what_the_schema_refuses_lets_the_layer_below_show_through() {
    let (values, problems) = values(
        "tax = 0.2\nseason = 'summer'",
        "tax = 7\nstalls = 1.5\nseason = 'wintre'\nwares = ['wool', 1]\ntaxx = 1",
    );
    assert_eq!(values.get("tax"), Some(&Value::Number(0.2)));
    assert_eq!(values.get("stalls"), Some(&Value::Integer(3)));
    assert_eq!(values.get("season"), Some(&Value::from("spring")));
    assert_eq!(
        problems,
        [
            "economy/config.toml:2:10: sets `season` to \"summer\", which is not in its list (hint: use spring or winter)",
            "config/economy.toml:1:7: sets `tax` to 7, above the maximum 1 (hint: use a number from 0 to 1)",
            "config/economy.toml:2:10: sets `stalls` to 1.5, which is not a whole number (hint: use a whole number)",
            "config/economy.toml:3:10: sets `season` to \"wintre\", which is not in its list (hint: did you mean \"winter\"? use spring or winter)",
            "config/economy.toml:4:9: sets `wares` to a list whose item 2 is 1, which is not a string (hint: use a list, each a string)",
            "config/economy.toml:5:1: has the unknown key `taxx` (hint: did you mean `tax`? the keys here are tax, stalls, season, wares)",
        ]
    );
}

#[test]
fn a_broken_file_changes_what_can_be_read_of_it() {
    let (values, problems) = values("", "stalls = 9\ntax = 0,5");
    assert_eq!(values.get("stalls"), Some(&Value::Integer(9)));
    assert_eq!(problems.len(), 1);
    assert!(
        problems[0].starts_with("config/economy.toml:2:"),
        "{problems:?}"
    );
}

#[test]
fn a_difference_names_old_new_and_how_it_takes_effect() {
    let (old, _) = values("", "");
    let (new, _) = values("", "stalls = 4\ntax = 0.1");
    let change = ConfigChange {
        key: "stalls".to_owned(),
        old: Value::Integer(3),
        new: Value::Integer(4),
        apply: Apply::Reload,
    };
    assert_eq!(diff(&old, &new), [change]);
    assert_eq!(diff(&new, &new), []);
    let gone = diff(&new, &ConfigValues::default());
    assert_eq!(gone.len(), 4);
    assert!(gone.iter().all(|change| change.new == Value::Nil));
    let added = diff(&ConfigValues::default(), &new);
    assert!(added.iter().all(|change| change.old == Value::Nil));
}

#[test]
fn one_value_is_checked_as_in_a_file() {
    let one = Value::Integer(1);
    assert_eq!(check_one(&schema(), "tax", &one), Ok(Value::Number(1.0)));
    let code = |key, value: Value| check_one(&schema(), key, &value).unwrap_err().code;
    assert_eq!(code("tax", Value::Number(2.0)), Code::CONFIG_REFUSED);
    assert_eq!(code("taxx", Value::Number(0.5)), Code::UNKNOWN_KEY);
    assert_eq!(code("tax", Value::Nil), Code::CONFIG_REFUSED);
}

fn check_set(text: &str, key: &str, value: &Value, expected: &str) {
    let new = set(text, "config/economy.toml", key, value).unwrap();
    assert_eq!(new, expected);
}

#[test]
fn setting_a_value_keeps_comments_order_and_spacing() {
    let mine = "# my town\n\ntax   =  0.1   # low\n# stalls\nstalls = 3\n";
    let expected = "# my town\n\ntax   =  0.25   # low\n# stalls\nstalls = 3\n";
    check_set(mine, "tax", &Value::Number(0.25), expected);
    let added = format!("{mine}season = \"winter\"\n");
    check_set(mine, "season", &Value::from("winter"), &added);
    let list = Value::list([Value::from("corn"), Value::from("wool")]);
    check_set("", "wares", &list, "wares = [\"corn\", \"wool\"]\n");
}

#[test]
fn a_file_that_can_not_be_read_is_not_overwritten() {
    let problem = set(
        "tax = = 1",
        "config/economy.toml",
        "tax",
        &Value::Number(0.5),
    )
    .unwrap_err();
    assert_eq!(problem.code, Code::TOML_SYNTAX);
    assert_eq!(
        problem.place.unwrap().to_string(),
        "config/economy.toml:1:7"
    );
    let nan = Value::Number(f64::NAN);
    assert_eq!(set("", "f", "tax", &nan).unwrap_err().code, Code::BAD_VALUE);
    let nested = Value::list([Value::list([])]);
    assert_eq!(
        set("", "f", "tax", &nested).unwrap_err().code,
        Code::BAD_VALUE
    );
}

proptest! {
    /// What was set is what is read, whatever stood there before.
    #[test]
    fn a_value_that_was_set_is_read_back(
        before in proptest::option::of(0.0..1.0f64),
        tax in 0.0..=1.0f64,
        wares in proptest::collection::vec(".{0,8}", 0..4),
    ) {
        let file = "config/economy.toml";
        let text = before.map(|tax| format!("tax = {tax:?} # mine\n")).unwrap_or_default();
        let list = Value::list(wares.iter().map(|ware| Value::from(ware.as_str())));
        let text = set(&text, file, "tax", &Value::Number(tax)).unwrap();
        let text = set(&text, file, "wares", &list).unwrap();
        let (values, problems) = layer(&schema(), None, Some((text.as_bytes(), file)), &[], None);
        prop_assert_eq!(problems, vec![]);
        prop_assert_eq!(values.get("tax"), Some(&Value::Number(tax)));
        prop_assert_eq!(values.get("wares"), Some(&list));
    }
}

#[test]
fn what_is_refused_stays_at_the_value_that_runs() {
    let file = "config/economy.toml";
    let layered = |text: &str, running: Option<&ConfigValues>| {
        layer(&schema(), None, Some((text.as_bytes(), file)), &[], running)
    };
    let (running, _) = layered("tax = 0.7\nstalls = 9", None);
    for (slip, problems_expected) in [("tax = 70\nstalls = 9", 1), ("tax = ", 1)] {
        let (values, problems) = layered(slip, Some(&running));
        assert_eq!(values.get("tax"), Some(&Value::Number(0.7)), "{slip}");
        assert_eq!(problems.len(), problems_expected, "{slip}");
    }
    let (values, _) = layered("stalls = 3", Some(&running));
    assert_ne!(
        values.get("tax"),
        Some(&Value::Number(0.7)),
        "a line taken out is no slip"
    );
}
