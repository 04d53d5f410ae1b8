//! The functions behind `mod`, `require`, `print` and the host's namespaces.
//!
//! Each answers `true, results…` or `false, message`; the prelude raises the message at the line of the mod
//! that called. Nothing in here holds the VM, or the VM could not be freed.
//!
//! - `modules` is behind `require`;
//! - `registrations` writes handlers, timers, tasks, exports and hooks into the ledger;
//! - `others` reaches other mods, `assets` the mod's own files, `log` the log;
//! - `host` calls the functions that the game offers.

mod arguments;
mod assets;
mod host;
mod log;
mod modules;
mod others;
mod registrations;

use mlua::{Lua, MultiValue, Table};

use crate::problem::one_line;

use super::FunctionRef;
use super::fault::OWN_FILES;
use super::host::HostRegistry;
use super::inner::{Home, Inner};
use super::raw::{RawVm, indexing};

use self::arguments::Arguments;

/// What a native function answers: results, or a message for the mod's author.
type Answer = Result<Vec<mlua::Value>, String>;

/// One native function.
type Native = fn(&Lua, &Inner, &Arguments) -> Answer;

/// Every native function, by the name that the prelude knows it by.
const NATIVE: &[(&str, Native)] = &[
    ("resolve", modules::resolve),
    ("load", modules::load),
    ("on", registrations::on),
    ("off", registrations::off),
    ("after", registrations::after),
    ("every", registrations::every),
    ("task", registrations::task),
    ("cancel", registrations::cancel),
    ("export", registrations::export),
    ("register", registrations::register),
    ("hook", registrations::hook),
    ("emit", others::emit),
    ("import", others::import),
    ("member", others::member),
    ("asset", assets::asset),
    ("read_asset", assets::read_asset),
    ("log", log::log),
    ("describe", host::describe),
];

/// Where on the stack the code is that called: level 1 is the prelude's function, from level 2 on it is the
/// mod's, maybe behind builtins such as `pcall`.
const CALLER_LEVELS: std::ops::Range<usize> = 2..10;

/// How the engine calls code that is not written in Lua.
const NATIVE_CODE: &str = "[C]";

/// What a function says in a VM that was made ahead and belongs to no mod yet: no code can call it there.
const NO_MOD: &str = "no mod is here yet";

const OUT_OF_MEMORY: &str = "not enough memory";

/// The table of native functions for one VM.
pub(super) fn native(lua: &Lua, home: &Home, host: &HostRegistry) -> mlua::Result<Table> {
    let table = lua.create_table()?;
    for (name, function) in NATIVE {
        table.raw_set(*name, native_function(lua, home, function)?)?;
    }
    table.raw_set("bind", others::binding(lua, home)?)?;
    table.raw_set("indexing", indexing(lua)?)?;
    table.raw_set("host", host::functions(lua, home, host)?)?;
    table.raw_set("objects", host::objects(lua, home, host)?)?;
    let namespaces = host.namespaces.iter();
    let namespaces = lua.create_sequence_from(namespaces.map(|name| &**name))?;
    table.raw_set("namespaces", namespaces)?;
    Ok(table)
}

/// `f` as a Lua function that answers `true, results…` or `false, message`.
fn native_function(
    lua: &Lua,
    home: &Home,
    f: impl Fn(&Lua, &Inner, &Arguments) -> Answer + Send + Sync + 'static,
) -> mlua::Result<mlua::Function> {
    let home = home.clone();
    lua.create_function(move |lua, values: MultiValue| {
        let answer = match home.get() {
            Some(inner) => f(lua, inner, &Arguments(values)),
            None => Err(NO_MOD.into()),
        };
        let (is_done, mut results) = match answer {
            Ok(results) => (true, results),
            Err(message) => {
                let message = lua.create_string(one_line(&message))?;
                (false, vec![mlua::Value::String(message)])
            }
        };
        results.insert(0, mlua::Value::Boolean(is_done));
        Ok(MultiValue::from_vec(results))
    })
}

/// The chunk that called, and the line in it.
fn caller(lua: &Lua) -> Option<(String, Option<usize>)> {
    caller_beyond(lua).map(|(caller, _)| caller)
}

/// As [`caller`]; and whether code of ours stands between. Then a file may have called with the last thing that it did,
/// for which some engines keep no frame.
fn caller_beyond(lua: &Lua) -> Option<((String, Option<usize>), bool)> {
    let mut is_beyond = false;
    for level in CALLER_LEVELS {
        let (chunk, line) = lua.inspect_stack(level, |debug| {
            let chunk = debug.source().short_src.map(|chunk| chunk.into_owned());
            (chunk, debug.current_line())
        })?;
        match chunk {
            Some(chunk) if chunk.starts_with(OWN_FILES) => is_beyond = true,
            Some(chunk) if chunk != NATIVE_CODE => return Some(((chunk, line), is_beyond)),
            _ => {}
        }
    }
    None
}

/// Keeps a function of the mod, to be called later.
fn keep(lua: &Lua, function: &mlua::Function) -> Result<FunctionRef, String> {
    RawVm::keep(lua, function).map_err(out_of_memory)
}

fn string(lua: &Lua, text: &[u8]) -> Result<mlua::Value, String> {
    lua.create_string(text)
        .map(mlua::Value::String)
        .map_err(out_of_memory)
}

/// The message for an error of mlua where only memory can be the reason.
fn out_of_memory(_: mlua::Error) -> String {
    OUT_OF_MEMORY.into()
}
