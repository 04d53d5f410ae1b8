//! [`Flight`]: what switches at one moment on its way, perhaps over many pumps, and the events that wait for its mods.
//!
//! These are transactions that don't need each other: what one of them is refused for is told after the others have
//! switched. From the first capture on their running mods are *paused*: what they would do now would
//! be lost. Their events wait and reach the new generation after the switch, or the old one if it stays;
//! their timers run late. A call from another mod can't wait: the old generation answers, and all
//! is begun anew. Whatever the host asks of a paused mod brings it to its end first.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::lua::Vm;
use crate::mod_id::ModId;
use crate::reload::{Action, ReloadReport, ReloadRequest, Step, Transaction, World};
use crate::value::Value;

use super::ModManager;
use super::dispatch::To;
use super::execute::{Flown, Serving};
use super::reaper::Reaper;
use super::stage::{Refusal, StageOptions, Staged, Staging, makes_a_vm};
use super::world::Look;

/// How often one transaction may be widened by dependents that use what it takes away.
const WIDENINGS_MAX: usize = 64;

/// Events that wait for paused mods. 10,000: with more, the transaction is brought to its end at once.
const WAITING_MAX: usize = 10_000;

/// Bytes of their payloads together: 16 MiB.
const WAITING_BYTES_MAX: usize = 16 * 1024 * 1024;

/// How often it is begun anew because its mods were called or others were saved; the next time each transaction
/// is done alone, in one go.
const INTERRUPTIONS_MAX: u32 = 2;

/// Transactions on their way, to switch at one moment.
pub(super) struct Flight {
    pub(super) transactions: Vec<Transaction>,
    /// Those that stay as they are, and why: told when the others have switched.
    pub(super) refused: Vec<(Transaction, Box<Refusal>)>,
    requests: Arc<[ReloadRequest]>,
    world: Arc<World>,
    options: StageOptions,
    staging: Staging,
    /// Whether somebody waits for its report, whatever comes of it.
    pub(super) is_demanded: bool,
    widenings: usize,
    /// When it has taken too long; from its first step on.
    overdue_at: Option<Instant>,
    /// What the disk said of each mod at the start.
    looks: BTreeMap<ModId, Option<Look>>,
}

/// The mods that are paused, and the events that wait for them.
#[derive(Default)]
pub(super) struct Late {
    mods: BTreeSet<ModId>,
    events: VecDeque<LateEvent>,
    bytes: usize,
}

/// An event that waits.
struct LateEvent {
    event: Arc<str>,
    payload: Value,
    from: Option<ModId>,
}

impl Flight {
    pub(super) fn new(
        transactions: Vec<Transaction>,
        serving: Serving<'_>,
        options: StageOptions,
    ) -> Flight {
        Flight {
            transactions,
            refused: Vec::new(),
            requests: serving.requests.clone(),
            world: serving.world.clone(),
            options,
            staging: Staging::default(),
            is_demanded: false,
            widenings: 0,
            overdue_at: None,
            looks: BTreeMap::new(),
        }
    }

    pub(super) fn serving(&self) -> Serving<'_> {
        Serving::new(&self.requests, &self.world)
    }

    /// Goes on with staging: the new generations when all are ready, nothing if time is up before.
    pub(super) fn advance(
        &mut self,
        manager: &ModManager,
        deadline: Option<Instant>,
    ) -> Result<Option<Staged>, Box<Refusal>> {
        let queue = &manager.reading.settings.hot_reload.reload_queue;
        // Each transaction has its time, whether it comes alone or not.
        let count = u32::try_from(self.transactions.len()).unwrap_or(u32::MAX);
        let longest = Duration::from_secs(queue.reload_timeout).saturating_mul(count);
        let overdue_at = *self
            .overdue_at
            .get_or_insert_with(|| Instant::now() + longest);
        let is_done = self.staging.advance(
            manager,
            &self.transactions,
            &self.options,
            deadline,
            overdue_at,
        )?;
        Ok(is_done.then(|| std::mem::take(&mut self.staging).finish()))
    }

    /// Whether another mod may come along.
    pub(super) fn may_widen(&mut self) -> bool {
        self.widenings += 1;
        self.widenings <= WIDENINGS_MAX
    }

    /// Begins the transaction that has one of these mods from the start, as a wider one.
    pub(super) fn widen_to(&mut self, wider: Transaction, reaper: &Reaper) {
        let is_in_it = |it: &Transaction| it.steps.iter().any(|step| wider.has(&step.mod_id));
        let (out, left): (Vec<_>, Vec<_>) = std::mem::take(&mut self.transactions)
            .into_iter()
            .partition(is_in_it);
        self.transactions = left;
        let is_out = |mod_id: &ModId| out.iter().any(|it| it.has(mod_id));
        self.staging.leave_out(is_out, reaper);
        self.transactions.push(wider);
    }

    /// Goes on without the transaction that was refused.
    pub(super) fn leave_out(&mut self, refusal: Box<Refusal>, reaper: &Reaper) {
        let index = self.index_of(&refusal.mod_id);
        let transaction = self.transactions.remove(index);
        self.staging
            .leave_out(|mod_id| transaction.has(mod_id), reaper);
        self.refused.push((transaction, refusal));
    }

    /// Where the transaction of a mod is.
    pub(super) fn index_of(&self, mod_id: &ModId) -> usize {
        let mut transactions = self.transactions.iter();
        let own = transactions.position(|it| it.has(mod_id));
        own.unwrap_or_default()
    }

    /// All that switches, as one.
    pub(super) fn whole(&self) -> Transaction {
        let steps = self.transactions.iter().flat_map(|it| &it.steps);
        Transaction {
            steps: steps.cloned().collect(),
        }
    }

    /// Every step, of what was refused too.
    pub(super) fn steps(&self) -> impl Iterator<Item = &Step> {
        let refused = self.refused.iter().map(|(transaction, _)| transaction);
        let transactions = self.transactions.iter().chain(refused);
        transactions.flat_map(|it| &it.steps)
    }

    /// Drops what was staged so far. A large VM is freed beside.
    fn land(&mut self, reaper: &Reaper) {
        std::mem::take(&mut self.staging).abandon(reaper);
    }

    /// Whether going on would do anything.
    pub(super) fn is_ready(&self) -> bool {
        self.staging.is_ready()
    }

    /// Waits for what runs beside, at most until `deadline`.
    pub(super) fn wait(&mut self, deadline: Instant) {
        self.staging.wait(deadline);
    }

    /// Whether it has this VM.
    pub(super) fn has(&self, vm: &Arc<Vm>) -> bool {
        self.staging.has(vm)
    }

    /// The mods that get a new generation.
    fn renewed(&self) -> impl Iterator<Item = &ModId> {
        let steps = self.transactions.iter().flat_map(|it| &it.steps);
        let steps = steps.filter(|step| makes_a_vm(&step.action));
        steps.map(|step| &step.mod_id)
    }

    /// Whether the disk says something else of one of its mods by now. A way back goes on whatever it says.
    fn is_outdated(&self, manager: &ModManager) -> bool {
        self.steps().any(|step| {
            let was = self.looks.get(&step.mod_id).copied().flatten();
            !matches!(step.action, Action::RollBack { .. }) && was != manager.look_at(&step.mod_id)
        })
    }
}

impl ModManager {
    /// Begins with transactions: their reports, if they are done before `deadline`.
    pub(super) fn take_off(
        &mut self,
        flight: Flight,
        deadline: Option<Instant>,
    ) -> Vec<ReloadReport> {
        self.tell_of(&flight);
        let may_pause = self.may_pause();
        self.keep_flying(Box::new(flight), deadline.filter(|_| may_pause))
    }

    /// Whether what is begun may take several pumps.
    pub(super) fn may_pause(&self) -> bool {
        self.interruptions < INTERRUPTIONS_MAX
    }

    /// Goes on with what is on its way, if there is something: the reports, if it is done.
    pub(super) fn go_on(&mut self, deadline: Option<Instant>) -> Vec<ReloadReport> {
        let can_go_on = |flight: &mut Box<Flight>| deadline.is_none() || flight.is_ready();
        let Some(flight) = self.flight.take_if(can_go_on) else {
            return Vec::new();
        };
        let was_called = self.was_called();
        if was_called || flight.is_outdated(self) {
            // A file that is written again and again holds up only its own mod.
            let are_many = flight.transactions.len() + flight.refused.len() > 1;
            self.interruptions += u32::from(was_called || are_many);
            self.begin_anew(flight);
            return Vec::new();
        }
        self.keep_flying(flight, deadline)
    }

    fn keep_flying(
        &mut self,
        mut flight: Box<Flight>,
        deadline: Option<Instant>,
    ) -> Vec<ReloadReport> {
        match self.fly(&mut flight, deadline) {
            Flown::Landed(reports) => {
                self.interruptions = 0;
                reports
            }
            Flown::Aloft => {
                let look = |step: &Step| (step.mod_id.clone(), self.look_at(&step.mod_id));
                flight.looks = flight.steps().map(look).collect();
                self.pause_mods(&flight);
                self.flight = Some(flight);
                Vec::new()
            }
        }
    }

    /// Brings the transaction that is on its way to its end; its report comes with the next ones.
    pub(super) fn end_flight(&mut self) {
        while self.flight.is_some() {
            let reports = self.go_on(None);
            self.landed.extend(reports);
        }
    }

    /// As [`ModManager::end_flight`], if it is `mod_id` that waits for it.
    pub(super) fn end_flight_of(&mut self, mod_id: &ModId) {
        if self.late.mods.contains(mod_id) {
            self.end_flight();
        }
    }

    /// Gives the transaction that is on its way up: its mods go on as they are, and it is asked for again.
    pub(super) fn give_up_flight(&mut self) {
        if let Some(flight) = self.flight.take() {
            self.begin_anew(flight);
        }
    }

    /// As [`ModManager::give_up_flight`], if `mod_id` has a part in it.
    pub(super) fn give_up_flight_of(&mut self, mod_id: &ModId) {
        let flight = self.flight.as_ref();
        let has_part = flight.is_some_and(|flight| {
            let mut steps = flight.steps().filter(|step| makes_a_vm(&step.action));
            steps.any(|step| step.mod_id == *mod_id)
        });
        if has_part {
            self.give_up_flight();
        }
    }

    fn begin_anew(&mut self, mut flight: Box<Flight>) {
        self.resume_mods();
        flight.land(&self.reaper);
        let Flight {
            transactions,
            refused,
            requests,
            ..
        } = *flight;
        let refused = refused.into_iter().map(|(transaction, _)| transaction);
        self.postpone(transactions.into_iter().chain(refused), &requests);
        self.deliver_late();
    }

    /// Lets the events of the mods wait whose state is being carried.
    fn pause_mods(&mut self, flight: &Flight) {
        if !flight.staging.is_carrying() {
            return;
        }
        for mod_id in flight.renewed() {
            if let Some(running) = self.running.get(mod_id) {
                running.vm.pause();
                self.late.mods.insert(mod_id.clone());
            }
        }
    }

    /// Ends the pause; what waits is delivered by [`ModManager::deliver_late`].
    pub(super) fn resume_mods(&mut self) {
        for mod_id in &self.late.mods {
            if let Some(running) = self.running.get(mod_id) {
                running.vm.resume();
                // Its timers are looked at again.
                self.hub.set_dirty(mod_id);
            }
        }
    }

    /// Whether a paused mod was called.
    fn was_called(&self) -> bool {
        let paused = self.late.mods.iter();
        let mut paused = paused.filter_map(|mod_id| self.running.get(mod_id));
        paused.any(|running| running.vm.was_touched())
    }

    /// Keeps an event for the mods that are paused, if they hear it. Ends their pause where no more fits.
    pub(super) fn let_wait(&mut self, event: &str, payload: &Value, to: To<'_>) {
        let from = match to {
            _ if self.late.mods.is_empty() => return,
            To::Late(..) => return,
            To::Others(from) => Some(from),
            To::All => None,
        };
        if !self.is_heard_late(event) {
            return;
        }
        let bytes = self.late.bytes + payload.size();
        let is_full = self.late.events.len() >= WAITING_MAX || bytes > WAITING_BYTES_MAX;
        if is_full {
            return self.end_flight();
        }
        self.late.bytes = bytes;
        self.late.events.push_back(LateEvent {
            event: event.into(),
            payload: payload.clone(),
            from: from.cloned(),
        });
    }

    /// Whether a paused mod listens to an event, as it runs or as it will.
    fn is_heard_late(&self, event: &str) -> bool {
        let mut paused = self.late.mods.iter();
        let is_heard = |mod_id| {
            let running = self.running.get(mod_id);
            running.is_some_and(|running| running.vm.ledger().listens_to(event))
        };
        let flight = self.flight.as_ref();
        paused.any(is_heard) || flight.is_some_and(|flight| flight.staging.listens_to(event))
    }

    /// Delivers what has waited, in order, to the mods that it has waited for.
    pub(super) fn deliver_late(&mut self) {
        let Late { mods, events, .. } = std::mem::take(&mut self.late);
        for late in events {
            let to = To::Late(&mods, late.from.as_ref());
            self.deliver(&late.event, &late.payload, to);
        }
    }
}
