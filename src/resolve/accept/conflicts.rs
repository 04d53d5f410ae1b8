//! Mods that exclude each other.

use std::collections::HashMap;

use semver::Version;

use super::{Reason, Selector, fits};
use crate::manifest::Conflict;
use crate::mod_id::ModId;

impl Selector<'_> {
    /// Rejects one of each two mods that exclude each other: the one that says so; where both do, the
    /// one with fewer users, then the one with the larger id.
    pub(super) fn reject_conflicts(&mut self) {
        let users: Vec<usize> = self
            .users
            .iter()
            .map(|users| users.iter().filter(|(user, ..)| self.runs(*user)).count())
            .collect();
        let mods = self.mods;
        for (declarer, candidate) in mods.iter().enumerate() {
            for (entry, conflict) in candidate.manifest.conflicts.iter().enumerate() {
                for other in self.excluded_by(declarer, conflict) {
                    if !self.runs(declarer) {
                        break;
                    }
                    if !self.runs(other) {
                        continue;
                    }
                    let weaker = |a: usize, b: usize| (users[a], b) < (users[b], a);
                    let (loser, with, entry) = match self.conflict_with(other, declarer) {
                        Some(theirs) if weaker(other, declarer) => (other, declarer, theirs),
                        _ => (declarer, other, entry),
                    };
                    self.reject(loser, Reason::Conflict { with, entry });
                    self.tell_users(true);
                }
            }
        }
    }

    /// The running mods that a conflict excludes, never the one that declares it.
    fn excluded_by(&self, declarer: usize, conflict: &Conflict) -> Vec<usize> {
        let providers = self
            .found
            .names
            .get(&conflict.id)
            .map_or(&[][..], Vec::as_slice);
        let excluded = providers.iter().filter(|provider| {
            provider.index != declarer
                && self.runs(provider.index)
                && fits(&conflict.versions, provider.version)
        });
        excluded.map(|provider| provider.index).collect()
    }

    /// The number of the conflict by which `declarer` excludes `other`.
    fn conflict_with(&self, declarer: usize, other: usize) -> Option<usize> {
        let other = self.mods[other].manifest;
        let provided = other.provides.iter().map(|p| (&p.id, &p.version));
        let mut answers_to: HashMap<&ModId, &Version> = provided.collect();
        answers_to.insert(&other.id, &other.version);
        self.mods[declarer]
            .manifest
            .conflicts
            .iter()
            .position(|conflict| {
                let version = answers_to.get(&conflict.id);
                version.is_some_and(|version| fits(&conflict.versions, version))
            })
    }
}
