//! [`Disputes`]: the mods that clashes can make a difference to, in parts that have nothing to do with each
//! other, and their versions as ranks.

use super::callers::Callers;
use super::ranks::ABSENT;
use super::{Priority, Question};

/// Mods that have to be decided together, and who goes first.
#[derive(Clone, Default)]
pub(in crate::resolve) struct Disputes {
    pub(in crate::resolve) list: Vec<Dispute>,
    /// Who goes first of all mods; nobody where nothing is disputed.
    pub(in crate::resolve) priority: Priority,
    /// The dispute of each mod, and its place there.
    seats: Vec<Option<(usize, usize)>>,
    /// The rank of each disputed candidate that could run; the rank below is that of the same candidate if it
    /// does without what it uses where present.
    pub(super) rank: Vec<u32>,
    /// Which of them use others where present that are disputed.
    pub(super) has_wishes: Vec<bool>,
}

/// Mods that have to be decided together.
#[derive(Clone)]
pub(in crate::resolve) struct Dispute {
    /// Those that are asked for, in the order of their priority, then the others.
    pub(in crate::resolve) mods: Vec<usize>,
    /// How many of them are asked for.
    pub(super) asked: usize,
    /// Whether its search was given up, so that a better choice may exist.
    pub(in crate::resolve) is_cut_short: bool,
}

impl Dispute {
    /// Whether somebody asks for each of its mods.
    pub(super) fn is_asked_for(&self) -> bool {
        self.asked == self.mods.len()
    }
}

impl Disputes {
    /// Of mods in parts, each to be decided together.
    pub(super) fn new(question: Question, callers: &Callers, parts: Vec<Vec<usize>>) -> Disputes {
        let mut disputes = Disputes {
            list: Vec::with_capacity(parts.len()),
            priority: Priority::new(question, callers),
            seats: vec![None; question.pool.ids.len()],
            rank: vec![ABSENT; question.pool.candidates.len()],
            has_wishes: vec![false; question.pool.candidates.len()],
        };
        for mut mods in parts {
            let priority = &disputes.priority;
            mods.sort_unstable_by_key(|id| (!question.is_wanted(*id), priority.key(question, *id)));
            for (place, id) in mods.iter().enumerate() {
                disputes.seats[*id] = Some((disputes.list.len(), place));
                let worst_first = question.pool.of(*id).rev();
                let worst_first = worst_first.filter(|it| question.could_run(*it));
                for (candidate, number) in worst_first.zip(1..) {
                    disputes.rank[candidate] = 2 * number;
                }
            }
            disputes.list.push(Dispute {
                asked: mods.iter().filter(|id| question.is_wanted(**id)).count(),
                mods,
                is_cut_short: false,
            });
        }
        let seats = &disputes.seats;
        for candidate in 0..question.pool.candidates.len() {
            if disputes.rank[candidate] != ABSENT {
                let mut wishes = question.wishes(candidate);
                disputes.has_wishes[candidate] = wishes.any(|(_, id)| seats[id].is_some());
            }
        }
        disputes
    }

    /// All disputed mods.
    pub(in crate::resolve) fn mods(&self) -> impl Iterator<Item = usize> {
        self.list
            .iter()
            .flat_map(|dispute| dispute.mods.iter().copied())
    }

    /// The dispute that a mod is in, and its place there.
    pub(in crate::resolve) fn seat(&self, id: usize) -> Option<(&Dispute, usize)> {
        let (dispute, place) = (*self.seats.get(id)?)?;
        Some((&self.list[dispute], place))
    }
}
