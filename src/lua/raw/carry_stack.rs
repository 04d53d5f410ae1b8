//! The few stack operations that each Lua flavour spells differently, for the carry.

use std::os::raw::c_int;

use mlua::ffi;

use crate::state::{Opaque, Val};

pub(super) type State = *mut ffi::lua_State;

/// Where a walk through a table is. Luau goes by place, the other flavours from key to key.
pub(super) struct Cursor {
    #[cfg(feature = "luau")]
    place: c_int,
}

/// How many entries [`Cursor::next`] pushes at most. Several at a time is faster: the loads from memory
/// that they need do not wait for each other.
#[cfg(feature = "luau")]
const ENTRIES: c_int = 8;

impl Cursor {
    /// Begins a walk.
    ///
    /// # Safety
    /// The table is on top, and the stack has room for a value.
    #[inline]
    pub(super) unsafe fn new(_state: State) -> Cursor {
        #[cfg(not(feature = "luau"))]
        // SAFETY: there is room.
        unsafe {
            ffi::lua_pushnil(_state);
        }
        Cursor {
            #[cfg(feature = "luau")]
            place: 0,
        }
    }

    /// Begins a walk, behind the keys 1 to `items` if that can be: Luau has them at the first places.
    ///
    /// # Safety
    /// The table `table` is on top, and the stack has room for two values.
    pub(super) unsafe fn after_items(state: State, _table: c_int, _items: u32) -> Cursor {
        #[cfg(feature = "luau")]
        // SAFETY: as promised by the caller; what is pushed is popped.
        unsafe {
            let items = c_int::try_from(_items).unwrap_or(0);
            if items > 0 && ffi::lua_rawiter(state, _table, items - 1) == items {
                let key = ffi::lua_tonumberx(state, -2, std::ptr::null_mut());
                ffi::lua_settop(state, _table);
                if key == f64::from(items) {
                    return Cursor { place: items };
                }
            }
            ffi::lua_settop(state, _table);
        }
        // SAFETY: as promised by the caller.
        unsafe { Cursor::new(state) }
    }

    /// Pushes the next entries, each a key and a value, above the table, and tells how many; none at
    /// the end.
    ///
    /// # Safety
    /// `table` is the absolute index of a table, to which no key is added during the walk; the stack
    /// has room for the entries. [`Cursor::pop`] follows.
    #[inline]
    pub(super) unsafe fn next(&mut self, state: State, table: c_int) -> c_int {
        #[cfg(feature = "luau")]
        // SAFETY: as promised by the caller; places come from this function alone.
        unsafe {
            let mut found = 0;
            while found < ENTRIES && self.place >= 0 {
                self.place = ffi::lua_rawiter(state, table, self.place);
                found += c_int::from(self.place >= 0);
            }
            found
        }
        #[cfg(not(feature = "luau"))]
        // SAFETY: as promised by the caller; the key before is on top.
        unsafe {
            ffi::lua_next(state, table)
        }
    }

    /// Pops what [`Cursor::next`] pushed.
    ///
    /// # Safety
    /// The entries are still where they were pushed, above `table`.
    #[inline]
    pub(super) unsafe fn pop(&self, state: State, table: c_int) {
        // The key before stays, where the walk goes from key to key.
        const STAYS: c_int = if cfg!(feature = "luau") { 0 } else { 1 };
        // SAFETY: as promised by the caller.
        unsafe { ffi::lua_settop(state, table + STAYS) }
    }
}

/// How much room the table on the stack has for values of its array, and for other entries. It is found
/// by probing, not by counting; other flavours than Luau do not tell the second.
///
/// # Safety
/// A table is the only value on the stack.
pub(super) unsafe fn room(state: State) -> (usize, usize) {
    // SAFETY: as promised by the caller; what is pushed is popped.
    unsafe {
        let items = ffi::lua_rawlen(state, 1);
        #[cfg(feature = "luau")]
        {
            let is_used = |place: usize| {
                let place = c_int::try_from(place).unwrap_or(c_int::MAX);
                let is_used = ffi::lua_rawiter(state, 1, place) >= 0;
                ffi::lua_settop(state, 1);
                is_used
            };
            let mut step = 1;
            while step < 1 << 26 && is_used(items + step) {
                step *= 2;
            }
            let mut used = 0;
            while step > 0 {
                if is_used(items + used + step - 1) {
                    used += step;
                }
                step /= 2;
            }
            (items, used)
        }
        #[cfg(not(feature = "luau"))]
        (items, 0)
    }
}

/// The value at `index` if it needs no more than its bits; none for strings and all that has an identity.
///
/// # Safety
/// `index` is the index of a value of this type.
pub(super) unsafe fn scalar(state: State, index: c_int, lua_type: c_int) -> Option<Val<'static>> {
    // SAFETY: each access is of the type that the value has; none of them can raise an error.
    unsafe {
        Some(match lua_type {
            ffi::LUA_TNUMBER => number(state, index),
            ffi::LUA_TBOOLEAN => Val::Bool(ffi::lua_toboolean(state, index) != 0),
            ffi::LUA_TNIL => Val::Nil,
            ffi::LUA_TLIGHTUSERDATA if ffi::lua_touserdata(state, index).is_null() => Val::Null,
            #[cfg(feature = "luau")]
            ffi::LUA_TVECTOR => {
                let parts = ffi::lua_tovector(state, index);
                Val::Vector([*parts, *parts.add(1), *parts.add(2)])
            }
            #[cfg(feature = "luau")]
            ffi::LUA_TINTEGER => Val::Int(ffi::lua_tointeger64(state, index, std::ptr::null_mut())),
            _ => return None,
        })
    }
}

/// The number at `index`.
///
/// # Safety
/// `index` is the index of a number.
#[inline]
pub(super) unsafe fn number(state: State, index: c_int) -> Val<'static> {
    #[cfg(feature = "lua54")]
    // SAFETY: a number, as promised.
    unsafe {
        if ffi::lua_isinteger(state, index) != 0 {
            return Val::Int(ffi::lua_tointegerx(state, index, std::ptr::null_mut()));
        }
    }
    // SAFETY: a number, as promised.
    Val::Num(unsafe { ffi::lua_tonumberx(state, index, std::ptr::null_mut()) })
}

/// Pushes an integer, as the nearest thing that the flavour has.
///
/// # Safety
/// The stack has room for a value.
#[inline]
pub(super) unsafe fn push_int(state: State, n: i64) {
    // SAFETY: there is room; numbers need no memory.
    unsafe {
        #[cfg(feature = "luau")]
        ffi::lua_pushinteger64(state, n);
        #[cfg(feature = "lua54")]
        ffi::lua_pushinteger(state, n);
        #[cfg(feature = "luajit")]
        ffi::lua_pushnumber(state, n as f64);
    }
}

/// Pushes a vector, or says that the flavour has none.
///
/// # Safety
/// The stack has room for a value.
#[inline]
pub(super) unsafe fn push_vector(_state: State, _parts: [f32; 3]) -> bool {
    #[cfg(feature = "luau")]
    // SAFETY: there is room; vectors need no memory.
    unsafe {
        let [x, y, z] = _parts;
        ffi::lua_pushvector(_state, x, y, z);
    }
    cfg!(feature = "luau")
}

/// The bytes of the buffer at `index`, if it is one: where they are, and how many.
///
/// # Safety
/// `index` is a valid index.
pub(super) unsafe fn buffer(_state: State, _index: c_int) -> Option<(*mut u8, usize)> {
    #[cfg(not(feature = "luau"))]
    return None;
    #[cfg(feature = "luau")]
    // SAFETY: this asks for the type itself, and gives null for anything but a buffer.
    unsafe {
        let mut len = 0;
        let bytes = ffi::lua_tobuffer(_state, _index, &mut len).cast::<u8>();
        (!bytes.is_null()).then_some((bytes, len))
    }
}

/// Pushes a buffer with these bytes, or says that the flavour has none. May raise a memory error.
///
/// # Safety
/// In a protected call; the stack has room for a value.
pub(super) unsafe fn push_buffer(_state: State, _bytes: &[u8]) -> bool {
    #[cfg(feature = "luau")]
    // SAFETY: a new buffer has the length that was asked for, and nobody else knows it yet.
    unsafe {
        let place = ffi::lua_newbuffer(_state, _bytes.len()).cast::<u8>();
        std::ptr::copy_nonoverlapping(_bytes.as_ptr(), place, _bytes.len());
    }
    cfg!(feature = "luau")
}

/// Whether the table at `index` has a metatable.
///
/// # Safety
/// `index` is the index of a table; the stack has room for a value.
#[inline]
pub(super) unsafe fn has_metatable(state: State, index: c_int) -> bool {
    // SAFETY: neither way raises an error; what is pushed is popped.
    unsafe {
        #[cfg(feature = "luau")]
        return !ffi::lua_getmetatablepointer(state, index).is_null();
        #[cfg(not(feature = "luau"))]
        {
            let has = ffi::lua_getmetatable(state, index) != 0;
            ffi::lua_settop(state, if has { -2 } else { -1 });
            has
        }
    }
}

/// Pops a table or nil, and makes it the metatable of the table at `index`.
///
/// # Safety
/// In a protected call; `index` is the absolute index of a table; the stack has room for three values.
#[cfg(not(feature = "lua54"))]
pub(super) unsafe fn set_metatable(state: State, index: c_int) {
    // SAFETY: as promised by the caller.
    unsafe { ffi::lua_setmetatable(state, index) };
}

/// The engine looks for a finaliser when the metatable is set. A mod may have put one in later, which has no
/// effect then: so it is not to be seen now.
#[cfg(feature = "lua54")]
pub(super) unsafe fn set_metatable(state: State, index: c_int) {
    // SAFETY: as promised by the caller; the key is in the table already when it is put back.
    unsafe {
        let metatable = ffi::lua_gettop(state);
        let mut has_finaliser = false;
        if ffi::lua_type(state, metatable) == ffi::LUA_TTABLE {
            ffi::lua_pushstring(state, c"__gc".as_ptr());
            has_finaliser = ffi::lua_rawget(state, metatable) != ffi::LUA_TNIL;
        } else {
            ffi::lua_pushnil(state);
        }
        if has_finaliser {
            ffi::lua_pushstring(state, c"__gc".as_ptr());
            ffi::lua_pushnil(state);
            ffi::lua_rawset(state, metatable);
        }
        ffi::lua_pushvalue(state, metatable);
        ffi::lua_setmetatable(state, index);
        if has_finaliser {
            ffi::lua_pushstring(state, c"__gc".as_ptr());
            ffi::lua_pushvalue(state, metatable + 1);
            ffi::lua_rawset(state, metatable);
        }
        ffi::lua_settop(state, metatable - 1);
    }
}

/// Whether the table at `index` is frozen.
///
/// # Safety
/// `index` is the index of a table.
#[inline]
pub(super) unsafe fn is_readonly(_state: State, _index: c_int) -> bool {
    #[cfg(not(feature = "luau"))]
    return false;
    #[cfg(feature = "luau")]
    // SAFETY: a table, as promised.
    unsafe {
        ffi::lua_getreadonly(_state, _index) != 0
    }
}

/// Freezes or thaws the table at `index`, where the flavour can.
///
/// # Safety
/// `index` is the index of a table that belongs to a mod.
#[inline]
pub(super) unsafe fn set_readonly(_state: State, _index: c_int, _is_readonly: bool) {
    #[cfg(feature = "luau")]
    // SAFETY: a table, as promised.
    unsafe {
        ffi::lua_setreadonly(_state, _index, c_int::from(_is_readonly));
    }
}

/// How far the coroutine at `index` is.
///
/// # Safety
/// `index` is the index of a thread.
pub(super) unsafe fn coroutine(state: State, index: c_int) -> Opaque {
    // SAFETY: a thread, as promised; none of these calls changes it.
    unsafe {
        let thread = ffi::lua_tothread(state, index);
        match ffi::lua_status(thread) {
            ffi::LUA_OK if thread == state => Opaque::Coroutine,
            // Not begun: its function waits on its stack. Ended: nothing does.
            ffi::LUA_OK if ffi::lua_gettop(thread) > 0 => Opaque::Unbegun,
            ffi::LUA_YIELD => Opaque::Coroutine,
            _ => Opaque::Ended,
        }
    }
}
