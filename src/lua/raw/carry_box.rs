//! Boxes: how a function that was made again reaches a variable that other functions assign, too.
//!
//! An upvalue can not be shared from outside in Luau, so the source says `count[1]` for `count`. The box in there
//! has no entry 1: reading and writing it goes to an upvalue of another function, which is the variable.

use std::os::raw::c_int;

use mlua::{Function, Lua, Table, ffi};

use super::carry_stack::State;

/// Where a box keeps the function that has the variable, and which of its upvalues that is.
pub(super) const HOLDER: ffi::lua_Integer = 2;
const UPVALUE: ffi::lua_Integer = 3;

/// Where a box keeps the value that was written through it last. Luau guards an upvalue that is set from outside
/// only if the collector has seen the function, not if it has seen just the upvalue, by way of another function:
/// then the value would be freed while it is in use. Tables are guarded rightly.
const WRITTEN: ffi::lua_Integer = 4;

/// The metatable of all boxes of a VM.
///
/// # Errors
/// Out of memory.
pub(in crate::lua) fn box_metatable(lua: &Lua) -> mlua::Result<Table> {
    // SAFETY: in a protected call with room for three values; the closure owns nothing.
    unsafe {
        lua.exec_raw((), |state| {
            ffi::lua_createtable(state, 0, 3);
            ffi::lua_pushcfunction(state, read);
            ffi::lua_setfield(state, -2, c"__index".as_ptr());
            ffi::lua_pushcfunction(state, write);
            ffi::lua_setfield(state, -2, c"__newindex".as_ptr());
            ffi::lua_pushboolean(state, 0);
            ffi::lua_setfield(state, -2, c"__metatable".as_ptr());
        })
    }
}

/// A box for the upvalue number `upvalue`, from 1, of `holder`.
///
/// # Errors
/// Out of memory.
pub(in crate::lua) fn make_box(
    lua: &Lua,
    metatable: &Table,
    holder: &Function,
    upvalue: c_int,
) -> mlua::Result<Table> {
    // SAFETY: in a protected call with room for three values above the two arguments.
    unsafe {
        lua.exec_raw((metatable, holder), |state| {
            ffi::lua_createtable(state, 4, 0);
            ffi::lua_pushvalue(state, 2);
            ffi::lua_rawseti(state, 3, HOLDER);
            ffi::lua_pushnumber(state, f64::from(upvalue));
            ffi::lua_rawseti(state, 3, UPVALUE);
            ffi::lua_pushvalue(state, 1);
            ffi::lua_setmetatable(state, 3);
            ffi::lua_remove(state, 1);
            ffi::lua_remove(state, 1);
        })
    }
}

/// `box[1]`.
unsafe extern "C-unwind" fn read(state: State) -> c_int {
    // SAFETY: the engine calls this with the box and the key; a C function has room for 20 values.
    unsafe {
        let upvalue = open(state);
        if upvalue == 0 || ffi::lua_getupvalue(state, -1, upvalue).is_null() {
            ffi::lua_pushnil(state);
        }
        1
    }
}

/// `box[1] = value`.
unsafe extern "C-unwind" fn write(state: State) -> c_int {
    // SAFETY: the engine calls this with the box, the key and the value; a C function has room for 20 values.
    unsafe {
        let upvalue = open(state);
        if upvalue != 0 {
            ffi::lua_pushvalue(state, 3);
            ffi::lua_rawseti(state, 1, WRITTEN);
            ffi::lua_pushvalue(state, 3);
            ffi::lua_setupvalue(state, -2, upvalue);
        }
        0
    }
}

/// Pushes the function that has the variable, and tells which of its upvalues that is; 0 if this is no box.
unsafe fn open(state: State) -> c_int {
    // SAFETY: as for the callers; each value is asked for its type before it is used.
    unsafe {
        if ffi::lua_type(state, 1) != ffi::LUA_TTABLE {
            return 0;
        }
        ffi::lua_rawgeti(state, 1, UPVALUE);
        let upvalue = ffi::lua_tonumberx(state, -1, std::ptr::null_mut()) as c_int;
        ffi::lua_settop(state, -2);
        ffi::lua_rawgeti(state, 1, HOLDER);
        match ffi::lua_type(state, -1) {
            ffi::LUA_TFUNCTION => upvalue,
            _ => 0,
        }
    }
}
