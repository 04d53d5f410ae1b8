//! [`Value`]s on the raw stack: pushing one, and reading one, iteratively bounded and without metamethods.

use std::os::raw::c_int;

use mlua::ffi;
use rustc_hash::FxHashMap;

use crate::value::{NoValue, Object, VALUE_BYTES_MAX, VALUE_DEPTH_MAX, VALUE_ENTRIES_MAX, Value};

use super::objects::{push_object, read_object};

/// Pushes `value`, leaving exactly one value. Tables may raise (memory): then call it protected.
///
/// # Safety
/// `state` is valid and has `4 × VALUE_DEPTH_MAX + 8` free slots (one, for a scalar); a value that is not a scalar is pushed only
/// where an error may be raised.
pub(super) unsafe fn push_value(state: *mut ffi::lua_State, value: &Value) {
    // SAFETY: as the caller promises; `anchors` is the index of a table that holds the tables made so far.
    unsafe {
        if let Value::Table(_) = value {
            ffi::lua_newtable(state);
            let anchors = ffi::lua_gettop(state);
            let mut count = 0;
            push(state, value, anchors, &mut count);
            ffi::lua_remove(state, anchors);
        } else {
            push(state, value, 0, &mut 0);
        }
    }
}

/// The recursion is as deep as the value, which is at most [`VALUE_DEPTH_MAX`].
unsafe fn push(
    state: *mut ffi::lua_State,
    value: &Value,
    anchors: c_int,
    count: &mut ffi::lua_Integer,
) {
    // SAFETY: as in `push_value`.
    unsafe {
        match value {
            Value::Nil | Value::Function(_) | Value::Opaque(_) => ffi::lua_pushnil(state),
            Value::Boolean(b) => ffi::lua_pushboolean(state, (*b).into()),
            Value::Integer(n) => push_integer(state, *n),
            Value::Number(n) => ffi::lua_pushnumber(state, *n),
            Value::String(bytes) => {
                ffi::lua_pushlstring(state, bytes.as_ptr().cast(), bytes.len());
            }
            Value::Vector(v) => push_vector(state, *v),
            Value::Object(object) => push_object(state, &object.kind, object.id),
            Value::Buffer(bytes) => push_buffer(state, bytes),
            Value::Ref(n) => {
                ffi::lua_rawgeti(state, anchors, ffi::lua_Integer::from(*n) + 1);
            }
            Value::Table(entries) => {
                let array = entries
                    .iter()
                    .take_while(|(k, _)| matches!(k, Value::Number(_) | Value::Integer(_)))
                    .count();
                ffi::lua_createtable(state, array as c_int, (entries.len() - array) as c_int);
                *count += 1;
                ffi::lua_pushvalue(state, -1);
                ffi::lua_rawseti(state, anchors, *count);
                for (key, value) in entries {
                    push(state, key, anchors, count);
                    if ffi::lua_type(state, -1) == ffi::LUA_TNIL {
                        ffi::lua_pop(state, 1);
                        continue;
                    }
                    push(state, value, anchors, count);
                    ffi::lua_rawset(state, -3);
                }
            }
        }
    }
}

/// Reads the value at `index`, as far as there is `room`. It never allocates in the VM and never raises.
///
/// # Errors
/// Values deeper or larger than a [`Value`] may be, with those that were read into the same room.
///
/// # Safety
/// `state` is valid, `index` is absolute, and `4 × VALUE_DEPTH_MAX + 8` slots are free if it is a table or a userdata.
pub(super) unsafe fn read_value(
    state: *mut ffi::lua_State,
    index: c_int,
    room: &mut Room,
) -> Result<Value, NoValue> {
    // SAFETY: as the caller promises.
    unsafe {
        let mut reader = Reader {
            state,
            tables: FxHashMap::default(),
            room,
        };
        reader.read(index, 0)
    }
}

struct Reader<'a> {
    state: *mut ffi::lua_State,
    /// Tables met, by address, with their number.
    tables: FxHashMap<usize, u32>,
    room: &'a mut Room,
}

/// What may still be read of values that cross together.
pub(in crate::lua) struct Room {
    entries: usize,
    bytes: usize,
}

impl Default for Room {
    fn default() -> Room {
        Room {
            entries: VALUE_ENTRIES_MAX,
            bytes: VALUE_BYTES_MAX,
        }
    }
}

impl Room {
    fn take_entry(&mut self) -> Result<(), NoValue> {
        self.entries = self.entries.checked_sub(1).ok_or(NoValue::TooLarge)?;
        Ok(())
    }

    fn take_bytes(&mut self, count: usize) -> Result<(), NoValue> {
        self.bytes = self.bytes.checked_sub(count).ok_or(NoValue::TooLong)?;
        Ok(())
    }
}

impl Reader<'_> {
    /// The recursion is bounded by [`VALUE_DEPTH_MAX`].
    unsafe fn read(&mut self, index: c_int, depth: usize) -> Result<Value, NoValue> {
        let state = self.state;
        // SAFETY: as in `read_value`; strings and buffers are copied before the stack changes.
        unsafe {
            Ok(match ffi::lua_type(state, index) {
                ffi::LUA_TNIL | ffi::LUA_TNONE => Value::Nil,
                ffi::LUA_TBOOLEAN => Value::Boolean(ffi::lua_toboolean(state, index) != 0),
                ffi::LUA_TNUMBER => read_number(state, index),
                ffi::LUA_TSTRING => {
                    let mut length = 0;
                    let start = ffi::lua_tolstring(state, index, &raw mut length);
                    self.room.take_bytes(length)?;
                    Value::String(std::slice::from_raw_parts(start.cast::<u8>(), length).into())
                }
                ffi::LUA_TTABLE => return self.read_table(index, depth),
                ffi::LUA_TFUNCTION => Value::Function(None),
                #[cfg(feature = "luau")]
                ffi::LUA_TINTEGER => {
                    Value::Integer(ffi::lua_tointeger64(state, index, std::ptr::null_mut()))
                }
                #[cfg(feature = "luau")]
                ffi::LUA_TVECTOR => {
                    let v = ffi::lua_tovector(state, index);
                    Value::Vector([*v, *v.add(1), *v.add(2)])
                }
                #[cfg(feature = "luau")]
                ffi::LUA_TBUFFER => {
                    let mut length = 0;
                    let start = ffi::lua_tobuffer(state, index, &raw mut length);
                    self.room.take_bytes(length)?;
                    Value::Buffer(std::slice::from_raw_parts(start.cast::<u8>(), length).into())
                }
                ffi::LUA_TTHREAD => Value::Opaque("coroutine".into()),
                _ => match read_object(state, index) {
                    Some((kind, id)) => {
                        self.room.take_bytes(kind.len())?;
                        let kind = kind.into();
                        Object { kind, id }.value()
                    }
                    None => Value::Opaque("userdata".into()),
                },
            })
        }
    }

    unsafe fn read_table(&mut self, index: c_int, depth: usize) -> Result<Value, NoValue> {
        if depth >= VALUE_DEPTH_MAX {
            return Err(NoValue::TooDeep);
        }
        let state = self.state;
        // SAFETY: `lua_next` raises only for a key that is not in the table, and nothing changes it here.
        unsafe {
            let next_number = self.tables.len() as u32;
            let address = ffi::lua_topointer(state, index) as usize;
            if let Some(number) = self.tables.get(&address) {
                return Ok(Value::Ref(*number));
            }
            self.tables.insert(address, next_number);
            let mut entries = Vec::new();
            ffi::lua_pushnil(state);
            while ffi::lua_next(state, index) != 0 {
                let top = ffi::lua_gettop(state);
                let entry = self
                    .room
                    .take_entry()
                    .and_then(|()| self.read(top - 1, depth + 1))
                    .and_then(|key| Ok((key, self.read(top, depth + 1)?)));
                match entry {
                    Ok(entry) => entries.push(entry),
                    Err(why) => {
                        ffi::lua_settop(state, top - 2);
                        return Err(why);
                    }
                }
                ffi::lua_settop(state, top - 1);
            }
            Ok(Value::Table(entries))
        }
    }
}

#[cfg(feature = "lua54")]
unsafe fn read_number(state: *mut ffi::lua_State, index: c_int) -> Value {
    // SAFETY: the value is a number.
    unsafe {
        if ffi::lua_isinteger(state, index) != 0 {
            Value::Integer(ffi::lua_tointeger(state, index))
        } else {
            Value::Number(ffi::lua_tonumber(state, index))
        }
    }
}

#[cfg(not(feature = "lua54"))]
unsafe fn read_number(state: *mut ffi::lua_State, index: c_int) -> Value {
    // SAFETY: the value is a number.
    Value::Number(unsafe { ffi::lua_tonumber(state, index) })
}

#[cfg(feature = "lua54")]
unsafe fn push_integer(state: *mut ffi::lua_State, n: i64) {
    // SAFETY: one free slot.
    unsafe { ffi::lua_pushinteger(state, n) }
}

/// Flavours whose numbers are floats get a float: mods there know no other number.
#[cfg(not(feature = "lua54"))]
unsafe fn push_integer(state: *mut ffi::lua_State, n: i64) {
    // SAFETY: one free slot.
    unsafe { ffi::lua_pushnumber(state, n as f64) }
}

#[cfg(feature = "luau")]
unsafe fn push_vector(state: *mut ffi::lua_State, [x, y, z]: [f32; 3]) {
    // SAFETY: one free slot.
    unsafe { ffi::lua_pushvector(state, x, y, z) }
}

#[cfg(not(feature = "luau"))]
unsafe fn push_vector(state: *mut ffi::lua_State, _: [f32; 3]) {
    // SAFETY: one free slot.
    unsafe { ffi::lua_pushnil(state) }
}

#[cfg(feature = "luau")]
unsafe fn push_buffer(state: *mut ffi::lua_State, bytes: &[u8]) {
    // SAFETY: one free slot; the new buffer is exactly as long as `bytes`.
    unsafe {
        let start = ffi::lua_newbuffer(state, bytes.len());
        std::ptr::copy_nonoverlapping(bytes.as_ptr(), start.cast::<u8>(), bytes.len());
    }
}

#[cfg(not(feature = "luau"))]
unsafe fn push_buffer(state: *mut ffi::lua_State, _: &[u8]) {
    // SAFETY: one free slot.
    unsafe { ffi::lua_pushnil(state) }
}
