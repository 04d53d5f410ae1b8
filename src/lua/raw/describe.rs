//! What the engine tells of a Lua function: its line, its parameters, the names of its upvalues.

use std::ffi::CStr;
use std::os::raw::{c_char, c_int};

use mlua::ffi;

use super::super::outline::Described;

/// Describes `function`; none for a function that is not written in Lua.
///
/// # Errors
/// Out of memory.
pub(in crate::lua) fn describe(
    lua: &mlua::Lua,
    function: &mlua::Function,
) -> mlua::Result<Option<Described>> {
    let mut described = None;
    // SAFETY: `exec_raw` is protected, has the function alone on the stack, and room for the one value
    // that is on it at a time besides; nothing in it raises.
    unsafe {
        lua.exec_raw::<()>(function, |state| {
            described = describe_at(state, 1);
            ffi::lua_settop(state, 0);
        })?;
    }
    Ok(described)
}

/// Describes the function at an absolute index.
///
/// # Safety
/// There is a function, and room for one more value. Nothing in here raises.
pub(super) unsafe fn describe_at(state: *mut ffi::lua_State, index: c_int) -> Option<Described> {
    // SAFETY: as promised; an all-zero `lua_Debug` is valid; names that the engine hands out live as long as
    // the function; what is pushed is popped.
    unsafe {
        if ffi::lua_iscfunction(state, index) != 0 {
            return None;
        }
        let mut debug: ffi::lua_Debug = std::mem::zeroed();
        ffi::lua_pushvalue(state, index);
        let mut described = info(state, &mut debug)?;
        for upvalue in 1..=c_int::from(u8::MAX) {
            let name = ffi::lua_getupvalue(state, index, upvalue);
            if name.is_null() {
                break;
            }
            ffi::lua_settop(state, -2);
            described.upvalues.push(text(name).unwrap_or_default());
        }
        Some(described)
    }
}

/// What is known of the function on top, which is popped.
#[cfg(feature = "luau")]
unsafe fn info(state: *mut ffi::lua_State, debug: &mut ffi::lua_Debug) -> Option<Described> {
    // SAFETY: level -1 is the function on top of the stack, which is popped then.
    unsafe {
        let is_known = ffi::lua_getinfo(state, -1, c"snap".as_ptr(), debug);
        ffi::lua_settop(state, -2);
        if is_known == 0 {
            return None;
        }
        Some(Described {
            chunk: chunk(debug.source),
            line: u32::try_from(debug.linedefined).ok()?,
            last_line: None,
            name: text(debug.name),
            arity: Some((debug.nparams, debug.isvararg != 0)),
            number: u32::try_from(debug.bytecodeid).ok(),
            upvalues: Vec::new(),
        })
    }
}

#[cfg(not(feature = "luau"))]
unsafe fn info(state: *mut ffi::lua_State, debug: &mut ffi::lua_Debug) -> Option<Described> {
    // SAFETY: with `>` the function is taken from the top of the stack.
    unsafe {
        if ffi::lua_getinfo(state, c">Su".as_ptr(), debug) == 0 {
            return None;
        }
        Some(Described {
            chunk: chunk(debug.source),
            line: u32::try_from(debug.linedefined).ok()?,
            last_line: u32::try_from(debug.lastlinedefined).ok(),
            name: None,
            arity: arity(debug),
            number: None,
            upvalues: Vec::new(),
        })
    }
}

#[cfg(feature = "lua54")]
fn arity(debug: &ffi::lua_Debug) -> Option<(u8, bool)> {
    Some((debug.nparams, debug.isvararg != 0))
}

#[cfg(feature = "luajit")]
fn arity(_: &ffi::lua_Debug) -> Option<(u8, bool)> {
    None
}

/// The name of a chunk without the mark that says what kind of name it is.
unsafe fn chunk(source: *const c_char) -> String {
    // SAFETY: as the caller promises.
    let mut name = unsafe { text(source) }.unwrap_or_default();
    if name.starts_with(['=', '@']) {
        name.remove(0);
    }
    name
}

/// The text at `start`, unless that is null.
unsafe fn text(start: *const c_char) -> Option<String> {
    // SAFETY: `start` is null or a C string of the engine that is alive.
    unsafe { (!start.is_null()).then(|| CStr::from_ptr(start).to_string_lossy().into_owned()) }
}

/// The values of the upvalues of `function`, in order.
#[cfg(test)]
pub(in crate::lua) fn upvalues(
    lua: &mlua::Lua,
    function: &mlua::Function,
) -> mlua::Result<mlua::MultiValue> {
    // SAFETY: `exec_raw` is protected; the stack is grown for all upvalues that there can be.
    unsafe {
        lua.exec_raw::<mlua::MultiValue>(function, |state| {
            ffi::luaL_checkstack(state, c_int::from(u8::MAX), std::ptr::null());
            for index in 1..=c_int::from(u8::MAX) {
                if ffi::lua_getupvalue(state, 1, index).is_null() {
                    break;
                }
            }
            ffi::lua_remove(state, 1);
        })
    }
}
