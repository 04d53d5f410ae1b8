//! Which mods a clash can make a difference to, and which of them to each other; for all others the best version
//! is the answer.

use std::collections::BTreeMap;

use petgraph::unionfind::UnionFind;

use super::Question;
use super::guess::Clash;

/// The ids that have to be decided because of the clashes, in parts that can be decided apart.
///
/// Two mods are *tied* if one can run beside some versions of the other only. Mods that are tied to one
/// that clashes, directly or through others, are disputed; so is everyone who needs a disputed mod, since
/// it might be left out, with all that it is tied to; and what a disputed mod could need and nobody asks
/// for.
pub(super) fn disputed(
    question: Question,
    guess: &[Option<usize>],
    clashes: &[Clash],
) -> Vec<Vec<usize>> {
    let mut links = Links::new(question);
    let tied = links.tied.clone().into_labeling();
    let mut members: Vec<Vec<usize>> = vec![Vec::new(); tied.len()];
    for (id, label) in tied.iter().enumerate() {
        members[*label].push(id);
    }
    let mut is_disputed = vec![false; tied.len()];
    let mut queue: Vec<usize> = clashes.iter().flat_map(|(a, b)| [*a, *b]).collect();
    let mut disputed = Vec::new();
    while let Some(id) = queue.pop() {
        for id in std::mem::take(&mut members[tied[id]]) {
            is_disputed[id] = true;
            disputed.push(id);
            queue.extend(links.users[id].iter().filter(|user| !is_disputed[**user]));
            // Who is not asked for, or was pulled in by a guess only, comes with those that need it.
            let unasked = links.needs[id].iter();
            let unasked = unasked.filter(|needed| !question.is_wanted(**needed));
            queue.extend(unasked.filter(|needed| !is_disputed[**needed]));
        }
    }
    let could_run = |id: &usize| guess[*id].is_some() || question.possible(*id).next().is_some();
    disputed.retain(could_run);
    disputed.sort_unstable();
    for id in &disputed {
        for needed in links.needs[*id]
            .iter()
            .filter(|needed| is_disputed[**needed])
        {
            links.tied.union(*id, *needed);
        }
    }
    let mut parts: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for id in disputed {
        parts.entry(links.tied.find(id)).or_default().push(id);
    }
    parts.into_values().collect()
}

struct Links {
    tied: UnionFind<usize>,
    /// Who needs each mod, in whatever version.
    users: Vec<Vec<usize>>,
    /// What each mod could need.
    needs: Vec<Vec<usize>>,
}

impl Links {
    fn new(question: Question) -> Links {
        let pool = question.pool;
        let count = pool.ids.len();
        let possible: Vec<usize> = (0..count).map(|id| question.possible(id).count()).collect();
        let answering: Vec<Vec<(usize, usize)>> = (0..pool.calls.len())
            .map(|call| counted(question, call))
            .collect();
        let mut links = Links {
            tied: UnionFind::new(count),
            users: vec![Vec::new(); count],
            needs: vec![Vec::new(); count],
        };
        for candidate in (0..pool.candidates.len()).filter(|c| question.could_run(*c)) {
            let id = pool.id_of[candidate];
            for (_, call) in pool.needs(candidate) {
                let is_tie = match answering[call].as_slice() {
                    [(other, versions)] => *versions < possible[*other],
                    _ => true,
                };
                for (other, _) in &answering[call] {
                    links.users[*other].push(id);
                    links.needs[id].push(*other);
                    if is_tie {
                        links.tied.union(id, *other);
                    }
                }
            }
            for (call, other) in question.wishes(candidate).filter(|wish| wish.1 != id) {
                let fitting = answering[call].iter().find(|(answer, _)| *answer == other);
                if fitting.is_some_and(|(_, versions)| *versions < possible[other]) {
                    links.tied.union(id, other);
                }
            }
            for call in &pool.says[candidate].conflicts {
                for (other, _) in &answering[*call] {
                    links.tied.union(id, *other);
                }
            }
        }
        for list in links.users.iter_mut().chain(&mut links.needs) {
            list.sort_unstable();
            list.dedup();
        }
        links
    }
}

/// The ids that answer a call, each with how many of its possible candidates do.
fn counted(question: Question, call: usize) -> Vec<(usize, usize)> {
    let mut counted: Vec<(usize, usize)> = Vec::new();
    for answer in &question.pool.calls[call].answers {
        let id = question.pool.id_of[*answer];
        match counted.last_mut() {
            _ if !question.could_run(*answer) => {}
            Some((last, count)) if *last == id => *count += 1,
            _ => counted.push((id, 1)),
        }
    }
    counted
}
