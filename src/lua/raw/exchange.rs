//! Values in and out of a VM: arguments, results, errors, and single values by mlua handle.

use std::os::raw::c_int;

use mlua::ffi;

use crate::value::{NoValue, VALUE_DEPTH_MAX, Value};

use super::super::FunctionRef;
use super::call::RawVm;
use super::values::{Room, push_value, read_value};

/// Stack slots that a table needs while it is pushed or read.
const TABLE_SLOTS: c_int = 4 * VALUE_DEPTH_MAX as c_int + 16;

/// Scalars that surely fit a stack without growing it.
const SCALARS_MAX: usize = 8;

/// Pushes the arguments of a call onto an idle runner. `Err` if memory ran out.
pub(in crate::lua) fn push_arguments(
    raw: &RawVm,
    state: *mut ffi::lua_State,
    arguments: &[Value],
) -> Result<c_int, ()> {
    let count = arguments.len() as c_int;
    if arguments.len() <= SCALARS_MAX && arguments.iter().all(Value::is_scalar) {
        for argument in arguments {
            // SAFETY: an idle runner has LUA_MINSTACK (20) free slots, and scalars do not allocate.
            unsafe { push_value(state, argument) }
        }
        return Ok(count);
    }
    raw.protected(state, 0, |state| {
        // SAFETY: runs protected; the stack is grown first; no value with `Drop` lives in this frame.
        unsafe {
            ffi::luaL_checkstack(state, TABLE_SLOTS + count, std::ptr::null());
            for argument in arguments {
                push_value(state, argument);
            }
        }
        count
    })?;
    Ok(count)
}

/// Reads the top `count` values, the results of a call. Nils at the end are left out.
pub(in crate::lua) fn read_results(
    raw: &RawVm,
    state: *mut ffi::lua_State,
    count: c_int,
) -> Result<Vec<Value>, NoValue> {
    // SAFETY: the caller's `count` values are on the stack; reading does not raise; the stack is grown
    // under protection before tables and userdata are looked into.
    unsafe {
        let first = ffi::lua_gettop(state) - count + 1;
        let has = |wanted: c_int| (0..count).any(|i| ffi::lua_type(state, first + i) == wanted);
        let is_large = has(ffi::LUA_TTABLE) || has(ffi::LUA_TUSERDATA);
        if is_large && !grow(raw, state, TABLE_SLOTS) {
            return Err(NoValue::TooDeep);
        }
        let mut results = Vec::new();
        let mut room = Room::default();
        for i in 0..count {
            results.push(read_value(state, first + i, &mut room)?);
        }
        while results.last().is_some_and(Value::is_nil) {
            results.pop();
        }
        Ok(results)
    }
}

/// Makes room for `slots` more values.
#[cfg(feature = "luau")]
fn grow(raw: &RawVm, state: *mut ffi::lua_State, slots: c_int) -> bool {
    // Growing may raise (memory), so the runner's stack is grown from a protected call on the main state.
    raw.protected(std::ptr::null_mut(), 0, |_| {
        // SAFETY: `state` is another, idle thread of the same VM; an error raised while growing it unwinds
        // through the protected call, which restores the main state.
        unsafe { ffi::lua_checkstack(state, slots) };
        0
    })
    .is_ok()
}

#[cfg(not(feature = "luau"))]
fn grow(_: &RawVm, state: *mut ffi::lua_State, slots: c_int) -> bool {
    // SAFETY: on these flavours growing answers 0 instead of raising.
    unsafe { ffi::lua_checkstack(state, slots) != 0 }
}

/// Moves the error on top of `state` out as a handle, and says where the engine stood when it was raised.
pub(in crate::lua) fn take_error(
    raw: &RawVm,
    lua: &mlua::Lua,
    state: *mut ffi::lua_State,
) -> (mlua::Result<mlua::Value>, Option<(String, u32)>) {
    let place = place_of_error(state);
    let carrier = raw.carry_over(state);
    // SAFETY: `exec_raw` is protected and has room; the error is on top of `carrier`, another thread of the
    // same VM; moving a value does not allocate.
    let error = unsafe { lua.exec_raw::<mlua::Value>((), |main| ffi::lua_xmove(carrier, main, 1)) };
    (error, place)
}

/// Where the failed thread stands: Luau keeps its frames until it is reset.
#[cfg(feature = "luau")]
pub(in crate::lua) fn place_of_error(state: *mut ffi::lua_State) -> Option<(String, u32)> {
    for level in 0..20 {
        // SAFETY: an all-zero `lua_Debug` is valid; `getinfo` answers 0 beyond the last frame.
        unsafe {
            let mut debug: ffi::lua_Debug = std::mem::zeroed();
            if ffi::lua_getinfo(state, level, c"sl".as_ptr(), &raw mut debug) == 0 {
                return None;
            }
            let line = u32::try_from(debug.currentline).unwrap_or(0);
            if line > 0 && !debug.short_src.is_null() {
                let source = std::ffi::CStr::from_ptr(debug.short_src).to_string_lossy();
                if !source.starts_with(crate::lua::fault::OWN_FILES) {
                    return Some((source.into_owned(), line));
                }
            }
        }
    }
    None
}

#[cfg(not(feature = "luau"))]
pub(in crate::lua) fn place_of_error(_: *mut ffi::lua_State) -> Option<(String, u32)> {
    None
}

/// Reads a value by its handle, as far as there is `room`.
///
/// # Errors
/// Out of memory while the stack is grown; the inner one says why the value can't be a [`Value`].
pub(in crate::lua) fn read_handle(
    lua: &mlua::Lua,
    value: &mlua::Value,
    room: &mut Room,
) -> mlua::Result<Result<Value, NoValue>> {
    if let Some(scalar) = scalar_of(value) {
        return Ok(Ok(scalar));
    }
    let mut result = Ok(Value::Nil);
    // SAFETY: `exec_raw` is protected; the stack is grown before `read_value`, which then does not raise, so
    // no `Value` is alive when an error leaves the frame.
    unsafe {
        lua.exec_raw::<()>(value, |state| {
            ffi::luaL_checkstack(state, TABLE_SLOTS, std::ptr::null());
            result = read_value(state, 1, room);
            ffi::lua_settop(state, 0);
        })?;
    }
    Ok(result)
}

/// Makes a value in the VM.
///
/// # Errors
/// Out of memory.
pub(in crate::lua) fn make_handle(lua: &mlua::Lua, value: &Value) -> mlua::Result<mlua::Value> {
    match value {
        Value::Nil => return Ok(mlua::Value::Nil),
        Value::Boolean(b) => return Ok(mlua::Value::Boolean(*b)),
        Value::Number(n) => return Ok(mlua::Value::Number(*n)),
        _ => {}
    }
    // SAFETY: `exec_raw` is protected and the stack is grown first; `value` is only borrowed in the frame.
    unsafe {
        lua.exec_raw::<mlua::Value>((), |state| {
            ffi::luaL_checkstack(state, TABLE_SLOTS, std::ptr::null());
            push_value(state, value);
        })
    }
}

/// What a handle without anything behind it in the VM says by itself.
fn scalar_of(value: &mlua::Value) -> Option<Value> {
    match value {
        mlua::Value::Nil => Some(Value::Nil),
        mlua::Value::Boolean(b) => Some(Value::Boolean(*b)),
        mlua::Value::Number(n) => Some(Value::Number(*n)),
        mlua::Value::Integer(n) if cfg!(feature = "lua54") => Some(Value::Integer(*n)),
        // Elsewhere every number is a float, and mlua only says that it is whole.
        mlua::Value::Integer(n) => Some(Value::Number(*n as f64)),
        _ => None,
    }
}

/// The kept function as a handle.
///
/// # Errors
/// Out of memory.
pub(in crate::lua) fn function_handle(
    lua: &mlua::Lua,
    function: FunctionRef,
) -> mlua::Result<mlua::Function> {
    // SAFETY: `exec_raw` is protected and has room for one value.
    unsafe {
        lua.exec_raw::<mlua::Function>((), |state| {
            ffi::lua_rawgeti(state, ffi::LUA_REGISTRYINDEX, function.0.into());
        })
    }
}
