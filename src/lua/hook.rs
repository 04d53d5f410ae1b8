//! [`Interrupt`] for the flavours without Luau's interrupt: a count hook that asks a flag.
//!
//! Weaker than Luau's: an error is raised, which `pcall` catches (it is raised again and again), and
//! LuaJIT calls no hook in compiled loops. The docs say: for trusted mods.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use mlua::{HookTriggers, VmState};
use parking_lot::Mutex;

use super::limits::Deadline;

/// Instructions between two looks at the flag.
const INSTRUCTIONS: u32 = 10_000;

/// The interrupt of one VM.
pub(in crate::lua) struct Interrupt {
    deadline: Deadline,
    is_armed: AtomicBool,
    has_tripped: AtomicBool,
    place: Mutex<Option<(String, u32)>>,
}

impl Interrupt {
    /// An interrupt of no VM yet, whose calls end by `deadline`.
    pub(in crate::lua) fn new(deadline: Deadline) -> Interrupt {
        Interrupt {
            deadline,
            is_armed: AtomicBool::new(false),
            has_tripped: AtomicBool::new(false),
            place: Mutex::new(None),
        }
    }

    /// Makes this the interrupt of `lua`.
    ///
    /// # Errors
    /// Those of mlua's `set_global_hook`.
    pub(in crate::lua) fn install(self: &Arc<Self>, lua: &mlua::Lua) -> mlua::Result<()> {
        let interrupt = self.clone();
        lua.set_global_hook(
            HookTriggers::new().every_nth_instruction(INSTRUCTIONS),
            move |_, debug| {
                if !interrupt.is_armed.load(Ordering::Acquire) {
                    return Ok(VmState::Continue);
                }
                if !interrupt.has_tripped() && !interrupt.deadline.has_passed() {
                    interrupt.disarm(); // armed for a call that has ended meanwhile
                    return Ok(VmState::Continue);
                }
                if !interrupt.has_tripped.swap(true, Ordering::AcqRel) {
                    let source = debug.source().short_src.map(|source| source.into_owned());
                    let line = debug
                        .current_line()
                        .and_then(|line| u32::try_from(line).ok());
                    *interrupt.place.lock() = source.zip(line);
                }
                Err(mlua::Error::runtime("stopped: over its time limit"))
            },
        )
    }

    /// Nothing to forget: the hook is freed with its VM.
    pub(in crate::lua) fn detach(&self) {}

    /// When the running call must have ended.
    pub(in crate::lua) fn deadline(&self) -> &Deadline {
        &self.deadline
    }

    /// Has the VM's code stopped at the next look.
    pub(in crate::lua) fn arm(&self) {
        self.is_armed.store(true, Ordering::Release);
    }

    /// Lets the VM's code run freely.
    pub(in crate::lua) fn disarm(&self) {
        self.is_armed.store(false, Ordering::Release);
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
