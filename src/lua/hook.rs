//! [`Interrupt`] for the flavours without Luau's interrupt: a count hook that asks a flag.
//!
//! Weaker than Luau's: an error is raised, which `pcall` catches (it is raised again and again), and
//! LuaJIT calls no hook in compiled loops. The docs say: for trusted mods.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use mlua::{HookTriggers, VmState};
use parking_lot::Mutex;

use super::fault::OWN_FILES;
use super::limits::Calls;
use super::tally::Tally;

/// Instructions between two looks at the flag.
const INSTRUCTIONS: u32 = 10_000;

/// How many frames are looked at for a place in the mod.
const LEVELS_MAX: usize = 20;

/// The interrupt of one VM.
pub(in crate::lua) struct Interrupt {
    calls: Arc<Calls>,
    /// The call that it is armed for; 0 if none.
    armed_for: AtomicU64,
    has_tripped: AtomicBool,
    /// How the calls into the VM went.
    pub(in crate::lua) tally: Tally,
    place: Mutex<Option<(String, u32)>>,
}

impl Interrupt {
    /// An interrupt of no VM yet, whose calls are among `calls`.
    pub(in crate::lua) fn new(calls: Arc<Calls>) -> Interrupt {
        Interrupt {
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
    /// Those of mlua's `set_global_hook`.
    pub(in crate::lua) fn install(self: &Arc<Self>, lua: &mlua::Lua) -> mlua::Result<()> {
        self.hook(lua, INSTRUCTIONS)
    }

    /// Asks the flag every so many instructions.
    fn hook(self: &Arc<Self>, lua: &mlua::Lua, instructions: u32) -> mlua::Result<()> {
        let interrupt = self.clone();
        let triggers = HookTriggers::new().every_nth_instruction(instructions);
        lua.set_global_hook(triggers, move |lua, _| interrupt.ask(lua))
    }

    fn ask(self: &Arc<Self>, lua: &mlua::Lua) -> mlua::Result<VmState> {
        let serial = self.armed_for.load(Ordering::Acquire);
        if serial == 0 {
            return Ok(VmState::Continue);
        }
        if !self.has_tripped() && !self.calls.is_running(serial) {
            self.disarm(); // armed for a call that has ended meanwhile
            return Ok(VmState::Continue);
        }
        if !self.has_tripped.swap(true, Ordering::AcqRel) {
            *self.place.lock() = place(lua);
        }
        // From now on at each instruction: a `pcall` that catches the error is left at the next one.
        self.hook(lua, 1)?;
        Err(mlua::Error::runtime("stopped: over its time limit"))
    }

    /// For functions in C that can be called again and again where no instruction is counted: whether the code that
    /// runs is over its time. It counts as stopped then, and an error must end it.
    pub(in crate::lua) fn stops(&self, _: *mut mlua::ffi::lua_State) -> bool {
        let serial = self.armed_for.load(Ordering::Acquire);
        let is_overrun = serial != 0 && (self.has_tripped() || self.calls.is_running(serial));
        if is_overrun {
            self.has_tripped.store(true, Ordering::Release);
        }
        is_overrun
    }

    /// Nothing to forget: the hook is freed with its VM.
    pub(in crate::lua) fn detach(&self) {}

    /// Has the VM's code stopped at the next look, if the call `serial` is still running there.
    pub(in crate::lua) fn arm(&self, serial: u64) {
        self.armed_for.store(serial, Ordering::Release);
    }

    /// Lets the VM's code run freely.
    pub(in crate::lua) fn disarm(&self) {
        self.armed_for.store(0, Ordering::Release);
    }

    /// Whether code of this VM was stopped.
    pub(in crate::lua) fn has_tripped(&self) -> bool {
        self.has_tripped.load(Ordering::Acquire)
    }

    /// Where code of this VM was stopped: chunk name and line.
    pub(in crate::lua) fn tripped_at(&self) -> Option<(String, u32)> {
        self.place.lock().clone()
    }
}

/// Where the innermost function of the mod stands: not one in C, nor one of ours.
fn place(lua: &mlua::Lua) -> Option<(String, u32)> {
    for level in 0..LEVELS_MAX {
        let place = lua.inspect_stack(level, |debug| {
            let source = debug.source().short_src?.into_owned();
            let line = u32::try_from(debug.current_line()?).ok()?;
            (!source.starts_with(OWN_FILES)).then_some((source, line))
        });
        match place {
            Some(None) => {}
            Some(found) => return found,
            None => return None,
        }
    }
    None
}
