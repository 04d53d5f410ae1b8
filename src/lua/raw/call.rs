//! [`RawVm`]: calling functions of a VM without mlua's cost, and running what may raise under protection.
//!
//! On Luau each call runs on a thread (coroutine) of its own kind, a *runner*, because only a thread can be
//! stopped by a yield that no `pcall` of the mod can catch. A runner is used again for the next call. On
//! the other flavours a call is a plain `lua_pcall`.

use std::cell::{Cell, RefCell};
use std::os::raw::{c_int, c_void};

use mlua::ffi;

use super::super::FunctionRef;
use super::collector::tune_collector;
use super::nearby::Nearby;

/// How a call ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::lua) enum Status {
    /// It returned; so many results are on the stack.
    Returned(c_int),
    /// It yielded to us: a stop by the interrupt, or a `coroutine.yield` outside of a coroutine. Other
    /// flavours raise an error there.
    #[cfg(feature = "luau")]
    Yielded,
    /// It raised an error, which is on top of the stack.
    Failed,
    /// Memory ran out.
    OutOfMemory,
    /// It never ran: there was no memory for its arguments.
    NoRoom,
}

/// The deepest nesting of calls into one VM: `A` calls `B` calls `A` …
pub(in crate::lua) const CALL_DEPTH_MAX: u32 = 16;

/// Functions that are laid ready, at most. With the arguments of a call (at most 8 without growing the
/// stack) they stay within the 20 slots that every stack has.
/// Other flavours run calls on the main state, whose stack is not ours to lay things on.
pub(in crate::lua) const PINNED_MAX: usize = if cfg!(feature = "luau") { 8 } else { 0 };

/// A function to call.
#[derive(Clone, Copy, Debug)]
pub(in crate::lua) struct Callee {
    pub(in crate::lua) function: FunctionRef,
    /// Where it lies ready, from 1; 0 if it does not.
    pub(in crate::lua) slot: u8,
}

/// The raw face of one VM. It must be dropped before the `mlua::Lua` that owns the state.
#[repr(C)]
pub(in crate::lua) struct RawVm {
    /// The thread that outermost calls run on; null before the first.
    runner: Cell<*mut ffi::lua_State>,
    main: *mut ffi::lua_State,
    depth: Cell<u32>,
    /// The C function behind [`RawVm::protected`], made once because making one may itself raise.
    trampoline: c_int,
    more: Box<More>,
}

/// What a call of the common kind does not need.
#[cfg_attr(feature = "luau", derive(Default))]
struct More {
    /// The threads that nested calls run on, by depth.
    nested: RefCell<Vec<*mut ffi::lua_State>>,
    /// The functions that lie at the bottom of the first runner's stack, from slot 1.
    pinned: RefCell<Vec<FunctionRef>>,
    /// Whether one of them was let go since: its number may stand for another one by now.
    is_pinned_stale: Cell<bool>,
    /// A thread that nothing runs on, for values on their way from the main state to the main state.
    #[cfg(not(feature = "luau"))]
    carrier: *mut ffi::lua_State,
}

// SAFETY: the pointers belong to a state that is owned by the same `Vm`; a `Vm` is entered only by the
// thread that holds the manager mutably, or from a callback inside such an entry, and moves with it. What
// does so while another thread has the VM (`Loan`) waits first; that thread uses mlua alone, which locks.
unsafe impl Send for RawVm {}
// SAFETY: as above: sharing a `Vm` is for finding it; entering it is serialised by the manager.
unsafe impl Sync for RawVm {}

impl More {
    #[cfg(feature = "luau")]
    fn new(_: &mlua::Lua) -> mlua::Result<More> {
        Ok(More::default())
    }

    #[cfg(not(feature = "luau"))]
    fn new(lua: &mlua::Lua) -> mlua::Result<More> {
        let mut carrier = std::ptr::null_mut();
        // SAFETY: `exec_raw` is protected; the new thread is anchored in the registry for the VM's life.
        unsafe {
            lua.exec_raw::<()>((), |state| {
                carrier = ffi::lua_newthread(state);
                ffi::luaL_ref(state, ffi::LUA_REGISTRYINDEX);
            })?;
        }
        Ok(More {
            nested: RefCell::default(),
            pinned: RefCell::default(),
            is_pinned_stale: Cell::default(),
            carrier,
        })
    }
}

type Work<'a> = &'a mut dyn FnMut(*mut ffi::lua_State) -> c_int;

impl RawVm {
    /// The raw face of `lua`.
    ///
    /// # Errors
    /// Out of memory.
    pub(in crate::lua) fn new(lua: &mlua::Lua) -> mlua::Result<RawVm> {
        let mut main = std::ptr::null_mut();
        let mut trampoline_ref = 0;
        // SAFETY: `exec_raw` runs the closure protected, with room on the stack; a reference is an integer.
        unsafe {
            lua.exec_raw::<()>((), |state| {
                main = state;
                tune_collector(state);
                ffi::lua_pushcfunction(state, trampoline);
                trampoline_ref = ffi::luaL_ref(state, ffi::LUA_REGISTRYINDEX);
            })?;
        }
        let more = Box::new(More::new(lua)?);
        Ok(RawVm {
            main,
            trampoline: trampoline_ref,
            depth: Cell::new(0),
            runner: Cell::new(std::ptr::null_mut()),
            more,
        })
    }

    /// Keeps `function` alive in the VM's registry.
    ///
    /// # Errors
    /// Out of memory.
    pub(in crate::lua) fn keep(
        lua: &mlua::Lua,
        function: &mlua::Function,
    ) -> mlua::Result<FunctionRef> {
        let mut id = 0;
        // SAFETY: `exec_raw` is protected; the function is the only value on the closure's stack.
        unsafe {
            lua.exec_raw::<()>(function, |state| {
                id = ffi::luaL_ref(state, ffi::LUA_REGISTRYINDEX)
            })?;
        }
        Ok(FunctionRef(id))
    }

    /// Whether a call is under way.
    #[inline]
    pub(in crate::lua) fn is_running(&self) -> bool {
        self.depth.get() != 0
    }

    /// Lets go of a kept function.
    pub(in crate::lua) fn release(&self, function: FunctionRef) {
        if self.more.pinned.borrow().contains(&function) {
            self.more.is_pinned_stale.set(true);
        }
        // SAFETY: unreferencing writes an existing slot of the registry: no allocation, no error.
        unsafe { ffi::luaL_unref(self.main, ffi::LUA_REGISTRYINDEX, function.0) }
    }

    /// Calls `function` with the arguments that `push` puts on the stack, then hands the ended call to
    /// `done`, which finds results or error on the stack of the state it is given. If the call did not return,
    /// its thread is reset after that: giving a deep stack back takes a little memory first, so `done` must see
    /// to it that no limit is in the way.
    ///
    /// `None` if the call is nested deeper than [`CALL_DEPTH_MAX`] or no memory is left for a runner.
    pub(in crate::lua) fn call<R>(
        &self,
        Callee { function, slot }: Callee,
        push: impl Fn(&RawVm, *mut ffi::lua_State) -> Result<c_int, ()>,
        done: impl FnOnce(*mut ffi::lua_State, Status) -> R,
    ) -> Option<R> {
        let depth = self.depth.get();
        if depth >= CALL_DEPTH_MAX {
            return None;
        }
        let runner = self.runner(depth)?;
        self.depth.set(depth + 1);
        // SAFETY: the runner is idle (its depth was free) and has LUA_MINSTACK free slots; reading the
        // registry and settling the stack do not allocate; the call itself is protected by its nature.
        let result = unsafe {
            let base = ffi::lua_gettop(runner);
            if slot != 0 && depth == 0 {
                ffi::lua_pushvalue(runner, slot.into());
            } else {
                ffi::lua_rawgeti(runner, ffi::LUA_REGISTRYINDEX, function.0.into());
            }
            let mut pushed = push(self, runner);
            if pushed.is_err() {
                // What is in the way may be garbage.
                ffi::lua_gc(self.main, ffi::LUA_GCCOLLECT, 0);
                pushed = push(self, runner);
            }
            let status = match pushed {
                Ok(arguments) => run(runner, base, arguments),
                Err(()) => Status::NoRoom,
            };
            let result = done(runner, status);
            if !settle(runner, base) && depth == 0 {
                self.push_pinned(runner);
            }
            result
        };
        self.depth.set(depth);
        Some(result)
    }

    /// A thread other than the main state that has the value on top of `state` on its own top.
    #[cfg(feature = "luau")]
    pub(in crate::lua) fn carry_over(&self, state: *mut ffi::lua_State) -> *mut ffi::lua_State {
        state // calls never run on the main state
    }

    #[cfg(not(feature = "luau"))]
    pub(in crate::lua) fn carry_over(&self, state: *mut ffi::lua_State) -> *mut ffi::lua_State {
        // SAFETY: both are threads of one VM, and the carrier's stack is empty; moving does not allocate.
        unsafe { ffi::lua_xmove(state, self.more.carrier, 1) };
        self.more.carrier
    }

    /// Runs `work` where it may raise, on `state` or, if that is null, on the main state; the top
    /// `arguments` values are moved to it, and what it returns is left on the stack. `Err` if it raised.
    pub(in crate::lua) fn protected(
        &self,
        state: *mut ffi::lua_State,
        arguments: c_int,
        mut work: impl FnMut(*mut ffi::lua_State) -> c_int,
    ) -> Result<(), ()> {
        let state = if state.is_null() { self.main } else { state };
        let mut work: Work = &mut work;
        // SAFETY: pushing a light userdata and a registry slot does not allocate; three slots are within
        // LUA_MINSTACK; `work` outlives the call; the error value is popped.
        unsafe {
            ffi::lua_rawgeti(state, ffi::LUA_REGISTRYINDEX, self.trampoline.into());
            ffi::lua_insert(state, -1 - arguments);
            ffi::lua_pushlightuserdata(state, (&raw mut work).cast::<c_void>());
            if ffi::lua_pcall(state, arguments + 1, ffi::LUA_MULTRET, 0) == ffi::LUA_OK {
                Ok(())
            } else {
                ffi::lua_pop(state, 1);
                Err(())
            }
        }
    }

    /// Lays functions ready at the bottom of the stack that outermost calls run on, as many as fit: calling
    /// one of them then touches less memory. They replace what was ready before.
    #[cfg(feature = "luau")]
    pub(in crate::lua) fn pin(
        &self,
        functions: impl Iterator<Item = FunctionRef> + Clone,
        nearby: &Nearby,
    ) {
        let functions = functions.take(PINNED_MAX);
        let mut pinned = self.more.pinned.borrow_mut();
        let is_stale = self.more.is_pinned_stale.replace(false);
        if !is_stale && pinned.iter().copied().eq(functions.clone()) {
            return;
        }
        pinned.clear();
        let Some(runner) = self.runner(0).filter(|_| self.depth.get() == 0) else {
            return;
        };
        pinned.extend(functions);
        drop(pinned);
        // SAFETY: the runner is idle.
        unsafe { ffi::lua_settop(runner, 0) };
        self.push_pinned(runner);
        nearby.note(runner);
    }

    #[cfg(not(feature = "luau"))]
    pub(in crate::lua) fn pin(&self, _: impl Iterator<Item = FunctionRef>, _: &Nearby) {}

    fn push_pinned(&self, runner: *mut ffi::lua_State) {
        for function in &*self.more.pinned.borrow() {
            // SAFETY: the runner is idle and empty but for pinned functions, of which there are so few that
            // they fit besides the arguments of a call; reading the registry does not allocate.
            unsafe {
                ffi::lua_rawgeti(runner, ffi::LUA_REGISTRYINDEX, function.0.into());
            }
        }
    }

    #[cfg(feature = "luau")]
    fn runner(&self, depth: u32) -> Option<*mut ffi::lua_State> {
        let runner = self.runner.get();
        if depth == 0 && !runner.is_null() {
            return Some(runner);
        }
        self.another_runner(depth)
    }

    #[cfg(feature = "luau")]
    #[cold]
    fn another_runner(&self, depth: u32) -> Option<*mut ffi::lua_State> {
        if let Some(runner) = depth
            .checked_sub(1)
            .and_then(|n| self.more.nested.borrow().get(n as usize).copied())
        {
            return Some(runner);
        }
        let mut runner = std::ptr::null_mut();
        let anchored = self.protected(std::ptr::null_mut(), 0, |state| {
            // SAFETY: runs protected; the new thread is anchored in the registry for the VM's life.
            unsafe {
                runner = ffi::lua_newthread(state);
                ffi::luaL_ref(state, ffi::LUA_REGISTRYINDEX);
            }
            0
        });
        anchored.ok()?;
        match depth {
            0 => self.runner.set(runner),
            _ => self.more.nested.borrow_mut().push(runner),
        }
        Some(runner)
    }

    #[cfg(not(feature = "luau"))]
    fn runner(&self, _depth: u32) -> Option<*mut ffi::lua_State> {
        debug_assert!(self.runner.get().is_null() && self.more.nested.borrow().is_empty());
        Some(self.main)
    }
}

/// The C function that [`RawVm::protected`] calls: its last argument is the work.
unsafe extern "C-unwind" fn trampoline(state: *mut ffi::lua_State) -> c_int {
    // SAFETY: only `protected` calls this, with a pointer to a `Work` that outlives the call.
    unsafe {
        let work = ffi::lua_touserdata(state, -1).cast::<Work>();
        ffi::lua_pop(state, 1);
        (*work)(state)
    }
}

/// Calls the function below the top `arguments` values of `runner`.
#[cfg(feature = "luau")]
unsafe fn run(runner: *mut ffi::lua_State, base: c_int, arguments: c_int) -> Status {
    // SAFETY: the runner is idle and holds function and arguments; a resume never raises into us.
    unsafe {
        match ffi::lua_resume_(runner, std::ptr::null_mut(), arguments) {
            ffi::LUA_OK => Status::Returned(ffi::lua_gettop(runner) - base),
            ffi::LUA_YIELD | ffi::LUA_BREAK => Status::Yielded,
            ffi::LUA_ERRMEM => Status::OutOfMemory,
            _ => Status::Failed,
        }
    }
}

#[cfg(not(feature = "luau"))]
unsafe fn run(runner: *mut ffi::lua_State, base: c_int, arguments: c_int) -> Status {
    // SAFETY: function and arguments are on the stack; a protected call never raises into us.
    unsafe {
        match ffi::lua_pcall(runner, arguments, ffi::LUA_MULTRET, 0) {
            ffi::LUA_OK => Status::Returned(ffi::lua_gettop(runner) - base),
            ffi::LUA_ERRMEM => Status::OutOfMemory,
            _ => Status::Failed,
        }
    }
}

/// Makes `runner` idle again. Whether its stack below `base` is still there.
#[cfg(feature = "luau")]
unsafe fn settle(runner: *mut ffi::lua_State, base: c_int) -> bool {
    // SAFETY: the call has ended; a thread that yielded or failed is reset, which clears its stack. That takes
    // memory if the stack was deep, and would raise if there were none: `RawVm::call` has its caller see to that.
    unsafe {
        let is_whole = ffi::lua_status(runner) == ffi::LUA_OK;
        if is_whole {
            ffi::lua_settop(runner, base);
        } else {
            ffi::lua_resetthread(runner);
        }
        is_whole
    }
}

#[cfg(not(feature = "luau"))]
unsafe fn settle(runner: *mut ffi::lua_State, base: c_int) -> bool {
    // SAFETY: lowering the stack to an earlier top.
    unsafe { ffi::lua_settop(runner, base) }
    true
}
