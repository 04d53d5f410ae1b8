//! The user's own order, where it asks for what can't be.

use std::collections::BTreeSet;

use petgraph::algo::kosaraju_scc;
use petgraph::graph::NodeIndex;

use super::{Reason, Selector};

impl Selector<'_, '_> {
    /// Rejects each mod that the user puts before one that it needs, unless both load as one group.
    pub(super) fn reject_listed(&mut self) {
        loop {
            let listed = self.listed();
            if listed.len() < 2 {
                return;
            }
            let Some((first, later)) = self.contradicted(&listed) else {
                return;
            };
            self.reject(first, Reason::Listed { later });
            self.tell_users(false);
        }
    }

    /// The mods of the user's order that run, each once.
    fn listed(&self) -> Vec<usize> {
        let order = &self.question.rules.order;
        let known = order.iter().filter_map(|id| self.pool.number(id));
        let mut listed: Vec<usize> = known.filter(|index| self.runs(*index)).collect();
        let mut seen = BTreeSet::new();
        listed.retain(|index| seen.insert(*index));
        listed
    }

    /// A mod of the order and a later one that it needs, directly or through others.
    fn contradicted(&self, listed: &[usize]) -> Option<(usize, usize)> {
        let graph = self.required_graph();
        let mut group = vec![0; self.found.mods.len()];
        for (number, members) in kosaraju_scc(&graph).iter().enumerate() {
            members
                .iter()
                .for_each(|member| group[member.index()] = number);
        }
        let mut place = vec![None; self.found.mods.len()];
        for (number, index) in listed.iter().enumerate() {
            place[*index] = Some(number);
        }
        for (number, first) in listed.iter().enumerate() {
            let mut seen = vec![false; self.found.mods.len()];
            let mut stack = vec![*first];
            while let Some(index) = stack.pop() {
                for needed in graph.neighbors(NodeIndex::new(index)) {
                    let needed = needed.index();
                    if std::mem::replace(&mut seen[needed], true) {
                        continue;
                    }
                    let is_later = place[needed].is_some_and(|place| place > number);
                    if is_later && group[needed] != group[*first] {
                        return Some((*first, needed));
                    }
                    stack.push(needed);
                }
            }
        }
        None
    }
}
