//! The search: what is disputed, put to pubgrub.
//!
//! pubgrub finds versions for packages that all must be there. Mods may stay away, so each has one rank
//! more, "absent", and a package of its own that says whether it is present; these are decided first. A
//! conflict leaves "absent" open; a dependency does not. A candidate that uses others where present has two
//! ranks: the better one asks for versions of them that fit, the other one does without. Who may answer to
//! a name that several mods provide is a package, too. Since pubgrub decides in the order it is told, learns
//! from each contradiction and goes back only as far as it must, what it finds is the choice that this room
//! promises: each decision stands as wished unless those before it rule that out.

use std::cell::Cell;
use std::cmp::Reverse;

use pubgrub::{
    Dependencies, DependencyProvider, PackageResolutionStatistics, PubGrubError, VersionSet,
};

use super::Question;
use super::disputes::{Dispute, Disputes};
use super::facts::Fact;
use super::ranks::{ABSENT, Ranks};

/// The steps of a search before it is given up. An index of 591 mods of a real community takes 23,000, in some
/// 50 ms.
const STEPS_MAX: usize = 500_000;

/// The conflicts that one part of a search may have a share in before it is given up. The same index comes to
/// 207; where every way has to be tried, they go into the ten thousands, and each makes the next one dearer.
const CONFLICTS_MAX: u32 = 3_000;

/// The mods that one package of the search stands for at most: pubgrub is slow where one needs thousands.
const BUNCH: usize = 256;

/// Whether some mods can run together.
pub(in crate::resolve) enum Verdict {
    /// They can.
    Possible,
    /// They can't: the mods of them that are to blame, and what these and others say that rules it out.
    Impossible(Vec<usize>, Vec<Fact>),
    /// The search took too long.
    Unknown,
}

/// Finds the choice for a dispute, as pairs of mod and candidate; the rest is as guessed. Only the first
/// `asked` of its mods are asked for. `None`: it took too long.
pub(super) fn search(
    question: Question,
    guess: &[Option<usize>],
    disputes: &Disputes,
    dispute: &Dispute,
    asked: usize,
) -> Option<Vec<(usize, Option<usize>)>> {
    let search = Search::new(question, guess, disputes, dispute, Goal::First(asked));
    let found = pubgrub::resolve(&search, Part::All, 1_u32).ok()?;
    let candidate = |id: &usize| {
        let rank = found.get(&Part::Mod(*id))?;
        search.candidate(*id, *rank)
    };
    Some(dispute.mods.iter().map(|id| (*id, candidate(id))).collect())
}

/// Whether mods of one dispute can run together, whatever becomes of the others.
pub(in crate::resolve) fn prove(
    question: Question,
    guess: &[Option<usize>],
    disputes: &Disputes,
    dispute: &Dispute,
    together: &[usize],
) -> Verdict {
    let goal = Goal::Together(together);
    let search = Search::new(question, guess, disputes, dispute, goal);
    match pubgrub::resolve(&search, Part::All, 1_u32) {
        Ok(_) => Verdict::Possible,
        Err(PubGrubError::NoSolution(tree)) => {
            let (blamed, facts) = search.facts(tree);
            Verdict::Impossible(blamed, facts)
        }
        Err(_) => Verdict::Unknown,
    }
}

/// Who should be present.
#[derive(Clone, Copy)]
enum Goal<'q> {
    /// As many as can be of so many mods that stand first.
    First(usize),
    /// All of these.
    Together(&'q [usize]),
}

/// What pubgrub decides about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Part {
    /// Everything that is asked for.
    All,
    /// Some of it.
    Bunch(usize),
    /// Whether a mod is present: 0 or 1.
    Presence(usize),
    /// Whether what a mod uses where present fits: 0 or 1.
    Wishes(usize),
    /// Which rank a mod has.
    Mod(usize),
    /// Which of several mods answers a call.
    Call(usize),
}

impl std::fmt::Display for Part {
    fn fmt(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
        write!(f, "{self:?}")
    }
}

pub(super) struct Search<'q, 'a> {
    pub(super) question: Question<'q, 'a>,
    guess: &'q [Option<usize>],
    disputes: &'q Disputes,
    dispute: &'q Dispute,
    goal: Goal<'q>,
    steps_left: Cell<usize>,
    /// The most conflicts that one part has had a share in.
    conflicts: Cell<u32>,
}

#[derive(Debug, thiserror::Error)]
#[error("the search took too many steps")]
pub(super) struct TooLong;

impl<'q, 'a> Search<'q, 'a> {
    fn new(
        question: Question<'q, 'a>,
        guess: &'q [Option<usize>],
        disputes: &'q Disputes,
        dispute: &'q Dispute,
        goal: Goal<'q>,
    ) -> Self {
        Search {
            question,
            guess,
            disputes,
            dispute,
            goal,
            steps_left: Cell::new(STEPS_MAX),
            conflicts: Cell::new(0),
        }
    }

    /// The place of a mod in its dispute, which is this one: others are not spoken of.
    fn place(&self, id: usize) -> Option<usize> {
        self.disputes.seat(id).map(|(_, place)| place)
    }

    fn candidate(&self, id: usize, rank: u32) -> Option<usize> {
        let mut possible = self.question.possible(id);
        possible.find(|candidate| self.disputes.rank[*candidate] == rank.next_multiple_of(2))
    }

    /// The ranks of a candidate that could run, the better one first.
    pub(super) fn ranks(&self, candidate: usize) -> impl Iterator<Item = u32> {
        let rank = self.disputes.rank[candidate];
        let does_without = self.disputes.has_wishes[candidate].then(|| rank - 1);
        [rank].into_iter().chain(does_without)
    }

    /// What a candidate uses where present and is disputed: (call, id).
    fn wishes(&self, candidate: usize) -> impl Iterator<Item = (usize, usize)> {
        let wishes = self.question.wishes(candidate);
        wishes.filter(|(_, id)| self.place(*id).is_some())
    }

    /// Absent, and every rank of a mod.
    fn all_ranks(&self, id: usize) -> Ranks {
        let present = self.question.possible(id).flat_map(|c| self.ranks(c));
        present.chain([ABSENT]).collect()
    }

    /// The ranks of a mod that are among the answers to a call.
    fn ranks_of(&self, id: usize, call: usize) -> Ranks {
        let answers = self.question.pool.calls[call].answers.iter().copied();
        answers
            .filter(|answer| self.question.pool.id_of[*answer] == id)
            .filter(|answer| self.question.could_run(*answer))
            .flat_map(|answer| self.ranks(answer))
            .collect()
    }

    /// Whether any version of a mod uses others where present.
    fn has_wishes(&self, id: usize) -> bool {
        let mut possible = self.question.possible(id);
        possible.any(|candidate| self.disputes.has_wishes[candidate])
    }

    fn should_be_present(&self, id: usize) -> bool {
        match self.goal {
            Goal::First(asked) => self.place(id).is_some_and(|place| place < asked),
            Goal::Together(together) => together.contains(&id),
        }
    }

    /// The mods that may answer a call, in the order of preference: what is asked for before the rest.
    fn answering(&self, call: usize) -> Vec<usize> {
        let mut ids: Vec<usize> = self.question.answering_ids(call).collect();
        ids.sort_by_key(|id| !self.question.is_wanted(*id));
        ids
    }

    fn of_all(&self) -> Vec<(Part, Ranks)> {
        match self.goal {
            Goal::Together(together) => together.iter().map(|id| self.present(*id)).collect(),
            Goal::First(asked) => {
                let bunches = 0..asked.div_ceil(BUNCH);
                bunches
                    .map(|bunch| (Part::Bunch(bunch), VersionSet::singleton(1)))
                    .collect()
            }
        }
    }

    fn present(&self, id: usize) -> (Part, Ranks) {
        (Part::Mod(id), self.all_ranks(id).without(ABSENT))
    }

    fn of_bunch(&self, bunch: usize) -> Vec<(Part, Ranks)> {
        let members = self.dispute.mods.iter().skip(bunch * BUNCH).take(BUNCH);
        let wanted = members.filter(|id| self.should_be_present(**id));
        let parts = wanted.flat_map(|id| {
            let wishes = self.has_wishes(*id).then_some(Part::Wishes(*id));
            [Part::Presence(*id)].into_iter().chain(wishes)
        });
        parts.map(|part| (part, Ranks::up_to(2))).collect()
    }

    fn of_candidate(&self, candidate: usize, does_without: bool) -> Vec<(Part, Ranks)> {
        let pool = self.question.pool;
        let mut parts = Vec::new();
        for (_, call) in pool.needs(candidate) {
            parts.extend(self.need(call));
        }
        for (call, id) in self.wishes(candidate).filter(|_| !does_without) {
            parts.push((Part::Mod(id), self.ranks_of(id, call).and(ABSENT)));
        }
        for call in &pool.says[candidate].conflicts {
            let excluded = pool.calls[*call].answers.iter().copied();
            let mut ids: Vec<usize> = excluded.map(|other| pool.id_of[other]).collect();
            ids.dedup();
            for id in ids.into_iter().filter(|id| self.place(*id).is_some()) {
                parts.push((Part::Mod(id), self.ranks_beside(id, *call)));
            }
        }
        parts
    }

    /// The ranks of a mod that a conflict leaves.
    pub(super) fn ranks_beside(&self, id: usize, call: usize) -> Ranks {
        let excluded = self.ranks_of(id, call);
        self.all_ranks(id).intersection(&excluded.complement())
    }

    /// What a call asks of the search; nothing where somebody answers who is not disputed.
    pub(super) fn need(&self, call: usize) -> Option<(Part, Ranks)> {
        let pool = self.question.pool;
        let is_settled = |answer: &usize| {
            let id = pool.id_of[*answer];
            self.place(id).is_none() && self.guess[id] == Some(*answer)
        };
        if pool.calls[call].answers.iter().any(is_settled) {
            return None;
        }
        match self.answering(call).as_slice() {
            [only] => Some((Part::Mod(*only), self.ranks_of(*only, call))),
            several => {
                let count = u32::try_from(several.len()).unwrap_or(u32::MAX);
                Some((Part::Call(call), Ranks::up_to(count)))
            }
        }
    }
}

impl DependencyProvider for Search<'_, '_> {
    type P = Part;
    type V = u32;
    type VS = Ranks;
    type M = String;
    type Err = TooLong;
    type Priority = (u8, Reverse<usize>);

    fn prioritize(
        &self,
        part: &Part,
        ranks: &Ranks,
        statistics: &PackageResolutionStatistics,
    ) -> Self::Priority {
        let conflicts = self.conflicts.get().max(statistics.conflict_count());
        self.conflicts.set(conflicts);
        let place = |id: &usize| Reverse(self.place(*id).unwrap_or(usize::MAX));
        match part {
            Part::All => (8, Reverse(0)),
            Part::Bunch(bunch) => (7, Reverse(*bunch)),
            Part::Presence(id) => (6, place(id)),
            Part::Wishes(id) => (5, place(id)),
            Part::Mod(id) if self.should_be_present(*id) => (4, place(id)),
            Part::Call(call) => (3, Reverse(*call)),
            Part::Mod(id) if !ranks.contains(&ABSENT) => (2, place(id)),
            Part::Mod(id) => (1, place(id)),
        }
    }

    fn choose_version(&self, part: &Part, ranks: &Ranks) -> Result<Option<u32>, TooLong> {
        let contains = |rank: &u32| ranks.contains(rank);
        Ok(match part {
            Part::All | Part::Bunch(_) => Some(1),
            Part::Presence(_) | Part::Wishes(_) => [1, ABSENT].into_iter().find(contains),
            Part::Call(call) => {
                let alternatives = 0..u32::try_from(self.answering(*call).len()).unwrap_or(0);
                alternatives.into_iter().find(contains)
            }
            Part::Mod(id) if !self.should_be_present(*id) && contains(&ABSENT) => Some(ABSENT),
            Part::Mod(id) => {
                let best_first = self.question.possible(*id).flat_map(|c| self.ranks(c));
                best_first.chain([ABSENT]).find(contains)
            }
        })
    }

    fn get_dependencies(
        &self,
        part: &Part,
        rank: &u32,
    ) -> Result<Dependencies<Part, Ranks, String>, TooLong> {
        let parts = match part {
            Part::All => self.of_all(),
            Part::Bunch(bunch) => self.of_bunch(*bunch),
            Part::Presence(id) if *rank == ABSENT => {
                vec![(Part::Mod(*id), VersionSet::singleton(ABSENT))]
            }
            Part::Presence(id) => vec![self.present(*id)],
            Part::Wishes(_) if *rank == ABSENT => Vec::new(),
            Part::Wishes(id) => {
                let possible = self.question.possible(*id).map(|c| self.disputes.rank[c]);
                vec![(Part::Mod(*id), possible.chain([ABSENT]).collect())]
            }
            Part::Mod(id) => match self.candidate(*id, *rank) {
                Some(candidate) => self.of_candidate(candidate, rank % 2 == 1),
                None => Vec::new(),
            },
            Part::Call(call) => {
                let answering = self.answering(*call);
                let id = answering[*rank as usize];
                vec![(Part::Mod(id), self.ranks_of(id, *call))]
            }
        };
        Ok(Dependencies::Available(parts.into_iter().collect()))
    }

    fn should_cancel(&self) -> Result<(), TooLong> {
        if self.conflicts.get() > CONFLICTS_MAX {
            return Err(TooLong);
        }
        let left = self.steps_left.get().checked_sub(1).ok_or(TooLong)?;
        self.steps_left.set(left);
        Ok(())
    }
}
