//! Replay: fills the tables of a freshly loaded VM from an image, as the rule decided.

use std::os::raw::c_int;

use mlua::{Lua, MultiValue, Value, ffi};

use super::carry_fill::{
    ANCHORS, ATOMS, DEPTH_MAX, FREE, Fill, MADE, give_meta, push, push_named, push_text, run,
    set_meta, size,
};
use super::carry_slots::{Binding, Remade};
use super::carry_stack::{self as stack, State};
use crate::lua::code::Variable;
use crate::state::{FUNCTION, Filled, Image, Object, READONLY, Table, Take, Val};

/// Does what was decided to the tables and functions of the new VM. Returns the values of the slots to
/// assign, in order; those that are variables of files are assigned already.
pub(in crate::lua) fn apply(
    lua: &Lua,
    fill: &mut Fill<'_>,
    anchors: &mlua::Table,
    names: Option<&mlua::Table>,
) -> mlua::Result<MultiValue> {
    fill.has_names = names.is_some();
    let names = names.map_or(Value::Nil, |names| Value::Table(names.clone()));
    let made = lua.create_table()?;
    for remade in fill.remade {
        made.raw_set(i64::from(remade.live) + 1, &remade.function)?;
    }
    let args = (anchors.clone(), names, made);
    // SAFETY: the arguments are where `fill_all` expects them, and the closure owns nothing.
    unsafe { lua.exec_raw(args, |state| fill_all(state, fill)) }
}

/// # Safety
/// In a protected call. Stack: anchors, names or nil, what is made already. Leaves the values of the slots
/// to assign.
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
        for &(from, to) in &replay.buffers {
            copy_buffer(state, live, from, to);
        }
        for filled in &replay.tables {
            in_place(state, fill, filled);
            ffi::lua_settop(state, ATOMS);
        }
        for (name, number) in &replay.slots {
            if !push(state, fill, live.slot_value(*number)) {
                ffi::lua_pushnil(state);
            }
            for binding in fill.bindings(name) {
                assign(state, *binding);
            }
        }
        for remade in fill.remade {
            bind_remade(state, fill, remade);
        }
        loop {
            if let Some(id) = fill.waiting.pop() {
                ffi::lua_rawgeti(state, MADE, ffi::lua_Integer::from(id) + 1);
                fill.begin(id, None);
                run(state, fill);
            } else if let Some(id) = fill.unmet.pop() {
                give_meta(state, fill, id);
            } else {
                break;
            }
        }
        for _ in ANCHORS..=ATOMS {
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
        ffi::lua_settop(state, ATOMS);
    }
}

/// Gives an upvalue of a function of the new VM the value on top, and leaves that there.
unsafe fn assign(state: State, binding: Binding) {
    // SAFETY: anchors are in place, and the stack has room for two values; the function has this upvalue,
    // or nothing happens.
    unsafe {
        ffi::lua_rawgeti(state, ANCHORS, ffi::lua_Integer::from(binding.function) + 1);
        ffi::lua_pushvalue(state, -2);
        if ffi::lua_setupvalue(state, -2, binding.upvalue).is_null() {
            ffi::lua_settop(state, -2);
        }
        ffi::lua_settop(state, -2);
    }
}

/// Gives a function of the new VM the variables of its own that the live one has.
unsafe fn bind<'a>(state: State, fill: &mut Fill<'a>, filled: &'a Filled, live: &Table<'a>) {
    for own in fill.own_upvalues(filled.new) {
        let is_called = |image: &Image, key| match key {
            Val::Str(name) => name == own.name.as_bytes(),
            Val::Atom(n) => image.atom(n) == own.name.as_bytes(),
            _ => false,
        };
        let stays = filled.keep.iter();
        if stays
            .into_iter()
            .any(|at| is_called(fill.new, fill.new.at(*at).0))
        {
            continue;
        }
        let mut entries = live.entries.clone();
        let value = entries.find(|(at, key, _)| {
            filled.skip.binary_search(at).is_err() && is_called(fill.live, *key)
        });
        // SAFETY: in a protected call with the stack as for `in_place`; what is pushed is popped.
        unsafe {
            let value = value.map_or(Val::Nil, |(_, _, value)| value);
            if push(state, fill, value) {
                assign(
                    state,
                    Binding {
                        function: filled.new,
                        upvalue: own.upvalue,
                    },
                );
                ffi::lua_settop(state, -2);
            }
        }
    }
}

/// Gives the upvalues of a function that was made again their values: the variables of its own from the live
/// image, those of files from the functions of the new VM, or from the live image if none of these has them.
unsafe fn bind_remade(state: State, fill: &mut Fill<'_>, remade: &Remade) {
    let Some(table) = fill.live.table(Val::Object(remade.live)) else {
        return;
    };
    for (upvalue, variable) in &remade.upvalues {
        // SAFETY: in a protected call, anchors are in place; what is pushed is popped.
        unsafe {
            let top = ffi::lua_gettop(state);
            ffi::lua_rawgeti(state, MADE, ffi::lua_Integer::from(remade.live) + 1);
            let is_there = match variable {
                Variable::Own { name, .. } => {
                    let value = entry(fill.live, &table, name);
                    push(state, fill, value)
                }
                Variable::Slot(name) => match fill.bindings(name).first() {
                    Some(binding) => {
                        let function = ffi::lua_Integer::from(binding.function) + 1;
                        ffi::lua_rawgeti(state, ANCHORS, function);
                        !ffi::lua_getupvalue(state, -1, binding.upvalue).is_null()
                    }
                    None => {
                        let value = fill.live.slot(name).unwrap_or(Val::Nil);
                        push(state, fill, value)
                    }
                },
                Variable::Engine => false,
            };
            if is_there && ffi::lua_setupvalue(state, top + 1, *upvalue).is_null() {
                ffi::lua_settop(state, -2);
            }
            ffi::lua_settop(state, top);
        }
    }
}

/// The entry of a live function or table under a name.
fn entry<'a>(image: &'a Image, table: &Table<'a>, name: &str) -> Val<'a> {
    let mut entries = table.entries.clone();
    let found = entries.find(|(_, key, _)| match key {
        Val::Str(text) => *text == name.as_bytes(),
        Val::Atom(n) => image.atom(*n) == name.as_bytes(),
        _ => false,
    });
    found.map_or(Val::Nil, |(_, _, value)| value)
}

/// Fills a table of the new VM with live content, and leaves in it what is to stay.
unsafe fn in_place<'a>(state: State, fill: &mut Fill<'a>, filled: &'a Filled) {
    const KEPT: c_int = FREE;
    const TABLE: c_int = FREE + 1;
    let live = fill.live.table(Val::Object(filled.live));
    let new = fill.new.table(Val::Object(filled.new));
    let (Some(live), Some(new)) = (live, new) else {
        return;
    };
    if live.flags & FUNCTION != 0 {
        // SAFETY: as promised by the caller.
        return unsafe { bind(state, fill, filled, &live) };
    }
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
        clear(state, fill, &new, TABLE);
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
            if push_new_key(state, fill, fill.new.at(at).0) {
                ffi::lua_pushvalue(state, -1);
                ffi::lua_rawget(state, from);
                ffi::lua_rawset(state, to);
            }
        }
    }
}

/// Empties a table of the new VM; what hangs on a key that no image can hold stays.
unsafe fn clear(state: State, fill: &mut Fill<'_>, new: &Table<'_>, table: c_int) {
    // SAFETY: the table is at this absolute index, and the stack has room for two values.
    unsafe {
        for n in 1..=ffi::lua_Integer::from(new.array.left()) {
            ffi::lua_pushnil(state);
            ffi::lua_rawseti(state, table, n);
        }
        for (_, key, _) in new.entries.clone() {
            if push_new_key(state, fill, key) {
                ffi::lua_pushnil(state);
                ffi::lua_rawset(state, table);
            }
        }
    }
}

/// Pushes a key of the new image; `false`, and nothing is pushed, if it can't be had.
unsafe fn push_new_key(state: State, fill: &mut Fill<'_>, key: Val<'_>) -> bool {
    // SAFETY: in a protected call; the stack has room for a value.
    unsafe {
        match key {
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
        }
    }
}
