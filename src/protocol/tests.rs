//! The protocol without a game: lines, envelopes, values.

use std::io::{BufReader, Cursor};

use proptest::prelude::*;
use serde_json::{Value as Json, json};

use super::json::{from_json, to_json};
use super::lines::{Line, next_line};
use super::rpc::{Failure, answer_line};
use crate::Value;

/// Reads `text` with a limit of 8 bytes a line and a buffer of 3.
fn lines(text: &str) -> Vec<String> {
    let mut input = BufReader::with_capacity(3, Cursor::new(text));
    let mut all = Vec::new();
    while let Some(line) = next_line(&mut input, 8).unwrap() {
        all.push(match line {
            Line::Text(text) => String::from_utf8(text).unwrap(),
            Line::TooLong => "<too long>".to_owned(),
        });
    }
    all
}

#[test]
fn a_line_over_the_limit_is_skipped_whole_and_the_next_is_read() {
    assert_eq!(lines("a\n\n12345678\nlast"), ["a", "", "12345678", "last"]);
    assert_eq!(lines("123456789\nnext\n"), ["<too long>", "next"]);
    assert_eq!(lines("1234567890123456789"), ["<too long>"]);
    assert_eq!(lines(""), [""; 0]);
}

/// The answer to a line by a session that knows the method `echo`.
fn answer(line: &str) -> Option<Json> {
    answer_line(line.as_bytes(), |method, params| match method {
        "echo" => Ok(params.unwrap_or_default()),
        _ => Err(Failure::NoMethod(method.to_owned())),
    })
}

fn check_code(line: &str, code: i64) {
    let answer = answer(line).expect("an answer");
    assert_eq!(answer["error"]["code"], code, "{line} → {answer}");
}

#[test]
fn what_is_no_request_is_refused_with_the_code_that_json_rpc_has_for_it() {
    check_code("", -32700);
    check_code("{", -32700);
    check_code("\"\\ud800\"", -32700);
    check_code(&"[".repeat(100_000), -32700);
    check_code("[]", -32600);
    check_code("1", -32600);
    check_code(r#"{"id":1,"method":"echo"}"#, -32600);
    check_code(r#"{"jsonrpc":"1.0","id":1,"method":"echo"}"#, -32600);
    check_code(r#"{"jsonrpc":"2.0","id":[],"method":"echo"}"#, -32600);
    check_code(r#"{"jsonrpc":"2.0","id":1,"method":7}"#, -32600);
    check_code(
        r#"{"jsonrpc":"2.0","id":1,"method":"echo","params":7}"#,
        -32600,
    );
    check_code(r#"{"jsonrpc":"2.0","id":1,"method":"nonesuch"}"#, -32601);
}

#[test]
fn a_batch_gets_its_answers_together_and_a_notification_none() {
    let (one, two) = (
        json!({"jsonrpc": "2.0", "id": 1, "method": "echo", "params": [5]}),
        json!({"jsonrpc": "2.0", "method": "echo"}),
    );
    assert_eq!(answer(&two.to_string()), None);
    assert_eq!(answer(&json!([two, two]).to_string()), None);
    let answers = answer(&json!([two, one, 3]).to_string()).unwrap();
    assert_eq!(
        answers[0],
        json!({"jsonrpc": "2.0", "id": 1, "result": [5]})
    );
    assert_eq!(answers[1]["error"]["code"], -32600);
    assert_eq!(answers.as_array().unwrap().len(), 2);
}

fn table(entries: &[(Value, Value)]) -> Value {
    Value::Table(entries.to_vec())
}

/// `value` is printed as `json`, and read back it is printed so again.
fn check_prints(value: &Value, json: Json) {
    assert_eq!(to_json(value), json);
    if let Ok(read) = from_json(&json) {
        assert_eq!(to_json(&read), json);
    }
}

#[test]
fn every_number_and_string_has_its_form() {
    check_prints(&Value::Nil, json!(null));
    check_prints(&3.0.into(), json!(3));
    check_prints(
        &(-9_007_199_254_740_991.0).into(),
        json!(-9_007_199_254_740_991_i64),
    );
    check_prints(
        &9_007_199_254_740_992.0.into(),
        json!(9_007_199_254_740_992.0),
    );
    check_prints(&Value::Integer(i64::MIN), json!(i64::MIN));
    check_prints(&0.5.into(), json!(0.5));
    check_prints(&(-0.0).into(), json!({"$number": "-0"}));
    check_prints(&f64::NAN.into(), json!({"$number": "nan"}));
    check_prints(&f64::NEG_INFINITY.into(), json!({"$number": "-inf"}));
    check_prints(
        &Value::String([0xff, 0].as_slice().into()),
        json!({"$bytes": "/wA="}),
    );
    check_prints(
        &Value::Vector([1.0, 2.5, f32::INFINITY]),
        json!({"$vector": [1, 2.5, {"$number": "inf"}]}),
    );
    check_prints(
        &Value::Function(Some("f".into())),
        json!({"$function": "f"}),
    );
    check_prints(&Value::Function(None), json!({"$function": null}));
    check_prints(
        &Value::Opaque("thread".into()),
        json!({"$userdata": "thread"}),
    );
}

#[test]
fn a_table_is_an_array_an_object_or_pairs() {
    check_prints(&table(&[]), json!({}));
    check_prints(
        &table(&[(2.0.into(), true.into()), (1.0.into(), 7.0.into())]),
        json!([7, true]),
    );
    check_prints(
        &table(&[("b".into(), 1.0.into()), ("a".into(), 2.0.into())]),
        json!({"a": 2, "b": 1}),
    );
    check_prints(
        &table(&[("k".into(), 3.0.into()), (1.0.into(), 1.0.into())]),
        json!({"$table": [[1, 1], ["k", 3]]}),
    );
    check_prints(
        &table(&[(2.0.into(), 1.0.into())]),
        json!({"$table": [[2, 1]]}),
    );
    check_prints(
        &table(&[("$ref".into(), 1.0.into())]),
        json!({"$table": [["$ref", 1]]}),
    );
}

#[test]
fn tables_are_numbered_as_they_are_printed() {
    let cycle = table(&[("me".into(), Value::Ref(0))]);
    check_prints(&cycle, json!({"me": {"$ref": 0}}));
    let shared = table(&[
        ("a".into(), table(&[("x".into(), 1.0.into())])),
        ("b".into(), Value::Ref(1)),
    ]);
    check_prints(&shared, json!({"a": {"x": 1}, "b": {"$ref": 1}}));
    // The value met `b` first; it is printed second.
    let other_order = table(&[
        ("b".into(), table(&[("x".into(), 1.0.into())])),
        ("a".into(), Value::Ref(1)),
    ]);
    check_prints(&other_order, json!({"a": {"x": 1}, "b": {"$ref": 1}}));
    assert_eq!(to_json(&Value::Ref(7)), json!(null));
}

#[test]
fn a_form_that_is_wrong_or_can_not_be_sent_is_refused() {
    for json in [
        json!({"$bytes": "?"}),
        json!({"$number": 3}),
        json!({"$number": "NaN"}),
        json!({"$ref": 0}),
        json!([{"$ref": 1}]),
        json!({"$table": [[1]]}),
        json!({"$table": [[null, 1]]}),
        json!({"$table": [[{"$number": "nan"}, 1]]}),
        json!({"$vector": [1, 2]}),
        json!({"$function": "f"}),
        json!({"$nonesuch": 1}),
    ] {
        assert!(from_json(&json).is_err(), "{json}");
    }
    let mut deep = json!(1);
    for _ in 0..200 {
        deep = json!([deep]);
    }
    assert!(from_json(&deep).is_err());
}

/// JSON that likes the names which mean something here.
fn any_json() -> impl Strategy<Value = Json> {
    let name = prop_oneof![
        Just("jsonrpc"),
        Just("id"),
        Just("method"),
        Just("params"),
        Just("2.0"),
        Just("echo"),
        Just("$bytes"),
        Just("$number"),
        Just("$table"),
        Just("$ref"),
        Just("$vector"),
        Just("nan"),
        Just("x"),
    ];
    let leaf = prop_oneof![
        Just(Json::Null),
        any::<bool>().prop_map(Json::from),
        any::<i64>().prop_map(Json::from),
        any::<f64>().prop_map(Json::from),
        name.clone().prop_map(Json::from),
        ".{0,4}".prop_map(Json::from),
    ];
    leaf.prop_recursive(5, 40, 5, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(Json::from),
            prop::collection::vec((name.clone(), inner), 0..4).prop_map(|fields| Json::Object(
                fields.into_iter().map(|(k, v)| (k.into(), v)).collect()
            )),
        ]
    })
}

proptest! {
    #[test]
    fn any_json_gets_an_answer_or_wants_none(json in any_json()) {
        if let Some(answer) = answer(&json.to_string()) {
            for answer in answer.as_array().cloned().unwrap_or_else(|| vec![answer]) {
                prop_assert_eq!(&answer["jsonrpc"], "2.0");
                prop_assert_ne!(answer.get("result").is_some(), answer.get("error").is_some());
            }
        }
    }

    #[test]
    fn any_bytes_get_an_answer_or_want_none(bytes in prop::collection::vec(any::<u8>(), 0..64)) {
        let _ = answer_line(&bytes, |_, _| Ok(Json::Null));
    }

    #[test]
    fn what_was_read_is_printed_and_read_again_as_the_same(json in any_json()) {
        if let Ok(value) = from_json(&json) {
            let printed = to_json(&value);
            let again = from_json(&printed).expect("what we print, we read");
            prop_assert_eq!(to_json(&again), printed);
        }
    }
}
