//! [`Guess`]: the best version of everything that is asked for, and what speaks against it.

use super::Question;
use crate::resolve::possible::{Bar, spread};

/// The best version of everything that is asked for, with what those need.
pub(super) struct Guess<'q, 'a> {
    question: Question<'q, 'a>,
    /// The candidate of each id, if it is to run.
    pub(super) of: Vec<Option<usize>>,
}

/// Two mods of which one can't have its way: (who says so, about whom).
pub(super) type Clash = (usize, usize);

impl<'q, 'a> Guess<'q, 'a> {
    pub(super) fn new(question: Question<'q, 'a>) -> Guess<'q, 'a> {
        let ids = 0..question.pool.ids.len();
        let best = |id| {
            let mut possible = question.possible(id);
            question.is_wanted(id).then(|| possible.next()).flatten()
        };
        let mut guess = Guess {
            question,
            of: ids.map(best).collect(),
        };
        guess.pull();
        guess
    }

    fn is_chosen(&self, candidate: usize) -> bool {
        self.of[self.question.pool.id_of[candidate]] == Some(candidate)
    }

    fn chosen(&self) -> impl Iterator<Item = (usize, usize)> {
        let chosen = self.of.iter().enumerate();
        chosen.filter_map(|(id, candidate)| Some((id, (*candidate)?)))
    }

    /// Whether somebody who is chosen answers.
    fn is_answered(&self, call: usize) -> bool {
        let mut answers = self.question.pool.calls[call].answers.iter();
        answers.any(|answer| self.is_chosen(*answer))
    }

    /// Takes what nobody asks for and somebody needs.
    fn pull(&mut self) {
        if self.question.rules.wanted.is_none() {
            return;
        }
        let mut queue: Vec<usize> = self.chosen().map(|(_, candidate)| candidate).collect();
        let mut next = 0;
        while let Some(user) = queue.get(next).copied() {
            next += 1;
            for (_, call) in self.question.pool.needs(user) {
                if self.is_answered(call) {
                    continue;
                }
                let (question, of) = (self.question, &self.of);
                let mut answers = question.pool.calls[call].answers.iter().copied();
                let is_free = |answer: &usize| {
                    question.could_run(*answer) && of[question.pool.id_of[*answer]].is_none()
                };
                if let Some(answer) = answers.find(is_free) {
                    self.of[question.pool.id_of[answer]] = Some(answer);
                    queue.push(answer);
                }
            }
        }
    }

    /// Everything that speaks against this choice.
    pub(super) fn clashes(&self) -> Vec<Clash> {
        let mut clashes = Vec::new();
        for (id, candidate) in self.chosen() {
            self.clashes_of(id, candidate, &mut clashes);
        }
        clashes
    }

    fn clashes_of(&self, id: usize, candidate: usize, clashes: &mut Vec<Clash>) {
        let pool = self.question.pool;
        for (_, call) in pool.needs(candidate) {
            if !self.is_answered(call) {
                let mut ids = self.question.answering_ids(call);
                clashes.extend(ids.next().map(|other| (id, other)));
            }
        }
        for (call, other) in self.question.wishes(candidate) {
            let is_misfit = |chosen| !pool.calls[call].answers.contains(&chosen);
            if self.of[other].is_some_and(is_misfit) {
                clashes.push((id, other));
            }
        }
        clashes.extend(self.excluded_by(candidate).map(|other| (id, other)));
    }

    /// The mods that a candidate excludes as they are chosen.
    fn excluded_by(&self, candidate: usize) -> impl Iterator<Item = usize> {
        let pool = self.question.pool;
        let calls = pool.says[candidate].conflicts.iter();
        let excluded = calls.flat_map(move |call| pool.calls[*call].answers.iter().copied());
        let chosen = excluded.filter(|other| self.is_chosen(*other));
        chosen.map(|other| pool.id_of[other])
    }

    /// The choice without so many mods that the rest can run: of two that exclude each other the one that comes
    /// later by `key`, and then who can't do without what is removed.
    pub(super) fn without_the_less_important<K: Ord>(
        &self,
        key: impl Fn(usize) -> K,
    ) -> Vec<Option<usize>> {
        let mut of = self.of.clone();
        for id in 0..of.len() {
            let excluded = of[id]
                .into_iter()
                .flat_map(|candidate| self.excluded_by(candidate));
            for other in excluded.collect::<Vec<_>>() {
                if of[id].is_some() && of[other].is_some() {
                    let later = if key(id) > key(other) { id } else { other };
                    of[later] = None;
                }
            }
        }
        let pool = self.question.pool;
        let candidates = 0..pool.candidates.len();
        let is_left = |candidate: usize| of[pool.id_of[candidate]] == Some(candidate);
        let bars = candidates.map(|candidate| (!is_left(candidate)).then_some(Bar::Unwanted));
        let mut bars: Vec<Option<Bar>> = bars.collect();
        spread(pool, &mut bars);
        let can_run = |candidate: &usize| bars[*candidate].is_none();
        of.into_iter()
            .map(|chosen| chosen.filter(can_run))
            .collect()
    }

    /// Adds what is asked for and was left out, where it needs nothing but what is chosen, and nobody minds.
    pub(super) fn add_what_goes_with_all(&mut self, ids: &[usize]) {
        let mut is_excluded = vec![false; self.question.pool.candidates.len()];
        for (_, candidate) in self.chosen() {
            for call in &self.question.pool.says[candidate].conflicts {
                for other in &self.question.pool.calls[*call].answers {
                    is_excluded[*other] = true;
                }
            }
        }
        for id in ids
            .iter()
            .copied()
            .filter(|id| self.question.is_wanted(*id))
        {
            if self.of[id].is_some() {
                continue;
            }
            let goes_with_all = |candidate: &usize| {
                !is_excluded[*candidate]
                    && self.has_its_needs(*candidate)
                    && self.excluded_by(*candidate).next().is_none()
            };
            self.of[id] = self.question.possible(id).find(goes_with_all);
            for call in self.of[id]
                .iter()
                .flat_map(|it| &self.question.pool.says[*it].conflicts)
            {
                for other in &self.question.pool.calls[*call].answers {
                    is_excluded[*other] = true;
                }
            }
        }
    }

    fn has_its_needs(&self, candidate: usize) -> bool {
        let mut needs = self.question.pool.needs(candidate);
        needs.all(|(_, call)| self.is_answered(call))
    }

    /// Drops what nobody asks for and nobody needs.
    pub(super) fn drop_unneeded(&mut self) {
        if self.question.rules.wanted.is_none() {
            return;
        }
        let wanted = self.chosen().filter(|(id, _)| self.question.is_wanted(*id));
        let mut queue: Vec<usize> = wanted.map(|(_, candidate)| candidate).collect();
        let mut is_needed = vec![false; self.of.len()];
        queue
            .iter()
            .for_each(|candidate| is_needed[self.question.pool.id_of[*candidate]] = true);
        let mut next = 0;
        while let Some(user) = queue.get(next).copied() {
            next += 1;
            for (_, call) in self.question.pool.needs(user) {
                let mut answers = self.question.pool.calls[call].answers.iter().copied();
                // The first that is there is the one that will be used.
                if let Some(answer) = answers.find(|answer| self.is_chosen(*answer)) {
                    let id = self.question.pool.id_of[answer];
                    if !std::mem::replace(&mut is_needed[id], true) {
                        queue.push(answer);
                    }
                }
            }
        }
        for (of, is_needed) in self.of.iter_mut().zip(is_needed) {
            *of = of.filter(|_| is_needed);
        }
    }
}
