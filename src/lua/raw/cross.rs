//! Calls from mod to mod on the raw stacks: scalars cross without a list, a handle or a protected call in between.

use std::ffi::CStr;
use std::os::raw::{c_int, c_void};
use std::sync::Arc;

use mlua::ffi;

use crate::lua::link::{Link, Outcome};

/// Scalars that surely fit a stack without growing it.
const SCALARS_MAX: c_int = 8;

/// The error that ends code which is over its time.
const STOPPED: &CStr = c"stopped: over its time limit";

/// [`cross`], by the one address that all functions by [`crossing`] have.
static CROSS: ffi::lua_CFunction = cross;

/// The values that a C function was called with, all of them scalars, few enough to fit any stack.
#[derive(Clone, Copy)]
pub(in crate::lua) struct Scalars {
    state: *mut ffi::lua_State,
    count: c_int,
}

impl Scalars {
    /// The arguments of the C function that runs on `state`.
    unsafe fn of(state: *mut ffi::lua_State) -> Option<Scalars> {
        // SAFETY: looking at the stack of the function that runs.
        unsafe {
            let count = ffi::lua_gettop(state);
            let is_few = count <= SCALARS_MAX;
            (is_few && are_scalars(state, 1, count)).then_some(Scalars { state, count })
        }
    }

    /// Copies them onto the stack of another VM. How many there are.
    pub(in crate::lua) fn copy_to(self, to: *mut ffi::lua_State) -> c_int {
        // SAFETY: an idle runner has LUA_MINSTACK (20) free slots; scalars do not allocate.
        unsafe { copy(self.state, 1, self.count, to) }
        self.count
    }

    /// Copies the top `count` values of `from`, the results of a call, onto the stack that these are on. Nils at the
    /// end are left out. How many there are; `None` if they are no scalars, or too many.
    pub(in crate::lua) fn give_back(
        self,
        from: *mut ffi::lua_State,
        mut count: c_int,
    ) -> Option<c_int> {
        // SAFETY: the caller's `count` values are on the stack. A C function has LUA_MINSTACK (20) free slots above
        // its arguments, of which nothing was used yet; scalars do not allocate.
        unsafe {
            let first = ffi::lua_gettop(from) - count + 1;
            if count > SCALARS_MAX || !are_scalars(from, first, count) {
                return None;
            }
            while count > 0 && ffi::lua_type(from, first + count - 1) == ffi::LUA_TNIL {
                count -= 1;
            }
            copy(from, first, count, self.state);
        }
        Some(count)
    }
}

/// A Lua function that calls over `link`; what is out of the ordinary goes to `at_length`, which answers
/// `true, results…` or `false, message`. `at_length` must own the link: it stays as long as the function then.
///
/// # Errors
/// Out of memory.
pub(in crate::lua) fn crossing(
    lua: &mlua::Lua,
    link: &Arc<Link>,
    at_length: &mlua::Function,
) -> mlua::Result<mlua::Function> {
    let link = Arc::as_ptr(link).cast_mut().cast::<c_void>();
    // SAFETY: `exec_raw` is protected and has room; the closure owns nothing.
    unsafe {
        lua.exec_raw::<mlua::Function>(at_length, |state| {
            ffi::lua_pushlightuserdata(state, link);
            ffi::lua_insert(state, 1);
            ffi::lua_pushcclosure(state, CROSS, 2);
        })
    }
}

/// What makes the `__index` of a proxy, of a table of functions by [`crossing`] and of another `__index`: a name of the
/// table whose function leads somewhere is answered at once, any other is left to the second.
///
/// # Errors
/// Out of memory.
pub(in crate::lua) fn indexing(lua: &mlua::Lua) -> mlua::Result<mlua::Function> {
    // SAFETY: `exec_raw` is protected and has room; the closure owns nothing.
    unsafe { lua.exec_raw::<mlua::Function>((), |state| ffi::lua_pushcfunction(state, make_index)) }
}

/// The function of a mod that calls one of another.
unsafe extern "C-unwind" fn cross(state: *mut ffi::lua_State) -> c_int {
    // SAFETY: the first upvalue points to the link that the second one owns, and the closure holds both. Nothing
    // with `Drop` is alive where an error may be raised: `Link::cross` has returned by then. Three slots at a time
    // are within LUA_MINSTACK.
    unsafe {
        let link = ffi::lua_touserdata(state, ffi::lua_upvalueindex(1));
        let over = link.cast::<Link>();
        if (*over).is_stopped(state) {
            ffi::luaL_error(state, STOPPED.as_ptr());
        }
        let arguments = Scalars::of(state);
        match arguments.map(|arguments| (*over).cross(arguments)) {
            Some(Outcome::Moved(count)) => return count,
            Some(Outcome::Answered) => {
                // No mod has such a value: with it the answer is asked for.
                ffi::lua_settop(state, 0);
                ffi::lua_pushlightuserdata(state, link);
            }
            Some(Outcome::NotMade) | None => {}
        }
        ffi::lua_pushvalue(state, ffi::lua_upvalueindex(2));
        ffi::lua_insert(state, 1);
        ffi::lua_call(state, ffi::lua_gettop(state) - 1, ffi::LUA_MULTRET);
        if ffi::lua_toboolean(state, 1) != 0 {
            return ffi::lua_gettop(state) - 1;
        }
        ffi::luaL_where(state, 1);
        ffi::lua_pushvalue(state, 2);
        ffi::lua_concat(state, 2);
        ffi::lua_error(state)
    }
}

unsafe extern "C-unwind" fn make_index(state: *mut ffi::lua_State) -> c_int {
    // SAFETY: only the prelude calls it, with two values.
    unsafe { ffi::lua_pushcclosure(state, index, 2) };
    1
}

/// The `__index` of a proxy.
unsafe extern "C-unwind" fn index(state: *mut ffi::lua_State) -> c_int {
    // SAFETY: the engine calls it with a proxy and a key; a mod can't get at it to call it otherwise, and the stack is
    // made to have two values all the same. Only a closure of `cross` has a link as its first upvalue, and holds it.
    // Nothing with `Drop` is alive where an error may be raised; few slots are within LUA_MINSTACK.
    unsafe {
        ffi::lua_settop(state, 2);
        ffi::lua_pushvalue(state, 2);
        ffi::lua_rawget(state, ffi::lua_upvalueindex(1));
        let known = ffi::lua_tocfunction(state, 3);
        if known.is_some_and(|it| std::ptr::fn_addr_eq(it, CROSS)) {
            ffi::lua_getupvalue(state, 3, 1);
            let link = ffi::lua_touserdata(state, 4).cast::<Link>();
            if (*link).is_stopped(state) {
                ffi::luaL_error(state, STOPPED.as_ptr());
            }
            ffi::lua_settop(state, 3);
            if (*link).is_there() {
                return 1;
            }
        }
        ffi::lua_settop(state, 2);
        ffi::lua_pushvalue(state, ffi::lua_upvalueindex(2));
        ffi::lua_insert(state, 1);
        ffi::lua_call(state, 2, 1);
    }
    1
}

/// Whether the `count` values from `first` on are scalars.
unsafe fn are_scalars(state: *mut ffi::lua_State, first: c_int, count: c_int) -> bool {
    let is_scalar = |index| {
        // SAFETY: as the caller promises, these values are on the stack.
        let kind = unsafe { ffi::lua_type(state, index) };
        matches!(kind, ffi::LUA_TNUMBER | ffi::LUA_TBOOLEAN | ffi::LUA_TNIL)
    };
    (first..first + count).all(is_scalar)
}

/// Copies the `count` scalars from `first` on from one stack onto another.
unsafe fn copy(from: *mut ffi::lua_State, first: c_int, count: c_int, to: *mut ffi::lua_State) {
    // SAFETY: as the caller promises, they are scalars, and there is room for them.
    unsafe {
        for index in first..first + count {
            match ffi::lua_type(from, index) {
                ffi::LUA_TNUMBER => copy_number(from, index, to),
                ffi::LUA_TBOOLEAN => ffi::lua_pushboolean(to, ffi::lua_toboolean(from, index)),
                _ => ffi::lua_pushnil(to),
            }
        }
    }
}

#[cfg(feature = "lua54")]
unsafe fn copy_number(from: *mut ffi::lua_State, index: c_int, to: *mut ffi::lua_State) {
    // SAFETY: the value is a number, and there is a free slot.
    unsafe {
        if ffi::lua_isinteger(from, index) != 0 {
            ffi::lua_pushinteger(to, ffi::lua_tointeger(from, index));
        } else {
            ffi::lua_pushnumber(to, ffi::lua_tonumber(from, index));
        }
    }
}

#[cfg(not(feature = "lua54"))]
unsafe fn copy_number(from: *mut ffi::lua_State, index: c_int, to: *mut ffi::lua_State) {
    // SAFETY: the value is a number, and there is a free slot.
    unsafe { ffi::lua_pushnumber(to, ffi::lua_tonumber(from, index)) }
}
