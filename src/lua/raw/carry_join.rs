//! Joining: two functions get one variable, in the flavours that can do it.

use std::os::raw::c_int;

#[cfg(feature = "lua54")]
use mlua::ffi::lua_upvaluejoin;
use mlua::{Function, Lua, ffi};

// The binding lacks it; LuaJIT has it from Lua 5.2.
#[cfg(feature = "luajit")]
unsafe extern "C-unwind" {
    fn lua_upvaluejoin(
        state: *mut ffi::lua_State,
        function: c_int,
        upvalue: c_int,
        holder: c_int,
        of_holder: c_int,
    );
}

/// Lets an upvalue of a function be the variable that is in an upvalue of another; both by number, from 1.
///
/// # Errors
/// Out of memory.
pub(in crate::lua) fn join(
    lua: &Lua,
    (function, upvalue): (&Function, c_int),
    (holder, of_holder): (&Function, c_int),
) -> mlua::Result<()> {
    // SAFETY: both are Lua functions, and the numbers are of upvalues that the engine has listed; the closure
    // owns nothing.
    unsafe {
        lua.exec_raw::<()>((function, holder), |state| {
            lua_upvaluejoin(state, 1, upvalue, 2, of_holder);
            ffi::lua_settop(state, 0);
        })
    }
}
