//! What a proof of pubgrub says, as entries of manifests.

use std::sync::Arc;

use pubgrub::{DerivationTree, External, VersionSet};

use super::ranks::Ranks;
use super::search::{Part, Search};

/// What one candidate says that others can't run beside, by the number of the entry in its manifest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::resolve) struct Fact {
    /// The candidate that says it.
    pub(in crate::resolve) candidate: usize,
    pub(in crate::resolve) entry: Entry,
}

/// An entry of a manifest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::resolve) enum Entry {
    /// Used for a required dependency.
    Dependency(usize),
    /// Used for a conflict.
    Conflict(usize),
}

impl Search<'_, '_> {
    /// Who is to blame and what they say, from a proof.
    pub(super) fn facts(
        &self,
        tree: DerivationTree<Part, Ranks, String>,
    ) -> (Vec<usize>, Vec<Fact>) {
        let (mut blamed, mut facts) = (Vec::new(), Vec::new());
        let mut stack = vec![tree];
        while let Some(tree) = stack.pop() {
            match tree {
                // A tree is taken apart here: dropped as a whole it would recurse as deep as it is.
                DerivationTree::Derived(derived) => {
                    let causes = [derived.cause1, derived.cause2];
                    stack.extend(causes.into_iter().filter_map(Arc::into_inner));
                }
                DerivationTree::External(External::FromDependencyOf(from, ranks, to, allowed)) => {
                    match (from, to) {
                        (Part::All, Part::Mod(id)) => blamed.push(id),
                        (Part::Mod(id), to) => facts.extend(self.fact(id, &ranks, to, &allowed)),
                        _ => {}
                    }
                }
                DerivationTree::External(_) => {}
            }
        }
        blamed.sort_unstable();
        blamed.dedup();
        facts.sort_unstable();
        facts.dedup();
        (blamed, facts)
    }

    /// The entry from which pubgrub knows that some ranks of a mod allow only these of another one.
    fn fact(&self, id: usize, ranks: &Ranks, to: Part, allowed: &Ranks) -> Option<Fact> {
        let pool = self.question.pool;
        let mut possible = self.question.possible(id);
        let candidate =
            possible.find(|candidate| self.ranks(*candidate).any(|rank| ranks.contains(&rank)))?;
        let is_meant = |part: Part, left: &Ranks| part == to && left == allowed;
        for (number, call) in pool.needs(candidate) {
            if self
                .need(call)
                .is_some_and(|(part, left)| is_meant(part, &left))
            {
                let entry = Entry::Dependency(number);
                return Some(Fact { candidate, entry });
            }
        }
        let Part::Mod(other) = to else { return None };
        let mut conflicts = pool.says[candidate].conflicts.iter().enumerate();
        let (number, _) =
            conflicts.find(|(_, call)| self.ranks_beside(other, **call) == *allowed)?;
        let entry = Entry::Conflict(number);
        Some(Fact { candidate, entry })
    }
}
