//! How a call ended: results, or a [`Fault`]; and which ends stop the VM for good.

use std::os::raw::c_int;
use std::time::Duration;

use mlua::ffi::lua_State;

use crate::lua::fault::{Fault, FaultKind, kind_of};
use crate::lua::raw::{self, RawVm, Status};
use crate::problem::{Place, TEXT_BYTES_MAX};
use crate::value::NoValue;

use super::Vm;

/// Fields of an error table that may hold its message, best first.
const MESSAGE_FIELDS: [&str; 3] = ["message", "msg", "error"];

impl Vm {
    /// Reads off `state` how the call ended that left `status`; what it returned, with `read`.
    pub(super) fn finish<R>(
        &self,
        state: *mut lua_State,
        status: Status,
        read: impl FnOnce(&RawVm, *mut lua_State, c_int) -> Result<R, NoValue>,
    ) -> Result<R, Fault> {
        match status {
            Status::Returned(count) => read(&self.raw, state, count)
                .map_err(|why| Fault::raised(&format!("a result can't cross because it {why}"))),
            #[cfg(feature = "luau")]
            Status::Yielded => Err(Fault {
                place: raw::place_of_error(state).map(|(file, line)| Place::line(file, line)),
                ..Fault::raised("called coroutine.yield outside of a coroutine of its own")
            }),
            Status::Failed => Err(self.error_of(state)),
            Status::NoRoom => Err(fault(FaultKind::NoRoom, "no memory for the arguments")),
            Status::OutOfMemory => Err(Fault {
                place: raw::place_of_error(state).map(|(file, line)| Place::line(file, line)),
                ..self.out_of_memory()
            }),
        }
    }

    /// The time is over: the VM is stopped.
    pub(super) fn over_time(&self, limit: Duration) -> Fault {
        if !self.is_latched() {
            self.interrupt.tally.lose(limit);
        }
        self.latch();
        let place = self.interrupt.tripped_at();
        Fault {
            kind: FaultKind::OverTime(limit),
            message: "over its time limit".into(),
            place: place.map(|(file, line)| Place::line(file, line)),
        }
    }

    /// Memory is out: after that nothing in the VM is certain, so it is stopped.
    pub(super) fn out_of_memory(&self) -> Fault {
        self.latch();
        fault(FaultKind::OutOfMemory, "not enough memory")
    }

    /// The error on top of `state`, in words. No code of the mod runs for it: no `__tostring`.
    fn error_of(&self, state: *mut lua_State) -> Fault {
        let (error, place) = raw::take_error(&self.raw, &self.lua, state);
        let Ok(error) = error else {
            return self.out_of_memory();
        };
        let known = |file: &str| self.inner.modules.lock().known_file(file);
        let fault = Fault::of_error(&text_of_error_value(&error), known);
        let place = fault
            .place
            .clone()
            .or_else(|| place.map(|(file, line)| Place::line(file, line)));
        Fault { place, ..fault }
    }

    /// Stops the VM for good.
    fn latch(&self) {
        self.standing.latch();
        self.interrupt.disarm();
    }
}

/// A fault that has no place.
pub(super) fn fault(kind: FaultKind, message: &str) -> Fault {
    Fault {
        kind,
        message: message.into(),
        place: None,
    }
}

/// What an error value says; Lua raises values of any type.
fn text_of_error_value(error: &mlua::Value) -> String {
    match error {
        mlua::Value::String(text) => beginning_of(text),
        mlua::Value::Error(error) => text_of_error(error),
        mlua::Value::Table(table) => message_of(table)
            .unwrap_or_else(|| "an error value that is a table, without a message field".into()),
        mlua::Value::Integer(n) => n.to_string(),
        mlua::Value::Number(n) => n.to_string(),
        mlua::Value::Nil => "an error value that is nil".into(),
        other => format!("an error value that is a {}", kind_of(other)),
    }
}

fn message_of(table: &mlua::Table) -> Option<String> {
    let text = |key: &&str| table.raw_get::<mlua::LuaString>(*key).ok();
    let text = MESSAGE_FIELDS.iter().find_map(text)?;
    Some(beginning_of(&text))
}

/// As much of a message as can be shown, with its place before it; a mod can make one of any length.
fn beginning_of(text: &mlua::LuaString) -> String {
    let bytes = text.as_bytes();
    let end = bytes.len().min(2 * TEXT_BYTES_MAX);
    String::from_utf8_lossy(&bytes[..end]).into_owned()
}

/// The innermost cause of an error that came through mlua, without tracebacks.
fn text_of_error(error: &mlua::Error) -> String {
    match error {
        mlua::Error::CallbackError { cause, .. } => text_of_error(cause),
        mlua::Error::RuntimeError(text) | mlua::Error::MemoryError(text) => text.clone(),
        other => other.to_string(),
    }
}
