//! Carrying plans out: requests become a plan, each transaction of it is staged and switched, or kept.
//!
//! - `idle` takes over what no VM has to be touched for;
//! - `drain` lets a transaction wait for coroutines to end;
//! - `untold` keeps a refusal back that the next save may mend;
//! - `apply` brings config and assets into a VM that runs on;
//! - `outcome` does what follows a switch, or a refusal;
//! - `report` tells it.

mod apply;
mod drain;
mod idle;
mod outcome;
mod report;
mod untold;

use std::sync::Arc;
use std::time::Instant;

use crate::change::Kind;
use crate::reload::{
    Cause, ModEvent, ReloadPlan, ReloadReport, ReloadRequest, Step, Transaction, World, plan,
};

use super::ModManager;
use super::flight::Flight;
use super::stage::{Refusal, StageOptions, Staged, makes_a_vm};
use super::world::widest_kind;

pub(super) use self::drain::Waiting;
pub(super) use self::untold::Untold;

/// What is being served: requests, and the world that their plan was made for.
#[derive(Clone, Copy)]
pub(super) struct Serving<'a> {
    pub(super) requests: &'a Arc<[ReloadRequest]>,
    pub(super) world: &'a Arc<World>,
}

impl<'a> Serving<'a> {
    pub(super) fn new(requests: &'a Arc<[ReloadRequest]>, world: &'a Arc<World>) -> Serving<'a> {
        Serving { requests, world }
    }
}

/// How far transactions have come.
pub(super) enum Flown {
    /// They switched, or were refused; there is nothing to tell of one that goes on waiting.
    Landed(Vec<ReloadReport>),
    /// Something of them runs beside, or time is up.
    Aloft,
}

impl ModManager {
    /// Serves what was asked for until nothing is left, or `deadline`. A transaction that takes longer is
    /// gone on with the next time, before anything else.
    pub(super) fn serve(&mut self, deadline: Option<Instant>) -> Vec<ReloadReport> {
        let is_over = || deadline.is_some_and(|deadline| Instant::now() >= deadline);
        let mut reports = self.go_on(deadline);
        if self.flight.is_some() {
            return reports;
        }
        while let Some(requests) = self.next_requests() {
            let requests: Arc<[ReloadRequest]> = requests.into();
            let world = Arc::new(self.world_around(&requests));
            let serving = Serving::new(&requests, &world);
            let mut plan = plan(&requests, &world);
            debug_assert!(self.is_planned_the_same(&plan, &requests));
            reports.extend(self.take_over_idle(&plan, serving));
            self.expect_vms(&plan.transactions);
            let mut switches = self.switches(&mut plan, &world).into_iter();
            for transactions in switches.by_ref() {
                let is_stale = |it: &Transaction| {
                    it.is_stale(&plan.based_on, |mod_id| self.generation_of(mod_id))
                };
                if transactions.iter().any(is_stale) {
                    self.postpone(transactions.into_iter(), &requests);
                    break;
                }
                let flight = Flight::new(transactions, serving, StageOptions::default());
                reports.extend(self.take_off(flight, deadline));
                if self.flight.is_some() || is_over() {
                    break;
                }
            }
            self.postpone(switches.flatten(), &requests);
            if self.flight.is_some() || is_over() {
                break;
            }
        }
        if !reports.is_empty() {
            self.reaper.make_ready();
            self.clear_suspects();
        }
        reports
    }

    /// Whether a look at all mods gives this very plan. What pauses by the clock may end between the two.
    fn is_planned_the_same(&self, found: &ReloadPlan, requests: &[ReloadRequest]) -> bool {
        !self.breakers.is_empty() || *found == plan(requests, &self.world())
    }

    /// The transactions of a plan: which of them switch at one moment.
    fn switches(&self, plan: &mut ReloadPlan, world: &World) -> Vec<Vec<Transaction>> {
        if self.may_pause() {
            return plan.take_switches(world);
        }
        let transactions = std::mem::take(&mut plan.transactions);
        transactions.into_iter().map(|it| vec![it]).collect()
    }

    /// Has the VMs of many mods made beside, while one after the other comes up.
    fn expect_vms(&self, transactions: &[Transaction]) {
        let steps = transactions.iter().flat_map(|it| &it.steps);
        let count = steps.filter(|step| makes_a_vm(&step.action)).count();
        if count > 1 {
            self.engine.expect(count);
        }
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
    pub(super) fn postpone(
        &mut self,
        left: impl Iterator<Item = Transaction>,
        requests: &[ReloadRequest],
    ) {
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

    /// Carries one transaction out, in one go: all of it, or nothing.
    pub(super) fn execute(
        &mut self,
        transaction: Transaction,
        serving: Serving<'_>,
        options: StageOptions,
    ) -> ReloadReport {
        let mut flight = Flight::new(vec![transaction], serving, options);
        flight.is_demanded = true;
        self.tell_of(&flight);
        loop {
            if let Flown::Landed(reports) = self.fly(&mut flight, None)
                && let Some(report) = reports.into_iter().next()
            {
                return report;
            }
        }
    }

    /// Goes on with transactions until they are done, or, with a deadline, until something runs beside and time
    /// is up.
    pub(super) fn fly(&mut self, flight: &mut Flight, deadline: Option<Instant>) -> Flown {
        loop {
            let refusal = match flight.advance(self, deadline) {
                Ok(None) => return Flown::Aloft,
                Ok(Some(staged)) => return Flown::Landed(self.land(flight, Some(staged))),
                Err(refusal) => refusal,
            };
            if refusal.is_to_be_widened() && flight.may_widen() {
                let own = &flight.transactions[flight.index_of(&refusal.mod_id)];
                let wider = self.widen(own, &refusal, flight.serving());
                self.tell_before(&wider);
                flight.widen_to(wider, &self.reaper);
                continue;
            }
            flight.leave_out(refusal, &self.reaper);
            if flight.transactions.is_empty() {
                return Flown::Landed(self.land(flight, None));
            }
        }
    }

    /// Switches what is staged; what was refused is told after it.
    fn land(&mut self, flight: &mut Flight, staged: Option<Staged>) -> Vec<ReloadReport> {
        self.resume_mods();
        let mut reports = Vec::new();
        if let Some(staged) = staged {
            let switched = self.commit(staged, &flight.transactions);
            reports.push(self.complete(&flight.whole(), flight.serving(), switched));
        }
        for (transaction, refusal) in std::mem::take(&mut flight.refused) {
            reports.extend(self.refuse(flight, &transaction, refusal));
        }
        reports
    }

    /// The mods of a transaction stay as they are, perhaps until coroutines have ended that are in its way.
    fn refuse(
        &mut self,
        flight: &Flight,
        transaction: &Transaction,
        refusal: Box<Refusal>,
    ) -> Option<ReloadReport> {
        let serving = flight.serving();
        if !refusal.may_pass() {
            let refusal = refusal.final_one();
            let held_back = match flight.is_demanded {
                true => Err(refusal),
                false => self.hold_back(transaction, serving, refusal),
            };
            let refusal = held_back.err()?;
            return Some(self.keep(transaction, serving, &refusal));
        }
        self.deliver_late();
        if !flight.is_demanded && self.goes_on_waiting(transaction) {
            return None;
        }
        Some(self.put_off(transaction, serving, &refusal))
    }

    /// Tells the host what is about to be done.
    pub(super) fn tell_of(&mut self, flight: &Flight) {
        for transaction in &flight.transactions {
            self.tell_modified(transaction, flight.serving().world);
            self.tell_before(transaction);
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
        // What comes along may have been left out of the world that was planned for.
        let joining = &refusal.widened_by;
        let is_known = |mod_id| serving.world.accepted.contains_key(mod_id);
        let whole = (!joining.iter().all(is_known)).then(|| self.world());
        let world = whole.as_ref().unwrap_or(serving.world);
        let wider = plan(&requests, world).transactions.into_iter();
        let steps = wider
            .filter(|planned| planned.steps.iter().any(belongs))
            .flat_map(|planned| planned.steps);
        in_load_order(steps.collect(), world)
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
            self.tell(&event);
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
