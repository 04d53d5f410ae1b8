//! What a value is, and that it survives the way through serde.

use super::*;

#[derive(serde::Serialize, serde::Deserialize, PartialEq, Debug)]
struct Job {
    id: u32,
    kind: String,
    worker: Option<String>,
    at: (f64, f64),
}

#[test]
fn a_struct_comes_back_as_it_was() {
    let job = Job {
        id: 3,
        kind: "dig".into(),
        worker: None,
        at: (1.0, 2.5),
    };
    let value = Value::of(&job).unwrap();
    assert_eq!(value.get("kind").and_then(Value::as_str), Some("dig"));
    assert_eq!(value.get("worker"), None);
    assert_eq!(value.to::<Job>().unwrap(), job);
}

#[test]
fn floats_that_are_whole_read_as_integers() {
    assert_eq!(Value::Number(3.0).to::<u8>().unwrap(), 3);
    assert!(Value::Number(3.5).to::<u8>().is_err());
    assert_eq!(Value::Number(3.0).to::<f64>().unwrap(), 3.0);
}

#[test]
fn only_tables_with_the_keys_1_to_n_are_arrays() {
    let table =
        |keys: &[f64]| Value::Table(keys.iter().map(|k| ((*k).into(), true.into())).collect());
    assert_eq!(table(&[2.0, 1.0]).as_array().map(|a| a.len()), Some(2));
    assert!(table(&[1.0, 3.0]).as_array().is_none());
    assert!(table(&[1.0, 1.5]).as_array().is_none());
}

#[test]
fn nesting_beyond_the_limit_is_refused() {
    let mut json = serde_json::json!(1);
    for _ in 0..=VALUE_DEPTH_MAX {
        json = serde_json::json!([json]);
    }
    assert_eq!(Value::of(&json), Err(NoValue::TooDeep));
}

#[test]
fn a_table_with_the_keys_1_to_n_is_a_list() {
    let list = Value::list([Value::from("a"), Value::from(true)]);
    assert_eq!(
        list.as_list(),
        Some(vec![&Value::from("a"), &Value::from(true)])
    );
    let from_luau = Value::Table(vec![(Value::Number(1.0), Value::Nil)]);
    assert_eq!(from_luau.as_list(), Some(vec![&Value::Nil]));
    let sparse = Value::Table(vec![(Value::Integer(2), Value::Nil)]);
    assert_eq!(sparse.as_list(), None);
}

struct Thing;

impl HostObject for Thing {
    const KIND: &'static str = "game.thing";
}

#[test]
fn an_object_is_one_within_a_struct_of_the_game_too() {
    #[derive(serde::Serialize, serde::Deserialize)]
    struct Event {
        of: ObjectId<Thing>,
        others: Vec<Option<ObjectId<Thing>>>,
    }
    let (first, last) = (ObjectId::new(1), ObjectId::new(u64::MAX));
    let event = Event {
        of: last,
        others: vec![Some(first)],
    };
    let value = Value::of(&event).unwrap();
    assert_eq!(value.get("of"), Some(&last.object().value()));
    let event: Event = value.to().unwrap();
    assert_eq!(event.of.id, u64::MAX);
    assert_eq!(event.others[0].map(|id| id.id), Some(1));
}

#[test]
fn a_table_that_looks_like_an_object_is_none() {
    let look_alike = Value::of(&serde_json::json!({ "$userdata": "game.thing", "id": 1 })).unwrap();
    assert!(matches!(look_alike, Value::Table(_)));
    let refused = look_alike.to::<ObjectId<Thing>>().unwrap_err();
    assert_eq!(refused.to_string(), "must be a game.thing, not a table");
    let other = Object {
        kind: "game.other".into(),
        id: 1,
    };
    let refused = other.value().to::<ObjectId<Thing>>().unwrap_err();
    assert_eq!(
        refused.to_string(),
        "must be a game.thing, not a game.other"
    );
}

#[test]
fn an_object_makes_no_value_larger() {
    assert_eq!(size_of::<Value>(), size_of::<Vec<(Value, Value)>>());
}
