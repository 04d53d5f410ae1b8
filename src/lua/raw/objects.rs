//! Host objects in a VM: userdata of eight bytes, known by their metatables, each once as long as it lives.
//!
//! The registry holds one table: the metatable of each kind by the kind's name, the name by the metatable, and
//! under 1 the objects that live, weakly. Mods reach none of them.

use std::os::raw::c_int;

use mlua::{Lua, Table, ffi};

/// The longest name of a kind, in bytes.
pub(in crate::lua) const KIND_BYTES_MAX: usize = 64;

/// Where the registry holds the table of kinds: nothing but the address of this counts.
static KINDS: u8 = 0;

/// Under which key the table of kinds has the objects that live.
const ALIVE: ffi::lua_Integer = 1;

/// Makes the table of kinds, without any. The second is the table of the objects that live, by their keys.
///
/// # Errors
/// Out of memory.
pub(in crate::lua) fn make_kinds(lua: &Lua) -> mlua::Result<(Table, Table)> {
    let (kinds, alive) = (lua.create_table()?, lua.create_table()?);
    let weak = lua.create_table()?;
    weak.raw_set("__mode", "v")?;
    alive.set_metatable(Some(weak))?;
    kinds.raw_set(ALIVE, &alive)?;
    // SAFETY: `exec_raw` is protected and has room for three values; the closure owns nothing.
    unsafe {
        lua.exec_raw::<()>(&kinds, |state| {
            push_address(state);
            ffi::lua_insert(state, -2);
            ffi::lua_rawset(state, ffi::LUA_REGISTRYINDEX);
        })?;
    }
    Ok((kinds, alive))
}

/// The kind and the number of the object that has this key among those that live.
pub(in crate::lua) fn of_key(key: &[u8]) -> Option<(&str, u64)> {
    let (kind, id) = key.split_last_chunk()?;
    Some((std::str::from_utf8(kind).ok()?, u64::from_le_bytes(*id)))
}

/// Pushes an object, the one that lives already if there is one; nil for a kind that is not declared.
///
/// # Safety
/// `state` is valid, has eight free slots, and an error may be raised (memory).
pub(super) unsafe fn push_object(state: *mut ffi::lua_State, kind: &str, id: u64) {
    // What `of_key` reads, and nothing that would need to be dropped.
    let mut bytes = [0; KIND_BYTES_MAX + size_of::<u64>()];
    let key_bytes = kind.len() + size_of::<u64>();
    // SAFETY: as the caller promises; indices are absolute, and what is below `top` stays.
    unsafe {
        let top = ffi::lua_gettop(state);
        let (kinds, meta) = (top + 1, top + 2);
        push_kinds(state);
        if key_bytes > bytes.len() || ffi::lua_type(state, kinds) != ffi::LUA_TTABLE {
            ffi::lua_settop(state, top);
            return ffi::lua_pushnil(state);
        }
        ffi::lua_pushlstring(state, kind.as_ptr().cast(), kind.len());
        ffi::lua_rawget(state, kinds);
        if ffi::lua_type(state, meta) != ffi::LUA_TTABLE {
            ffi::lua_settop(state, top);
            return ffi::lua_pushnil(state);
        }
        bytes[..kind.len()].copy_from_slice(kind.as_bytes());
        bytes[kind.len()..key_bytes].copy_from_slice(&id.to_le_bytes());
        let (alive, object) = (top + 3, top + 4);
        ffi::lua_rawgeti(state, kinds, ALIVE);
        ffi::lua_pushlstring(state, bytes.as_ptr().cast(), key_bytes);
        ffi::lua_rawget(state, alive);
        if ffi::lua_type(state, object) != ffi::LUA_TUSERDATA {
            ffi::lua_settop(state, alive);
            let place = ffi::lua_newuserdata(state, size_of::<u64>());
            place.cast::<u64>().write_unaligned(id);
            ffi::lua_pushvalue(state, meta);
            ffi::lua_setmetatable(state, object);
            ffi::lua_pushlstring(state, bytes.as_ptr().cast(), key_bytes);
            ffi::lua_pushvalue(state, object);
            ffi::lua_rawset(state, alive);
        }
        ffi::lua_replace(state, kinds);
        ffi::lua_settop(state, kinds);
    }
}

/// The kind and the number of the object at `index`, if it is one. It never allocates in the VM and never
/// raises.
///
/// # Safety
/// `state` is valid and has three free slots; `index` is absolute. The text is used before any code of the VM
/// runs.
pub(super) unsafe fn read_object<'a>(
    state: *mut ffi::lua_State,
    index: c_int,
) -> Option<(&'a str, u64)> {
    // SAFETY: as the caller promises. Only `push_object` gives a userdata one of these metatables, so it has
    // the bytes of a number; the table of kinds keeps the text of the name alive.
    unsafe {
        if ffi::lua_type(state, index) != ffi::LUA_TUSERDATA {
            return None;
        }
        let top = ffi::lua_gettop(state);
        push_kinds(state);
        let mut kind = None;
        if ffi::lua_type(state, -1) == ffi::LUA_TTABLE && ffi::lua_getmetatable(state, index) != 0 {
            ffi::lua_rawget(state, top + 1);
            if ffi::lua_type(state, -1) == ffi::LUA_TSTRING {
                let mut length = 0;
                let text = ffi::lua_tolstring(state, -1, &raw mut length).cast::<u8>();
                kind = std::str::from_utf8(std::slice::from_raw_parts(text, length)).ok();
            }
        }
        ffi::lua_settop(state, top);
        let id = ffi::lua_touserdata(state, index).cast::<u64>();
        Some((kind?, id.read_unaligned()))
    }
}

/// Pushes the table of kinds, or nil.
unsafe fn push_kinds(state: *mut ffi::lua_State) {
    // SAFETY: a free slot; neither call allocates.
    unsafe {
        push_address(state);
        ffi::lua_rawget(state, ffi::LUA_REGISTRYINDEX);
    }
}

unsafe fn push_address(state: *mut ffi::lua_State) {
    // SAFETY: a free slot; the address is never followed, let alone written to.
    unsafe { ffi::lua_pushlightuserdata(state, (&raw const KINDS).cast_mut().cast()) }
}
