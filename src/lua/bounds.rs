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
    let string: Table = globals.raw_get("string")?;
    let table: Table = globals.raw_get("table")?;
    let find = lua.create_function(
        |_, (text, part, from): (mlua::LuaString, mlua::LuaString, f64)| {
            // From 1, as Lua counts; a place beyond the end is one where nothing is found.
            let from = (from as usize).saturating_sub(1);
            let found = find(&text.as_bytes(), &part.as_bytes(), from);
            Ok(found.map(|at| (at + 1) as f64))
        },
    )?;
    load_bytecode(lua, globals, bounds, "lunation/bounds.lua")?.call((string, table, find))
}

/// Where `part` begins in `text`, not before `from`, in time that grows with the sum of their lengths
/// (Knuth, Morris, Pratt).
fn find(text: &[u8], part: &[u8], from: usize) -> Option<usize> {
    let rest = text.get(from..)?;
    if part.is_empty() {
        return Some(from);
    }
    let borders = borders(part);
    let mut matched = 0;
    for (end, byte) in rest.iter().enumerate() {
        while matched > 0 && part[matched] != *byte {
            matched = borders[matched - 1] as usize;
        }
        matched += usize::from(part[matched] == *byte);
        if matched == part.len() {
            return Some(from + end + 1 - matched);
        }
    }
    None
}

/// For each beginning of `part`, how much of its own beginning it ends with.
fn borders(part: &[u8]) -> Vec<u32> {
    let mut borders = vec![0_u32; part.len()];
    let mut matched = 0;
    for end in 1..part.len() {
        while matched > 0 && part[matched] != part[end] {
            matched = borders[matched - 1] as usize;
        }
        matched += usize::from(part[matched] == part[end]);
        borders[end] = matched as u32;
    }
    borders
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
