//! [`Staging`]: the steps of staging what switches at one moment, in one go or over several pumps.

use std::sync::Arc;
use std::time::Instant;

use crate::lua::Vm;
use crate::lua::carry::Captured;
use crate::mod_id::ModId;
use crate::problem::{Code, Problem};
use crate::reload::Transaction;

use crate::manager::ModManager;
use crate::manager::beside::Beside;
use crate::manager::reaper::Reaper;
use crate::manager::running::Source;

use super::carry::{OldState, Taken};
use super::cold::{Base, Newborn};
use super::replay::Filled;
use super::{Attempt, Refusal, StageOptions, Staged, StagedMod, Stager, makes_a_vm};

/// Transactions that are being staged.
#[derive(Default)]
pub(in crate::manager) struct Staging {
    mods: Vec<StagedMod>,
    phase: Phase,
}

/// What is done next. Each mod comes up, then the state is carried into one after the other.
#[derive(Default)]
enum Phase {
    /// Used before the next mod comes up.
    #[default]
    Next,
    /// Used while a VM is made.
    Birth(Box<Newborn>, Attempt<Vm>),
    /// Used while it is captured what the code of a mod left.
    Base(Box<Newborn>, Arc<Vm>, Attempt<Base>),
    /// Used before the state of the mod with this number is carried.
    Save(usize),
    /// Used while the state of the old VM is captured.
    Take(usize, Beside<Result<Taken, Vec<Problem>>>),
    /// Used while it is captured what the new VM has, all its modules loaded.
    New(usize, Box<OldState>, Attempt<Captured>),
    /// Used while the state is filled in.
    Fill(usize, semver::Version, Beside<Result<Filled, Vec<Problem>>>),
    /// Used when all is staged.
    Done,
}

impl Staging {
    /// Goes on until all is staged, which is the answer; or, with a deadline, until something runs beside
    /// for half of the time. What has been under way since the last call is not waited for.
    ///
    /// # Errors
    /// The first mod that can't come up, and why.
    pub(in crate::manager) fn advance(
        &mut self,
        manager: &ModManager,
        transactions: &[Transaction],
        options: &StageOptions,
        deadline: Option<Instant>,
        overdue_at: Instant,
    ) -> Result<bool, Box<Refusal>> {
        let stager = Stager {
            manager,
            options,
            transactions,
            is_sliced: deadline.is_some(),
        };
        let staged = self.mods.iter().map(|staged| staged.vm.clone());
        staged.for_each(|vm| manager.hub.put_staged(vm));
        let is_done = self.go_on(&stager, deadline, overdue_at);
        manager.hub.clear_staged();
        is_done
    }

    fn go_on(
        &mut self,
        stager: &Stager<'_>,
        deadline: Option<Instant>,
        overdue_at: Instant,
    ) -> Result<bool, Box<Refusal>> {
        let now = Instant::now();
        // Half of the time is left for what follows.
        let half = deadline.map(|deadline| now + deadline.saturating_duration_since(now) / 2);
        let mut until = deadline.map(|_| now);
        loop {
            if until.is_some_and(|until| !self.phase.wait(until)) {
                return Ok(false);
            }
            until = half;
            let phase = std::mem::replace(&mut self.phase, Phase::Done);
            let again = phase.begun_anew();
            self.phase = match stager.step(&mut self.mods, phase) {
                Ok(next) => next,
                Err(refusal) => {
                    self.phase = again;
                    return Err(refusal);
                }
            };
            if Instant::now() > overdue_at {
                return Err(stager.overdue(&self.mods));
            }
            if matches!(self.phase, Phase::Done) {
                return Ok(true);
            }
            let is_over = || deadline.is_some_and(|deadline| Instant::now() >= deadline);
            if stager.transactions.len() > 1 && self.phase.is_between_mods() && is_over() {
                return Ok(false);
            }
        }
    }

    /// Goes on without some mods, one of which was refused. Large VMs are freed beside.
    pub(in crate::manager) fn leave_out(
        &mut self,
        is_out: impl Fn(&ModId) -> bool,
        reaper: &Reaper,
    ) {
        let is_out = |staged: &StagedMod| is_out(staged.source.mod_id());
        self.phase = match self.phase.begun_anew() {
            Phase::Save(n) => {
                let done = self.mods.iter().take(n);
                Phase::Save(done.filter(|staged| !is_out(staged)).count())
            }
            other => other,
        };
        let (out, left) = std::mem::take(&mut self.mods).into_iter().partition(is_out);
        self.mods = left;
        free(out, reaper);
    }

    /// Whether [`Staging::advance`] would do anything.
    pub(in crate::manager) fn is_ready(&self) -> bool {
        match &self.phase {
            Phase::Birth(_, work) => work.is_ready(),
            Phase::Base(_, _, work) => work.is_ready(),
            Phase::Take(_, work) => work.is_ready(),
            Phase::New(_, _, work) => work.is_ready(),
            Phase::Fill(_, _, work) => work.is_ready(),
            Phase::Next | Phase::Save(_) | Phase::Done => true,
        }
    }

    /// Waits for what runs beside, at most until `deadline`.
    pub(in crate::manager) fn wait(&mut self, deadline: Instant) {
        self.phase.wait(deadline);
    }

    /// Whether states are captured already: what the old generations do from now on would be lost.
    pub(in crate::manager) fn is_carrying(&self) -> bool {
        !matches!(self.phase, Phase::Next | Phase::Birth(..) | Phase::Base(..))
    }

    /// Whether a new generation listens to `event`.
    pub(in crate::manager) fn listens_to(&self, event: &str) -> bool {
        let mut mods = self.mods.iter();
        mods.any(|staged| staged.vm.ledger().listens_to(event))
    }

    /// Whether one of the new generations is `vm`.
    pub(in crate::manager) fn has(&self, vm: &Arc<Vm>) -> bool {
        let is_it = |it: &Arc<Vm>| Arc::ptr_eq(it, vm);
        let mut mods = self.mods.iter();
        mods.any(|staged| is_it(&staged.vm) || staged.again.as_ref().is_some_and(is_it))
    }

    /// Drops everything. Large VMs are freed beside.
    pub(in crate::manager) fn abandon(self, reaper: &Reaper) {
        drop(self.phase);
        free(self.mods, reaper);
    }

    /// The new generations. All must be staged.
    pub(in crate::manager) fn finish(self) -> Staged {
        Staged { mods: self.mods }
    }
}

fn free(mods: Vec<StagedMod>, reaper: &Reaper) {
    for staged in mods {
        let again = staged.again.into_iter();
        for vm in again.chain([staged.vm]) {
            reaper.free(vm);
        }
    }
}

impl Phase {
    /// The phase in which the mod that it is about is begun with.
    fn begun_anew(&self) -> Phase {
        match self {
            Phase::Next | Phase::Birth(..) | Phase::Base(..) => Phase::Next,
            Phase::Save(n) | Phase::Take(n, _) | Phase::New(n, ..) | Phase::Fill(n, ..) => {
                Phase::Save(*n)
            }
            Phase::Done => Phase::Done,
        }
    }

    fn is_between_mods(&self) -> bool {
        matches!(self, Phase::Next | Phase::Save(_))
    }

    /// Waits for what runs beside, at most until `deadline`. Whether nothing does any more.
    fn wait(&mut self, deadline: Instant) -> bool {
        match self {
            Phase::Birth(_, work) => work.wait(deadline),
            Phase::Base(_, _, work) => work.wait(deadline),
            Phase::Take(_, work) => work.wait(deadline),
            Phase::New(_, _, work) => work.wait(deadline),
            Phase::Fill(_, _, work) => work.wait(deadline),
            Phase::Next | Phase::Save(_) | Phase::Done => true,
        }
    }
}

impl Stager<'_> {
    /// That the transaction takes too long. No single mod is to blame: it is told of the one that came last.
    fn overdue(&self, mods: &[StagedMod]) -> Box<Refusal> {
        let queue = &self.manager.reading.settings.hot_reload.reload_queue;
        let longest_s = queue.reload_timeout;
        let last = mods.last().map(|staged| staged.source.mod_id().clone());
        let mod_id = last.unwrap_or_else(|| self.transactions[0].steps[0].mod_id.clone());
        let because = format!(
            "took longer than {longest_s} s to be staged, together with all that switches with it"
        );
        let problem = Problem::error(Code::RELOAD_TIMEOUT, because)
            .of(&mod_id)
            .hint("nothing has changed; see what takes so long, or raise reload_timeout");
        Refusal::new(&mod_id, vec![problem])
    }

    /// Does the next step: the phase that follows. What still runs beside is waited for.
    fn step(&self, mods: &mut Vec<StagedMod>, phase: Phase) -> Result<Phase, Box<Refusal>> {
        Ok(match phase {
            Phase::Next => self.next_mod(mods)?,
            Phase::Birth(newborn, vm) => {
                let (vm, base) = self.run_code(&newborn, vm.take())?;
                Phase::Base(newborn, vm, base)
            }
            Phase::Base(newborn, vm, base) => {
                mods.push(self.has_run(*newborn, vm, base.take())?);
                Phase::Next
            }
            Phase::Save(n) => match mods.get_mut(n) {
                Some(staged) => Phase::Take(n, self.take_state(staged)),
                None => Phase::Done,
            },
            Phase::Take(n, taken) => {
                let staged = &mut mods[n];
                self.has_taken(n, staged, taken.take())
                    .map_err(|refusal| refusal.with_modules_of(&staged.vm))?
            }
            Phase::New(n, old, new) => {
                let staged = &mut mods[n];
                let new = new
                    .take()
                    .map_err(|problem| refuse(staged, vec![problem]))?;
                let version = old.version.clone();
                Phase::Fill(n, version, self.fill(staged, *old, new))
            }
            Phase::Fill(n, version, filled) => {
                let staged = &mut mods[n];
                filled
                    .take()
                    .and_then(|filled| self.judge_filled(staged, filled))
                    .map_err(|problems| refuse(staged, problems))?;
                self.ask_new_code(staged, Some(&version))?;
                Phase::Save(n + 1)
            }
            Phase::Done => Phase::Done,
        })
    }

    /// A generation that comes up by itself, in one go, with the state that is to be restored if there is one.
    pub(super) fn rehearsed(
        &self,
        source: Source,
        generation: u64,
    ) -> Result<Arc<Vm>, Box<Refusal>> {
        let (newborn, vm) = self.birth_from(source, generation);
        let (vm, base) = self.run_code(&newborn, vm.take())?;
        let mut mods = vec![self.has_run(newborn, vm.clone(), base.take())?];
        let restored = self.options.restore.get(mods[0].source.mod_id());
        let Some(old) = restored.map(OldState::of_parked) else {
            self.ask_new_code(&mut mods[0], None)?;
            return Ok(vm);
        };
        self.follow_modules(&mut mods[0])?;
        let new = self.capture_new(&mut mods[0]);
        let mut phase = Phase::New(0, Box::new(old), new);
        while !matches!(phase, Phase::Save(_)) {
            phase = self.step(&mut mods, phase)?;
        }
        Ok(vm)
    }

    /// The next mod that is to come up; when all are, the old code runs once more where that is needed.
    fn next_mod(&self, mods: &mut [StagedMod]) -> Result<Phase, Box<Refusal>> {
        let mut to_come = self
            .steps()
            .filter(|step| makes_a_vm(&step.action))
            .skip(mods.len());
        if let Some(step) = to_come.next() {
            let (newborn, vm) = self.birth(step)?;
            return Ok(Phase::Birth(Box::new(newborn), vm));
        }
        self.check_exports(mods)?;
        for staged in mods {
            self.follow_modules(staged)?;
        }
        Ok(Phase::Save(0))
    }

    /// The old state is there: it is brought up to date.
    fn has_taken(
        &self,
        n: usize,
        staged: &mut StagedMod,
        taken: Result<Taken, Vec<Problem>>,
    ) -> Result<Phase, Box<Refusal>> {
        let old = taken
            .and_then(|taken| self.judge_taken(staged, taken))
            .map_err(|problems| refuse(staged, problems))?;
        let Some(old) = old else {
            self.ask_new_code(staged, None)?;
            return Ok(Phase::Save(n + 1));
        };
        let old = self
            .migrate(staged, old)
            .map_err(|problems| refuse(staged, problems))?;
        self.follow_modules(staged)?;
        let new = self.capture_new(staged);
        Ok(Phase::New(n, Box::new(old), new))
    }
}

/// Why a mod that has run its code can't take over.
pub(super) fn refuse(staged: &StagedMod, problems: Vec<Problem>) -> Box<Refusal> {
    let mod_id: &ModId = staged.source.mod_id();
    Refusal::new(mod_id, problems).with_modules_of(&staged.vm)
}
