//! What the Lua flavours do differently, behind one name each.

/// The Lua flavour that this build runs.
pub const FLAVOUR: &str = if cfg!(feature = "luau") {
    "Luau"
} else if cfg!(feature = "lua54") {
    "Lua 5.4"
} else {
    "LuaJIT"
};

/// An empty table for the mod's globals.
///
/// On Luau it is the globals table of the main thread: threads inherit it, and imports of chunks are looked
/// up there, so nothing but what the prelude puts in can be found. The libraries become read-only.
#[cfg(feature = "luau")]
pub(super) fn environment(lua: &mlua::Lua) -> mlua::Result<mlua::Table> {
    lua.sandbox(true)?;
    let env = lua.globals();
    env.set_metatable(None)?;
    Ok(env)
}

#[cfg(not(feature = "luau"))]
pub(super) fn environment(lua: &mlua::Lua) -> mlua::Result<mlua::Table> {
    lua.create_table()
}

/// Marks an environment as safe or not; only Luau has the mark (see [`load_bytecode`](super::chunk)).
#[cfg(feature = "luau")]
pub(super) fn set_safe(env: &mlua::Table, is_safe: bool) {
    env.set_safeenv(is_safe);
}

#[cfg(not(feature = "luau"))]
pub(super) fn set_safe(_: &mlua::Table, _: bool) {}

/// Makes a table read-only or not. Elsewhere than on Luau the prelude puts a proxy before such tables.
#[cfg(feature = "luau")]
pub(super) fn set_read_only(table: &mlua::Table, is_read_only: bool) {
    table.set_readonly(is_read_only);
}

#[cfg(not(feature = "luau"))]
pub(super) fn set_read_only(_: &mlua::Table, _: bool) {}

/// Whether the collector runs. LuaJIT can't be asked; mods can't stop it, so it does.
#[cfg(not(feature = "luajit"))]
pub(super) fn is_collecting(lua: &mlua::Lua) -> bool {
    lua.gc_is_running()
}

#[cfg(feature = "luajit")]
pub(super) fn is_collecting(_: &mlua::Lua) -> bool {
    true
}
