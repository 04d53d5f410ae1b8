//! A resolver that does what the definition says and nothing to be fast: it tries, and goes back.

use std::collections::BTreeSet;

use lunation::ModId;

use super::meaning::Meaning;

/// It has taken more steps than it was allowed.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct GaveUp;

/// The chosen candidates: places in [`Meaning::candidates`].
pub(crate) type Choice = BTreeSet<usize>;

/// The best choice; `steps_max` are the candidates that may be tried.
pub(crate) fn naive(meaning: &Meaning, steps_max: usize) -> Result<Choice, GaveUp> {
    let mut search = Search {
        meaning,
        wishing: BTreeSet::new(),
        steps_left: steps_max,
    };
    let mut demands: Vec<Demand> = Vec::new();
    let mut best = Choice::new();
    // Presence first.
    for id in &meaning.asked {
        demands.push(meaning.of[id].clone());
        if demands.last().is_some_and(|it| is_met(it, &best)) {
            continue;
        }
        match search.choice(&demands)? {
            Some(choice) => best = choice,
            None => {
                demands.pop();
            }
        }
    }
    // Then wishes.
    for demand in &demands {
        let id = &meaning.candidates[demand[0]].id;
        search.wishing.insert(id);
        match search.choice(&demands)? {
            Some(choice) => best = choice,
            None => {
                search.wishing.remove(id);
            }
        }
    }
    // Then versions.
    for demand in 0..demands.len() {
        for version in demands[demand].clone() {
            demands[demand] = vec![version];
            if best.contains(&version) {
                break;
            }
            if let Some(choice) = search.choice(&demands)? {
                best = choice;
                break;
            }
        }
    }
    Ok(best)
}

/// One of these candidates must be chosen.
type Demand = Vec<usize>;

fn is_met(demand: &Demand, chosen: &Choice) -> bool {
    demand.iter().any(|it| chosen.contains(it))
}

struct Search<'s, 'a> {
    meaning: &'s Meaning<'a>,
    /// Whose wishes must be met.
    wishing: BTreeSet<&'a ModId>,
    steps_left: usize,
}

impl Search<'_, '_> {
    /// A choice in which every demand is met, with all that the chosen ones need.
    fn choice(&mut self, demands: &[Demand]) -> Result<Option<Choice>, GaveUp> {
        let mut chosen = Choice::new();
        Ok(self.extend(demands, &mut chosen)?.then_some(chosen))
    }

    fn extend(&mut self, demands: &[Demand], chosen: &mut Choice) -> Result<bool, GaveUp> {
        let needs = chosen.iter().flat_map(|user| &self.meaning.needs[*user]);
        let mut unmet = demands.iter().chain(needs).filter(|it| !is_met(it, chosen));
        let Some(demand) = unmet.next().cloned() else {
            return Ok(true);
        };
        for candidate in demand {
            self.steps_left = self.steps_left.checked_sub(1).ok_or(GaveUp)?;
            let mut others = chosen.iter();
            if others.any(|other| self.exclude_each_other(candidate, *other)) {
                continue;
            }
            chosen.insert(candidate);
            if self.extend(demands, chosen)? {
                return Ok(true);
            }
            chosen.remove(&candidate);
        }
        Ok(false)
    }

    fn exclude_each_other(&self, one: usize, other: usize) -> bool {
        let meaning = self.meaning;
        let is_spoilt = |one: usize, other: usize| {
            self.wishing.contains(&meaning.candidates[one].id) && meaning.is_wished_away(one, other)
        };
        meaning.exclude_each_other(one, other) || is_spoilt(one, other) || is_spoilt(other, one)
    }
}
