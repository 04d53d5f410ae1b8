//! Running code of mods: events, timers, and what becomes of their errors.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Instant;

use crate::lua::{Due, Fault, Vm};
use crate::mod_id::ModId;
use crate::problem::{Problem, count_in};
use crate::reload::Verdict;
use crate::value::Value;

use super::ModManager;
use super::handlers::Entry;
use super::words::Dispatched;

/// Events of mods that are delivered at once; the rest waits for the next dispatch.
const DELIVERIES_MAX: usize = 10_000;

/// Who is to hear an event.
#[derive(Clone, Copy)]
pub(super) enum To<'a> {
    /// Used for events of the host.
    All,
    /// Used for events of a mod: all but that mod.
    Others(&'a ModId),
    /// Used for events that have waited: the mods that they have waited for, but the one that they are from.
    Late(&'a BTreeSet<ModId>, Option<&'a ModId>),
}

impl To<'_> {
    fn includes(self, mod_id: &ModId) -> bool {
        match self {
            To::All => true,
            To::Others(from) => from != mod_id,
            To::Late(mods, from) => mods.contains(mod_id) && from != Some(mod_id),
        }
    }
}

/// While the first of these runs, has the memory on its way that the next ones touch: calls into many VMs are bound by
/// that.
#[inline]
fn fetch_ahead(entries: &[Entry]) {
    let [this, next, rest @ ..] = entries else {
        return;
    };
    if Arc::ptr_eq(&this.vm, &next.vm) {
        return;
    }
    next.vm.fetch_stack();
    if let Some(after) = rest.first() {
        after.vm.fetch();
    }
}

impl ModManager {
    /// Gives `event` to every handler, then whatever the handlers emitted.
    pub(super) fn run_event(&mut self, event: &str, payload: &Value) -> Dispatched {
        self.activity += 1;
        let mut dispatched = self.deliver(event, payload, To::All);
        self.deliver_emitted_into(&mut dispatched.errors);
        self.count_dispatch();
        dispatched
    }

    pub(super) fn deliver(&mut self, event: &str, payload: &Value, to: To<'_>) -> Dispatched {
        let mut dispatched = Dispatched::default();
        self.let_wait(event, payload, to);
        let Some(entries) = self.handlers_of(event) else {
            return dispatched;
        };
        let limit = self.hub.handler_time();
        let _busy = self.engine.busy();
        for (place, entry) in entries.iter().enumerate() {
            fetch_ahead(&entries[place..]);
            if !to.includes(entry.vm.mod_id()) || entry.vm.is_latched() || entry.vm.is_paused() {
                continue;
            }
            // A handler before this one may have taken it off.
            if self.hub.is_dirty() && !entry.is_registered() {
                continue;
            }
            dispatched.handlers += 1;
            let arguments = std::slice::from_ref(payload);
            let called = entry
                .vm
                .call_listener(entry.place, entry.function, arguments, limit);
            let what = format_args!("in a handler of `{event}`");
            self.take_outcome(&mut dispatched, &entry.vm, called, what);
        }
        self.hear_faults_of_calls();
        dispatched
    }

    /// Adds how one call ended to what came of them all.
    fn take_outcome(
        &mut self,
        dispatched: &mut Dispatched,
        vm: &Arc<Vm>,
        called: Result<Vec<Value>, Fault>,
        what: std::fmt::Arguments<'_>,
    ) {
        match called {
            Ok(results) if results.is_empty() => {}
            Ok(results) => dispatched
                .results
                .extend(results.into_iter().filter(|value| !value.is_nil())),
            Err(fault) => {
                let problem = self.take_fault(vm, &fault, &what.to_string());
                count_in(&mut dispatched.errors, problem, self.problems_max());
            }
        }
    }

    /// How many different problems are kept of one mod.
    pub(super) fn problems_max(&self) -> usize {
        self.reading.settings.limits.problems
    }

    /// Delivers what mods emitted, oldest first, and what is emitted meanwhile, within reason.
    pub(super) fn deliver_emitted(&mut self) {
        self.deliver_emitted_into(&mut Vec::new());
    }

    /// As [`ModManager::deliver_emitted`]; what went wrong comes into `errors`.
    fn deliver_emitted_into(&mut self, errors: &mut Vec<Problem>) {
        if !self.hub.has_events() {
            return;
        }
        // Mods that answer each other for ever get as long as one handler may run; then the game goes on.
        let (started, limit) = (Instant::now(), self.hub.handler_time());
        for _ in 0..DELIVERIES_MAX {
            if started.elapsed() > limit {
                break;
            }
            let Some(emitted) = self.hub.next_event() else {
                break;
            };
            let dispatched =
                self.deliver(&emitted.event, &emitted.payload, To::Others(&emitted.from));
            for problem in dispatched.errors {
                count_in(errors, problem, self.problems_max());
            }
            if let Some(hook) = &mut self.hooks.on_emit {
                hook(&emitted.from, &emitted.event, &emitted.payload);
            }
        }
    }

    /// Runs the handlers that one VM has for an event.
    pub(super) fn run_handlers_of(
        &mut self,
        vm: &Arc<Vm>,
        event: &str,
        payload: &Value,
    ) -> Vec<Problem> {
        let limit = self.hub.handler_time();
        let what = format!("in a handler of `{event}`");
        let mut problems = Vec::new();
        let listeners = vm.ledger().listening_to(event);
        for (handle, function) in listeners {
            // A handler before this one may have taken it off, or broken a limit.
            if vm.is_latched() || !vm.ledger().has_listener(handle) {
                continue;
            }
            if let Err(fault) = vm.call(function, std::slice::from_ref(payload), limit) {
                let problem = fault.problem(vm.mod_id(), &what);
                count_in(&mut problems, problem, self.problems_max());
            }
        }
        problems
    }

    /// Moves the clock on, one tick after the other, and runs the timers that are due.
    pub(super) fn run_timers(&mut self, ticks: u64) -> Dispatched {
        self.activity += 1;
        let mut dispatched = Dispatched::default();
        let end = self.hub.current_tick().saturating_add(ticks);
        loop {
            if self.hub.is_dirty() {
                self.refresh_handlers();
            }
            let Some(due) = self.handlers.next_timer.filter(|due| *due <= end) else {
                break;
            };
            // Those of a mod that was paused are overdue.
            let now = due.max(self.hub.current_tick());
            self.hub.set_tick(now);
            dispatched.add(self.run_due_timers(now));
            self.handlers.next_timer = self.next_timer();
        }
        self.hub.set_tick(end);
        self.deliver_emitted_into(&mut dispatched.errors);
        dispatched
    }

    fn run_due_timers(&mut self, now: u64) -> Dispatched {
        let mut dispatched = Dispatched::default();
        let mut ordered: Vec<(usize, Arc<Vm>)> = self
            .running
            .values()
            .filter(|running| !running.vm.is_paused())
            .map(|running| (running.position, running.vm.clone()))
            .collect();
        ordered.sort_by_key(|(position, _)| *position);
        for (_, vm) in ordered {
            let names: Vec<Arc<str>> = {
                let ledger = vm.ledger();
                let due = ledger.timers.iter().filter(|(_, timer)| timer.due <= now);
                due.map(|(name, _)| name.clone()).collect()
            };
            for name in names {
                // A timer before this one may have ended or stopped it.
                let due = vm.ledger().take_due(&name, now);
                if let Some(due) = due.filter(|_| !vm.is_latched()) {
                    dispatched.handlers += 1;
                    self.run_due(&mut dispatched, &vm, &name, due);
                }
            }
            vm.free_let_go();
        }
        self.hear_faults_of_calls();
        dispatched
    }

    fn run_due(&mut self, dispatched: &mut Dispatched, vm: &Arc<Vm>, name: &str, due: Due) {
        let called = vm.call(due.function, &[], self.hub.handler_time());
        if !due.is_task {
            return self.take_outcome(
                dispatched,
                vm,
                called,
                format_args!("in the timer `{name}`"),
            );
        }
        let called = called.map(|results| {
            if let Some(Value::Boolean(true)) = results.first() {
                vm.end_task(name, due.function);
            }
            Vec::new()
        });
        self.take_outcome(dispatched, vm, called, format_args!("in the task `{name}`"));
    }

    fn count_dispatch(&mut self) {
        if self.on_probation.is_empty() {
            return;
        }
        let running = &mut self.running;
        self.on_probation.retain(|mod_id| {
            let running = running.get_mut(mod_id);
            running
                .is_some_and(|running| matches!(running.probation.dispatch(), Verdict::OnProbation))
        });
    }
}
