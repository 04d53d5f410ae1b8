//! The control protocol: JSON-RPC 2.0, one message a line, for editors, pages, tests and tools.
//!
//! `messages` has the types of every method, and [`json_schema`] is made from them; `rpc` is the envelope:
//! what is a request, what is an error; `json` carries Lua values, `state_json` whole states; `session` does what a method says, on
//! the built-in colony; [`serve`] is the loop that joins them with the file system's wake-ups.
//! `docs/reference/protocol.md` is the same for people.

mod json;
mod lines;
mod messages;
mod rpc;
mod schema;
mod server;
mod session;
mod state_json;
#[cfg(test)]
mod tests;

pub use json::{from_json, to_json};
pub use schema::json_schema;
pub use server::{Options, serve};
pub(crate) use state_json::part_to_json;
pub use state_json::{BadState, state_from_json, state_to_json};
