//! [`Straight`]: disputes that can be decided mod by mod, without ever going back.
//!
//! Each decision is tried with all that follows from it. If that contradicts what was decided before, the
//! decision is taken back, and its opposite holds. Nearly always this way leads to the end, and then it has
//! found the choice: each decision stood as wished unless those before it ruled that out, and the end proves
//! that what stands can be had. Where a decision and its opposite both lead to a contradiction, one of those
//! before was wrong. Then the way is given up, and the dispute has to be searched.

use super::Question;
use super::callers::Callers;
use super::disputes::{Dispute, Disputes};
use super::ranks::ABSENT;

/// The consequences that are drawn for one dispute before the way is given up, for each of its candidates and
/// beside them. A few are enough, except where sets are made to be slow.
const STEPS_EACH: usize = 64;
const STEPS_MORE: usize = 10_000;

/// What is still possible in all disputes.
pub(super) struct Straight<'q, 'a> {
    question: Question<'q, 'a>,
    callers: &'q Callers,
    disputes: &'q Disputes,
    /// The calls that nobody answers who is not disputed.
    is_open: Vec<bool>,
    /// The candidates that may still be chosen.
    is_left: Vec<bool>,
    /// How many they are of each mod.
    left_of: Vec<usize>,
    /// How many of them answer each call.
    left_for: Vec<usize>,
    /// The mods that are present.
    is_present: Vec<bool>,
    /// The mods whose wishes have to be met.
    has_its_way: Vec<bool>,
    /// The calls of those who are chosen.
    is_needed: Vec<bool>,
    /// What has followed from the decision that is tried.
    followed: Vec<Step>,
    /// What is still to be followed.
    open: Vec<Step>,
    steps_left: usize,
}

/// What is decided, or follows.
#[derive(Clone, Copy)]
enum Step {
    /// Used for a candidate that can't be chosen.
    Drop(usize),
    /// Used for the candidate to choose of its mod.
    Take(usize),
    /// Used for a mod that is to run.
    Present(usize),
    /// Used for the only candidate that is left of a mod that is present.
    Chosen(usize),
    /// Used for a mod whose wishes have to be met.
    Meet(usize),
    /// Used for a call of somebody who is chosen.
    Need(usize),
}

/// Why the consequences were not followed to their end.
enum Stop {
    Contradiction,
    TooLong,
}

impl<'q, 'a> Straight<'q, 'a> {
    pub(super) fn new(
        question: Question<'q, 'a>,
        callers: &'q Callers,
        guess: &[Option<usize>],
        disputes: &'q Disputes,
    ) -> Self {
        let pool = question.pool;
        let is_left = |candidate: usize| disputes.rank[candidate] != ABSENT;
        let is_left: Vec<bool> = (0..pool.candidates.len()).map(is_left).collect();
        let is_settled =
            |answer: &usize| !is_left[*answer] && guess[pool.id_of[*answer]] == Some(*answer);
        let is_open = |call: usize| !pool.calls[call].answers.iter().any(is_settled);
        let is_open: Vec<bool> = (0..pool.calls.len()).map(is_open).collect();
        let mut left_of = vec![0; pool.ids.len()];
        let mut left_for = vec![0; pool.calls.len()];
        for candidate in (0..pool.candidates.len()).filter(|it| is_left[*it]) {
            left_of[pool.id_of[candidate]] += 1;
            let answered = callers.answered.of(candidate).iter();
            answered.for_each(|call| left_for[*call] += 1);
        }
        Straight {
            question,
            callers,
            disputes,
            is_open,
            is_left,
            left_of,
            left_for,
            is_present: vec![false; pool.ids.len()],
            has_its_way: vec![false; pool.ids.len()],
            is_needed: vec![false; pool.calls.len()],
            followed: Vec::new(),
            open: Vec::new(),
            steps_left: 0,
        }
    }

    /// The choice for a dispute, as pairs of mod and candidate. `None`: it has to be searched. That is so
    /// where not all of its mods are asked for, too: who of the others runs is left open by the rule.
    pub(super) fn decide(&mut self, dispute: &Dispute) -> Option<Vec<(usize, Option<usize>)>> {
        if !dispute.is_asked_for() {
            return None;
        }
        let candidates = dispute.mods.iter().map(|id| self.left_of[*id]);
        self.steps_left = STEPS_MORE + candidates.sum::<usize>() * STEPS_EACH;
        self.decide_in_turn(&dispute.mods).ok()?;
        let chosen = |id: &usize| self.left(*id).next();
        Some(dispute.mods.iter().map(|id| (*id, chosen(id))).collect())
    }

    fn decide_in_turn(&mut self, mods: &[usize]) -> Result<(), Stop> {
        for id in mods {
            if !self.can(Step::Present(*id))? {
                self.drop_all(*id, |_| true)?;
            }
        }
        let disputes = self.disputes;
        let has_wishes = |candidate: &usize| disputes.has_wishes[*candidate];
        for id in mods {
            if self.left(*id).any(|it| has_wishes(&it)) && !self.can(Step::Meet(*id))? {
                // Who has no wishes has them met.
                self.drop_all(*id, |candidate| !has_wishes(candidate))?;
            }
        }
        for id in mods {
            let candidates: Vec<usize> = self.left(*id).collect();
            for best in candidates {
                if self.left_of[*id] == 1 {
                    break;
                }
                // What was dropped since can't be taken.
                if !self.can(Step::Take(best))? {
                    self.follow(Step::Drop(best))?;
                }
            }
        }
        Ok(())
    }

    /// The candidates of a mod that are left, the best first.
    fn left(&self, id: usize) -> impl Iterator<Item = usize> {
        let candidates = self.question.pool.of(id);
        candidates.filter(|candidate| self.is_left[*candidate])
    }

    /// Decides so, unless that contradicts what was decided.
    fn can(&mut self, step: Step) -> Result<bool, Stop> {
        self.followed.clear();
        match self.follow(step) {
            Ok(()) => Ok(true),
            Err(Stop::Contradiction) => {
                self.take_back();
                Ok(false)
            }
            Err(Stop::TooLong) => Err(Stop::TooLong),
        }
    }

    fn drop_all(&mut self, id: usize, which: impl Fn(&usize) -> bool) -> Result<(), Stop> {
        let dropped: Vec<usize> = self.left(id).filter(which).collect();
        dropped
            .into_iter()
            .try_for_each(|candidate| self.follow(Step::Drop(candidate)))
    }

    /// Does a step and all that follow from it.
    fn follow(&mut self, step: Step) -> Result<(), Stop> {
        self.open.clear();
        self.open.push(step);
        while let Some(step) = self.open.pop() {
            self.step(1)?;
            match step {
                Step::Drop(candidate) => self.drop(candidate)?,
                Step::Take(candidate) => self.take(candidate)?,
                Step::Present(id) => self.present(id)?,
                Step::Chosen(candidate) => self.chosen(candidate),
                Step::Meet(id) => self.meet(id),
                Step::Need(call) => self.need(call)?,
            }
        }
        Ok(())
    }

    fn step(&mut self, count: usize) -> Result<(), Stop> {
        self.steps_left = self.steps_left.checked_sub(count).ok_or(Stop::TooLong)?;
        Ok(())
    }

    fn take_back(&mut self) {
        while let Some(step) = self.followed.pop() {
            match step {
                Step::Drop(candidate) => {
                    self.is_left[candidate] = true;
                    self.left_of[self.question.pool.id_of[candidate]] += 1;
                    let answered = self.callers.answered.of(candidate).iter();
                    answered.for_each(|call| self.left_for[*call] += 1);
                }
                Step::Present(id) => self.is_present[id] = false,
                Step::Meet(id) => self.has_its_way[id] = false,
                Step::Need(call) => self.is_needed[call] = false,
                Step::Take(_) | Step::Chosen(_) => {}
            }
        }
    }

    fn drop(&mut self, candidate: usize) -> Result<(), Stop> {
        if !std::mem::take(&mut self.is_left[candidate]) {
            return Ok(());
        }
        self.followed.push(Step::Drop(candidate));
        for call in self.callers.answered.of(candidate) {
            self.left_for[*call] -= 1;
            match self.left_for[*call] {
                0 if self.is_open[*call] => {
                    let users = self.callers.users.of(*call).iter().copied();
                    self.open.extend(users.map(Step::Drop));
                }
                1 if self.is_needed[*call] => {
                    let mut answers = self.question.pool.calls[*call].answers.iter();
                    let last = answers.find(|answer| self.is_left[**answer]);
                    self.open.extend(last.copied().map(Step::Take));
                }
                _ => {}
            }
        }
        let id = self.question.pool.id_of[candidate];
        self.left_of[id] -= 1;
        match self.left_of[id] {
            0 if self.is_present[id] => Err(Stop::Contradiction),
            1 if self.is_present[id] => {
                self.choose_the_last(id);
                Ok(())
            }
            _ => Ok(()),
        }
    }

    fn take(&mut self, candidate: usize) -> Result<(), Stop> {
        if !self.is_left[candidate] {
            return Err(Stop::Contradiction);
        }
        let id = self.question.pool.id_of[candidate];
        let others = self.question.pool.of(id).filter(|it| *it != candidate);
        self.open.extend(others.map(Step::Drop));
        self.open.push(Step::Present(id));
        Ok(())
    }

    fn present(&mut self, id: usize) -> Result<(), Stop> {
        if std::mem::replace(&mut self.is_present[id], true) {
            return Ok(());
        }
        self.followed.push(Step::Present(id));
        match self.left_of[id] {
            0 => return Err(Stop::Contradiction),
            1 => self.choose_the_last(id),
            _ => {}
        }
        Ok(())
    }

    fn choose_the_last(&mut self, id: usize) {
        let last = self.left(id).next();
        self.open.extend(last.map(Step::Chosen));
    }

    fn chosen(&mut self, candidate: usize) {
        let pool = self.question.pool;
        let needs = pool.needs(candidate).map(|(_, call)| call);
        let open = needs.filter(|call| self.is_open[*call]);
        self.open.extend(open.map(Step::Need));
        let is_left = |other: &usize| self.is_left[*other];
        for call in &pool.says[candidate].conflicts {
            let excluded = pool.calls[*call].answers.iter().copied();
            self.open.extend(excluded.filter(is_left).map(Step::Drop));
        }
        for call in self.callers.answered.of(candidate) {
            let enemies = self.callers.enemies.of(*call).iter().copied();
            self.open.extend(enemies.filter(is_left).map(Step::Drop));
        }
        if self.has_its_way[pool.id_of[candidate]] {
            self.meet_wishes(candidate);
        }
    }

    fn meet(&mut self, id: usize) {
        if !std::mem::replace(&mut self.has_its_way[id], true) {
            self.followed.push(Step::Meet(id));
            if self.is_present[id] && self.left_of[id] == 1 {
                let chosen = self.left(id).next();
                chosen.into_iter().for_each(|it| self.meet_wishes(it));
            }
        }
    }

    /// What a candidate uses where present has to fit.
    fn meet_wishes(&mut self, candidate: usize) {
        let question = self.question;
        for (call, id) in question.wishes(candidate) {
            self.drop_misfits(id, call);
        }
    }

    /// Drops what is left of a mod and does not answer a call.
    fn drop_misfits(&mut self, id: usize, call: usize) {
        let answers = &self.question.pool.calls[call].answers;
        for candidate in self.question.pool.of(id) {
            if self.is_left[candidate] && !answers.contains(&candidate) {
                self.open.push(Step::Drop(candidate));
            }
        }
    }

    fn need(&mut self, call: usize) -> Result<(), Stop> {
        if std::mem::replace(&mut self.is_needed[call], true) {
            return Ok(());
        }
        self.followed.push(Step::Need(call));
        let pool = self.question.pool;
        let answers = &pool.calls[call].answers;
        let left = answers.iter().copied().enumerate();
        let mut left = left.filter(|(_, answer)| self.is_left[*answer]);
        let Some((_, first)) = left.next() else {
            return Err(Stop::Contradiction);
        };
        let id = pool.id_of[first];
        let other = left.find(|(_, answer)| pool.id_of[*answer] != id);
        let looked_at = other.map_or(answers.len(), |(place, _)| place);
        self.step(looked_at)?;
        if other.is_none() {
            self.open.push(Step::Present(id));
            self.drop_misfits(id, call);
        }
        Ok(())
    }
}
