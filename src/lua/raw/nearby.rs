//! [`Nearby`]: where in memory a call into a VM will look, so that it can be on its way before the call begins.
//!
//! A dispatch to a thousand VMs is bound by memory: of each VM some ten lines are touched, and hardly any of them
//! is still in the cache. Asking for those of the next VM while one runs hides most of that.

use std::sync::atomic::{AtomicUsize, Ordering};

#[cfg(feature = "luau")]
use mlua::ffi;

/// Bytes that come at once.
const LINE: usize = 64;

/// Where a call into a VM will look. These are hints: nothing is ever read through them, so one that does not hold any
/// more costs time and nothing else.
#[derive(Default)]
pub(in crate::lua) struct Nearby([AtomicUsize; 6]);

impl Nearby {
    /// Notes where calls on `runner` will look that find their function in its first slot.
    #[cfg(feature = "luau")]
    pub(super) fn note(&self, runner: *mut ffi::lua_State) {
        /// What a thread begins with: three bytes of any object and five flags, `top`, `base`, `global`, `ci`,
        /// `stack_last` and `stack`.
        const CALL_INFO: usize = 4;
        const STACK: usize = 6;
        /// What a function begins with: eight bytes of flags, `gclist`, `env`, and its code.
        const CODE: usize = 3;
        // SAFETY: the runner is idle. A thread and a function are larger than what is read of them, and made of
        // pointers there; what is read is taken for an address and not followed.
        let places = unsafe {
            let thread = runner.cast::<usize>().cast_const();
            let function = ffi::lua_topointer(runner, 1).cast::<usize>();
            let code = match function.is_null() || ffi::lua_iscfunction(runner, 1) != 0 {
                true => 0,
                false => function.add(CODE).read(),
            };
            [
                thread as usize,
                thread.add(CALL_INFO).read(),
                thread.add(STACK).read(),
                ffi::lua_callbacks(runner) as usize,
                function as usize,
                code,
            ]
        };
        for (noted, place) in self.0.iter().zip(places) {
            noted.store(place, Ordering::Relaxed);
        }
    }

    /// Has all that on its way.
    #[inline]
    pub(in crate::lua) fn fetch(&self) {
        let place = |index: usize| self.0[index].load(Ordering::Relaxed);
        if place(0) == 0 {
            return;
        }
        for index in 0..4 {
            fetch(place(index));
            fetch(place(index).wrapping_add(LINE));
        }
        fetch(place(4));
        fetch(place(5));
    }
}

/// Has the beginning of `record`, two lines, on its way.
#[inline]
pub(in crate::lua) fn fetch_record<T>(record: *const T) {
    fetch(record as usize);
    fetch((record as usize).wrapping_add(LINE));
}

/// Has a line on its way. The address need not be one.
#[inline]
#[cfg(target_arch = "x86_64")]
fn fetch(address: usize) {
    use std::arch::x86_64::{_MM_HINT_T0, _mm_prefetch};
    // SAFETY: a hint to the processor: it never faults, whatever the address, and has no effect that code can see.
    unsafe { _mm_prefetch::<_MM_HINT_T0>(address as *const i8) }
}

#[inline]
#[cfg(not(target_arch = "x86_64"))]
fn fetch(_: usize) {}

#[cfg(all(test, feature = "luau"))]
mod tests {
    use super::*;

    #[test]
    fn the_stack_and_the_function_lie_where_they_are_looked_for() {
        let lua = mlua::Lua::new();
        let function = lua.load("return 1").into_function().unwrap();
        let nearby = Nearby::default();
        let (mut value, mut address) = (0, 0);
        // SAFETY: `exec_raw` is protected; a new thread has room for two values, and a vector lies in its slot.
        unsafe {
            lua.exec_raw::<()>(function, |state| {
                let runner = ffi::lua_newthread(state);
                ffi::lua_insert(state, 1);
                ffi::lua_xmove(state, runner, 1);
                ffi::lua_pushvector(runner, 1.0, 2.0, 3.0);
                nearby.note(runner);
                value = ffi::lua_tovector(runner, 2) as usize;
                address = ffi::lua_topointer(runner, 1) as usize;
            })
            .unwrap();
        }
        let [_, _, stack, _, function, code] =
            nearby.0.each_ref().map(|it| it.load(Ordering::Relaxed));
        assert!((stack..stack + 2 * LINE).contains(&value));
        assert_eq!(function, address);
        assert!(code != 0 && code != function);
        nearby.fetch();
    }
}
