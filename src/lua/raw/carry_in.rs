//! Replay: fills the tables of a freshly loaded VM from an image, as the rule decided.

use std::os::raw::c_int;

use mlua::{Lua, MultiValue, Value, ffi};

use super::carry_fill::{
    ANCHORS, ATOMS, DEPTH_MAX, Fill, MADE, NAMES, push, push_named, push_text, run, set_meta, size,
};
use super::carry_stack::{self as stack, Cursor, State};
use crate::state::{Filled, Image, Object, READONLY, Take, Val};

/// Does what was decided to the tables of the new VM. Returns the values of the slots to assign, in order.
pub(in crate::lua) fn apply(
    lua: &Lua,
    fill: &mut Fill<'_>,
    anchors: &mlua::Table,
    names: Option<&mlua::Table>,
) -> mlua::Result<MultiValue> {
    fill.has_names = names.is_some();
    let names = names.map_or(Value::Nil, |names| Value::Table(names.clone()));
    let args = (anchors.clone(), names);
    // SAFETY: the arguments are where `fill_all` expects them, and the closure owns nothing.
    unsafe { lua.exec_raw(args, |state| fill_all(state, fill)) }
}

/// # Safety
/// In a protected call. Stack: anchors, names or nil. Leaves the values of the slots to assign.
unsafe fn fill_all(state: State, fill: &mut Fill<'_>) {
    let (live, replay) = (fill.live, fill.replay);
    // SAFETY: indices as above; room is made for the tables that are being filled, the slots, and
    // what one step pushes at most.
    unsafe {
        let room = DEPTH_MAX + replay.slots.len() + 20;
        if ffi::lua_checkstack(state, size(room)) == 0 {
            fill.is_out_of_memory = true;
            return ffi::lua_settop(state, 0);
        }
        ffi::lua_createtable(state, size(live.atoms().count()), 0);
        for (n, text) in (1..).zip(live.atoms()) {
            push_text(state, text);
            ffi::lua_rawseti(state, ATOMS, n);
        }
        ffi::lua_createtable(state, 0, 0);
        for &(from, to) in &replay.buffers {
            copy_buffer(state, live, from, to);
        }
        for filled in &replay.tables {
            in_place(state, fill, filled);
            ffi::lua_settop(state, MADE);
        }
        for (_, at) in &replay.slots {
            if !push(state, fill, live.at(*at).0) {
                ffi::lua_pushnil(state);
            }
        }
        while let Some(id) = fill.waiting.pop() {
            ffi::lua_rawgeti(state, MADE, ffi::lua_Integer::from(id) + 1);
            fill.begin(id, None);
            run(state, fill);
        }
        for _ in ANCHORS..=MADE {
            ffi::lua_remove(state, ANCHORS);
        }
    }
}

/// Gives a buffer of the new VM the bytes of a live one.
unsafe fn copy_buffer(state: State, live: &Image, from: u32, to: u32) {
    // SAFETY: anchors are in place; the length is compared before bytes are written.
    unsafe {
        ffi::lua_rawgeti(state, ANCHORS, ffi::lua_Integer::from(to) + 1);
        if let (Object::Buffer(bytes, _), Some((place, len))) =
            (live.object(from), stack::buffer(state, -1))
            && bytes.len() == len
        {
            std::ptr::copy_nonoverlapping(bytes.as_ptr(), place, len);
        }
        ffi::lua_settop(state, MADE);
    }
}

/// Fills a table of the new VM with live content, and leaves in it what is to stay.
unsafe fn in_place<'a>(state: State, fill: &mut Fill<'a>, filled: &'a Filled) {
    const KEPT: c_int = MADE + 1;
    const TABLE: c_int = MADE + 2;
    let live = fill.live.table(Val::Object(filled.live));
    let new = fill.new.table(Val::Object(filled.new));
    let (Some(live), Some(new)) = (live, new) else {
        return;
    };
    let items = match filled.array {
        Take::Live => 0,
        Take::New => new.array.left(),
    };
    // SAFETY: anchors are in place; a table of the mod is at `TABLE`, one of ours at `KEPT`.
    unsafe {
        ffi::lua_createtable(state, size(items as usize), 0);
        ffi::lua_rawgeti(state, ANCHORS, ffi::lua_Integer::from(filled.new) + 1);
        if ffi::lua_type(state, TABLE) != ffi::LUA_TTABLE {
            return;
        }
        stack::set_readonly(state, TABLE, false);
        copy_kept(state, fill, filled, items, TABLE, KEPT);
        clear(state, fill, TABLE);
        let has_meta = [live.meta, new.meta].map(|meta| !matches!(meta, Val::Nil));
        if filled.meta == Take::Live && has_meta != [false, false] {
            set_meta(state, fill, live.meta, TABLE);
        }
        ffi::lua_pushvalue(state, TABLE);
        fill.begin(filled.live, Some(filled));
        run(state, fill);
        copy_kept(state, fill, filled, items, KEPT, TABLE);
        stack::set_readonly(state, TABLE, live.flags & READONLY != 0);
    }
}

/// Copies the array and the entries that stay from one table to another.
unsafe fn copy_kept(
    state: State,
    fill: &mut Fill<'_>,
    filled: &Filled,
    items: u32,
    from: c_int,
    to: c_int,
) {
    // SAFETY: both are absolute indices of tables.
    unsafe {
        for n in 1..=ffi::lua_Integer::from(items) {
            ffi::lua_rawgeti(state, from, n);
            ffi::lua_rawseti(state, to, n);
        }
        for &at in &filled.keep {
            let key = fill.new.at(at).0;
            let is_there = match key {
                Val::Object(id) => {
                    ffi::lua_rawgeti(state, ANCHORS, ffi::lua_Integer::from(id) + 1);
                    true
                }
                Val::Atom(n) => {
                    push_text(state, fill.new.atom(n));
                    true
                }
                Val::Named(n) => push_named(state, fill, fill.new.name(n)),
                key => push(state, fill, key),
            };
            if is_there {
                ffi::lua_pushvalue(state, -1);
                ffi::lua_rawget(state, from);
                ffi::lua_rawset(state, to);
            }
        }
    }
}

/// Empties the table on top; what hangs on a key that no image can hold stays.
unsafe fn clear(state: State, fill: &Fill<'_>, table: c_int) {
    // SAFETY: the table is at this absolute index; no key is added during the walk.
    unsafe {
        let mut cursor = Cursor::new(state);
        loop {
            let found = cursor.next(state, table);
            if found == 0 {
                return;
            }
            for key in (0..found).map(|n| table + 1 + 2 * n) {
                if is_ours(state, fill, key) {
                    ffi::lua_pushvalue(state, key);
                    ffi::lua_pushnil(state);
                    ffi::lua_rawset(state, table);
                }
            }
            cursor.pop(state, table);
        }
    }
}

/// Whether an image can hold the key at `index`.
unsafe fn is_ours(state: State, fill: &Fill<'_>, index: c_int) -> bool {
    // SAFETY: an absolute index, and the stack has room for a value.
    unsafe {
        match ffi::lua_type(state, index) {
            ffi::LUA_TFUNCTION | ffi::LUA_TUSERDATA | ffi::LUA_TTHREAD => {
                fill.has_names && {
                    ffi::lua_pushvalue(state, index);
                    let is_named = ffi::lua_rawget(state, NAMES) != ffi::LUA_TNIL;
                    ffi::lua_settop(state, -2);
                    is_named
                }
            }
            _ => true,
        }
    }
}
