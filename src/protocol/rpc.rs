//! JSON-RPC 2.0: what a line asks for, and what an answer looks like. Knows no method.

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value as Json, json};

use super::BadState;
use crate::Problem;
use crate::value::NoValue;

/// Why there is no result.
#[derive(Debug)]
pub(super) enum Failure {
    /// Used for what is not JSON, or is longer than a line may be.
    Parse(String),
    /// Used for JSON that is no request.
    InvalidRequest(String),
    /// Used for a method that nobody knows.
    NoMethod(String),
    /// Used for params that the method does not take.
    InvalidParams(String),
    /// Used for what a mod, a file or the order of things does not allow.
    Problem(Box<Problem>),
    /// Used for an answer that can't be written.
    Internal(String),
}

impl Failure {
    fn to_json(&self) -> Json {
        let (code, message) = match self {
            Failure::Parse(why) => (-32700, why),
            Failure::InvalidRequest(why) => (-32600, why),
            Failure::NoMethod(why) => (-32601, why),
            Failure::InvalidParams(why) => (-32602, why),
            Failure::Internal(why) => (-32603, why),
            Failure::Problem(problem) => {
                return json!({ "code": 1, "message": problem.to_string(), "data": problem });
            }
        };
        json!({ "code": code, "message": message })
    }
}

impl From<Problem> for Failure {
    fn from(problem: Problem) -> Failure {
        Failure::Problem(Box::new(problem))
    }
}

impl From<NoValue> for Failure {
    fn from(why: NoValue) -> Failure {
        Failure::InvalidParams(format!("the value can't be read because it {why}"))
    }
}

impl From<BadState> for Failure {
    fn from(why: BadState) -> Failure {
        Failure::InvalidParams(format!("the state can't be read because it {why}"))
    }
}

/// Params as the type that a method takes; none at all are like an empty object.
///
/// # Errors
/// [`Failure::InvalidParams`], with what serde says.
pub(super) fn read<P: DeserializeOwned>(params: Option<Json>) -> Result<P, Failure> {
    let params = params.unwrap_or_else(|| Json::Object(Map::new()));
    serde_json::from_value(params).map_err(|why| Failure::InvalidParams(why.to_string()))
}

/// A result as JSON.
///
/// # Errors
/// [`Failure::Internal`]: a type of ours that JSON has no word for.
pub(super) fn reply<R: Serialize>(result: Result<R, Failure>) -> Result<Json, Failure> {
    serde_json::to_value(result?).map_err(|why| Failure::Internal(why.to_string()))
}

/// A notification.
pub(super) fn notification(method: &str, params: &impl Serialize) -> Json {
    json!({ "jsonrpc": "2.0", "method": method, "params": params })
}

/// The answer to something that could not be read as a request.
pub(super) fn refusal(failure: &Failure) -> Json {
    json!({ "jsonrpc": "2.0", "id": null, "error": failure.to_json() })
}

/// The answer to a line: `answer` is called with the method and the params of each request in it. `None` if
/// nobody wants an answer.
pub(super) fn answer_line(
    line: &[u8],
    mut answer: impl FnMut(&str, Option<Json>) -> Result<Json, Failure>,
) -> Option<Json> {
    let message: Json = match serde_json::from_slice(line) {
        Ok(message) => message,
        Err(why) => return Some(refusal(&Failure::Parse(format!("not JSON: {why}")))),
    };
    match message {
        Json::Array(batch) if batch.is_empty() => {
            let why = "an empty batch".to_owned();
            Some(refusal(&Failure::InvalidRequest(why)))
        }
        Json::Array(batch) => {
            let one = |request| answer_request(request, &mut answer);
            let answers: Vec<Json> = batch.into_iter().filter_map(one).collect();
            (!answers.is_empty()).then_some(Json::Array(answers))
        }
        request => answer_request(request, &mut answer),
    }
}

fn answer_request(
    request: Json,
    answer: &mut impl FnMut(&str, Option<Json>) -> Result<Json, Failure>,
) -> Option<Json> {
    let request = match Request::of(request) {
        Ok(request) => request,
        Err(why) => return Some(refusal(&Failure::InvalidRequest(why.to_owned()))),
    };
    let outcome = answer(&request.method, request.params);
    let id = request.id?;
    Some(match outcome {
        Ok(result) => json!({ "jsonrpc": "2.0", "id": id, "result": result }),
        Err(failure) => json!({ "jsonrpc": "2.0", "id": id, "error": failure.to_json() }),
    })
}

struct Request {
    /// `None` for a notification: nobody wants an answer.
    id: Option<Json>,
    method: String,
    params: Option<Json>,
}

impl Request {
    fn of(request: Json) -> Result<Request, &'static str> {
        let Json::Object(mut fields) = request else {
            return Err("a request is an object");
        };
        if fields.get("jsonrpc").and_then(Json::as_str) != Some("2.0") {
            return Err("a request has `\"jsonrpc\": \"2.0\"`");
        }
        let id = fields.remove("id");
        if !matches!(
            id,
            None | Some(Json::Null | Json::Number(_) | Json::String(_))
        ) {
            return Err("the `id` of a request is a number or a string");
        }
        let Some(Json::String(method)) = fields.remove("method") else {
            return Err("a request has a `method`, which is a string");
        };
        let params = fields.remove("params");
        if !matches!(params, None | Some(Json::Object(_) | Json::Array(_))) {
            return Err("the `params` of a request are an object");
        }
        Ok(Request { id, method, params })
    }
}
