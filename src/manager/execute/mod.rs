//! Carrying plans out: requests become a plan, each transaction of it is staged and switched, or kept.
//!
//! - `idle` takes over what no VM has to be touched for;
//! - `apply` brings config and assets into a VM that runs on;
//! - `outcome` does what follows a switch, or a refusal;
//! - `report` tells it.

mod apply;
mod idle;
mod outcome;
mod report;

use std::time::Instant;

use crate::change::Kind;
use crate::reload::{Cause, ModEvent, ReloadReport, ReloadRequest, Step, Transaction, World, plan};

use super::ModManager;
use super::stage::{Refusal, StageOptions, stage};
use super::world::widest_kind;

/// How often one transaction may be widened by dependents that use what it takes away.
const WIDENINGS_MAX: usize = 64;

/// What is being served: requests, and the world that their plan was made for.
#[derive(Clone, Copy)]
pub(super) struct Serving<'a> {
    requests: &'a [ReloadRequest],
    world: &'a World,
}

impl<'a> Serving<'a> {
    pub(super) fn new(requests: &'a [ReloadRequest], world: &'a World) -> Serving<'a> {
        Serving { requests, world }
    }
}

impl ModManager {
    /// Serves what was asked for until nothing is left, or `deadline`.
    pub(super) fn serve(&mut self, deadline: Option<Instant>) -> Vec<ReloadReport> {
        let is_over = || deadline.is_some_and(|deadline| Instant::now() >= deadline);
        let mut reports = Vec::new();
        while let Some(requests) = self.next_requests() {
            let world = self.world();
            let serving = Serving::new(&requests, &world);
            let mut plan = plan(&requests, &world);
            reports.extend(self.take_over_idle(&plan, serving));
            let mut transactions = std::mem::take(&mut plan.transactions).into_iter();
            for transaction in transactions.by_ref() {
                if transaction.is_stale(&plan.based_on, |mod_id| self.generation_of(mod_id)) {
                    self.postpone(std::iter::once(transaction), &requests);
                    break;
                }
                reports.push(self.execute(transaction, serving, &StageOptions::default()));
                if is_over() {
                    break;
                }
            }
            self.postpone(transactions, &requests);
            if is_over() {
                break;
            }
        }
        reports
    }

    fn next_requests(&mut self) -> Option<Vec<ReloadRequest>> {
        if self.queue.take_rescan() {
            self.follower.rescan();
        }
        let mut requests = std::mem::take(&mut self.batch);
        requests.extend(self.queue.take_all());
        (!requests.is_empty()).then_some(requests)
    }

    /// What the budget did not reach, or was planned for another generation, is asked for again.
    fn postpone(&mut self, left: impl Iterator<Item = Transaction>, requests: &[ReloadRequest]) {
        for step in left.flat_map(|transaction| transaction.steps) {
            let before = self.batch.len();
            let own = requests
                .iter()
                .filter(|request| request.mod_id == step.mod_id);
            self.batch.extend(own.cloned());
            if self.batch.len() == before {
                let cause = Cause::ResolutionChanged;
                let request = self.request(&step.mod_id, Kind::Full, cause);
                self.batch.push(request);
            }
        }
    }

    /// Carries one transaction out: all of it, or nothing.
    pub(super) fn execute(
        &mut self,
        mut transaction: Transaction,
        serving: Serving<'_>,
        options: &StageOptions,
    ) -> ReloadReport {
        self.tell_modified(&transaction, serving.world);
        let mut widenings = 0;
        loop {
            self.tell_before(&transaction);
            match stage(self, &transaction, options) {
                Ok(staged) => {
                    let switched = self.commit(staged);
                    return self.complete(&transaction, serving, switched);
                }
                Err(refusal) if refusal.is_to_be_widened() && widenings < WIDENINGS_MAX => {
                    widenings += 1;
                    transaction = self.widen(&transaction, &refusal, serving);
                }
                Err(refusal) => return self.keep(&transaction, serving, &refusal.final_one()),
            }
        }
    }

    fn tell_before(&mut self, transaction: &Transaction) {
        if let Some(hook) = &mut self.hooks.on_before_reload {
            transaction.steps.iter().for_each(hook);
        }
    }

    /// The same transaction with the mods that have to come along.
    fn widen(
        &self,
        transaction: &Transaction,
        refusal: &Refusal,
        serving: Serving<'_>,
    ) -> Transaction {
        let joining = |mod_id| {
            let cause = Cause::DependencyChanged {
                mod_id: refusal.mod_id.clone(),
            };
            self.request(mod_id, Kind::Script, cause)
        };
        let mut requests = serving.requests.to_vec();
        requests.extend(refusal.widened_by.iter().map(joining));
        let belongs = |step: &Step| {
            let mut own = transaction.steps.iter();
            refusal.widened_by.contains(&step.mod_id) || own.any(|own| own.mod_id == step.mod_id)
        };
        let wider = plan(&requests, serving.world).transactions.into_iter();
        let steps = wider
            .filter(|planned| planned.steps.iter().any(belongs))
            .flat_map(|planned| planned.steps);
        in_load_order(steps.collect(), serving.world)
    }

    fn tell_modified(&mut self, transaction: &Transaction, world: &World) {
        for step in &transaction.steps {
            let (Some(changes), Some(running)) = (
                world.changed.get(&step.mod_id),
                self.running.get(&step.mod_id),
            ) else {
                continue;
            };
            let files = changes.files.iter();
            let event = ModEvent::Modified {
                mod_id: step.mod_id.clone(),
                generation: running.generation(),
                kind: widest_kind(changes),
                files: files.map(|file| file.path.clone()).collect(),
            };
            self.subscribers.tell(&event);
        }
    }
}

/// One transaction of all these steps.
pub(super) fn in_load_order(mut steps: Vec<Step>, world: &World) -> Transaction {
    steps.sort_by_key(|step| {
        let accepted = world.accepted.get(&step.mod_id);
        accepted.map_or(usize::MAX, |accepted| accepted.position)
    });
    Transaction { steps }
}
