//! A state image as JSON and back, without loss: the notation of values, and forms for what only a state has.
//!
//! [`state_to_json`] writes, [`state_from_json`] reads: a file that a person edited is read with suspicion.
//! Beside the forms of values there are
//!
//! | form | means |
//! |---|---|
//! | `{"$integer": n}` | an integer, where the flavour reads plain numbers as floats |
//! | `{"$buffer": {"$ref": n}}` | a buffer that was printed before; they are numbered in printing order |
//! | `{"$object": {"metatable"?, "frozen"?, "table"}}` | a table with a metatable, or a frozen one |
//! | `{"$named": name}` | something that the code brings along under this name |
//! | `{"$function": {"place", "variables"}}` | a function of the code, with variables of its own |
//! | `{"$null": true}` | the null pointer of the host |
//! | `{"$opaque": what}` | the place of something that can't be kept |
//! | `{"$parts": [value, table, …]}`, `{"$part": n}` | a state that is too deep for JSON, in parts |
//! | `{"$slots": {name: value, …}}` | the state of an image that has more than `state` |

mod nodes;
mod read;
#[cfg(test)]
mod tests;
mod write;

use crate::state::{Opaque, STATE};

pub use read::{BadState, state_from_json};
pub(crate) use write::part_to_json;
pub use write::state_to_json;

/// Whether a number without a fraction is an integer to the flavour of Lua; otherwise it is a float.
const HAS_INTEGERS: bool = cfg!(feature = "lua54");

/// What each hole is called.
const HOLES: [(Opaque, &str); 5] = [
    (Opaque::Function, "function"),
    (Opaque::Coroutine, "coroutine"),
    (Opaque::Unbegun, "unbegun coroutine"),
    (Opaque::Ended, "ended coroutine"),
    (Opaque::Userdata, "userdata"),
];
