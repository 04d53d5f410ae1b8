//! Calling functions of a VM: within a time limit, counted, and cleared up after.

use std::os::raw::c_int;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use crate::lua::FunctionRef;
use crate::lua::fault::{Fault, FaultKind};
use crate::lua::raw::{self, Callee, PINNED_MAX, RawVm, Scalars, Status};
use crate::value::{NoValue, Value};

use super::{NO_MEMORY_LIMIT, Vm, outcome};

type State = *mut mlua::ffi::lua_State;

/// What a call gave that came from another VM.
pub(in crate::lua) enum Crossed {
    /// So many results are on the stack of the VM that called.
    Moved(c_int),
    /// They are more than scalars.
    Values(Vec<Value>),
}

impl Vm {
    /// Calls `function` with `arguments`, within `limit`.
    ///
    /// # Errors
    /// How the call went wrong.
    pub fn call(
        &self,
        function: FunctionRef,
        arguments: &[Value],
        limit: Duration,
    ) -> Result<Vec<Value>, Fault> {
        self.call_callee(Callee { function, slot: 0 }, arguments, limit)
    }

    /// Calls the listener at `place` of the ledger, whose function is `function`. As [`Vm::call`], but
    /// faster for the first few after [`Vm::pin_listeners`].
    ///
    /// # Errors
    /// How the call went wrong.
    pub fn call_listener(
        &self,
        place: usize,
        function: FunctionRef,
        arguments: &[Value],
        limit: Duration,
    ) -> Result<Vec<Value>, Fault> {
        let slot = if place < PINNED_MAX {
            place as u8 + 1
        } else {
            0
        };
        self.call_callee(Callee { function, slot }, arguments, limit)
    }

    /// Frees the functions that nothing is registered with any more. To be called when no call is under way.
    pub fn free_let_go(&self) {
        let let_go = self.inner.ledger.lock().take_let_go();
        let_go.into_iter().for_each(|it| self.raw.release(it));
    }

    /// Lays the functions of the first listeners of the ledger ready. To be called when no call is under way.
    pub fn pin_listeners(&self) {
        if self.standing.is_lent() {
            return;
        }
        self.free_let_go();
        let ledger = self.inner.ledger.lock();
        let functions = ledger.listeners.iter().map(|listener| listener.function);
        self.raw.pin(functions, &self.nearby);
    }

    /// Has the record of a VM on its way from memory: it is called soon.
    #[inline]
    pub fn fetch(self: &Arc<Vm>) {
        raw::fetch_record(Arc::as_ptr(self));
    }

    /// Has what the next call of a listener touches on its way from memory, some time after [`Vm::fetch`].
    #[inline]
    pub fn fetch_stack(&self) {
        self.nearby.fetch();
    }

    /// Calls a function that is not kept.
    pub(super) fn call_once(
        &self,
        function: &mlua::Function,
        arguments: &[Value],
        limit: Duration,
    ) -> Result<Vec<Value>, Fault> {
        let kept = RawVm::keep(&self.lua, function).map_err(|_| self.out_of_memory())?;
        let result = self.call(kept, arguments, limit);
        self.raw.release(kept);
        result
    }

    /// Calls `function` with scalars of another VM, whose stack gets the results if they are scalars, too.
    ///
    /// # Errors
    /// How the call went wrong.
    pub(in crate::lua) fn call_across(
        &self,
        function: FunctionRef,
        arguments: Scalars,
        limit: Duration,
    ) -> Result<Crossed, Fault> {
        let read = |raw: &RawVm, state, count| match arguments.give_back(state, count) {
            Some(count) => Ok(Crossed::Moved(count)),
            None => raw::read_results(raw, state, count).map(Crossed::Values),
        };
        let push = |_: &RawVm, state| Ok(arguments.copy_to(state));
        self.call_counted(Callee { function, slot: 0 }, push, read, limit)
    }

    fn call_callee(
        &self,
        callee: Callee,
        arguments: &[Value],
        limit: Duration,
    ) -> Result<Vec<Value>, Fault> {
        let read = |raw: &RawVm, state, count| match count {
            0 => Ok(Vec::new()),
            _ => raw::read_results(raw, state, count),
        };
        let push = |raw: &RawVm, state| raw::push_arguments(raw, state, arguments);
        self.call_counted(callee, push, read, limit)
    }

    #[inline]
    fn call_counted<R>(
        &self,
        callee: Callee,
        push: impl Fn(&RawVm, State) -> Result<c_int, ()>,
        read: impl FnOnce(&RawVm, State, c_int) -> Result<R, NoValue>,
        limit: Duration,
    ) -> Result<R, Fault> {
        if self.pace.is_timed_now() {
            return self.call_timed(callee, push, read, limit);
        }
        self.call_within(callee, push, read, limit)
    }

    #[cold]
    fn call_timed<R>(
        &self,
        callee: Callee,
        push: impl Fn(&RawVm, State) -> Result<c_int, ()>,
        read: impl FnOnce(&RawVm, State, c_int) -> Result<R, NoValue>,
        limit: Duration,
    ) -> Result<R, Fault> {
        let tally = &self.interrupt.tally;
        tally.begin(&self.pace);
        let started = Instant::now();
        let result = self.call_within(callee, push, read, limit);
        tally.time(started.elapsed());
        result
    }

    fn call_within<R>(
        &self,
        callee: Callee,
        push: impl Fn(&RawVm, State) -> Result<c_int, ()>,
        read: impl FnOnce(&RawVm, State, c_int) -> Result<R, NoValue>,
        limit: Duration,
    ) -> Result<R, Fault> {
        let too_deep = || outcome::fault(FaultKind::TooDeep, "calls nested too deep");
        if !self.standing.may_run() {
            self.reclaim();
            if self.is_latched() {
                return Err(outcome::fault(FaultKind::Stopped, "stopped earlier"));
            }
        }
        let timed = self
            .watchdog
            .time(&self.interrupt, limit)
            .ok_or_else(too_deep)?;
        // A VM that no call was under way in and that may run was not stopped before.
        let is_inner = self.raw.is_running();
        let result = self.raw.call(callee, push, |state, status| {
            let may_be_stopped = is_inner || timed.is_any_stopped();
            // A mod may have caught the error that the watchdog raised: the time is over all the same.
            let result = match may_be_stopped && self.interrupt.has_tripped() {
                true => Err(self.over_time(limit)),
                false => self.finish(state, status, read),
            };
            if !matches!(status, Status::Returned(_)) {
                self.lift_memory_limit();
            }
            result
        });
        drop(timed);
        let result = result.unwrap_or_else(|| Err(too_deep()));
        if result.is_err() {
            self.after_failure();
        }
        result
    }

    /// Lets Lunation clear up after a call that failed, whatever the mod has taken.
    #[cold]
    fn lift_memory_limit(&self) {
        let limit = self.set_memory_limit(NO_MEMORY_LIMIT);
        self.lifted_limit
            .store(limit.unwrap_or(NO_MEMORY_LIMIT), Ordering::Relaxed);
    }

    #[cold]
    fn after_failure(&self) {
        self.interrupt.tally.fail();
        let limit = self.lifted_limit.swap(NO_MEMORY_LIMIT, Ordering::Relaxed);
        if limit != NO_MEMORY_LIMIT {
            let _ = self.set_memory_limit(limit);
        }
    }
}
