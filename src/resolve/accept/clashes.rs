//! Mods that could run, but not beside those that were chosen before them.

use rustc_hash::FxHashMap;

use super::super::choose::{Choice, Fact, Question, Verdict, prove};
use super::{Reason, Selector};

/// The most clashes of one resolution for which a proof is looked for: each is a search of its own.
const PROOFS_MAX: usize = 64;

/// What keeps a mod from running.
#[derive(Default)]
pub(in crate::resolve) struct Clash {
    /// The mods beside which it can't run, together; empty where the proof took too long.
    pub(in crate::resolve) beside: Vec<usize>,
    /// What is said, by whom, that rules it out.
    pub(in crate::resolve) facts: Vec<Fact>,
}

/// Who excludes a candidate, and by which conflict.
type Excluders = FxHashMap<usize, Vec<(usize, usize)>>;

impl Selector<'_, '_> {
    /// Rejects the mods that were not chosen although each could run by itself.
    pub(super) fn reject_clashing(&mut self) {
        let is_left_out = |index: &usize| self.choice.of[*index].is_none();
        let left_out: Vec<usize> = self.choice.disputes.mods().filter(is_left_out).collect();
        if left_out.is_empty() {
            return;
        }
        let excluders = self.excluders();
        loop {
            let open = left_out.iter().copied().filter(|index| self.runs(*index));
            let open: Vec<usize> = open.collect();
            if open.is_empty() {
                return;
            }
            for index in self.first_of(&open) {
                if self.runs(index) {
                    let reason = self.clash(index, &excluders);
                    self.reject(index, reason);
                }
            }
            self.tell_users(true);
        }
    }

    /// Those of the mods left out that wait for no other one of them; else the first.
    fn first_of(&self, open: &[usize]) -> Vec<usize> {
        let chosen = |answer: &usize| self.choice.of[self.pool.id_of[*answer]] == Some(*answer);
        let mut is_open = vec![false; self.found.mods.len()];
        open.iter().for_each(|index| is_open[*index] = true);
        let waits_for_another = |index: &usize| {
            let mut needs = self.pool.needs(self.found.stands_for[*index]);
            needs.any(|(_, call)| {
                let answers = &self.pool.calls[call].answers;
                let is_another = |answer: &usize| {
                    let id = self.pool.id_of[*answer];
                    is_open[id] && id != *index
                };
                !answers.iter().any(chosen) && answers.iter().any(is_another)
            })
        };
        let free = open
            .iter()
            .copied()
            .filter(|index| !waits_for_another(index));
        let free: Vec<usize> = free.collect();
        match free.is_empty() {
            true => open[..1].to_vec(),
            false => free,
        }
    }

    /// Which candidates are excluded by a disputed mod that was chosen: the mod, and the number of its conflict.
    fn excluders(&self) -> Excluders {
        let mut excluders = Excluders::default();
        for id in self.choice.disputes.mods() {
            let said = self.choice.of[id].iter();
            let said = said.flat_map(|candidate| self.pool.says[*candidate].conflicts.iter());
            for (entry, call) in said.enumerate() {
                for answer in &self.pool.calls[*call].answers {
                    excluders.entry(*answer).or_default().push((id, entry));
                }
            }
        }
        excluders
    }

    /// Why a mod that was left out can't run.
    fn clash(&mut self, index: usize, excluders: &Excluders) -> Reason {
        if let Some(reason) = self.direct_conflict(index, excluders) {
            return reason;
        }
        let may_prove = self.proves && self.found.clashes.len() < PROOFS_MAX;
        let clash = may_prove.then(|| proof(self.question, self.choice, index));
        self.found.clashes.push(clash.flatten().unwrap_or_default());
        Reason::Clash(self.found.clashes.len() - 1)
    }

    /// A conflict of the mod with one that was chosen, or of that one with it.
    fn direct_conflict(&self, index: usize, excluders: &Excluders) -> Option<Reason> {
        let own = self.found.stands_for[index];
        let chosen =
            |candidate: &usize| self.choice.of[self.pool.id_of[*candidate]] == Some(*candidate);
        let said = self.pool.says[own].conflicts.iter().enumerate();
        let excluded = said.flat_map(|(entry, call)| {
            let excluded = self.pool.calls[*call]
                .answers
                .iter()
                .copied()
                .filter(chosen);
            excluded.map(move |other| (self.pool.id_of[other], entry, true))
        });
        let excluding = excluders.get(&own).into_iter().flatten();
        let excluding = excluding.map(|(other, entry)| (*other, *entry, false));
        // The more important one is the one that it has to give way to.
        let with = excluded.chain(excluding);
        let key = |(with, _, is_own): &(usize, usize, bool)| {
            let dependents = std::cmp::Reverse(self.choice.disputes.priority.dependents(*with));
            (dependents, *with, !is_own)
        };
        let (with, entry, is_own) = with.min_by_key(key)?;
        Some(Reason::Conflict {
            with,
            entry,
            is_own,
        })
    }
}

/// The fewest mods of those that go first beside which a mod that was left out can't run. `None` if that
/// takes too long to find out.
pub(in crate::resolve) fn proof(
    question: Question,
    choice: &Choice,
    index: usize,
) -> Option<Clash> {
    let (dispute, place) = choice.disputes.seat(index)?;
    // A search that took too long would do so again.
    if dispute.is_cut_short {
        return None;
    }
    let prove =
        |together: &[usize]| match prove(question, &choice.of, &choice.disputes, dispute, together)
        {
            Verdict::Impossible(blamed, facts) => Some((blamed, facts)),
            Verdict::Possible | Verdict::Unknown => None,
        };
    let is_there = |id: &usize| choice.of[*id].is_some() && question.is_wanted(*id);
    let first = dispute.mods[..place].iter().copied().filter(is_there);
    let together: Vec<usize> = first.chain([index]).collect();
    let (mut blamed, mut facts) = prove(&together)?;
    // Whoever can be left away is not to blame.
    let mut next = 0;
    while next < blamed.len() {
        let mut fewer = blamed.clone();
        let left_away = fewer.remove(next);
        match prove(&fewer).filter(|_| left_away != index) {
            Some(found) => (blamed, facts) = found,
            None => next += 1,
        }
    }
    blamed.retain(|id| *id != index);
    Some(Clash {
        beside: blamed,
        facts,
    })
}
