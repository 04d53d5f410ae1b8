//! The arguments of a native function, read with messages that name the function.

use mlua::{Lua, MultiValue};

use crate::lua::fault::kind_of;
use crate::lua::raw::{Room, read_handle};
use crate::mod_id::ModId;
use crate::problem::is_shown;
use crate::value::Value;

use super::OUT_OF_MEMORY;

/// The longest name of an event, timer or export, in bytes.
pub(super) const NAME_BYTES_MAX: usize = 128;

/// The arguments of a native function, read with messages that name the function.
pub(super) struct Arguments(pub(super) MultiValue);

impl Arguments {
    /// The argument at `index`, from 0; nil if there are fewer.
    pub(super) fn get(&self, index: usize) -> &mlua::Value {
        self.0.get(index).unwrap_or(&mlua::Value::Nil)
    }

    /// The message for an argument of a wrong type.
    pub(super) fn wrong(&self, index: usize, who: &str, wanted: &str) -> String {
        format!(
            "{who}: argument {} must be {wanted}, not {}",
            index + 1,
            kind_of(self.get(index))
        )
    }

    /// A short text, such as the name of an event.
    pub(super) fn name(&self, index: usize, who: &str, wanted: &str) -> Result<String, String> {
        let mlua::Value::String(text) = self.get(index) else {
            return Err(self.wrong(index, who, wanted));
        };
        short_text(text, who, wanted)
    }

    pub(super) fn function(&self, index: usize, who: &str) -> Result<&mlua::Function, String> {
        match self.get(index) {
            mlua::Value::Function(function) => Ok(function),
            _ => Err(self.wrong(index, who, "a function")),
        }
    }

    pub(super) fn number(&self, index: usize) -> Option<f64> {
        match self.get(index) {
            mlua::Value::Integer(n) => Some(*n as f64),
            mlua::Value::Number(n) => Some(*n),
            _ => None,
        }
    }

    pub(super) fn mod_id(&self, index: usize, who: &str) -> Result<ModId, String> {
        let text = self.name(index, who, "the id of a mod")?;
        text.parse()
            .map_err(|why| format!("{who}: the id \"{text}\" is refused because it {why}"))
    }

    /// The arguments from `from` on, as values that can leave the VM.
    pub(super) fn values(&self, lua: &Lua, from: usize, who: &str) -> Result<Vec<Value>, String> {
        let mut room = Room::default();
        let read = |value| match read_handle(lua, value, &mut room) {
            Ok(Ok(value)) => Ok(value),
            Ok(Err(why)) => Err(format!("{who}: an argument can't cross because it {why}")),
            Err(_) => Err(OUT_OF_MEMORY.into()),
        };
        self.0.iter().skip(from).map(read).collect()
    }
}

/// The text of a name.
pub(super) fn short_text(
    text: &mlua::LuaString,
    who: &str,
    wanted: &str,
) -> Result<String, String> {
    let text = text
        .to_str()
        .map_err(|_| format!("{who}: {wanted} must be UTF-8"))?;
    if text.is_empty() || text.len() > NAME_BYTES_MAX {
        return Err(format!(
            "{who}: {wanted} must have 1 to {NAME_BYTES_MAX} bytes"
        ));
    }
    if !text.chars().all(is_shown) {
        return Err(format!("{who}: {wanted} must have no control characters"));
    }
    Ok(text.to_owned())
}
