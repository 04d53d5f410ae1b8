//! [`Loan`]: a VM in the hands of another thread, which reads or fills it while the game goes on.
//!
//! A capture and a replay run no code of the mod, so they need not run where mods do. A call into a VM that
//! is lent waits until it is given back.

use std::ops::Deref;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use std::thread;
use std::time::Duration;

use super::Vm;

/// It was stopped for good.
const LATCHED: u8 = 1;
/// Another thread has it.
const LENT: u8 = 2;
/// Its events wait.
const PAUSED: u8 = 4;
/// Somebody called it although its events wait.
const TOUCHED: u8 = 8;

/// How long to wait before looking again whether a loan is over.
const LOOK_AGAIN: Duration = Duration::from_micros(50);

/// What may be done with a VM at the moment: one byte, since each call asks.
#[derive(Default)]
pub(super) struct Standing(AtomicU8);

impl Standing {
    fn has(&self, bits: u8) -> bool {
        self.0.load(Ordering::Acquire) & bits != 0
    }

    fn set(&self, bits: u8) {
        self.0.fetch_or(bits, Ordering::AcqRel);
    }

    fn clear(&self, bits: u8) -> bool {
        self.0.fetch_and(!bits, Ordering::AcqRel) & bits != 0
    }

    /// Whether code of the mod may run at once.
    #[inline]
    pub(super) fn may_run(&self) -> bool {
        !self.has(LATCHED | LENT)
    }

    /// Whether there is nothing to think of: it is not stopped, nobody else has it, its events do not wait.
    #[inline]
    pub(super) fn is_plain(&self) -> bool {
        self.0.load(Ordering::Acquire) == 0
    }

    pub(super) fn is_latched(&self) -> bool {
        self.has(LATCHED)
    }

    pub(super) fn latch(&self) {
        self.set(LATCHED);
    }

    pub(super) fn is_lent(&self) -> bool {
        self.has(LENT)
    }
}

/// A VM that another thread has until this is dropped.
pub(crate) struct Loan(Arc<Vm>);

impl Deref for Loan {
    type Target = Vm;

    fn deref(&self) -> &Vm {
        &self.0
    }
}

impl Drop for Loan {
    fn drop(&mut self) {
        self.0.standing.clear(LENT);
    }
}

impl Vm {
    /// Lends the VM to another thread. To be called by the thread that runs the mod, between two calls.
    pub(crate) fn lend(self: &Arc<Vm>) -> Loan {
        // The last chance to ask, see `Vm::memory_bytes`.
        self.memory_bytes();
        self.standing.set(LENT);
        Loan(self.clone())
    }

    /// As [`Vm::lend`], for a thread that captures: the host is asked first what the objects of the mod are called.
    pub(crate) fn lend_to_capture(self: &Arc<Vm>) -> Loan {
        self.ask_names();
        self.lend()
    }

    /// Whether another thread has the VM.
    pub(crate) fn is_lent(&self) -> bool {
        self.standing.is_lent()
    }

    /// Waits until no other thread has the VM: as long as a capture takes.
    pub(crate) fn reclaim(&self) {
        while self.standing.is_lent() {
            thread::park_timeout(LOOK_AGAIN);
        }
    }

    /// Lets the events of the mod wait: whoever delivers them asks [`Vm::is_paused`].
    pub(crate) fn pause(&self) {
        self.standing.clear(TOUCHED);
        self.standing.set(PAUSED);
    }

    /// Ends [`Vm::pause`]. Whether the mod was called meanwhile.
    pub(crate) fn resume(&self) -> bool {
        self.standing.clear(PAUSED);
        self.standing.clear(TOUCHED)
    }

    /// Whether its events wait.
    pub(crate) fn is_paused(&self) -> bool {
        self.standing.has(PAUSED)
    }

    /// Whether it can be called without a [`Vm::touch`], and runs what it is called with.
    #[inline]
    pub(in crate::lua) fn is_at_hand(&self) -> bool {
        self.standing.is_plain()
    }

    /// Makes a VM whose events wait ready for a call that can't wait, and remembers that there was one.
    pub(crate) fn touch(&self) {
        if self.is_paused() {
            self.reclaim();
            self.standing.set(TOUCHED);
        }
    }

    /// Whether it was called although its events wait: what was captured of it is not up to date then.
    pub(crate) fn was_touched(&self) -> bool {
        self.standing.has(TOUCHED)
    }
}
