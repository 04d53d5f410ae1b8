//! Chunks: code as a function that sees the environment of its mod.

use mlua::chunk::ChunkMode;
use mlua::{Function, Lua, Result, Table};

use super::compile::chunk_name;
use super::flavour::set_safe;

/// Loads `bytecode` as a function with the environment `env`. `place` is what messages call the file.
///
/// # Errors
/// Out of memory.
pub(super) fn load_bytecode(
    lua: &Lua,
    env: &Table,
    bytecode: &[u8],
    place: &str,
) -> Result<Function> {
    // Luau would look up `a.b` of globals once, while loading, in an environment that is marked safe, and
    // never again: a global of the mod that is set later would keep its old value for other files. So the
    // mark is off while loading; it is on again for running, where it makes builtins fast.
    set_safe(env, false);
    let chunk = lua
        .load(bytecode)
        .set_name(chunk_name(place))
        .set_mode(ChunkMode::Binary);
    let function = chunk.set_environment(env.clone()).into_function();
    set_safe(env, true);
    function
}

/// Loads `code`, which somebody typed, with the environment `env`: an expression, or statements.
///
/// # Errors
/// A syntax error: that of the statements, since most mistyped expressions read as those.
pub(super) fn load_typed(lua: &Lua, env: &Table, code: &str) -> Result<Function> {
    let load = |source: String| {
        lua.load(source)
            .set_name("=eval")
            .set_mode(ChunkMode::Text)
            .set_environment(env.clone())
            .into_function()
    };
    load(format!("return {code}\n")).or_else(|_| load(code.to_owned()))
}
