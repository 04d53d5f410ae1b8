//! Looking into a VM: code that somebody types, a global function, and a part of `mod.state`.

use std::time::Duration;

use crate::lua::chunk::load_typed;
use crate::lua::fault::{Fault, FaultKind};
use crate::lua::raw;
use crate::state::Segment;
use crate::value::Value;

use super::{Vm, outcome};

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
        self.call_once(&function, &[], self.handler_limit())
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
        Some(self.call_once(&function, arguments, limit))
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
        for segment in Segment::read(path).map_err(|why| bad_path(&why))? {
            let mlua::Value::Table(table) = &at else {
                return Ok(Value::Nil);
            };
            // Raw: no metamethod runs for it.
            at = match segment.number() {
                Some(n) => table.raw_get(n),
                None => table.raw_get(segment.text),
            }
            .map_err(raised)?;
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

fn bad_path(why: &str) -> Fault {
    let words = format!("the path can't be read because {why}");
    outcome::fault(FaultKind::BadPath, &words)
}
