//! What has an identity: numbers tables and buffers when they are met, finds names, tells what can't cross.

use std::os::raw::c_int;

use mlua::ffi;

use super::carry_out::{ANCHORS, NAMES, Walk};
use super::carry_stack::{self as stack, State};
use super::describe::describe_at;
use super::objects::read_object;
#[cfg(feature = "luau")]
use crate::lua::carry::BOX;
use crate::lua::code::Function;
use crate::lua::outline::Described;
use crate::state::{Opaque, Val};

/// What something with an identity is in the image.
#[derive(Clone, Copy)]
pub(super) enum Known {
    /// The table or buffer with this number.
    Object(u32),
    /// It crosses under the name with this number.
    Named(u32),
    /// It can't cross.
    Opaque(Hole),
}

/// Something that can't cross.
#[derive(Clone, Copy)]
pub(in crate::lua) struct Hole {
    pub(in crate::lua) what: Opaque,
    /// The number of its kind, if it is an object of the host.
    pub(in crate::lua) kind: Option<u32>,
}

impl From<Opaque> for Hole {
    fn from(what: Opaque) -> Hole {
        Hole { what, kind: None }
    }
}

/// What the thing at `index` is in the image. Numbers and anchors it at the first encounter.
pub(super) unsafe fn know(state: State, walk: &mut Walk<'_>, index: c_int) -> Known {
    // SAFETY: a valid index, and the stack has room for two values. What is met stays alive, and keeps
    // its address, since it is reachable and nothing of the mod runs.
    unsafe {
        let address = ffi::lua_topointer(state, index) as usize;
        if let Some(&known) = walk.known.get(&address) {
            if let Known::Object(id) = known {
                walk.builder.share(id);
            }
            return known;
        }
        let known = if let Some(name) = name(state, walk, index) {
            Known::Named(name)
        } else {
            match ffi::lua_type(state, index) {
                ffi::LUA_TTABLE => number(state, walk, index),
                ffi::LUA_TFUNCTION => function(state, walk, index),
                ffi::LUA_TTHREAD => Known::Opaque(stack::coroutine(state, index).into()),
                _ if stack::buffer(state, index).is_some() => number(state, walk, index),
                _ => Known::Opaque(userdata(state, walk, index)),
            }
        };
        walk.known.insert(address, known);
        known
    }
}

/// What the userdata at `index` is, which has no name.
unsafe fn userdata(state: State, walk: &mut Walk<'_>, index: c_int) -> Hole {
    let what = Opaque::Userdata;
    // SAFETY: an absolute index, and the stack has room for three values.
    let kind = unsafe { read_object(state, index) }.map(|(kind, _)| {
        let known = walk.kinds.iter().position(|known| **known == *kind);
        let number = known.unwrap_or_else(|| {
            walk.kinds.push(kind.into());
            walk.kinds.len() - 1
        });
        number as u32
    });
    Hole { what, kind }
}

/// Numbers and anchors the object at `index`.
#[inline]
unsafe fn number(state: State, walk: &mut Walk<'_>, index: c_int) -> Known {
    let id = walk.builder.discover();
    // SAFETY: an absolute index, and the stack has room for a value.
    unsafe {
        ffi::lua_pushvalue(state, index);
        ffi::lua_rawseti(state, ANCHORS, ffi::lua_Integer::from(id) + 1);
    }
    Known::Object(id)
}

/// The number of the name of the value at `index`, if it has one.
unsafe fn name(state: State, walk: &mut Walk<'_>, index: c_int) -> Option<u32> {
    if !walk.has_names {
        return None;
    }
    // SAFETY: an absolute index, and the stack has room for a value.
    unsafe {
        ffi::lua_pushvalue(state, index);
        ffi::lua_rawget(state, NAMES);
        let number = text(state).map(|name| walk.builder.name(name));
        ffi::lua_settop(state, -2);
        number
    }
}

/// Nothing does where upvalues can be joined.
#[cfg(not(feature = "luau"))]
pub(super) unsafe fn is_box(_: State, _: &mut Walk<'_>, _: c_int) -> bool {
    false
}

/// Whether the value at `index` stands for a variable of another function.
#[cfg(feature = "luau")]
pub(super) unsafe fn is_box(state: State, walk: &mut Walk<'_>, index: c_int) -> bool {
    // SAFETY: an absolute index, and the stack has room for two values.
    unsafe {
        if ffi::lua_type(state, index) != ffi::LUA_TTABLE || !stack::has_metatable(state, index) {
            return false;
        }
        ffi::lua_getmetatable(state, index);
        ffi::lua_rawget(state, NAMES);
        let is_box = text(state) == Some(BOX);
        ffi::lua_settop(state, -2);
        walk.has_names && is_box
    }
}

/// The text on top, if it is one.
unsafe fn text<'a>(state: State) -> Option<&'a str> {
    // SAFETY: a value is on top; the caller is done with the text before that is gone.
    unsafe {
        if ffi::lua_type(state, -1) != ffi::LUA_TSTRING {
            return None;
        }
        let mut len = 0;
        let text = ffi::lua_tolstring(state, -1, &mut len).cast::<u8>();
        std::str::from_utf8(std::slice::from_raw_parts(text, len)).ok()
    }
}

impl Walk<'_> {
    /// What the source says about a function.
    pub(super) fn source_of(&mut self, about: &Described) -> Option<Function> {
        if !self.chunks.contains_key(&about.chunk) {
            let chunk = self.code.chunk(&about.chunk);
            self.chunks.insert(about.chunk.clone(), chunk);
        }
        self.chunks.get(&about.chunk)?.as_ref()?.function(about)
    }
}

/// What the function at `index` is, if the source tells.
unsafe fn function(state: State, walk: &mut Walk<'_>, index: c_int) -> Known {
    // SAFETY: an absolute index of a function, and the stack has room for two values.
    unsafe {
        let known = describe_at(state, index).and_then(|about| walk.source_of(&about));
        match known {
            None => Known::Opaque(Opaque::Function.into()),
            Some(function) => {
                let known = number(state, walk, index);
                if let Known::Object(id) = known {
                    walk.functions.insert(id, function);
                }
                known
            }
        }
    }
}

/// The metatable of the table at `index`, or nil.
pub(super) unsafe fn meta(state: State, walk: &mut Walk<'_>, index: c_int) -> Val<'static> {
    // SAFETY: an absolute index of a table, and the stack has room for three values.
    unsafe {
        if !stack::has_metatable(state, index) {
            return Val::Nil;
        }
        ffi::lua_getmetatable(state, index);
        let known = know(state, walk, ffi::lua_gettop(state));
        ffi::lua_settop(state, -2);
        match known {
            Known::Object(id) => Val::Object(id),
            Known::Named(name) => Val::Named(name),
            Known::Opaque(_) => Val::Nil,
        }
    }
}
