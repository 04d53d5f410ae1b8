//! The globals of a mod as a table of their own, and back. Raw: a mod may have given `_G` a metatable.

use std::os::raw::c_int;

use mlua::{Lua, Table, ffi};

use super::carry_stack::State;

const ENV: c_int = 1;
const BEFORE: c_int = 2;
const OWN: c_int = 3;

/// The entries of `env` that are not those of `before`.
///
/// # Errors
/// Out of memory.
pub(in crate::lua) fn own_globals(lua: &Lua, env: &Table, before: &Table) -> mlua::Result<Table> {
    // SAFETY: in a protected call with room for more than the five values that are on the stack at most; the
    // closure owns nothing.
    unsafe {
        lua.exec_raw((env, before), |state| {
            ffi::lua_createtable(state, 0, 0);
            each(state, ENV, |state| {
                if !is_of_before(state) {
                    ffi::lua_pushvalue(state, -2);
                    ffi::lua_pushvalue(state, -2);
                    ffi::lua_rawset(state, OWN);
                }
            });
            ffi::lua_remove(state, ENV);
            ffi::lua_remove(state, ENV);
        })
    }
}

/// Makes `own` the entries of `env` that are not those of `before`.
///
/// # Errors
/// Out of memory.
pub(in crate::lua) fn set_globals(
    lua: &Lua,
    env: &Table,
    before: &Table,
    own: &Table,
) -> mlua::Result<()> {
    // SAFETY: as for `own_globals`; an entry may be taken out while a table is gone through.
    unsafe {
        lua.exec_raw::<()>((env, before, own), |state| {
            each(state, ENV, |state| {
                if !is_of_before(state) {
                    ffi::lua_pushvalue(state, -2);
                    ffi::lua_pushnil(state);
                    ffi::lua_rawset(state, ENV);
                }
            });
            each(state, OWN, |state| {
                ffi::lua_pushvalue(state, -2);
                ffi::lua_pushvalue(state, -2);
                ffi::lua_rawset(state, ENV);
            });
            ffi::lua_settop(state, 0);
        })
    }
}

/// The keys of `names` by their values.
///
/// # Errors
/// Out of memory.
pub(in crate::lua) fn inverted(lua: &Lua, names: &Table) -> mlua::Result<Table> {
    // SAFETY: as for `own_globals`.
    unsafe {
        lua.exec_raw(names, |state| {
            ffi::lua_createtable(state, 0, 0);
            each(state, 1, |state| {
                ffi::lua_pushvalue(state, -1);
                ffi::lua_pushvalue(state, -3);
                ffi::lua_rawset(state, 2);
            });
            ffi::lua_remove(state, 1);
        })
    }
}

/// Has `visit` see each entry of the table at `table`, with its key and its value on top.
unsafe fn each(state: State, table: c_int, visit: impl Fn(State)) {
    // SAFETY: a table, as promised by the callers, and room for what is pushed.
    unsafe {
        ffi::lua_pushnil(state);
        while ffi::lua_next(state, table) != 0 {
            visit(state);
            ffi::lua_settop(state, -2);
        }
    }
}

/// Whether the table before has the entry on top, too.
unsafe fn is_of_before(state: State) -> bool {
    // SAFETY: a key and a value are on top, and there is room for two more.
    unsafe {
        ffi::lua_pushvalue(state, -2);
        ffi::lua_rawget(state, BEFORE);
        let is_same = ffi::lua_rawequal(state, -1, -2) != 0;
        ffi::lua_settop(state, -2);
        is_same
    }
}
