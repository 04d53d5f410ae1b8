//! Slots of a capture: the values that it begins with, and the variables of files that functions lead to.

use std::os::raw::c_int;

use mlua::{Value, ffi};
use rustc_hash::FxHashMap;

use super::carry_known::{Known, know};
use super::carry_out::Walk;
use super::carry_stack::{self as stack, State};
use crate::lua::code::Variable;
use crate::state::{Entry, Val};

/// The upvalue of a function, both by number; that of the upvalue is from 1.
#[derive(Clone, Copy, Debug)]
pub(in crate::lua) struct Binding {
    pub(in crate::lua) function: u32,
    pub(in crate::lua) upvalue: c_int,
}

/// Where the variables of functions are.
#[derive(Clone, Debug, Default)]
pub(in crate::lua) struct Bindings {
    /// By number of the slot: which upvalues hold its value.
    pub(in crate::lua) of_slots: Vec<Vec<Binding>>,
    /// By number of the function: the upvalues that belong to it alone.
    pub(in crate::lua) own: FxHashMap<u32, Vec<OwnUpvalue>>,
}

/// An upvalue that belongs to one function alone.
#[derive(Clone, Debug)]
pub(in crate::lua) struct OwnUpvalue {
    pub(in crate::lua) name: Box<str>,
    /// From 1.
    pub(in crate::lua) upvalue: c_int,
}

/// A function of the live image that was made again in the new VM.
#[derive(Clone, Debug)]
pub(in crate::lua) struct Remade {
    /// Its number in the live image.
    pub(in crate::lua) live: u32,
    pub(in crate::lua) function: mlua::Function,
    /// The upvalues that are to be filled, by number from 1, and what each is.
    pub(in crate::lua) upvalues: Vec<(c_int, Variable)>,
}

/// A value that a capture begins with: a slot, if it has a name.
pub(in crate::lua) struct Root {
    pub(in crate::lua) name: Option<Box<str>>,
    pub(in crate::lua) label: Option<Box<str>>,
    pub(in crate::lua) value: Value,
}

/// Writes the value at `index` as a slot; the number of the slot.
pub(super) unsafe fn slot(
    state: State,
    walk: &mut Walk<'_>,
    index: c_int,
    name: &str,
    label: Option<&str>,
) -> u32 {
    // SAFETY: a valid index, and the stack has room for two values; a string stays where it is.
    unsafe {
        let lua_type = ffi::lua_type(state, index);
        let mut hole = None;
        let value = if lua_type == ffi::LUA_TSTRING {
            let mut len = 0;
            let text = ffi::lua_tolstring(state, index, &mut len).cast::<u8>();
            match walk.has_room(len) {
                true => Val::Str(std::slice::from_raw_parts(text, len)),
                false => Val::Nil,
            }
        } else if let Some(value) = stack::scalar(state, index, lua_type) {
            value
        } else {
            match know(state, walk, index) {
                Known::Object(id) => Val::Object(id),
                Known::Named(name) => Val::Named(name),
                Known::Opaque(found) => {
                    hole = Some(found);
                    Val::Opaque(found.what)
                }
            }
        };
        let number = walk.builder.slot(name, label, value);
        walk.note(hole, None, Entry::Slot(number));
        walk.bindings.of_slots.push(Vec::new());
        number
    }
}
