//! [`Interrupt`]: stopping Luau code from another thread, at no cost until it is needed.

use std::ffi::CStr;
use std::os::raw::{c_int, c_void};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicPtr, AtomicU64, Ordering};

use mlua::ffi;
use parking_lot::Mutex;

use crate::lua::fault::OWN_FILES;
use crate::lua::limits::Calls;
use crate::lua::tally::Tally;

type Stop = unsafe extern "C-unwind" fn(*mut ffi::lua_State, c_int);

/// The longest chunk name that Luau tells, in bytes.
const SOURCE_BYTES_MAX: usize = 256;

/// How many frames are looked at for a place in the mod.
const LEVELS_MAX: c_int = 20;

/// The interrupt of one VM. While it is armed, the VM's code is stopped at its next safepoint: by a yield,
/// which no `pcall` can catch, or where the engine can't yield, by an error.
///
/// It must stay at one address from [`Interrupt::install`] until the VM is gone, and the VM must be told
/// of its end with [`Interrupt::detach`] before it is freed.
pub(in crate::lua) struct Interrupt {
    /// The engine's interrupt pointer; null when the VM is gone.
    slot: Mutex<Slot>,
    calls: Arc<Calls>,
    /// The call that it is armed for.
    armed_for: AtomicU64,
    has_tripped: AtomicBool,
    /// How the calls into the VM went. It is here since the watchdog knows interrupts.
    pub(in crate::lua) tally: Tally,
    place: Mutex<Option<([u8; SOURCE_BYTES_MAX], u32)>>,
}

/// Where the engine keeps its interrupt pointer.
struct Slot(*const AtomicPtr<()>);

// SAFETY: the pointer is followed only under the lock around it, and is null once the VM is gone; what it
// points to is an atomic.
unsafe impl Send for Slot {}

impl Interrupt {
    /// An interrupt of no VM yet, whose calls are among `calls`.
    pub(in crate::lua) fn new(calls: Arc<Calls>) -> Interrupt {
        Interrupt {
            slot: Mutex::new(Slot(std::ptr::null())),
            calls,
            armed_for: AtomicU64::new(0),
            has_tripped: AtomicBool::new(false),
            tally: Tally::default(),
            place: Mutex::new(None),
        }
    }

    /// Makes this the interrupt of `lua`.
    ///
    /// # Errors
    /// Those of mlua's `exec_raw`.
    pub(in crate::lua) fn install(self: &Arc<Self>, lua: &mlua::Lua) -> mlua::Result<()> {
        // SAFETY: the callbacks structure lives as long as the VM; the `Vm` keeps this `Arc` while code of
        // the VM can run, so the pointer in the registry stays good.
        unsafe {
            lua.exec_raw::<()>((), |state| {
                ffi::lua_pushlightuserdata(state, Arc::as_ptr(self).cast_mut().cast());
                ffi::lua_rawsetp(state, ffi::LUA_REGISTRYINDEX, key());
                let callbacks = ffi::lua_callbacks(state);
                let interrupt: *mut Option<Stop> = &raw mut (*callbacks).interrupt;
                *self.slot.lock() = Slot(interrupt.cast());
            })
        }
    }

    /// Forgets the VM, which is about to be freed.
    pub(in crate::lua) fn detach(&self) {
        *self.slot.lock() = Slot(std::ptr::null());
    }

    /// Has the VM's code stopped at its next safepoint, if the call `serial` is still running there. Any
    /// thread may call this.
    pub(in crate::lua) fn arm(&self, serial: u64) {
        self.armed_for.store(serial, Ordering::Release);
        self.write(stop as Stop as *mut ());
    }

    /// Whether code of this VM was stopped.
    pub(in crate::lua) fn has_tripped(&self) -> bool {
        self.has_tripped.load(Ordering::Acquire)
    }

    /// Where code of this VM was stopped: chunk name and line.
    pub(in crate::lua) fn tripped_at(&self) -> Option<(String, u32)> {
        let (source, line) = (*self.place.lock())?;
        let source = CStr::from_bytes_until_nul(&source).ok()?;
        Some((source.to_string_lossy().into_owned(), line))
    }

    /// Takes the interrupt away again: nothing is called at safepoints.
    pub(in crate::lua) fn disarm(&self) {
        self.write(std::ptr::null_mut());
    }

    fn write(&self, interrupt: *mut ()) {
        let slot = self.slot.lock();
        if !slot.0.is_null() {
            // SAFETY: the slot points at the engine's interrupt pointer until `detach` nulls it under this
            // lock; the engine documents that this one field may be written from any thread.
            unsafe { (*slot.0).store(interrupt, Ordering::Release) }
        }
    }

    fn is_overrun(&self) -> bool {
        let serial = self.armed_for.load(Ordering::Acquire);
        serial != 0 && (self.has_tripped() || self.calls.is_running(serial))
    }

    /// For functions in C that can be called again and again where the engine does not ask: whether the code that
    /// runs on `state` is over its time. It counts as stopped then, and an error must end it.
    #[inline]
    pub(in crate::lua) fn stops(&self, state: *mut ffi::lua_State) -> bool {
        let is_overrun = self.is_overrun();
        if is_overrun && !self.has_tripped.swap(true, Ordering::AcqRel) {
            // SAFETY: a thread of the VM that this is the interrupt of, in a function that it called.
            unsafe { note_place(state, self) }
        }
        is_overrun
    }
}

/// The key of the interrupt in the VM's registry: an address that nobody else has.
fn key() -> *const c_void {
    static KEY: u8 = 0;
    (&raw const KEY).cast()
}

/// What the engine calls at each safepoint while the interrupt is armed.
unsafe extern "C-unwind" fn stop(state: *mut ffi::lua_State, gc: c_int) {
    if gc >= 0 {
        return; // no error may pass through the collector
    }
    // SAFETY: `install` put the pointer there, and the `Arc` outlives the running code. The one slot that is
    // pushed lies within the reserve that the engine keeps above every frame. No value with `Drop` is alive
    // when `lua_yield` or `luaL_error` leaves this frame.
    unsafe {
        ffi::lua_rawgetp(state, ffi::LUA_REGISTRYINDEX, key());
        let interrupt = ffi::lua_touserdata(state, -1).cast::<Interrupt>();
        ffi::lua_pop(state, 1);
        if !(*interrupt).is_overrun() {
            (*interrupt).disarm(); // armed for a call that has ended meanwhile
            return;
        }
        if !(*interrupt).has_tripped.swap(true, Ordering::AcqRel) {
            note_place(state, &*interrupt);
        }
        if ffi::lua_isyieldable(state) != 0 {
            ffi::lua_yield(state, 0);
        } else {
            ffi::luaL_error(state, c"stopped: over its time limit".as_ptr());
        }
    }
}

/// Remembers where the innermost function of the mod stands: not one in C, nor one of ours.
unsafe fn note_place(state: *mut ffi::lua_State, interrupt: &Interrupt) {
    // SAFETY: an all-zero `lua_Debug` is valid (pointers and integers); `getinfo` fills it or answers 0,
    // and `short_src` points to a C string that lives as long as the function on the stack.
    unsafe {
        for level in 0..LEVELS_MAX {
            let mut debug: ffi::lua_Debug = std::mem::zeroed();
            if ffi::lua_getinfo(state, level, c"sl".as_ptr(), &raw mut debug) == 0
                || debug.short_src.is_null()
            {
                return;
            }
            let text = CStr::from_ptr(debug.short_src).to_bytes();
            let line = u32::try_from(debug.currentline).unwrap_or(0);
            if line == 0 || text.starts_with(OWN_FILES.as_bytes()) {
                continue;
            }
            let mut source = [0_u8; SOURCE_BYTES_MAX];
            for (to, from) in source.iter_mut().zip(text).take(SOURCE_BYTES_MAX - 1) {
                *to = *from;
            }
            *interrupt.place.lock() = Some((source, line));
            return;
        }
    }
}
