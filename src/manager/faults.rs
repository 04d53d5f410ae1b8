//! What faults of running mods lead to: a count, a way back, or the end.

use std::sync::Arc;

use crate::change::Kind;
use crate::lua::{Fault, Vm};
use crate::mod_id::ModId;
use crate::problem::{Code, Problem};
use crate::reload::{Cause, ModEvent, Verdict};

use super::ModManager;
use super::history::Past;
use super::running::Running;

impl ModManager {
    /// What a fault of a running mod leads to: an error counts in its probation, a broken limit stops it.
    pub(super) fn take_fault(&mut self, vm: &Arc<Vm>, fault: &Fault, what: &str) -> Problem {
        let mod_id = vm.mod_id().clone();
        let problem = fault.problem(&mod_id, what);
        self.note_error(&mod_id, problem.clone());
        let is_current = self
            .running
            .get(&mod_id)
            .is_some_and(|running| Arc::ptr_eq(&running.vm, vm));
        if is_current && fault.is_of_the_mod() {
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

    /// A mod that broke a limit while it was told something goes back, too, or is stopped. `problems` are
    /// what has been told of it so far.
    pub(super) fn stop_if_latched(&mut self, mod_id: &ModId, problems: &[Problem]) {
        let Some(running) = self.running.get(mod_id) else {
            return;
        };
        if !running.vm.is_latched() || self.rollback_because.contains_key(mod_id) {
            return;
        }
        let is_on_probation = matches!(running.probation.verdict(), Verdict::OnProbation);
        let is_why = |problem: &&Problem| {
            let is_its = problem.mod_id.as_ref() == Some(mod_id);
            is_its && [Code::TIME_LIMIT, Code::MEMORY_LIMIT].contains(&problem.code)
        };
        let problem = problems.iter().find(is_why).cloned().unwrap_or_else(|| {
            Problem::error(Code::QUARANTINED, "broke its limits and was stopped")
                .of(mod_id)
                .hint("save a corrected file, or reload the mod")
        });
        self.go_back_or_stop(mod_id, problem, is_on_probation, true);
    }

    /// A mod on probation goes back to the generation before; another one that is stopped is quarantined.
    fn go_back_or_stop(
        &mut self,
        mod_id: &ModId,
        problem: Problem,
        is_on_probation: bool,
        is_fatal: bool,
    ) {
        let before = self.history.newest_of_this_process(mod_id);
        let before = before.map(Past::generation);
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
        let event = ModEvent::Error {
            mod_id: mod_id.clone(),
            generation,
            problem,
        };
        self.subscribers.tell_error(&event, self.problems_max());
    }
}
