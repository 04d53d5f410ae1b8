//! [`Callers`]: who says what about whom, from the side of those that answer.

use super::Question;
use crate::resolve::lists::Lists;

/// Who of those that could run calls, and who answers.
pub(super) struct Callers {
    /// The candidates that need each call.
    pub(super) users: Lists,
    /// The candidates that can't run beside those that answer each call.
    pub(super) enemies: Lists,
    /// The calls of both kinds that each candidate answers.
    pub(super) answered: Lists,
}

impl Callers {
    pub(super) fn new(question: Question) -> Callers {
        let pool = question.pool;
        let running = || (0..pool.candidates.len()).filter(|it| question.could_run(*it));
        let users = Lists::new(pool.calls.len(), || {
            running().flat_map(|candidate| {
                let needs = pool.needs(candidate);
                needs.map(move |(_, call)| (call, candidate))
            })
        });
        let enemies = Lists::new(pool.calls.len(), || {
            running().flat_map(|candidate| {
                let conflicts = pool.says[candidate].conflicts.iter();
                conflicts.map(move |call| (*call, candidate))
            })
        });
        let answered = Lists::new(pool.candidates.len(), || {
            let is_made = |call: &usize| users.of(*call).len() + enemies.of(*call).len() > 0;
            let made = (0..pool.calls.len()).filter(is_made);
            made.flat_map(|call| {
                let answers = pool.calls[call].answers.iter();
                let running = answers.filter(|answer| question.could_run(**answer));
                running.map(move |answer| (*answer, call))
            })
        });
        Callers {
            users,
            enemies,
            answered,
        }
    }

    /// The mods that need a call, in any version that could run, each once.
    pub(super) fn using_ids(&self, question: Question, call: usize) -> impl Iterator<Item = usize> {
        let id_of = &question.pool.id_of;
        // The candidates of an id stand together.
        let users = self.users.of(call).chunk_by(|a, b| id_of[*a] == id_of[*b]);
        users.map(|of_one| id_of[of_one[0]])
    }
}
