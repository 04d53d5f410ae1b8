//! [`Fault`]: how a call into a VM went wrong, as data, and as a [`Problem`].

use std::time::Duration;

use crate::mod_id::ModId;
use crate::problem::{Code, Place, Problem, one_line};

use super::hints;
use super::raw::CALL_DEPTH_MAX;

/// How the chunk names of Lunation's own Lua files begin.
pub(super) const OWN_FILES: &str = "lunation/";

/// How a call into a VM went wrong.
#[derive(Clone, Debug, PartialEq)]
pub struct Fault {
    /// What happened.
    pub kind: FaultKind,
    /// The error's own words, or a description.
    pub message: String,
    /// Where, as far as the error or the engine says.
    pub place: Option<Place>,
}

/// What happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FaultKind {
    /// Used for an error that code of the mod raised.
    Raised,
    /// Used for code to evaluate that can't be compiled.
    Syntax,
    /// Used for a path into the state that is none.
    BadPath,
    /// Used for a call stopped by its time limit; the VM is latched and runs nothing more.
    OverTime(Duration),
    /// Used for a call that found no more memory; the VM is latched.
    OutOfMemory,
    /// Used for a call that never ran, since the VM has no memory for its arguments: whoever calls sent too
    /// much.
    NoRoom,
    /// Used for a call into a VM that is latched.
    Stopped,
    /// Used for calls nested too deep.
    TooDeep,
}

impl Fault {
    /// A fault that Lunation itself finds.
    pub(super) fn raised(message: &str) -> Fault {
        Fault {
            kind: FaultKind::Raised,
            message: one_line(message),
            place: None,
        }
    }

    /// An error of the mod, whose text may start with `file:line:`. `known` gives the whole name of a file
    /// that the VM runs: any other name there is only text.
    pub(super) fn of_error(text: &str, known: impl Fn(&str) -> Option<String>) -> Fault {
        let (place, message) = split_place(text, known);
        let message = match message {
            "" => "an error value that is an empty text",
            message => message,
        };
        Fault {
            place,
            ..Fault::raised(message)
        }
    }

    /// Whether the VM can't be used any more.
    pub fn is_fatal(&self) -> bool {
        matches!(
            self.kind,
            FaultKind::OverTime(_) | FaultKind::OutOfMemory | FaultKind::Stopped
        )
    }

    /// Whether it is to blame on code of the mod, and not on whoever called it.
    pub fn is_of_the_mod(&self) -> bool {
        self.kind != FaultKind::NoRoom
    }

    /// The fault as a problem of `mod_id`, met while doing `what` ("in a handler of `tick_start`").
    pub fn problem(&self, mod_id: &ModId, what: &str) -> Problem {
        let problem = match self.kind {
            FaultKind::Raised => {
                let because = format!("raised an error {what}: {}", self.message);
                let hint = hints::for_error(&self.message).unwrap_or(hints::MEND_AND_SAVE);
                Problem::error(Code::LUA_ERROR, because).hint(hint)
            }
            FaultKind::Syntax => {
                Problem::error(Code::LUA_SYNTAX, format!("has a syntax error {what}: {}", self.message))
                    .hint("it must be an expression, or statements with `return`")
            }
            FaultKind::BadPath => Problem::error(Code::BAD_CALL, format!("can't be asked {what}: {}", self.message))
                .hint("a path reads as in Lua, from mod.state on: enemies[3].name, or [\"two words\"]"),
            FaultKind::OverTime(limit) => Problem::error(
                Code::TIME_LIMIT,
                format!("ran longer than its limit of {} ms {what} and was stopped", limit.as_millis()),
            )
            .hint("do less at once: spread the work over ticks with mod.every, or look for an endless loop"),
            FaultKind::OutOfMemory => Problem::error(
                Code::MEMORY_LIMIT,
                format!("wanted more memory than its limit {what} and was stopped"),
            )
            .hint("look for a table or string that only grows; the limit is limits.memory in lunation.toml"),
            FaultKind::NoRoom => Problem::error(
                Code::BAD_CALL,
                format!("has no memory left for what it is sent {what}"),
            )
            .hint("send less at once; or raise limits.memory in lunation.toml"),
            FaultKind::Stopped => {
                Problem::error(Code::QUARANTINED, format!("was stopped earlier and can't be used {what}"))
                    .hint("save a corrected file, or reload the mod")
            }
            FaultKind::TooDeep => Problem::error(Code::LIMIT, format!("is called {CALL_DEPTH_MAX} times within each other {what}"))
                .hint("mods call each other in a circle: let one of them use an event instead, or lower limits.call_depth in lunation.toml"),
        };
        let problem = problem.of(mod_id);
        match &self.place {
            Some(place) => problem.at(place.clone()),
            None => problem,
        }
    }
}

/// What messages call the type of a value.
pub(super) fn kind_of(value: &mlua::Value) -> &'static str {
    match value {
        mlua::Value::Integer(_) => "number",
        mlua::Value::Thread(_) => "coroutine",
        mlua::Value::LightUserData(_) => "userdata",
        other => other.type_name(),
    }
}

/// The places that are taken off the front of a message, at most.
const PLACES_MAX: usize = 16;

/// Takes `folder/file.lua:12:` off the front of a message, as often as it stands there: each code that an
/// error passes may put its own before it, so the last is where it began.
fn split_place(message: &str, known: impl Fn(&str) -> Option<String>) -> (Option<Place>, &str) {
    let (mut place, mut rest) = (None, message.trim());
    for _ in 0..PLACES_MAX {
        let Some((file, line, tail)) = leading_place(rest) else {
            break;
        };
        match known(file) {
            Some(file) => place = Some(Place::line(file, line)),
            // A line of ours is not where the mod went wrong.
            None if file.starts_with(OWN_FILES) => {}
            None => break,
        }
        rest = tail;
    }
    (place, rest)
}

fn leading_place(text: &str) -> Option<(&str, u32, &str)> {
    let colon = text
        .find(".lua")
        .and_then(|at| text[at..].find(':').map(|colon| at + colon))?;
    let file = &text[..colon];
    let rest = &text[colon + 1..];
    let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
    if file.contains(char::is_whitespace) || digits == 0 || !rest[digits..].starts_with(':') {
        return None;
    }
    Some((
        file,
        rest[..digits].parse().ok()?,
        rest[digits + 1..].trim_start(),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_place_is_taken_from_the_front_of_the_message() {
        let fault = of_economy("economy/scripts/main.lua:12: no stock");
        assert_eq!(
            fault.place.unwrap(),
            Place::line("economy/scripts/main.lua", 12)
        );
        assert_eq!(fault.message, "no stock");
        assert_eq!(of_economy("just words: 3: here").place, None);
    }

    #[test]
    fn of_several_places_the_last_is_where_it_began() {
        let fault = of_economy(
            "economy/scripts/main.lua:12: lunation/prelude.lua:7: economy/scripts/stock.lua:3: empty",
        );
        assert_eq!(
            fault.place.unwrap(),
            Place::line("economy/scripts/stock.lua", 3)
        );
        assert_eq!(fault.message, "empty");
    }

    #[test]
    fn a_place_that_the_mod_made_up_is_only_text() {
        for forged in ["base/scripts/main.lua:1: x", "/etc/secret.lua:1: x"] {
            let fault = of_economy(forged);
            assert_eq!((fault.place, &*fault.message), (None, forged));
        }
    }

    fn of_economy(text: &str) -> Fault {
        Fault::of_error(text, |file| {
            file.starts_with("economy/").then(|| file.to_owned())
        })
    }

    #[test]
    fn a_problem_says_what_was_going_on_and_what_to_try() {
        let id: ModId = "economy".parse().unwrap();
        let fault = of_economy("economy/scripts/main.lua:3: attempt to index nil with 'x'");
        let problem = fault.problem(&id, "in a handler of `tick_start`");
        assert_eq!(
            problem.because,
            "raised an error in a handler of `tick_start`: attempt to index nil with 'x'"
        );
        assert!(problem.hint.is_some());
    }
}
