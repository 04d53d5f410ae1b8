//! Which functions share a variable of their own: found by putting marks into upvalues, and taking them out.
//!
//! No flavour but Lua 5.4 tells. Nothing in here allocates once the marks are out, so nothing can fail
//! before they are in again; and nothing of the mod runs in between.

use std::os::raw::c_int;

use mlua::{Lua, Table, ffi};

use super::carry_slots::Binding;
use super::carry_stack::State;

/// Where things are on the stack: the functions by number plus one, and the values of marked upvalues.
const ANCHORS: c_int = 1;
const VALUES: c_int = 2;

/// For each of `upvalues`, the number of its variable: equal numbers are one variable.
///
/// # Errors
/// Out of memory; then nothing was touched.
pub(in crate::lua) fn variables(
    lua: &Lua,
    anchors: &Table,
    upvalues: &[Binding],
) -> mlua::Result<Vec<u32>> {
    let marks = vec![0_u8; upvalues.len()];
    let mut numbers = vec![u32::MAX; upvalues.len()];
    let values = lua.create_table_with_capacity(upvalues.len(), 0)?;
    let (marks, found) = (&marks[..], &mut numbers[..]);
    // SAFETY: the arguments are where `mark` expects them, the closure owns nothing, and the table has room
    // for all values.
    unsafe {
        lua.exec_raw::<()>((anchors, values), |state| {
            let owners = mark(state, upvalues, marks, found);
            unmark(state, upvalues, owners, found);
            ffi::lua_settop(state, 0);
        })?;
    }
    Ok(numbers)
}

/// Puts a mark of its own into each variable; how many there are.
unsafe fn mark(state: State, upvalues: &[Binding], marks: &[u8], numbers: &mut [u32]) -> u32 {
    let mut count = 0;
    for (upvalue, number) in upvalues.iter().zip(numbers) {
        // SAFETY: two values fit; anchors are functions; the address of a mark is never followed.
        unsafe {
            ffi::lua_rawgeti(state, ANCHORS, ffi::lua_Integer::from(upvalue.function) + 1);
            if !ffi::lua_getupvalue(state, -1, upvalue.upvalue).is_null() {
                match marked(state, marks) {
                    Some(known) => *number = known,
                    None => {
                        *number = count;
                        ffi::lua_rawseti(state, VALUES, ffi::lua_Integer::from(count) + 1);
                        let mark = marks.as_ptr().add(count as usize).cast_mut();
                        ffi::lua_pushlightuserdata(state, mark.cast());
                        ffi::lua_setupvalue(state, -2, upvalue.upvalue);
                        count += 1;
                    }
                }
            }
            ffi::lua_settop(state, VALUES);
        }
    }
    count
}

/// The number of the mark on top, if it is one.
unsafe fn marked(state: State, marks: &[u8]) -> Option<u32> {
    // SAFETY: a value is on top.
    unsafe {
        if ffi::lua_type(state, -1) != ffi::LUA_TLIGHTUSERDATA {
            return None;
        }
        let address = ffi::lua_touserdata(state, -1) as usize;
        let number = address.checked_sub(marks.as_ptr() as usize)?;
        (number < marks.len()).then_some(number as u32)
    }
}

/// Puts the values back.
unsafe fn unmark(state: State, upvalues: &[Binding], count: u32, numbers: &[u32]) {
    let mut next = 0;
    for (upvalue, number) in upvalues.iter().zip(numbers) {
        if *number != next || next == count {
            continue;
        }
        // SAFETY: as for `mark`; this is the upvalue that got the mark with this number.
        unsafe {
            ffi::lua_rawgeti(state, ANCHORS, ffi::lua_Integer::from(upvalue.function) + 1);
            ffi::lua_rawgeti(state, VALUES, ffi::lua_Integer::from(next) + 1);
            ffi::lua_setupvalue(state, -2, upvalue.upvalue);
            ffi::lua_settop(state, VALUES);
        }
        next += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use mlua::Function;

    #[test]
    fn functions_that_share_a_variable_are_found_and_nothing_is_changed() {
        let lua = Lua::new();
        let make = "local function make(n)
                return function() n = n + 1 return n end, function() n = n - 1 return n end
            end
            local a, b = make(1) local c, d = make(1)
            return { a, c, b, d }";
        let anchors: Table = lua.load(make).eval().unwrap();
        let upvalues: Vec<Binding> = (0..4)
            .map(|function| Binding {
                function,
                upvalue: 1,
            })
            .collect();
        for _ in 0..2 {
            assert_eq!(variables(&lua, &anchors, &upvalues).unwrap(), [0, 1, 0, 1]);
        }
        let call = |n: i64| anchors.get::<Function>(n).unwrap().call::<i64>(()).unwrap();
        assert_eq!([call(1), call(1), call(2), call(3)], [2, 3, 2, 2]);
    }
}
