//! All valid choices there are, as sets of bits, and the best of them.

use super::meaning::Meaning;

/// A set of candidates: bit `n` is number `n` of [`Meaning::candidates`].
type Set = u64;

/// The best valid choice of all that there are, as places in [`Meaning::candidates`].
pub(crate) fn best(meaning: &Meaning) -> Vec<usize> {
    let clauses = Clauses::of(meaning);
    // No choice is a choice of none.
    let mut choices: Vec<Set> = vec![0];
    for versions in meaning.of.values() {
        for choice in 0..choices.len() {
            let is_free = |it: &&usize| choices[choice] & clauses.excluded[**it] == 0;
            let free = versions.iter().filter(is_free);
            let more: Vec<Set> = free.map(|it| choices[choice] | 1 << it).collect();
            choices.extend(more);
        }
    }
    choices.retain(|choice| clauses.are_met(*choice));
    let best = choices.into_iter().max_by_key(|it| worth(meaning, *it));
    let best = best.expect("to choose nothing is valid");
    let members = (0..meaning.candidates.len()).filter(|it| best & 1 << it != 0);
    members.collect()
}

/// Who is asked for and present, in order; whose wishes are met; and in how good a version each is: the
/// greater, the better.
fn worth(meaning: &Meaning, choice: Set) -> (Vec<bool>, Vec<bool>, Vec<usize>) {
    let is_chosen = |it: &usize| choice & 1 << it != 0;
    let place = |id: &&lunation::ModId| meaning.of[*id].iter().rev().position(&is_chosen);
    let has_its_wishes = |id: &&lunation::ModId| {
        let mut own = meaning.of[*id].iter().filter(|it| is_chosen(it));
        let all = 0..meaning.candidates.len();
        let mut others = all.filter(is_chosen);
        own.any(|one| !others.any(|other| meaning.is_wished_away(*one, other)))
    };
    let places = meaning.asked.iter().map(place);
    (
        places.clone().map(|place| place.is_some()).collect(),
        meaning.asked.iter().map(has_its_wishes).collect(),
        places.flatten().collect(),
    )
}

/// What makes a choice valid, for each candidate.
struct Clauses {
    /// If it is chosen, so is one of each of these.
    needed: Vec<Vec<Set>>,
    /// If it is chosen, none of these is.
    excluded: Vec<Set>,
}

impl Clauses {
    fn of(meaning: &Meaning) -> Clauses {
        let all = 0..meaning.candidates.len();
        let set = |members: Vec<usize>| members.into_iter().fold(0, |set, it| set | 1 << it);
        let excluded = |one: usize| {
            let others = all.clone().filter(|it| *it != one);
            set(others
                .filter(|it| meaning.exclude_each_other(one, *it))
                .collect())
        };
        Clauses {
            needed: all
                .clone()
                .map(|it| {
                    meaning.needs[it]
                        .iter()
                        .map(|need| set(need.clone()))
                        .collect()
                })
                .collect(),
            excluded: all.clone().map(excluded).collect(),
        }
    }

    fn are_met(&self, choice: Set) -> bool {
        let mut chosen = (0..self.needed.len()).filter(|it| choice & 1 << it != 0);
        chosen.all(|it| {
            choice & self.excluded[it] == 0 && self.needed[it].iter().all(|set| choice & set != 0)
        })
    }
}
