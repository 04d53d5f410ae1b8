//! Looking into a VM: code that somebody types, a global function, and a part of `mod.state`.

use std::time::Duration;

use crate::lua::chunk::load_typed;
use crate::lua::fault::{Fault, FaultKind};
use crate::lua::raw::{self, RawVm};
use crate::value::Value;

use super::Vm;

/// The most bytes of code that is typed: it is compiled where mods run, and outside of their limits.
const CODE_BYTES_MAX: usize = 16 * 1024;

impl Vm {
    /// Runs `code` in the mod's environment: an expression, or statements with `return`.
    ///
    /// # Errors
    /// How it went wrong, a syntax error too.
    pub fn eval(&self, code: &str) -> Result<Vec<Value>, Fault> {
        if code.len() > CODE_BYTES_MAX {
            return Err(Fault::raised(&format!(
                "the code has more than {CODE_BYTES_MAX} bytes; put it into a script"
            )));
        }
        let function = load_typed(&self.lua, &self.parts.env, code).map_err(raised)?;
        let kept = RawVm::keep(&self.lua, &function).map_err(|_| self.out_of_memory())?;
        let result = self.call(kept, &[], self.handler_limit());
        self.raw.release(kept);
        result
    }

    /// Calls the global function `name` of the mod's code; `None` if there is none.
    pub fn call_global(
        &self,
        name: &str,
        arguments: &[Value],
        limit: Duration,
    ) -> Option<Result<Vec<Value>, Fault>> {
        let Ok(mlua::Value::Function(function)) = self.parts.env.raw_get(name) else {
            return None;
        };
        let Ok(kept) = RawVm::keep(&self.lua, &function) else {
            return Some(Err(self.out_of_memory()));
        };
        let result = self.call(kept, arguments, limit);
        self.raw.release(kept);
        Some(result)
    }

    /// Shows the value at `path` below `mod.state`: `enemies[3].name`, or all of it for an empty path.
    ///
    /// # Errors
    /// A path that is not one, or a value that is too deep to show.
    pub fn state_at(&self, path: &str) -> Result<Value, Fault> {
        self.with_reserve(|| self.look_at(path))
    }

    fn look_at(&self, path: &str) -> Result<Value, Fault> {
        let mut at: mlua::Value = self.parts.api.raw_get("state").map_err(raised)?;
        for key in split_path(path) {
            let mlua::Value::Table(table) = &at else {
                return Ok(Value::Nil);
            };
            at = field(table, key).map_err(raised)?;
        }
        self.show(&at)
    }

    /// Reads `value` out of the VM.
    fn show(&self, value: &mlua::Value) -> Result<Value, Fault> {
        raw::read_handle(&self.lua, value, &mut raw::Room::default())
            .map_err(|_| self.out_of_memory())?
            .map_err(|why| Fault::raised(&format!("the value can't be shown because it {why}")))
    }
}

fn raised(error: mlua::Error) -> Fault {
    let fault = Fault::raised(&error.to_string());
    match error {
        mlua::Error::SyntaxError { .. } => Fault {
            kind: FaultKind::Syntax,
            ..fault
        },
        _ => fault,
    }
}

/// The entry of `table` at `key`, which is a number if it looks like one. No metamethod runs for it.
fn field(table: &mlua::Table, key: &str) -> mlua::Result<mlua::Value> {
    // Rust reads `nan` and `inf` as numbers too; in a path they are names.
    let looks_like_a_number = key.starts_with(|c: char| c.is_ascii_digit() || c == '-');
    match key.parse::<f64>() {
        Ok(n) if looks_like_a_number => table.raw_get(n),
        _ => table.raw_get(key),
    }
}

/// `enemies[3].name` → `enemies`, `3`, `name`.
fn split_path(path: &str) -> impl Iterator<Item = &str> {
    path.split(['.', '[', ']'])
        .map(|part| part.trim_matches('"'))
        .filter(|part| !part.is_empty())
}
