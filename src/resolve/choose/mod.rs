//! Which candidate of each id runs: as many mods as can be, then the best version of each.
//!
//! The rule is one sentence. *In the order of priority each mod that is asked for is present if that is
//! still possible; then, in the same order, what each uses where present has a version that fits, if that
//! is still possible; then, in the same order, each has the best version that is still possible.* Pinned
//! mods come first, then those with more dependents, then the smaller id.
//!
//! Nearly always the best version of everything fits, and then that is the answer ([`Guess`]). Where it does
//! not, [`links`] finds the few mods that it can make a difference to, in parts that have nothing to do with
//! each other. [`Straight`] decides what needs no search, and [`search`] puts the rest to pubgrub. A search that takes too long is given up for one
//! about fewer mods, of the highest priority; what goes with all that it finds is added.

mod callers;
mod disputes;
mod facts;
mod guess;
mod links;
mod ranks;
mod search;
mod straight;

use std::cmp::Reverse;
use std::mem::replace;

use super::Rules;
use super::pool::Pool;
use super::possible::Bar;
use callers::Callers;
use disputes::{Dispute, Disputes};
pub(super) use facts::{Entry, Fact};
use guess::Guess;
pub(super) use search::{Verdict, prove};
use straight::Straight;

/// What is to be chosen from.
#[derive(Clone, Copy)]
pub(super) struct Question<'q, 'a> {
    pub(super) pool: &'q Pool<'a>,
    /// Why a candidate can't run, whatever is chosen of the others.
    pub(super) bars: &'q [Option<Bar>],
    pub(super) rules: &'q Rules,
}

/// Who runs.
#[derive(Clone)]
pub(super) struct Choice {
    /// The candidate of each id; `None`: none of them.
    pub(super) of: Vec<Option<usize>>,
    /// What had to be searched.
    pub(super) disputes: Disputes,
}

impl Choice {
    /// Whether a search was given up, so that a better choice may exist.
    pub(super) fn is_cut_short(&self) -> bool {
        self.disputes
            .list
            .iter()
            .any(|dispute| dispute.is_cut_short)
    }
}

/// Chooses by the rule of this room.
pub(super) fn choose(question: Question) -> Choice {
    let mut guess = Guess::new(question);
    let clashes = guess.clashes();
    if clashes.is_empty() {
        return Choice {
            of: guess.of,
            disputes: Disputes::default(),
        };
    }
    let callers = Callers::new(question);
    let parts = links::disputed(question, &callers, &guess.of, &clashes);
    let mut disputes = Disputes::new(question, &callers, parts);
    let found = decide(question, &callers, &guess.of, &mut disputes);
    if found.iter().any(Option::is_none) {
        let priority = |id| disputes.priority.key(question, id);
        guess.of = guess.without_the_less_important(priority);
    }
    for (id, candidate) in found.into_iter().flatten().flatten() {
        guess.of[id] = candidate;
    }
    for dispute in disputes.list.iter().filter(|dispute| dispute.is_cut_short) {
        guess.add_what_goes_with_all(&dispute.mods);
    }
    guess.drop_unneeded();
    Choice {
        of: guess.of,
        disputes,
    }
}

/// A mod, and which of its candidates runs.
type Decided = Vec<(usize, Option<usize>)>;

/// Decides each dispute. `None`: nothing was found in time.
fn decide(
    question: Question,
    callers: &Callers,
    guess: &[Option<usize>],
    disputes: &mut Disputes,
) -> Vec<Option<Decided>> {
    let is_asked_for = disputes.list.iter().any(Dispute::is_asked_for);
    let mut straight = is_asked_for.then(|| Straight::new(question, callers, guess, disputes));
    let mut found = Vec::with_capacity(disputes.list.len());
    let mut cut_short = Vec::new();
    for (number, dispute) in disputes.list.iter().enumerate() {
        let search = |asked| search::search(question, guess, disputes, dispute, asked);
        let straight = straight.as_mut().and_then(|it| it.decide(dispute));
        found.push(straight.or_else(|| search(dispute.asked)).or_else(|| {
            cut_short.push(number);
            longest(dispute.asked, search)
        }));
    }
    for number in cut_short {
        disputes.list[number].is_cut_short = true;
    }
    found
}

/// How often it is tried to find out how many mods a search may be about. Each try that fails takes as long as
/// the search that was given up.
const TRIES_MAX: usize = 4;

/// What a search finds about the first few of `count` mods, about as many as it can do.
fn longest<T>(count: usize, search: impl Fn(usize) -> Option<T>) -> Option<T> {
    let mut found = None;
    let (mut done, mut too_many) = (0, count);
    for _ in 0..TRIES_MAX {
        if too_many - done < 2 {
            break;
        }
        let middle = done + (too_many - done) / 2;
        match search(middle) {
            Some(better) => (found, done) = (Some(better), middle),
            None => too_many = middle,
        }
    }
    found
}

impl Question<'_, '_> {
    /// Whether a candidate could run.
    pub(super) fn could_run(&self, candidate: usize) -> bool {
        self.bars[candidate].is_none()
    }

    /// The candidates of an id that could run, the best first.
    pub(super) fn possible(&self, id: usize) -> impl Iterator<Item = usize> {
        self.pool
            .of(id)
            .filter(|candidate| self.could_run(*candidate))
    }

    /// What a candidate uses where present, of which some version that could run fits: (call, id). Where
    /// none does, the candidate does without, whatever is chosen.
    pub(super) fn wishes(&self, candidate: usize) -> impl Iterator<Item = (usize, usize)> {
        let pool = self.pool;
        let wishes = pool.wishes(candidate);
        wishes.filter_map(move |(_, call)| {
            let id = pool.calls[call].id?;
            // Those of that id stand first.
            let mut answers = pool.calls[call].answers.iter();
            let fitting = answers
                .by_ref()
                .take_while(|answer| pool.id_of[**answer] == id);
            let is_possible = fitting.into_iter().any(|answer| self.could_run(*answer));
            is_possible.then_some((call, id))
        })
    }

    /// Whether somebody asks for the mod.
    pub(super) fn is_wanted(&self, id: usize) -> bool {
        let wanted = self.rules.wanted.as_ref();
        wanted.is_none_or(|wanted| wanted.contains(self.pool.ids[id]))
    }

    /// Whether the user says which versions the mod may have.
    pub(super) fn is_pinned(&self, id: usize) -> bool {
        self.rules.pins.contains_key(self.pool.ids[id])
    }

    /// The ids of the candidates that answer a call and could run, each once, in the order of preference.
    pub(super) fn answering_ids(&self, call: usize) -> impl Iterator<Item = usize> {
        self.answering(call).map(|(id, _)| id)
    }

    /// The same, each with the number of its candidates that do.
    fn answering(&self, call: usize) -> impl Iterator<Item = (usize, usize)> {
        let pool = self.pool;
        // The candidates of an id stand together.
        let answers = (pool.calls[call].answers).chunk_by(|a, b| pool.id_of[*a] == pool.id_of[*b]);
        answers.filter_map(|of_one| {
            let running = of_one.iter().filter(|answer| self.could_run(**answer));
            let count = running.count();
            (count > 0).then(|| (pool.id_of[of_one[0]], count))
        })
    }
}

/// Who goes first.
#[derive(Clone, Default)]
pub(super) struct Priority {
    /// How many other mods need each, directly.
    dependents: Vec<usize>,
}

/// The most pairs of user and provider that are told apart. Beyond it, only sets that are made to be slow,
/// a user of two names of the same mod counts twice.
const PAIRS_MAX: usize = 20_000_000;

impl Priority {
    fn new(question: Question, callers: &Callers) -> Priority {
        let pool = question.pool;
        let calls = 0..pool.calls.len();
        let pairs = calls.map(|call| match callers.using_ids(question, call).count() {
            0 => 0,
            users => users * question.answering_ids(call).count(),
        });
        let are_told_apart = pairs.sum::<usize>() <= PAIRS_MAX;
        let mut seen_by = vec![usize::MAX; pool.ids.len()];
        let mut made_to = vec![usize::MAX; pool.calls.len()];
        let count = |id: usize| {
            let answered = question.possible(id);
            let answered = answered.flat_map(|candidate| callers.answered.of(candidate));
            let calls = answered.filter(|call| replace(&mut made_to[**call], id) != id);
            let users = calls.flat_map(|call| callers.using_ids(question, *call));
            let is_new = |user: &usize| {
                !are_told_apart || (*user != id && replace(&mut seen_by[*user], id) != id)
            };
            users.filter(is_new).count()
        };
        Priority {
            dependents: (0..pool.ids.len()).map(count).collect(),
        }
    }

    /// How many other mods need this one, directly.
    pub(super) fn dependents(&self, id: usize) -> usize {
        self.dependents[id]
    }

    /// Sorts the more important first. An id's number is its place in the alphabet.
    fn key(&self, question: Question, id: usize) -> (bool, Reverse<usize>, usize) {
        (!question.is_pinned(id), Reverse(self.dependents[id]), id)
    }
}
