//! Chains of dependencies that are too long.

use petgraph::algo::kosaraju_scc;
use petgraph::graph::{DiGraph, NodeIndex};

use super::{Reason, Selector};

impl Selector<'_, '_> {
    /// Rejects what stands on too long a chain. Mods that require each other are one link of it.
    pub(super) fn reject_too_deep(&mut self) {
        let limit = self.question.rules.depth_max;
        if limit >= self.found.mods.len() {
            return;
        }
        let graph = self.required_graph();
        let mut component_of = vec![0; self.found.mods.len()];
        let mut depths: Vec<usize> = Vec::new();
        let mut roots: Vec<(usize, usize)> = Vec::new();
        // Dependencies come first: the components are given in reverse topological order.
        for (number, members) in kosaraju_scc(&graph).into_iter().enumerate() {
            members
                .iter()
                .for_each(|m| component_of[m.index()] = number);
            let depth_by_itself = |member: &NodeIndex<usize>| {
                let outside = graph
                    .neighbors(*member)
                    .map(|dependency| component_of[dependency.index()])
                    .filter(|component| *component != number);
                let depth = outside.map(|component| depths[component] + 1).max();
                (depth.unwrap_or(0), member.index())
            };
            let own: Vec<(usize, usize)> = members.iter().map(depth_by_itself).collect();
            let depth = own.iter().map(|(depth, _)| *depth).max().unwrap_or(0);
            // What is deeper still waits for one of these.
            if depth == limit + 1 {
                roots.extend(own.into_iter().filter(|member| member.0 == depth));
            }
            depths.push(depth);
        }
        roots.sort_unstable();
        for (depth, root) in roots {
            self.reject(root, Reason::TooDeep { depth, limit });
        }
        // Who would take another provider now might stand on as long a chain again: no second try.
        self.tell_users(false);
    }

    /// The required dependencies among the mods that run, from the user to the provider.
    pub(super) fn required_graph(&self) -> DiGraph<(), (), usize> {
        let mut graph = DiGraph::with_capacity(self.found.mods.len(), 0);
        for _ in &self.found.mods {
            graph.add_node(());
        }
        for user in (0..self.found.mods.len()).filter(|user| self.runs(*user)) {
            for provider in self.found.satisfied_by[user].iter().flatten() {
                if *provider != user {
                    graph.add_edge(NodeIndex::new(user), NodeIndex::new(*provider), ());
                }
            }
        }
        graph
    }
}
