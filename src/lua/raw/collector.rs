//! The pace of the engine's collector: of a VM that is being made, and of one that runs.

#[cfg(feature = "luau")]
use std::os::raw::c_int;

use mlua::ffi;

/// What a step of the collector makes up for, in KiB. It takes some 0.1 ms.
#[cfg(feature = "luau")]
const COLLECTED_KIB: c_int = 64;

/// Ends the making of a VM, in which the collector stood still: what is garbage goes, and the collector begins anew
/// only when the heap is three times as large as now. The code of a mod comes up and gets its state without it, if
/// that is not large.
#[cfg(feature = "luau")]
pub(in crate::lua) fn settle_collector(lua: &mlua::Lua) -> mlua::Result<()> {
    // SAFETY: setting a parameter of the collector does not allocate; `exec_raw` is protected.
    unsafe {
        lua.exec_raw::<()>((), |state| {
            ffi::lua_gc(state, ffi::LUA_GCSETGOAL, 300);
            ffi::lua_gc(state, ffi::LUA_GCCOLLECT, 0);
        })
    }
}

#[cfg(not(feature = "luau"))]
pub(in crate::lua) fn settle_collector(lua: &mlua::Lua) -> mlua::Result<()> {
    lua.gc_restart();
    Ok(())
}

/// Has the collector begin anew when the heap is half as large again as what was in use, not twice: the
/// memory limit counts garbage too, so a mod can use two thirds of its limit, not half. Each of its steps does
/// as much as [`COLLECTED_KIB`] of new memory ask for, however much was really new: with the engine's step of
/// 1 KiB, code that makes texts of a few KiB leaves it behind, and dies of garbage.
#[cfg(feature = "luau")]
pub(super) unsafe fn tune_collector(state: *mut ffi::lua_State) {
    // SAFETY: setting a parameter of the collector does not allocate.
    unsafe {
        ffi::lua_gc(state, ffi::LUA_GCSETGOAL, 150);
        ffi::lua_gc(state, ffi::LUA_GCSETSTEPSIZE, COLLECTED_KIB);
    }
}

#[cfg(not(feature = "luau"))]
pub(super) unsafe fn tune_collector(_: *mut ffi::lua_State) {}
