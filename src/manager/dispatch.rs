//! Running code of mods: events, timers, and what becomes of their errors.

use std::collections::BTreeMap;
use std::sync::Arc;

use rustc_hash::FxHashMap;

use crate::change::Kind;
use crate::lua::{Fault, FunctionRef, Vm};
use crate::mod_id::ModId;
use crate::problem::Problem;
use crate::reload::{Cause, ModEvent, Verdict};
use crate::value::Value;

use super::ModManager;
use super::running::Running;
use super::words::Dispatched;

/// Events of mods that are delivered at once; the rest waits for the next dispatch.
const DELIVERIES_MAX: usize = 10_000;

/// One handler, ready to be called.
#[derive(Clone)]
pub(super) struct Entry {
    vm: Arc<Vm>,
    function: FunctionRef,
    handle: u64,
    /// Its place in the ledger.
    place: usize,
}

/// Who hears which event, in the order in which they do; and when the next timer is due.
#[derive(Default)]
pub(super) struct Handlers {
    by_event: FxHashMap<Arc<str>, Arc<[Entry]>>,
    next_timer: Option<u64>,
}

impl ModManager {
    /// Rebuilds the table of handlers from the ledgers of the running mods.
    pub(super) fn refresh_handlers(&mut self) {
        self.hub.take_dirty();
        let mut ordered: Vec<&Running> = self.running.values().collect();
        ordered.sort_by_key(|running| running.position);
        let mut by_event: BTreeMap<Arc<str>, Vec<(i32, Entry)>> = BTreeMap::new();
        let mut next_timer = None;
        for running in ordered {
            running.vm.pin_listeners();
            let ledger = running.vm.ledger();
            for (place, listener) in ledger.listeners.iter().enumerate() {
                let entry = Entry {
                    vm: running.vm.clone(),
                    function: listener.function,
                    handle: listener.handle,
                    place,
                };
                by_event
                    .entry(listener.event.clone())
                    .or_default()
                    .push((listener.priority, entry));
            }
            let due = ledger.timers.values().map(|timer| timer.due).min();
            next_timer = next_timer.into_iter().chain(due).min();
        }
        let sorted = by_event.into_iter().map(|(event, mut entries)| {
            entries.sort_by_key(|(priority, _)| std::cmp::Reverse(*priority));
            (event, entries.into_iter().map(|(_, entry)| entry).collect())
        });
        self.handlers = Handlers {
            by_event: sorted.collect(),
            next_timer,
        };
    }

    fn handlers_of(&mut self, event: &str) -> Option<Arc<[Entry]>> {
        if self.hub.is_dirty() {
            self.refresh_handlers();
        }
        self.handlers.by_event.get(event).cloned()
    }

    /// Gives `event` to every handler, then whatever the handlers emitted.
    pub(super) fn run_event(&mut self, event: &str, payload: &Value) -> Dispatched {
        let mut dispatched = self.deliver(event, payload, None);
        dispatched.errors.extend(self.deliver_emitted());
        self.count_dispatch();
        dispatched
    }

    fn deliver(&mut self, event: &str, payload: &Value, except: Option<&ModId>) -> Dispatched {
        let mut dispatched = Dispatched::default();
        let Some(entries) = self.handlers_of(event) else {
            return dispatched;
        };
        let limit = self.hub.handler_time();
        let _busy = self.engine.busy();
        for entry in entries.iter() {
            if except == Some(entry.vm.mod_id()) || entry.vm.is_latched() {
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
            match called {
                Ok(results) if results.is_empty() => {}
                Ok(results) => dispatched
                    .results
                    .extend(results.into_iter().filter(|value| !value.is_nil())),
                Err(fault) => {
                    let problem =
                        self.take_fault(&entry.vm, &fault, &format!("in a handler of `{event}`"));
                    dispatched.errors.push(problem);
                }
            }
        }
        self.hear_faults_of_calls();
        dispatched
    }

    /// Delivers what mods emitted, oldest first, and what is emitted meanwhile, within reason.
    pub(super) fn deliver_emitted(&mut self) -> Vec<Problem> {
        let mut errors = Vec::new();
        for _ in 0..DELIVERIES_MAX {
            let Some(emitted) = self.hub.next_event() else {
                break;
            };
            let dispatched = self.deliver(&emitted.event, &emitted.payload, Some(&emitted.from));
            errors.extend(dispatched.errors);
            if let Some(hook) = &mut self.hooks.on_emit {
                hook(&emitted.from, &emitted.event, &emitted.payload);
            }
        }
        errors
    }

    /// Runs the handlers that one VM has for an event.
    pub(super) fn run_handlers_of(
        &mut self,
        vm: &Arc<Vm>,
        event: &str,
        payload: &Value,
    ) -> Vec<Problem> {
        let functions = vm.ledger().listening_to(event);
        let limit = self.hub.handler_time();
        let results = functions
            .into_iter()
            .map(|function| vm.call(function, std::slice::from_ref(payload), limit));
        let faults: Vec<Fault> = results.filter_map(Result::err).collect();
        faults
            .iter()
            .map(|fault| fault.problem(vm.mod_id(), &format!("in a handler of `{event}`")))
            .collect()
    }

    /// Moves the clock on, one tick after the other, and runs the timers that are due.
    pub(super) fn run_timers(&mut self, ticks: u64) -> Dispatched {
        let mut dispatched = Dispatched::default();
        let end = self.hub.current_tick().saturating_add(ticks);
        loop {
            if self.hub.is_dirty() {
                self.refresh_handlers();
            }
            let Some(due) = self.handlers.next_timer.filter(|due| *due <= end) else {
                break;
            };
            self.hub.set_tick(due.max(self.hub.current_tick()));
            dispatched.add(self.run_due_timers(due));
            self.refresh_handlers();
        }
        self.hub.set_tick(end);
        dispatched.errors.extend(self.deliver_emitted());
        dispatched
    }

    fn run_due_timers(&mut self, now: u64) -> Dispatched {
        let mut dispatched = Dispatched::default();
        let mut ordered: Vec<(usize, Arc<Vm>)> = self
            .running
            .values()
            .map(|running| (running.position, running.vm.clone()))
            .collect();
        ordered.sort_by_key(|(position, _)| *position);
        for (_, vm) in ordered {
            let due: Vec<(Arc<str>, FunctionRef)> = {
                let mut ledger = vm.ledger();
                let due: Vec<Arc<str>> = ledger
                    .timers
                    .iter()
                    .filter(|(_, timer)| timer.due <= now)
                    .map(|(name, _)| name.clone())
                    .collect();
                due.into_iter()
                    .filter_map(|name| Some((name.clone(), ledger.take_due(&name, now)?)))
                    .collect()
            };
            for (name, function) in due.into_iter().filter(|_| !vm.is_latched()) {
                dispatched.handlers += 1;
                match vm.call(function, &[], self.hub.handler_time()) {
                    Ok(results) => dispatched
                        .results
                        .extend(results.into_iter().filter(|value| !value.is_nil())),
                    Err(fault) => {
                        let problem =
                            self.take_fault(&vm, &fault, &format!("in the timer `{name}`"));
                        dispatched.errors.push(problem);
                    }
                }
            }
        }
        self.hear_faults_of_calls();
        dispatched
    }

    /// What a fault of a running mod leads to: an error counts in its probation, a broken limit stops it.
    pub(super) fn take_fault(&mut self, vm: &Arc<Vm>, fault: &Fault, what: &str) -> Problem {
        let mod_id = vm.mod_id().clone();
        let problem = fault.problem(&mod_id, what);
        self.note_error(&mod_id, problem.clone());
        let is_current = self
            .running
            .get(&mod_id)
            .is_some_and(|running| Arc::ptr_eq(&running.vm, vm));
        if is_current {
            let running = self.running.get_mut(&mod_id);
            let verdict = running.map(|running| {
                let before = running.probation.verdict();
                (before, running.probation.error())
            });
            let is_on_probation = matches!(verdict, Some((Verdict::OnProbation, _)));
            let has_failed = matches!(
                verdict,
                Some((Verdict::OnProbation, Verdict::Failed { .. }))
            );
            if fault.is_fatal() || has_failed {
                self.go_back_or_stop(&mod_id, problem.clone(), is_on_probation, fault.is_fatal());
            }
        }
        problem
    }

    /// A mod on probation goes back to the generation before; another one that is stopped is quarantined.
    fn go_back_or_stop(
        &mut self,
        mod_id: &ModId,
        problem: Problem,
        is_on_probation: bool,
        is_fatal: bool,
    ) {
        let before = self
            .history
            .get(mod_id)
            .and_then(|past| past.back())
            .map(|past| past.generation);
        match before.filter(|_| is_on_probation && !self.is_rolled_back(mod_id)) {
            Some(to) => {
                let request = self.request(mod_id, Kind::Full, Cause::Rollback { to });
                self.rollback_because.insert(mod_id.clone(), problem);
                self.queue.push(request);
            }
            None if is_fatal => self.quarantine(mod_id, problem),
            None => {}
        }
    }

    /// Whether the generation that runs is itself one that was gone back to.
    fn is_rolled_back(&self, mod_id: &ModId) -> bool {
        let generation = self.running.get(mod_id).map(Running::generation);
        self.rolled_back.get(mod_id).copied() == generation
    }

    /// Faults of calls from mod to mod, which came back to the caller as an error, concern the callee too.
    pub(super) fn hear_faults_of_calls(&mut self) {
        for (mod_id, fault) in self.hub.take_faults() {
            if let Ok(vm) = self.vm_of(&mod_id) {
                self.take_fault(&vm, &fault, "in an exported function");
            }
        }
    }

    pub(super) fn note_error(&mut self, mod_id: &ModId, problem: Problem) {
        let generation = self.generation_of(mod_id);
        tracing::debug!(%mod_id, %problem, "an error of a mod");
        self.subscribers.tell(&ModEvent::Error {
            mod_id: mod_id.clone(),
            generation,
            problem,
        });
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

impl Entry {
    fn is_registered(&self) -> bool {
        self.vm
            .ledger()
            .listeners
            .iter()
            .any(|listener| listener.handle == self.handle)
    }
}
