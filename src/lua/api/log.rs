//! Log lines of `print` and `mod.log`.

use mlua::Lua;

use crate::lua::inner::Inner;
use crate::lua::outside::{LogLevel, LogLine};
use crate::problem::{Place, one_line_of};

use super::{Answer, Arguments, caller};

pub(super) fn log(lua: &Lua, inner: &Inner, arguments: &Arguments) -> Answer {
    let mlua::Value::String(text) = arguments.get(1) else {
        return Ok(Vec::new());
    };
    inner.outside.log(LogLine {
        mod_id: inner.mod_id.clone(),
        level: level(arguments.get(0)),
        text: one_line_of(&text.as_bytes()),
        place: calling_place(lua),
    });
    Ok(Vec::new())
}

fn level(name: &mlua::Value) -> LogLevel {
    match name {
        mlua::Value::String(name) if name == "debug" => LogLevel::Debug,
        mlua::Value::String(name) if name == "warn" => LogLevel::Warn,
        mlua::Value::String(name) if name == "error" => LogLevel::Error,
        _ => LogLevel::Info,
    }
}

/// The line of the mod that logged.
fn calling_place(lua: &Lua) -> Option<Place> {
    let (file, line) = caller(lua)?;
    Some(Place {
        file: file.into(),
        line: line.and_then(|n| n.try_into().ok()),
        column: None,
    })
}
