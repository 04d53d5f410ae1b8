//! Which mods a clash can make a difference to, and which of them to each other; for all others the best version
//! is the answer.

use std::collections::BTreeMap;
use std::mem::replace;

use petgraph::unionfind::UnionFind;

use super::Question;
use super::callers::Callers;
use super::guess::Clash;

/// The ids that have to be decided because of the clashes, in parts that can be decided apart.
///
/// Two mods are *tied* if one can run beside some versions of the other only. Mods that are tied to one
/// that clashes, directly or through others, are disputed; so is everyone who needs a disputed mod, since
/// it might be left out, with all that it is tied to; and what a disputed mod could need and nobody asks
/// for.
pub(super) fn disputed(
    question: Question,
    callers: &Callers,
    guess: &[Option<usize>],
    clashes: &[Clash],
) -> Vec<Vec<usize>> {
    let mut tied = ties(question, callers);
    let mut disputed = spread(question, callers, clashes, &tied);
    let mut is_disputed = vec![false; question.pool.ids.len()];
    disputed.iter().for_each(|id| is_disputed[*id] = true);
    let could_run = |id: &usize| guess[*id].is_some() || question.possible(*id).next().is_some();
    disputed.retain(could_run);
    disputed.sort_unstable();
    let is_disputed = |id: &usize| is_disputed[*id];
    for call in 0..question.pool.calls.len() {
        let users = callers.using_ids(question, call);
        let answering = question.answering_ids(call);
        tie(
            &mut tied,
            users.filter(is_disputed),
            answering.filter(is_disputed),
        );
    }
    let mut parts: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for id in disputed {
        parts.entry(tied.find(id)).or_default().push(id);
    }
    parts.into_values().collect()
}

/// All that clashes make a difference to, in no particular order.
fn spread(
    question: Question,
    callers: &Callers,
    clashes: &[Clash],
    tied: &UnionFind<usize>,
) -> Vec<usize> {
    let pool = question.pool;
    let tied = tied.clone().into_labeling();
    let mut members: Vec<Vec<usize>> = vec![Vec::new(); tied.len()];
    for (id, label) in tied.iter().enumerate() {
        members[*label].push(id);
    }
    let mut disputed = Vec::new();
    let mut queue: Vec<usize> = clashes.iter().flat_map(|(a, b)| [*a, *b]).collect();
    let mut is_answered = vec![false; pool.calls.len()];
    let mut is_made = vec![false; pool.calls.len()];
    while let Some(id) = queue.pop() {
        for id in std::mem::take(&mut members[tied[id]]) {
            disputed.push(id);
            for candidate in question.possible(id) {
                for call in callers.answered.of(candidate) {
                    if !replace(&mut is_answered[*call], true) {
                        queue.extend(callers.using_ids(question, *call));
                    }
                }
                for (_, call) in pool.needs(candidate) {
                    // Who is not asked for, or was pulled in by a guess only, comes with those that need it.
                    if question.rules.wanted.is_some() && !replace(&mut is_made[call], true) {
                        let answering = question.answering_ids(call);
                        queue.extend(answering.filter(|id| !question.is_wanted(*id)));
                    }
                }
            }
        }
    }
    disputed
}

fn ties(question: Question, callers: &Callers) -> UnionFind<usize> {
    let pool = question.pool;
    let versions = (0..pool.ids.len()).map(|id| question.possible(id).count());
    let versions: Vec<usize> = versions.collect();
    let mut tied = UnionFind::new(pool.ids.len());
    for call in 0..pool.calls.len() {
        let users = callers.using_ids(question, call);
        let mut answering = question.answering(call);
        // Whoever may have any version of the only one that answers is not tied to it.
        let is_free = match (answering.next(), answering.next()) {
            (Some((other, fitting)), None) => fitting == versions[other],
            _ => false,
        };
        if !is_free {
            tie(&mut tied, users, question.answering_ids(call));
        }
        let enemies = callers.enemies.of(call).iter().map(|it| pool.id_of[*it]);
        tie(&mut tied, enemies, question.answering_ids(call));
    }
    for candidate in (0..pool.candidates.len()).filter(|c| question.could_run(*c)) {
        let id = pool.id_of[candidate];
        for (call, other) in question.wishes(candidate).filter(|wish| wish.1 != id) {
            let fitting = question.answering(call).find(|(id, _)| *id == other);
            if fitting.is_some_and(|(_, fitting)| fitting < versions[other]) {
                tied.union(id, other);
            }
        }
    }
    tied
}

/// Ties each of the ones to each of the others.
fn tie(
    tied: &mut UnionFind<usize>,
    ones: impl Iterator<Item = usize>,
    mut others: impl Iterator<Item = usize>,
) {
    let mut ones = ones.peekable();
    if let (Some(one), Some(other)) = (ones.peek().copied(), others.next()) {
        ones.for_each(|one| {
            tied.union(one, other);
        });
        others.for_each(|other| {
            tied.union(one, other);
        });
    }
}
