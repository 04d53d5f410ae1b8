//! Makes Lua values of what an image holds, and fills tables with them, without recursion.
//!
//! Each table is filled where it is created, depth first, so that it is still in the cache; only tables
//! that are referred to more than once are remembered. Deep nesting goes on a list, not on the stack.

use std::os::raw::c_int;

use mlua::ffi;

use super::carry_slots::{Binding, Bindings, OwnUpvalue, Remade};
use super::carry_stack::{self as stack, State};
use crate::state::{
    Entries, FUNCTION, Filled, Image, Object, READONLY, Replay, SHARED, Table, Take, Val, Values,
};

/// What a replay works with. Lives outside of the protected call, since an error of the engine leaves
/// that without dropping anything.
pub(in crate::lua) struct Fill<'a> {
    pub(super) live: &'a Image,
    pub(super) new: &'a Image,
    pub(super) replay: &'a Replay,
    bindings: &'a Bindings,
    /// Functions that were made again.
    pub(super) remade: &'a [Remade],
    pub(super) has_names: bool,
    /// Whether there was not even room for the stack.
    pub(in crate::lua) is_out_of_memory: bool,
    frames: Vec<Frame<'a>>,
    /// Tables that wait to be filled: their numbers in the live image.
    pub(super) waiting: Vec<u32>,
    /// Tables that wait for their metatables: their numbers in the live image.
    pub(super) unmet: Vec<u32>,
    /// Whether a metatable is being made.
    is_in_meta: bool,
    /// Names that the new code lacks: their numbers in the live image.
    pub(in crate::lua) lost: Vec<u32>,
    /// Functions that the new code lacks and that something refers to: their numbers in the live image.
    pub(in crate::lua) gone: Vec<u32>,
}

/// A table that is being filled; it is on the stack as long.
struct Frame<'a> {
    array: Values<'a>,
    /// How many values of the array are done.
    done: u32,
    entries: Entries<'a>,
    /// Entries to leave out: where their keys stand, ascending.
    skip: &'a [u32],
    is_readonly: bool,
}

/// How many tables deep the stack is used; what is deeper waits.
pub(super) const DEPTH_MAX: usize = 64;
/// How many lost names are told.
const LOST_MAX: usize = 100;

/// Where things are on the stack: the objects of the new VM by number, the values by name, what was made
/// for live objects by number, and the strings of the live image by number; each plus one.
pub(super) const ANCHORS: c_int = 1;
pub(super) const NAMES: c_int = 2;
pub(super) const MADE: c_int = 3;
pub(super) const ATOMS: c_int = 4;
/// The first place above them.
pub(super) const FREE: c_int = 5;

impl<'a> Fill<'a> {
    pub(in crate::lua) fn new(
        live: &'a Image,
        new: &'a Image,
        bindings: &'a Bindings,
        remade: &'a [Remade],
        replay: &'a Replay,
    ) -> Fill<'a> {
        Fill {
            live,
            new,
            replay,
            bindings,
            remade,
            has_names: false,
            is_out_of_memory: false,
            frames: Vec::with_capacity(DEPTH_MAX + 1),
            waiting: Vec::new(),
            unmet: Vec::new(),
            is_in_meta: false,
            lost: Vec::new(),
            gone: Vec::new(),
        }
    }
}

impl<'a> Fill<'a> {
    /// The upvalues of the new VM that hold the slot `name`.
    pub(super) fn bindings(&self, name: &str) -> &'a [Binding] {
        let number = self.new.slot_number(name);
        let found = number.and_then(|number| self.bindings.of_slots.get(number as usize));
        found.map_or(&[], |bindings| bindings)
    }

    /// The upvalues that belong to a function of the new VM alone.
    pub(super) fn own_upvalues(&self, function: u32) -> &'a [OwnUpvalue] {
        let found = self.bindings.own.get(&function);
        found.map_or(&[], |own| own)
    }

    /// Whether a value that the collector has to know of comes into a variable.
    pub(in crate::lua) fn gives_objects_to_variables(&self) -> bool {
        let is_object = |number| {
            let value = self.live.slot_value(number);
            !matches!(
                value,
                Val::Nil | Val::Bool(_) | Val::Int(_) | Val::Num(_) | Val::Null
            )
        };
        let mut slots = self.replay.slots.iter();
        let mut tables = self.replay.tables.iter();
        !self.remade.is_empty()
            || slots.any(|(name, number)| is_object(*number) && !self.bindings(name).is_empty())
            || !self.bindings.own.is_empty()
                && tables.any(|filled| !self.own_upvalues(filled.new).is_empty())
    }

    /// Begins to fill the table on top with the content of the live table `id`.
    pub(super) fn begin(&mut self, id: u32, filled: Option<&'a Filled>) {
        let Some(table) = self.live.table(Val::Object(id)) else {
            return;
        };
        let mut frame = Frame {
            array: table.array,
            done: 0,
            entries: table.entries,
            skip: &[],
            is_readonly: table.flags & READONLY != 0,
        };
        if let Some(filled) = filled {
            frame.skip = &filled.skip;
            frame.is_readonly = false;
            if filled.array == Take::New {
                frame.array.end();
            }
        }
        self.frames.push(frame);
    }
}

/// Fills the table on top, and all that is created on the way; pops it.
pub(super) unsafe fn run(state: State, fill: &mut Fill<'_>) {
    while let Some(mut frame) = fill.frames.pop() {
        // SAFETY: for each frame, its table is on the stack, the last one on top.
        unsafe {
            match step(state, fill, &mut frame) {
                Some(child) => {
                    fill.frames.push(frame);
                    fill.begin(child, None);
                }
                None => {
                    if frame.is_readonly {
                        stack::set_readonly(state, -1, true);
                    }
                    ffi::lua_settop(state, -2);
                }
            }
        }
    }
}

/// Fills the table on top, up to a child that is to be filled first; that is then on top.
unsafe fn step(state: State, fill: &mut Fill<'_>, frame: &mut Frame<'_>) -> Option<u32> {
    // SAFETY: a table is on top, and the stack has room for four more values.
    unsafe {
        let table = ffi::lua_gettop(state);
        for value in frame.array.by_ref() {
            frame.done += 1;
            let place = ffi::lua_Integer::from(frame.done);
            if let Val::Num(n) = value {
                ffi::lua_pushnumber(state, n);
                ffi::lua_rawseti(state, table, place);
            } else if let Val::Object(id) = value {
                let pushed = push_object(state, fill, id, true);
                if pushed == Pushed::Nothing {
                    continue;
                }
                ffi::lua_pushvalue(state, -1);
                ffi::lua_rawseti(state, table, place);
                if pushed == Pushed::Empty {
                    return Some(id);
                }
                ffi::lua_settop(state, table);
            } else if push(state, fill, value) {
                ffi::lua_rawseti(state, table, place);
            }
        }
        for (at, key, value) in frame.entries.by_ref() {
            if frame.skip.first() == Some(&at) {
                frame.skip = &frame.skip[1..];
            } else if let Val::Object(id) = value {
                let pushed = push_object(state, fill, id, true);
                if pushed != Pushed::Nothing && push(state, fill, key) {
                    ffi::lua_pushvalue(state, -2);
                    ffi::lua_rawset(state, table);
                }
                if pushed == Pushed::Empty {
                    return Some(id);
                }
                ffi::lua_settop(state, table);
            } else if push(state, fill, key) {
                if push(state, fill, value) {
                    ffi::lua_rawset(state, table);
                } else {
                    ffi::lua_settop(state, table);
                }
            }
        }
        None
    }
}

/// Pushes a value of the live image; `false`, and nothing is pushed, if it can't be had here.
#[inline]
pub(super) unsafe fn push(state: State, fill: &mut Fill<'_>, value: Val<'_>) -> bool {
    // SAFETY: in a protected call; the stack has room for three values.
    unsafe {
        match value {
            Val::Nil => ffi::lua_pushnil(state),
            Val::Bool(b) => ffi::lua_pushboolean(state, c_int::from(b)),
            Val::Int(n) => stack::push_int(state, n),
            Val::Num(n) => ffi::lua_pushnumber(state, n),
            Val::Str(text) => push_text(state, text),
            Val::Atom(n) => {
                ffi::lua_rawgeti(state, ATOMS, ffi::lua_Integer::from(n) + 1);
            }
            Val::Vector(parts) => return stack::push_vector(state, parts),
            Val::Null => ffi::lua_pushlightuserdata(state, std::ptr::null_mut()),
            Val::Object(id) => return push_object(state, fill, id, false) != Pushed::Nothing,
            Val::Named(n) => {
                if let Some(object @ 1..) = fill.replay.named.get(n as usize).copied() {
                    ffi::lua_rawgeti(state, ANCHORS, ffi::lua_Integer::from(object));
                    return true;
                }
                let is_there = push_named(state, fill, fill.live.name(n));
                if !is_there && fill.lost.len() < LOST_MAX && !fill.lost.contains(&n) {
                    fill.lost.push(n);
                }
                return is_there;
            }
            Val::Opaque(_) => return false,
        }
        true
    }
}

#[inline]
pub(super) unsafe fn push_text(state: State, text: &[u8]) {
    // SAFETY: in a protected call; the stack has room for a value.
    unsafe {
        ffi::lua_pushlstring(state, text.as_ptr().cast(), text.len());
    }
}

/// Pushes what the new code has under a name; `false`, and nothing is pushed, if it has nothing.
pub(super) unsafe fn push_named(state: State, fill: &Fill<'_>, name: &str) -> bool {
    if !fill.has_names {
        return false;
    }
    // SAFETY: in a protected call; the stack has room for a value.
    unsafe {
        push_text(state, name.as_bytes());
        let is_there = ffi::lua_rawget(state, NAMES) != ffi::LUA_TNIL;
        if !is_there {
            ffi::lua_settop(state, -2);
        }
        is_there
    }
}

/// What [`push_object`] pushed.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Pushed {
    /// Nothing: a function that is not there any more.
    Nothing,
    /// An object that is complete, or will be.
    Object,
    /// A new table, that the caller is to fill.
    Empty,
}

/// Pushes the object that stands for a live one. The caller has to fill a new one only if `may_fill`.
#[inline]
unsafe fn push_object(state: State, fill: &mut Fill<'_>, id: u32, may_fill: bool) -> Pushed {
    let live = fill.live;
    let number = ffi::lua_Integer::from(id) + 1;
    // SAFETY: in a protected call; the stack has room for three values.
    unsafe {
        let partner = fill.replay.partners.get(id as usize).copied();
        if let Some(partner @ 1..) = partner {
            ffi::lua_rawgeti(state, ANCHORS, ffi::lua_Integer::from(partner));
            return Pushed::Object;
        }
        let object = live.object(id);
        let (Object::Table(Table { flags, .. }) | Object::Buffer(_, flags)) = object;
        let is_shared = flags & SHARED != 0;
        let is_function = flags & FUNCTION != 0;
        if is_shared || is_function {
            if ffi::lua_rawgeti(state, MADE, number) != ffi::LUA_TNIL {
                return Pushed::Object;
            }
            ffi::lua_settop(state, -2);
        }
        if is_function {
            if fill.gone.len() < LOST_MAX && !fill.gone.contains(&id) {
                fill.gone.push(id);
            }
            return Pushed::Nothing;
        }
        let mut is_filled = false;
        match object {
            Object::Buffer(bytes, _) => {
                if !stack::push_buffer(state, bytes) {
                    ffi::lua_pushnil(state);
                }
                is_filled = true;
            }
            Object::Table(table) => {
                let items = size(table.array.left() as usize);
                let entries = size(table.entries.left() as usize);
                ffi::lua_createtable(state, items, entries);
                if !matches!(table.meta, Val::Nil) {
                    // It may be its own metatable, at whatever distance.
                    ffi::lua_pushvalue(state, -1);
                    ffi::lua_rawseti(state, MADE, number);
                    if fill.is_in_meta {
                        fill.unmet.push(id);
                    } else {
                        let index = ffi::lua_gettop(state);
                        set_meta(state, fill, table.meta, index);
                    }
                }
            }
        }
        let is_later = !is_filled && (!may_fill || fill.frames.len() >= DEPTH_MAX);
        if is_shared || is_later {
            ffi::lua_pushvalue(state, -1);
            ffi::lua_rawseti(state, MADE, number);
        }
        if is_later {
            fill.waiting.push(id);
        }
        match is_filled || is_later {
            true => Pushed::Object,
            false => Pushed::Empty,
        }
    }
}

/// Gives the table at `index` the metatable that a live table has. What that has for a metatable in its turn
/// waits, if it has to be made: a mod can make chains of them of any length.
pub(super) unsafe fn set_meta(state: State, fill: &mut Fill<'_>, meta: Val<'_>, index: c_int) {
    // SAFETY: an absolute index of a table; what is pushed is nil, or checked to be a table.
    unsafe {
        fill.is_in_meta = true;
        let is_there = push(state, fill, meta);
        fill.is_in_meta = false;
        if !is_there {
            ffi::lua_pushnil(state);
        } else if !matches!(ffi::lua_type(state, -1), ffi::LUA_TNIL | ffi::LUA_TTABLE) {
            ffi::lua_settop(state, -2);
            ffi::lua_pushnil(state);
        }
        stack::set_metatable(state, index);
    }
}

/// Gives the live table `id`, which was made and filled, its metatable.
pub(super) unsafe fn give_meta(state: State, fill: &mut Fill<'_>, id: u32) {
    let Some(table) = fill.live.table(Val::Object(id)) else {
        return;
    };
    // SAFETY: in a protected call, anchors are in place, and the stack has room; what is pushed is popped.
    unsafe {
        ffi::lua_rawgeti(state, MADE, ffi::lua_Integer::from(id) + 1);
        let index = ffi::lua_gettop(state);
        stack::set_readonly(state, index, false);
        set_meta(state, fill, table.meta, index);
        stack::set_readonly(state, index, table.flags & READONLY != 0);
        ffi::lua_settop(state, -2);
    }
}

/// A number of things as the engine counts them. It refuses tables that large by itself.
pub(super) fn size(n: usize) -> c_int {
    c_int::try_from(n).unwrap_or(c_int::MAX)
}
