//! Waiting for coroutines to end: with `on_uncarryable = "drain"`, a reload that nothing else refuses is put off.
//!
//! It is tried again after the game has run code of mods, since only that ends a coroutine, and not before a
//! look at the running VM finds none any more: nothing is staged for the look. An idle host has nothing to do.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use crate::lua::carry::Uncarryable;
use crate::manager::ModManager;
use crate::manager::stage::{Refusal, capture};
use crate::manager::world::Look;
use crate::mod_id::ModId;
use crate::problem::{Code, Problem};
use crate::reload::{ModReport, Outcome, ReloadReport, ReloadRequest, Transaction};

use super::Serving;

/// A look at a VM that takes longer is not repeated at once.
const QUICK_LOOK: Duration = Duration::from_millis(1);

/// How many times as long as a look took there is none.
const PAUSE_FACTOR: u32 = 9;

/// A transaction that waits.
pub(in crate::manager) struct Waiting {
    mods: BTreeSet<ModId>,
    /// What was asked for, to be asked for again.
    requests: Vec<ReloadRequest>,
    /// What the files said when people were told that it waits.
    looks: Vec<Option<Look>>,
    since: Instant,
    /// How much of the game had run at the last look, and when the next one may be.
    seen: u64,
    not_before: Instant,
    /// Whether it has been asked for again, and nothing has come of it yet.
    is_being_tried: bool,
}

impl ModManager {
    /// Whether a reload of this mod may (still) wait.
    pub(in crate::manager) fn may_wait(&self, mod_id: &ModId) -> bool {
        let mut own = self.waiting.iter();
        let own = own.find(|waiting| waiting.mods.contains(mod_id));
        own.is_none_or(|waiting| !self.has_waited_long(waiting))
    }

    /// When the next look is due, if code of mods has run since the last one.
    pub(in crate::manager) fn next_look(&self) -> Option<Instant> {
        let due = self.waiting.iter().filter_map(|waiting| {
            let end = self.end_of(waiting);
            match waiting.seen != self.activity {
                true => Some(waiting.not_before.min(end)),
                false => Some(end).filter(|end| *end <= Instant::now()),
            }
        });
        due.min()
    }

    /// When the first of those that wait gives up.
    pub(in crate::manager) fn end_of_waiting(&self) -> Option<Instant> {
        self.waiting.iter().map(|it| self.end_of(it)).min()
    }

    /// Asks again for what has waited long enough, or has nothing to wait for any more.
    pub(in crate::manager) fn look_at_waiting(&mut self) {
        if self.next_look().is_none_or(|at| at > Instant::now()) {
            return;
        }
        let mut waiting = std::mem::take(&mut self.waiting);
        for one in waiting.iter_mut().filter(|one| !one.is_being_tried) {
            let started = Instant::now();
            let is_over = self.has_waited_long(one);
            let has_run = one.seen != self.activity && one.not_before <= started;
            if !is_over && !has_run {
                continue;
            }
            one.seen = self.activity;
            if is_over || !one.mods.iter().any(|mod_id| self.has_coroutines(mod_id)) {
                one.is_being_tried = true;
                for mod_id in &one.mods {
                    self.looked.remove(mod_id);
                }
                self.batch.extend(one.requests.iter().cloned());
            }
            let took = started.elapsed();
            if took > QUICK_LOOK {
                one.not_before = started + took * (1 + PAUSE_FACTOR);
            }
        }
        self.waiting = waiting;
    }

    /// Forgets what was asked for again and has come to nothing: the files are as they were, or the mod is gone.
    pub(in crate::manager) fn forget_what_came_to_nothing(&mut self) {
        if !self.batch.is_empty() || !self.queue.is_empty() {
            return;
        }
        let (over, waiting) = std::mem::take(&mut self.waiting)
            .into_iter()
            .partition(|waiting| waiting.is_being_tried);
        self.waiting = waiting;
        let over: Vec<Waiting> = over;
        for mod_id in over.iter().flat_map(|waiting| &waiting.mods) {
            self.troubles.remove(mod_id);
        }
    }

    /// Puts a transaction off; nothing has happened to its mods.
    pub(super) fn put_off(
        &mut self,
        transaction: &Transaction,
        serving: Serving<'_>,
        refusal: &Refusal,
    ) -> ReloadReport {
        let mods = mods_of(transaction);
        let is_its = |request: &&ReloadRequest| mods.contains(&request.mod_id);
        let mut requests: Vec<ReloadRequest> =
            serving.requests.iter().filter(is_its).cloned().collect();
        for before in self.end_waiting(transaction) {
            requests.extend(before.requests);
        }
        let mut reports = Vec::new();
        for step in &transaction.steps {
            let mut report = self.blank_report(step, serving, Outcome::Kept);
            report.phases = self.waited();
            report.problems = refusal.problems_for(&step.mod_id);
            self.troubles
                .insert(step.mod_id.clone(), report.problems.clone());
            self.mark_looked(&step.mod_id);
            reports.push(report);
        }
        self.waiting.push(Waiting {
            looks: self.looks_at(&mods),
            mods,
            requests,
            since: Instant::now(),
            seen: self.activity,
            not_before: Instant::now(),
            is_being_tried: false,
        });
        self.finish(reports)
    }

    /// Whether this transaction waits already, as its files are, and people know; then it goes on waiting.
    pub(super) fn goes_on_waiting(&mut self, transaction: &Transaction) -> bool {
        let mods = mods_of(transaction);
        let looks = self.looks_at(&mods);
        let mut all = self.waiting.iter_mut();
        let Some(same) = all.find(|one| one.mods == mods && one.looks == looks) else {
            return false;
        };
        (same.is_being_tried, same.seen) = (false, self.activity);
        mods.iter().for_each(|mod_id| self.mark_looked(mod_id));
        true
    }

    /// A transaction that switched, or was refused for good, waits no more.
    pub(super) fn end_waiting(&mut self, transaction: &Transaction) -> Vec<Waiting> {
        if self.waiting.is_empty() {
            return Vec::new();
        }
        let mods = mods_of(transaction);
        let (over, waiting) = std::mem::take(&mut self.waiting)
            .into_iter()
            .partition(|waiting| !waiting.mods.is_disjoint(&mods));
        self.waiting = waiting;
        over
    }

    fn looks_at(&self, mods: &BTreeSet<ModId>) -> Vec<Option<Look>> {
        mods.iter().map(|mod_id| self.look_at(mod_id)).collect()
    }

    /// When a transaction has waited long enough.
    fn end_of(&self, waiting: &Waiting) -> Instant {
        let queue = &self.reading.settings.hot_reload.reload_queue;
        waiting.since + Duration::from_secs(queue.reload_timeout)
    }

    fn has_waited_long(&self, waiting: &Waiting) -> bool {
        Instant::now() >= self.end_of(waiting)
    }

    fn has_coroutines(&self, mod_id: &ModId) -> bool {
        let Some(running) = self.running.get(mod_id) else {
            return false;
        };
        let captured = capture(&running.vm, &self.reading.settings);
        captured.is_ok_and(|captured| captured.uncarryable.iter().any(Uncarryable::is_coroutine))
    }
}

impl Waiting {
    /// Adds to the report of a mod that switched in the end that it had waited.
    pub(super) fn note(&self, report: &mut ModReport) {
        let is_of_it = self.mods.contains(&report.mod_id);
        if self.is_being_tried && is_of_it && report.outcome == Outcome::Reloaded {
            let because = "waited for coroutines to end before it switched";
            let problem = Problem::warning(Code::WAITING, because).of(&report.mod_id);
            report.problems.insert(0, problem);
        }
    }
}

fn mods_of(transaction: &Transaction) -> BTreeSet<ModId> {
    let steps = transaction.steps.iter();
    steps.map(|step| step.mod_id.clone()).collect()
}
