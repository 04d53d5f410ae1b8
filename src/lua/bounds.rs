//! Bounds for functions of the standard library that could run for minutes where nothing can stop them.
//!
//! A mod is stopped at the next safepoint, and a function written in C has none. `bounds.lua` puts itself
//! before those whose work can grow faster than their arguments.

use mlua::{Lua, Table};

use super::chunk::load_bytecode;
use super::compile::{Bytecode, compile_own};

/// What [`install`] runs in each VM.
///
/// # Errors
/// Never: the source is part of the program.
pub(super) fn compile() -> std::io::Result<Bytecode> {
    compile_own(include_bytes!("bounds.lua"), "lunation/bounds.lua")
        .map_err(|problem| std::io::Error::other(problem.to_string()))
}

/// Bounds the libraries in `globals`. They must not be read-only yet.
///
/// # Errors
/// Out of memory.
pub(super) fn install(lua: &Lua, globals: &Table, bounds: &[u8]) -> mlua::Result<()> {
    let find = lua.create_function(
        |_, (text, part, from): (mlua::LuaString, mlua::LuaString, f64)| {
            // From 1, as Lua counts; a place beyond the end is one where nothing is found.
            let from = (from as usize).saturating_sub(1);
            let found = find(&text.as_bytes(), &part.as_bytes(), from);
            Ok(found.map(|at| (at + 1) as f64))
        },
    )?;
    load_bytecode(lua, globals, bounds, "lunation/bounds.lua")?.call((
        globals,
        cfg!(feature = "lua54"),
        find,
    ))
}

/// Where `part` begins in `text`, not before `from`, in time that grows with the sum of their lengths.
fn find(text: &[u8], part: &[u8], from: usize) -> Option<usize> {
    let found = memchr::memmem::find(text.get(from..)?, part)?;
    Some(from + found)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn what_is_found_is_what_a_plain_search_finds(
            text in "[ab]{0,40}",
            part in "[ab]{1,5}",
            from in 0_usize..45,
        ) {
            let plain = text.get(from..).and_then(|rest| rest.find(&part)).map(|at| at + from);
            prop_assert_eq!(super::find(text.as_bytes(), part.as_bytes(), from), plain);
        }
    }
}
