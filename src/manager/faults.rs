//! What faults of running mods lead to: a count, a way back, a new beginning, or the end.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::change::Kind;
use crate::files::ContentHash;
use crate::lua::{Fault, Vm};
use crate::mod_id::ModId;
use crate::problem::{Code, Problem};
use crate::reload::{Cause, ModEvent, Priority, ReloadRequest, Sentence, Verdict};

use super::ModManager;
use super::history::Past;
use super::running::Running;

/// Errors of a probation that are kept to be told. 8: more of them say nothing new.
const EARLY_ERRORS_MAX: usize = 8;

impl ModManager {
    /// What a fault of a running mod leads to: an error counts in its probation, a broken limit stops it.
    pub(super) fn take_fault(&mut self, vm: &Arc<Vm>, fault: &Fault, what: &str) -> Problem {
        let mod_id = vm.mod_id().clone();
        let problem = fault.problem(&mod_id, what);
        self.note_error(&mod_id, problem.clone());
        let running = self.running.get(&mod_id);
        let is_current = running.is_some_and(|running| Arc::ptr_eq(&running.vm, vm));
        if is_current && fault.is_of_the_mod() {
            self.count_fault(&mod_id, &problem, fault.is_fatal());
        }
        problem
    }

    /// Counts errors that a mod made while it was told something: they are in `problems` with others.
    pub(super) fn count_errors(&mut self, mod_id: &ModId, problems: &[Problem]) {
        let is_raised = |problem: &&Problem| {
            problem.code == Code::LUA_ERROR && problem.mod_id.as_ref() == Some(mod_id)
        };
        for problem in problems.iter().filter(is_raised) {
            self.count_fault(mod_id, problem, false);
        }
    }

    fn count_fault(&mut self, mod_id: &ModId, problem: &Problem, is_fatal: bool) {
        if is_fatal && self.must_move(mod_id) {
            return;
        }
        let Some(running) = self.running.get_mut(mod_id) else {
            return;
        };
        let is_on_probation = running.probation.verdict() == Verdict::OnProbation;
        let verdict = running.probation.error();
        let early = &mut running.early_errors;
        if is_on_probation && early.len() < EARLY_ERRORS_MAX && !early.contains(problem) {
            early.push(problem.clone());
        }
        let failed = match verdict {
            _ if !is_on_probation => None,
            _ if is_fatal => Some("broke a limit".to_owned()),
            Verdict::Failed { errors: 1 } => Some("made an error".to_owned()),
            Verdict::Failed { errors } => Some(format!("made {errors} errors")),
            _ => None,
        };
        if failed.is_some_and(|what| self.go_back(mod_id, &what)) {
            return;
        }
        if is_fatal {
            self.strike(mod_id, problem);
        }
    }

    /// A mod that broke a limit while it was told something goes back, too, or is stopped. `problems` are
    /// what has been told of it so far.
    pub(super) fn stop_if_latched(&mut self, mod_id: &ModId, problems: &[Problem]) {
        let Some(running) = self.running.get(mod_id) else {
            return;
        };
        if !running.vm.is_latched() {
            return;
        }
        let is_why = |problem: &&Problem| {
            let is_its = problem.mod_id.as_ref() == Some(mod_id);
            is_its && [Code::TIME_LIMIT, Code::MEMORY_LIMIT].contains(&problem.code)
        };
        let problem = problems.iter().find(is_why).cloned().unwrap_or_else(|| {
            Problem::error(Code::QUARANTINED, "broke its limits and was stopped")
                .of(mod_id)
                .hint("save a corrected file, or resume the mod")
        });
        self.count_fault(mod_id, &problem, true);
    }

    /// Whether a way back, or a new beginning, of this mod is asked for already.
    fn must_move(&self, mod_id: &ModId) -> bool {
        let is_asked = |request: &ReloadRequest| {
            request.mod_id == *mod_id && request.priority == Priority::Critical
        };
        self.moved_because.contains_key(mod_id)
            && (self.queue.get(mod_id).is_some_and(is_asked) || self.batch.iter().any(is_asked))
    }

    /// Asks for the generation before, of this mod, which did `what` in its probation, and of those that switched
    /// with it; whether there is one.
    fn go_back(&mut self, mod_id: &ModId, what: &str) -> bool {
        let Some((running, to)) = self.way_back(mod_id) else {
            return false;
        };
        let switched_in = running.switched_in;
        let because =
            format!("{what} in its probation and went back to the code of generation {to}");
        let problem = Problem::error(Code::ROLLED_BACK, because)
            .of(mod_id)
            .hint("mend the code and save: the files are not tried again as they are");
        let mut told = vec![problem];
        told.extend(running.early_errors.iter().cloned());
        let mates: Vec<ModId> = self
            .running
            .iter()
            .filter(|(id, running)| running.switched_in == switched_in && *id != mod_id)
            .map(|(id, _)| id.clone())
            .collect();
        self.note_failed(mod_id);
        self.ask_to_go_back(mod_id, to, told);
        for mate in mates {
            if let Some((_, to)) = self.way_back(&mate) {
                let because =
                    format!("switched together with {mod_id}, which failed in its probation");
                let problem = Problem::warning(Code::ROLLED_BACK, because).of(&mate);
                self.ask_to_go_back(&mate, to, vec![problem]);
            }
        }
        true
    }

    /// Remembers that the files of a mod failed their probation: nothing goes back to them by itself.
    fn note_failed(&mut self, mod_id: &ModId) {
        let Some(running) = self.running.get(mod_id) else {
            return;
        };
        let kept = self.history.of(mod_id).map(Past::files_hash);
        let kept: BTreeSet<ContentHash> = kept.collect();
        let failed = self.failed.entry(mod_id.clone()).or_default();
        failed.retain(|hash| kept.contains(hash));
        failed.insert(running.source.files.hash());
    }

    fn ask_to_go_back(&mut self, mod_id: &ModId, to: u64, told: Vec<Problem>) {
        let request = self.request(mod_id, Kind::Full, Cause::Rollback { to });
        self.moved_because.insert(mod_id.clone(), told);
        self.queue.push(request);
    }

    /// The generation that a running mod may go back to by itself.
    fn way_back(&self, mod_id: &ModId) -> Option<(&Running, u64)> {
        let running = self.running.get(mod_id).filter(|it| it.may_go_back)?;
        let failed = self.failed.get(mod_id);
        let now = running.source.files.hash();
        let is_no_way_out =
            |hash| hash == now || failed.is_some_and(|failed| failed.contains(&hash));
        let mut pasts = self.history.of_this_process(mod_id).rev();
        let before = pasts.find(|past| !is_no_way_out(past.files_hash()))?;
        Some((running, before.generation()))
    }

    /// A limit was broken that no way back mends: the mod begins anew, or it is stopped.
    fn strike(&mut self, mod_id: &ModId, problem: &Problem) {
        let now = self.start.elapsed();
        let Some(running) = self.running.get_mut(mod_id) else {
            return;
        };
        if std::mem::replace(&mut running.is_struck, true) {
            return self.ask_for_restart(mod_id, Vec::new());
        }
        let settings = &self.reading.settings.hot_reload.quarantine;
        let (strikes, window) = (settings.strikes, settings.window);
        let counted = self.strikes.entry(mod_id.clone()).or_default();
        match counted.strike(now, settings) {
            Sentence::Restart { strike } => {
                let because = format!(
                    "broke a limit and began anew with its state: strike {strike} of {strikes} within {window} s"
                );
                let note = Problem::warning(Code::RESTARTED, because)
                    .of(mod_id)
                    .hint(format!("strike {strikes} stops it until it is mended"));
                self.ask_for_restart(mod_id, vec![note, problem.clone()]);
            }
            Sentence::Quarantine { strike: 1 } => self.quarantine(mod_id, problem.clone()),
            Sentence::Quarantine { strike } => {
                let because = format!(
                    "{}; it broke a limit {strike} times within {window} s",
                    problem.because
                );
                let problem = Problem {
                    because,
                    ..problem.clone()
                };
                self.quarantine(mod_id, problem);
            }
        }
    }

    fn ask_for_restart(&mut self, mod_id: &ModId, told: Vec<Problem>) {
        if self.must_move(mod_id) {
            return;
        }
        let why = told.last().map(|problem| problem.because.as_str());
        let because = why.unwrap_or("was stopped").into();
        let request = self.request(mod_id, Kind::Full, Cause::Restart { because });
        if !told.is_empty() {
            self.moved_because.insert(mod_id.clone(), told);
        }
        self.queue.push(request);
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
        self.subscribers.send_error(&event, self.problems_max());
    }
}
