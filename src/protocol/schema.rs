//! The JSON Schema of the protocol, made from the types of its messages.

use std::collections::BTreeMap;

use schemars::{Schema, SchemaGenerator};
use serde_json::{Map, Value as Json, json};

use super::messages::*;
use crate::{Bisection, ModEvent, ModGrants, ModStatus, Problem, SaveNeeds};

/// One method: its name, and the schemas of its params and its result.
type Method = (&'static str, Schema, Schema);

macro_rules! methods {
    ($($name:literal => $params:ty, $result:ty;)*) => {
        /// Every method, with its schemas.
        fn methods(generator: &mut SchemaGenerator) -> Vec<Method> {
            vec![$((
                $name,
                generator.subschema_for::<$params>(),
                generator.subschema_for::<$result>(),
            )),*]
        }
    };
}
for_each_method!(methods);

/// The JSON Schema of every message: `schemas/protocol.schema.json`. A message is one of the requests, its
/// answer, or the notification `event`; the schema of each result stands in `x-results`, by method.
pub fn json_schema() -> Json {
    let mut generator = schemars::generate::SchemaSettings::draft2020_12().into_generator();
    let methods = methods(&mut generator);
    let problem = generator.subschema_for::<Problem>();
    let event = generator.subschema_for::<ModEvent>();
    let requests: Vec<Json> = methods
        .iter()
        .map(|(name, params, _)| request(name, params))
        .collect();
    let results: Map<String, Json> = methods
        .iter()
        .map(|(name, _, result)| ((*name).to_owned(), result.as_value().clone()))
        .collect();
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "The control protocol of Lunation",
        "description": "JSON-RPC 2.0, one message a line; see docs/reference/protocol.md",
        "oneOf": [
            { "$ref": "#/$defs/Request" },
            { "$ref": "#/$defs/Answer" },
            { "$ref": "#/$defs/Notification" },
        ],
        "x-results": results,
        "$defs": definitions(&mut generator, &requests, &problem, &event),
    })
}

fn request(name: &str, params: &Schema) -> Json {
    json!({
        "type": "object",
        "properties": {
            "jsonrpc": { "const": "2.0" },
            "id": { "type": ["number", "string", "null"] },
            "method": { "const": name },
            "params": params,
        },
        "required": ["jsonrpc", "method"],
        "additionalProperties": false,
    })
}

fn definitions(
    generator: &mut SchemaGenerator,
    requests: &[Json],
    problem: &Schema,
    event: &Schema,
) -> Map<String, Json> {
    let mut all = generator.take_definitions(true);
    let envelope = json!({
        "Request": { "oneOf": requests },
        "Answer": {
            "type": "object",
            "properties": {
                "jsonrpc": { "const": "2.0" },
                "id": { "type": ["number", "string", "null"] },
                "result": true,
                "error": {
                    "type": "object",
                    "properties": {
                        "code": { "type": "integer" },
                        "message": { "type": "string" },
                        "data": problem,
                    },
                    "required": ["code", "message"],
                },
            },
            "required": ["jsonrpc", "id"],
            "oneOf": [{ "required": ["result"] }, { "required": ["error"] }],
        },
        "Notification": {
            "type": "object",
            "properties": {
                "jsonrpc": { "const": "2.0" },
                "method": { "const": "event" },
                "params": event,
            },
            "required": ["jsonrpc", "method", "params"],
        },
    });
    if let Json::Object(envelope) = envelope {
        all.extend(envelope);
    }
    all.into_iter()
        .collect::<BTreeMap<_, _>>()
        .into_iter()
        .collect()
}
