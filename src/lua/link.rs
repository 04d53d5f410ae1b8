//! [`Link`]: what a function that calls another mod knows of it. The other VM and its function are looked up once,
//! and again when anything may have changed that their names lead to.

use std::sync::{Arc, Weak};

use mlua::ffi::lua_State;
use parking_lot::Mutex;

use crate::mod_id::ModId;
use crate::value::Value;

use super::FunctionRef;
use super::across::Across;
use super::inner::{Home, Inner};
use super::raw::Scalars;
use super::vm::{Crossed, Vm};

/// What a function that calls another mod knows of it.
pub(super) struct Link {
    home: Home,
    pub(super) id: ModId,
    pub(super) function: String,
    /// Where the names led when they were looked up last.
    way: Mutex<Option<Way>>,
    /// What a call came to whose end can't be told on the stack; fetched at once.
    answer: Mutex<Option<Answer>>,
}

/// Results, or a message for the mod that called.
type Answer = Result<Vec<Value>, String>;

/// Where a call goes, in one epoch.
struct Way {
    epoch: u64,
    vm: Weak<Vm>,
    function: FunctionRef,
}

/// What came of a call over a link.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    /// So many results are on the stack of the mod that called.
    Moved(std::os::raw::c_int),
    /// It was made: [`Link::take_answer`] has what it came to.
    Answered,
    /// It was not made: something is out of the ordinary.
    NotMade,
}

impl Link {
    pub(super) fn new(home: Home, id: ModId, function: String) -> Link {
        Link {
            home,
            id,
            function,
            way: Mutex::default(),
            answer: Mutex::default(),
        }
    }

    /// Whether the mod that calls, on `state`, is over its time.
    #[inline]
    pub(super) fn is_stopped(&self, state: *mut lua_State) -> bool {
        let inner = self.home.get();
        inner.is_some_and(|inner| inner.interrupt.stops(state))
    }

    /// Makes the call with scalars, if nothing is out of the ordinary: both mods run, and none of them is being
    /// switched, read or stopped.
    #[inline]
    pub(super) fn cross(&self, arguments: Scalars) -> Outcome {
        let Some(inner) = self.home.get().filter(|inner| inner.is_running()) else {
            return Outcome::NotMade;
        };
        let across = inner.outside.across();
        let Some((vm, function)) = self.way(inner, across) else {
            return Outcome::NotMade;
        };
        if !vm.is_at_hand() {
            return Outcome::NotMade;
        }
        let Some(_entered) = across.enter() else {
            return Outcome::NotMade;
        };
        let answer = match vm.call_across(function, arguments, across.limit()) {
            Ok(Crossed::Moved(count)) => return Outcome::Moved(count),
            Ok(Crossed::Values(values)) => Ok(values),
            Err(fault) => Err(inner.outside.fault_across(&vm, &self.function, fault)),
        };
        *self.answer.lock() = Some(answer);
        Outcome::Answered
    }

    /// What the last call came to that was [`Outcome::Answered`].
    pub(super) fn take_answer(&self) -> Option<Answer> {
        self.answer.lock().take()
    }

    /// Whether both mods run, and the other one has the function.
    pub(super) fn is_there(&self) -> bool {
        let inner = self.home.get().filter(|inner| inner.is_running());
        inner.is_some_and(|inner| self.way(inner, inner.outside.across()).is_some())
    }

    #[inline]
    fn way(&self, inner: &Inner, across: &Across) -> Option<(Arc<Vm>, FunctionRef)> {
        // Before anything is looked up: what changes meanwhile makes another epoch.
        let epoch = across.epoch();
        let mut way = self.way.lock();
        match &*way {
            Some(way) if way.epoch == epoch => Some((way.vm.upgrade()?, way.function)),
            _ => self.look_up(&mut way, inner, epoch),
        }
    }

    #[cold]
    fn look_up(
        &self,
        way: &mut Option<Way>,
        inner: &Inner,
        epoch: u64,
    ) -> Option<(Arc<Vm>, FunctionRef)> {
        *way = None;
        let (vm, function) = inner
            .outside
            .way(inner.caller(), &self.id, &self.function)?;
        // One that calls itself is on the stack that its results are to be put on.
        if *vm.mod_id() == inner.mod_id {
            return None;
        }
        *way = Some(Way {
            epoch,
            vm: Arc::downgrade(&vm),
            function,
        });
        Some((vm, function))
    }
}
