//! Capture of functions: the variables of a file are slots of their own, other upvalues belong to the function.

use std::os::raw::c_int;

use mlua::ffi;

#[cfg(feature = "luau")]
use super::carry_box::HOLDER;
use super::carry_known::is_box;
#[cfg(feature = "luau")]
use super::carry_known::know;
use super::carry_out::{TABLE, Walk, put};
use super::carry_slots::{Binding, OwnUpvalue, slot};
use super::carry_stack::State;
use crate::lua::code::Variable;
use crate::state::{Entry, FUNCTION, Val};

/// Writes the function at [`TABLE`]: its place, and the variables of its own by name.
///
/// # Safety
/// In a protected call; a Lua function with this number is at `TABLE`, nothing is above it, and the stack
/// has room for three values.
pub(super) unsafe fn function(state: State, walk: &mut Walk<'_>, id: u32) {
    let Some(function) = walk.functions.remove(&id) else {
        return;
    };
    // SAFETY: as promised; for each variable its upvalue is pushed, and popped.
    unsafe {
        for (upvalue, variable) in (1..).zip(&function.variables) {
            if let Variable::Slot(name) = variable {
                bind(
                    state,
                    walk,
                    name,
                    Binding {
                        function: id,
                        upvalue,
                    },
                );
            }
        }
        let place = Val::Named(walk.builder.name(&function.place));
        let mut open = walk.builder.open(FUNCTION, place);
        walk.builder.array_end(&mut open);
        for (upvalue, variable) in (1..).zip(&function.variables) {
            let Variable::Own { name, assigned } = variable else {
                continue;
            };
            if let Some(variable) = assigned {
                let binding = Binding {
                    function: id,
                    upvalue,
                };
                walk.assigned
                    .entry(variable.clone())
                    .or_default()
                    .push((binding, name.clone()));
            }
            let own = OwnUpvalue {
                name: name.clone(),
                upvalue,
            };
            walk.bindings.own.entry(id).or_default().push(own);
            if push_upvalue(state, upvalue) && ffi::lua_type(state, TABLE + 1) != ffi::LUA_TNIL {
                let at = walk.builder.place();
                walk.builder.put(Val::Str(name.as_bytes()));
                let hole = put(state, walk, TABLE + 1, ffi::lua_type(state, TABLE + 1));
                open.entry();
                if hole.is_some() {
                    open.hole();
                    walk.note(hole, Some(id), Entry::At(at));
                }
            }
            ffi::lua_settop(state, TABLE);
        }
        walk.builder.close(open);
    }
}

/// Notes that an upvalue of the function at [`TABLE`] is the variable of a file; the first makes it a slot.
unsafe fn bind(state: State, walk: &mut Walk<'_>, name: &str, binding: Binding) {
    // SAFETY: as for `function`.
    unsafe {
        let number = match walk.slots.get(name) {
            Some(number) => *number,
            None => {
                if !push_upvalue(state, binding.upvalue) {
                    return;
                }
                #[cfg(feature = "luau")]
                if is_box(state, walk, TABLE + 1) {
                    // The variable is in the function behind it, which may be held by nothing else.
                    ffi::lua_rawgeti(state, TABLE + 1, HOLDER);
                    if ffi::lua_type(state, TABLE + 2) == ffi::LUA_TFUNCTION {
                        know(state, walk, TABLE + 2);
                    }
                    return ffi::lua_settop(state, TABLE);
                }
                let number = slot(state, walk, TABLE + 1, name, None);
                ffi::lua_settop(state, TABLE);
                walk.slots.insert(name.into(), number);
                number
            }
        };
        let is_boxed = push_upvalue(state, binding.upvalue) && is_box(state, walk, TABLE + 1);
        ffi::lua_settop(state, TABLE);
        if !is_boxed {
            walk.bindings.of_slots[number as usize].push(binding);
        }
    }
}

/// Pushes an upvalue of the function at [`TABLE`], if it has one of this number.
unsafe fn push_upvalue(state: State, upvalue: c_int) -> bool {
    // SAFETY: a function is at `TABLE`, and the stack has room for a value.
    unsafe { !ffi::lua_getupvalue(state, TABLE, upvalue).is_null() }
}
