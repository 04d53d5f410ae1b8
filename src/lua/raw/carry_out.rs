//! Capture: walks the tables of a VM, each once, and writes what it finds into an image.
//!
//! Only raw access, so nothing of the mod runs; no recursion, so depth costs nothing: a table that is
//! met gets a number and waits in the anchor table until its turn comes.

use std::os::raw::c_int;

use mlua::{Lua, MultiValue, Table, Value, ffi};
use rustc_hash::FxHashMap;

use super::carry_function::function;
use super::carry_known::{Hole, Known, know, meta};
use super::carry_slots::{Binding, Bindings, Root, slot};
use super::carry_stack::{self as stack, Cursor, State};
use crate::lua::code::{Chunk, Code, Function};
use crate::state::{Builder, Entry, IMAGE_BYTES_MAX, Open, READONLY, Spot, Val};

/// What a capture has found so far. Lives outside of the protected call, since an error of the engine
/// leaves that without dropping anything.
pub(in crate::lua) struct Walk<'a> {
    pub(in crate::lua) builder: Builder,
    /// What is known of the source of the functions that are met.
    pub(super) code: &'a Code,
    /// The chunks that functions were met of, by their names; none where the source is not at hand.
    pub(super) chunks: FxHashMap<String, Option<Chunk<'a>>>,
    /// The functions that were met, by their numbers.
    pub(super) functions: FxHashMap<u32, Function>,
    /// The numbers of slots that were found through functions.
    pub(super) slots: FxHashMap<Box<str>, u32>,
    pub(in crate::lua) bindings: Bindings,
    /// Variables of functions that are ever assigned, by their place: the upvalues, and their name.
    pub(in crate::lua) assigned: FxHashMap<Box<str>, Vec<(Binding, Box<str>)>>,
    /// By address: what was met before.
    pub(super) known: FxHashMap<usize, Known>,
    pub(in crate::lua) bytes_max: usize,
    pub(in crate::lua) entries_max: u64,
    /// Whether one of the limits was reached; the image is then not complete.
    pub(in crate::lua) is_too_large: bool,
    /// Whether there was not even room for the stack.
    pub(in crate::lua) is_out_of_memory: bool,
    /// The first of the places that can't cross.
    pub(in crate::lua) holes: Vec<(Spot, Hole)>,
    /// The kinds of host objects among them.
    pub(in crate::lua) kinds: Vec<Box<str>>,
    /// How many there are.
    pub(in crate::lua) hole_count: u64,
    pub(super) has_names: bool,
}

/// How many places that can't cross are told.
const HOLES_MAX: usize = 100;

/// Where things are on the stack.
pub(super) const ANCHORS: c_int = 1;
pub(super) const NAMES: c_int = 2;
const ROOTS: c_int = 3;
/// The table or function that is being written. What is read from it is above it.
pub(super) const TABLE: c_int = 3;
/// How many values are read at a time.
const BATCH: usize = 16;

impl<'a> Walk<'a> {
    pub(in crate::lua) fn new(
        code: &'a Code,
        state_version: u32,
        bytes_max: usize,
        entries_max: u64,
    ) -> Walk<'a> {
        Walk {
            builder: Builder::new(state_version),
            code,
            chunks: FxHashMap::default(),
            functions: FxHashMap::default(),
            slots: FxHashMap::default(),
            bindings: Bindings::default(),
            assigned: FxHashMap::default(),
            known: FxHashMap::default(),
            bytes_max: bytes_max.min(IMAGE_BYTES_MAX),
            entries_max,
            is_too_large: false,
            is_out_of_memory: false,
            holes: Vec::new(),
            kinds: Vec::new(),
            hole_count: 0,
            has_names: false,
        }
    }
}

/// Captures `roots`. `anchors` is an empty table: it gets every object under its number plus one. `names`
/// has the name of each value that is known by name.
pub(in crate::lua) fn capture(
    lua: &Lua,
    walk: &mut Walk<'_>,
    anchors: &Table,
    names: Option<&Table>,
    roots: &[Root],
) -> mlua::Result<()> {
    walk.has_names = names.is_some();
    let mut args = MultiValue::with_capacity(roots.len() + 2);
    args.push_back(Value::Table(anchors.clone()));
    args.push_back(names.map_or(Value::Nil, |names| Value::Table(names.clone())));
    args.extend(roots.iter().map(|root| root.value.clone()));
    // SAFETY: the arguments are where `walk_roots` expects them, and the closure owns nothing.
    unsafe { lua.exec_raw(args, |state| walk_roots(state, walk, roots)) }
}

/// How much room a table has for values of its array, and for other entries, roughly.
pub(in crate::lua) fn room(lua: &Lua, table: &Table) -> mlua::Result<(usize, usize)> {
    let mut room = (0, 0);
    let found = &mut room;
    // SAFETY: the table is the only value on the stack, and the closure owns nothing.
    unsafe {
        lua.exec_raw::<()>(table, |state| {
            *found = stack::room(state);
            ffi::lua_settop(state, 0);
        })?;
    }
    Ok(room)
}

/// The addresses of what `table` has under 1 to `count`, each with its key.
pub(in crate::lua) fn addresses(
    lua: &Lua,
    table: &Table,
    count: u32,
    found: &mut FxHashMap<usize, u32>,
) -> mlua::Result<()> {
    // SAFETY: the table is the only value on the stack, and one more has room. Nothing in here raises an
    // error, and the closure owns nothing.
    unsafe {
        lua.exec_raw(table, |state| {
            for key in 1..=count {
                ffi::lua_rawgeti(state, 1, ffi::lua_Integer::from(key));
                let address = ffi::lua_topointer(state, 2) as usize;
                if address != 0 {
                    found.insert(address, key);
                }
                ffi::lua_settop(state, 1);
            }
            ffi::lua_settop(state, 0);
        })
    }
}

/// # Safety
/// In a protected call. Stack: anchors, names or nil, a value for each root.
unsafe fn walk_roots(state: State, walk: &mut Walk<'_>, roots: &[Root]) {
    // SAFETY: indices as above; room for what `table` pushes at most is made here.
    unsafe {
        if ffi::lua_checkstack(state, 2 * BATCH as c_int + 10) == 0 {
            walk.is_out_of_memory = true;
            return ffi::lua_settop(state, 0);
        }
        for (index, root) in (ROOTS..).zip(roots) {
            match &root.name {
                Some(name) => {
                    let number = slot(state, walk, index, name, root.label.as_deref());
                    walk.slots.insert(name.clone(), number);
                }
                None => {
                    know(state, walk, index);
                }
            }
        }
        ffi::lua_settop(state, NAMES);
        while let Some(id) = walk.builder.next() {
            if walk.is_too_large {
                break;
            }
            ffi::lua_rawgeti(state, ANCHORS, ffi::lua_Integer::from(id) + 1);
            match stack::buffer(state, TABLE) {
                Some((bytes, len)) => {
                    let bytes = match len {
                        0 => &[],
                        _ => std::slice::from_raw_parts(bytes, len),
                    };
                    if walk.has_room(len) {
                        walk.builder.buffer(bytes);
                    }
                }
                None if ffi::lua_type(state, TABLE) == ffi::LUA_TFUNCTION => {
                    function(state, walk, id);
                }
                None => table(state, walk, id),
            }
            ffi::lua_settop(state, NAMES);
        }
    }
}

/// Writes the table at [`TABLE`]: the values of the keys 1 to n, then all other entries.
unsafe fn table(state: State, walk: &mut Walk<'_>, id: u32) {
    // SAFETY: as for `walk_slots`, with a table at `TABLE`.
    unsafe {
        let flags = match stack::is_readonly(state, TABLE) {
            true => READONLY,
            false => 0,
        };
        let meta = meta(state, walk, TABLE);
        let mut open = walk.builder.open(flags, meta);
        items(state, walk, id, &mut open);
        walk.builder.array_end(&mut open);
        entries(state, walk, id, &mut open);
        walk.builder.close(open);
    }
}

/// Writes the values of the keys 1 to n.
unsafe fn items(state: State, walk: &mut Walk<'_>, id: u32, open: &mut Open) {
    // SAFETY: as for `table`, and the stack has room for a batch.
    unsafe {
        loop {
            let mut n = ffi::lua_Integer::from(open.items());
            let mut types = [ffi::LUA_TNIL; BATCH];
            for lua_type in &mut types {
                n += 1;
                *lua_type = ffi::lua_rawgeti(state, TABLE, n);
                if *lua_type == ffi::LUA_TNIL {
                    break;
                }
            }
            for (index, lua_type) in (TABLE + 1..).zip(types) {
                if lua_type == ffi::LUA_TNIL {
                    return ffi::lua_settop(state, TABLE);
                }
                let hole = put(state, walk, index, lua_type);
                open.item();
                if hole.is_some() {
                    open.hole();
                    walk.note(hole, Some(id), Entry::Item(open.items()));
                }
            }
            ffi::lua_settop(state, TABLE);
            if walk.is_full(open) {
                return;
            }
        }
    }
}

/// Writes all entries but those of the keys 1 to n.
unsafe fn entries(state: State, walk: &mut Walk<'_>, id: u32, open: &mut Open) {
    // SAFETY: as for `table`, and the stack has room for a batch.
    unsafe {
        let mut cursor = Cursor::after_items(state, TABLE, open.items());
        loop {
            let found = cursor.next(state, TABLE);
            for index in (0..found).map(|n| TABLE + 1 + 2 * n) {
                let key_type = ffi::lua_type(state, index);
                if key_type != ffi::LUA_TNUMBER || !is_item(state, index, open.items()) {
                    entry(state, walk, id, open, index, key_type);
                }
            }
            if found == 0 || walk.is_full(open) {
                return ffi::lua_settop(state, TABLE);
            }
            cursor.pop(state, TABLE);
        }
    }
}

/// Whether the number at `index` is one of the keys 1 to n.
unsafe fn is_item(state: State, index: c_int, items: u32) -> bool {
    // SAFETY: a number, as promised.
    unsafe {
        let n = ffi::lua_tonumberx(state, index, std::ptr::null_mut());
        n >= 1.0 && n <= f64::from(items) && n.fract() == 0.0
    }
}

/// Writes the key at `index`, which is of `key_type`, and the value above it.
#[inline]
unsafe fn entry(
    state: State,
    walk: &mut Walk<'_>,
    id: u32,
    open: &mut Open,
    index: c_int,
    key_type: c_int,
) {
    // SAFETY: a key and a value are there, and the stack has room for two more.
    unsafe {
        let at = walk.builder.place();
        if !put_plain(state, walk, index, key_type) {
            match know(state, walk, index) {
                Known::Opaque(hole) => {
                    return walk.note(Some(hole), Some(id), Entry::Strange(hole.what.what()));
                }
                Known::Object(key) => {
                    open.object_key();
                    walk.builder.put(Val::Object(key));
                }
                Known::Named(key) => walk.builder.put(Val::Named(key)),
            }
        }
        let hole = put(state, walk, index + 1, ffi::lua_type(state, index + 1));
        open.entry();
        if hole.is_some() {
            open.hole();
            walk.note(hole, Some(id), Entry::At(at));
        }
    }
}

/// Writes the value at `index`, which is of `lua_type`; tells if it can't cross.
#[inline]
pub(super) unsafe fn put(
    state: State,
    walk: &mut Walk<'_>,
    index: c_int,
    lua_type: c_int,
) -> Option<Hole> {
    // SAFETY: a valid index, and the stack has room for two values.
    unsafe {
        if put_plain(state, walk, index, lua_type) {
            return None;
        }
        match know(state, walk, index) {
            Known::Object(id) => walk.builder.put(Val::Object(id)),
            Known::Named(name) => walk.builder.put(Val::Named(name)),
            Known::Opaque(hole) => {
                walk.builder.put(Val::Opaque(hole.what));
                return Some(hole);
            }
        }
        None
    }
}

/// Writes the value at `index` if it has no identity: a string or a scalar.
#[inline]
unsafe fn put_plain(state: State, walk: &mut Walk<'_>, index: c_int, lua_type: c_int) -> bool {
    // SAFETY: a valid index of a value of this type.
    unsafe {
        match lua_type {
            ffi::LUA_TNUMBER => walk.builder.put(stack::number(state, index)),
            ffi::LUA_TSTRING => {
                let mut len = 0;
                let text = ffi::lua_tolstring(state, index, &mut len).cast::<u8>();
                if walk.has_room(len) {
                    let bytes = std::slice::from_raw_parts(text, len);
                    walk.builder.put_text(text as usize, bytes);
                }
            }
            ffi::LUA_TTABLE => return false,
            lua_type => match stack::scalar(state, index, lua_type) {
                Some(value) => walk.builder.put(value),
                None => return false,
            },
        }
        true
    }
}

impl Walk<'_> {
    /// By number of an object that was met: what `by_address` has for it, or 0.
    pub(in crate::lua) fn numbers_of(&self, by_address: &FxHashMap<usize, u32>) -> Vec<u32> {
        let mut numbers = Vec::new();
        for (address, number) in by_address {
            if let Some(Known::Object(id)) = self.known.get(address) {
                let id = *id as usize;
                numbers.resize(numbers.len().max(id + 1), 0);
                numbers[id] = *number;
            }
        }
        numbers
    }

    /// Notes a value that can't cross.
    pub(super) fn note(&mut self, hole: Option<Hole>, table: Option<u32>, entry: Entry) {
        let Some(what) = hole else { return };
        self.hole_count += 1;
        if self.holes.len() < HOLES_MAX {
            self.holes.push((Spot { table, entry }, what));
        }
    }

    /// Whether the image may grow by `len` bytes; if not, the capture ends.
    pub(super) fn has_room(&mut self, len: usize) -> bool {
        let has_room = len <= self.bytes_max.saturating_sub(self.builder.bytes());
        self.is_too_large |= !has_room;
        has_room
    }

    /// Whether the image has reached a limit.
    #[inline]
    fn is_full(&mut self, open: &Open) -> bool {
        self.is_too_large |= self.builder.bytes() > self.bytes_max
            || self.builder.entries() + open.len() > self.entries_max;
        self.is_too_large
    }
}
