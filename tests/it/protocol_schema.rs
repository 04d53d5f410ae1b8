//! The schema of the control protocol is the one that its types make. `UPDATE_EXPECT=1` writes it anew.

use std::fs;
use std::path::Path;

use lunation::protocol;
use serde_json::Value as Json;

fn schema_path() -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("schemas/protocol.schema.json")
}

#[test]
fn the_protocol_schema_is_made_from_the_types() {
    let made = serde_json::to_string_pretty(&protocol::json_schema()).expect("a schema is JSON");
    let made = made + "\n";
    if std::env::var_os("UPDATE_EXPECT").is_some() {
        fs::create_dir_all(schema_path().with_file_name("")).expect("a folder can be made");
        fs::write(schema_path(), &made).expect("the schema can be written");
    }
    let written = fs::read_to_string(schema_path()).unwrap_or_default();
    assert!(
        written == made,
        "schemas/protocol.schema.json is not what the types make: run the tests with UPDATE_EXPECT=1"
    );
}

/// The names of all methods.
pub(crate) fn methods() -> Vec<String> {
    let schema = protocol::json_schema();
    let results = schema["x-results"].as_object().expect("an object");
    results.keys().cloned().collect()
}

#[test]
fn every_method_is_in_the_reference() {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/reference/protocol.md");
    let page = fs::read_to_string(page).expect("the page is there");
    for method in methods() {
        assert!(
            page.contains(&format!("`{method}`")),
            "{method} is not in the reference"
        );
    }
}

/// Whether `message` is one that the schema knows.
#[track_caller]
fn check(message: &Json, is_valid: bool) {
    let validator = jsonschema::validator_for(&protocol::json_schema()).expect("a schema");
    let errors: Vec<String> = validator
        .iter_errors(message)
        .map(|e| e.to_string())
        .collect();
    assert_eq!(errors.is_empty(), is_valid, "{message}: {errors:?}");
}

#[test]
fn messages_of_each_kind_are_valid_and_wrong_ones_are_not() {
    let request = |method: &str, params: Json| serde_json::json!({ "jsonrpc": "2.0", "id": 1, "method": method, "params": params });
    use serde_json::json;
    check(
        &request("wait", json!({ "timeout_ms": 5, "until": "idle" })),
        true,
    );
    check(&request("wait", json!({ "until": "idle" })), false);
    check(
        &request("reload", json!({ "mod": "economy", "kind": "script" })),
        true,
    );
    check(
        &request("reload", json!({ "mod": "economy", "knid": "script" })),
        false,
    );
    check(&request("nonesuch", json!({})), false);
    check(&json!({ "jsonrpc": "2.0", "id": 1, "result": {} }), true);
    check(&json!({ "jsonrpc": "2.0", "id": 1 }), false);
    check(
        &json!({ "jsonrpc": "2.0", "id": null, "error": { "code": -32700, "message": "no" } }),
        true,
    );
    let event = json!({ "event": "removed", "mod": "economy", "generation": 0 });
    check(
        &json!({ "jsonrpc": "2.0", "method": "event", "params": event }),
        true,
    );
}
