//! Mods that can't run beside others: why, who says what, and what to try.

use super::Reporter;
use crate::manifest::Manifest;
use crate::mod_id::ModId;
use crate::problem::{Place, one_line};
use crate::resolve::accept::Reason;
use crate::resolve::choose::{Entry, Fact};
use crate::resolve::resolution::Statement;
use crate::resolve::words;

/// The most statements that a reason quotes; the derivation has them all.
const QUOTED_MAX: usize = 3;
/// The most statements of a derivation.
const STATEMENTS_MAX: usize = 24;

impl Reporter<'_> {
    pub(super) fn because_of_conflict(
        &self,
        index: usize,
        with: usize,
        entry: usize,
        is_own: bool,
    ) -> String {
        let (own, other) = (self.mods[index].manifest, self.mods[with].manifest);
        let conflict = match is_own {
            true => &own.conflicts[entry],
            false => &other.conflicts[entry],
        };
        let meant = format!("`{}`{}", conflict.id, words::versions(&conflict.versions));
        let why = conflict.reason.as_ref().map(|reason| format!(": {reason}"));
        let why = why.unwrap_or_default();
        match is_own {
            true => {
                let who = words::provider(other, &conflict.id);
                format!("conflicts with {meant}, and there is {who}{why}")
            }
            false => {
                let (id, version) = (&other.id, &other.version);
                format!("can't run beside `{id}` {version}, which conflicts with {meant}{why}")
            }
        }
    }

    pub(super) fn because_of_clash(&self, index: usize, number: usize) -> String {
        let clash = &self.acceptance.clashes[number];
        let beside = clash.beside.iter().map(|other| self.pool.ids[*other]);
        let beside = words::list(beside, words::CYCLE_SHOWN);
        let facts = self.facts(index, number);
        let verdict = match (beside.is_empty(), facts.is_empty()) {
            (true, true) => return "can't run beside the mods that go before it".to_owned(),
            (true, false) => "rules itself out".to_owned(),
            (false, _) => format!("can't run beside {beside}"),
        };
        if facts.len() > QUOTED_MAX {
            return format!("{verdict}, by what they need and exclude");
        }
        let said = facts.iter().map(|fact| self.said(*fact, Some(index)));
        let said: Vec<String> = said.collect();
        format!("{verdict}: {}", words::and(&said))
    }

    pub(super) fn clash_place(&self, index: usize, number: usize) -> Place {
        let facts = self.facts(index, number);
        let own = facts
            .iter()
            .find(|fact| self.pool.id_of[fact.candidate] == index);
        own.map_or(&self.mods[index].manifest.place, |fact| self.place(*fact))
            .clone()
    }

    pub(super) fn hint_for_clash(&self, index: usize, number: usize) -> String {
        let own = &self.mods[index].manifest.id;
        let facts_known = !self.acceptance.clashes[number].facts.is_empty();
        match self.acceptance.clashes[number].beside.as_slice() {
            [] if facts_known => {
                format!("get versions of them that go together, or switch off `{own}`")
            }
            [] => format!("switch off mods that `{own}` should go before, or pin `{own}`"),
            [one] => {
                let one = self.pool.ids[*one];
                format!("switch off `{one}` or `{own}`, or get versions of them that fit together")
            }
            several => {
                let beside = several.iter().map(|other| self.pool.ids[*other]);
                let beside = words::list(beside, words::CYCLE_SHOWN);
                format!("switch off one of {beside}, or `{own}`")
            }
        }
    }

    /// Everything that rules the mod out, and why it is the one that has to stand back.
    pub(super) fn derivation(&self, index: usize, reason: Reason) -> Vec<Statement> {
        let Reason::Clash(number) = reason else {
            return Vec::new();
        };
        let facts = self.facts(index, number);
        let statement = |fact: &Fact| Statement {
            by: self.pool.candidates[fact.candidate].manifest.id.clone(),
            text: one_line(&self.said(*fact, None)),
            place: Some(self.place(*fact).clone()),
        };
        facts.iter().take(STATEMENTS_MAX).map(statement).collect()
    }

    /// What is said, the mod itself first, then who was spoken of, and so on.
    fn facts(&self, index: usize, number: usize) -> Vec<Fact> {
        let mut left = self.acceptance.clashes[number].facts.clone();
        let mut sorted = Vec::with_capacity(left.len());
        let mut speakers: Vec<&ModId> = vec![self.pool.ids[index]];
        let beside = self.acceptance.clashes[number].beside.iter();
        let mut later = beside.map(|other| self.pool.ids[*other]);
        while !left.is_empty() {
            let by = |fact: &Fact| &self.pool.candidates[fact.candidate].manifest.id;
            let (next, rest): (Vec<Fact>, Vec<Fact>) = left
                .into_iter()
                .partition(|fact| speakers.contains(&by(fact)));
            left = rest;
            if next.is_empty() {
                match later.next() {
                    Some(other) => speakers.push(other),
                    None => {
                        sorted.append(&mut left);
                        break;
                    }
                }
                continue;
            }
            for fact in &next {
                speakers.push(self.meant(*fact).0);
            }
            sorted.extend(next);
        }
        sorted
    }

    /// The name that an entry of a manifest is about, and where it stands.
    fn meant(&self, fact: Fact) -> (&ModId, &Place) {
        let manifest: &Manifest = self.pool.candidates[fact.candidate].manifest;
        match fact.entry {
            Entry::Dependency(number) => {
                let dependency = &manifest.dependencies[number];
                (&dependency.id, &dependency.place)
            }
            Entry::Conflict(number) => {
                let conflict = &manifest.conflicts[number];
                (&conflict.id, &conflict.place)
            }
        }
    }

    fn place(&self, fact: Fact) -> &Place {
        self.meant(fact).1
    }

    /// `` `shop` 1.2.0 requires `base` ^1 ``; without the name where it is the one that is spoken `of`.
    fn said(&self, fact: Fact, of: Option<usize>) -> String {
        let manifest = self.pool.candidates[fact.candidate].manifest;
        let who = match of == Some(self.pool.id_of[fact.candidate]) {
            true => "it".to_owned(),
            false => format!("`{}` {}", manifest.id, manifest.version),
        };
        match fact.entry {
            Entry::Dependency(number) => {
                let dependency = &manifest.dependencies[number];
                format!("{who} requires {}", words::wanted(dependency))
            }
            Entry::Conflict(number) => {
                let conflict = &manifest.conflicts[number];
                let versions = words::versions(&conflict.versions);
                format!("{who} conflicts with `{}`{versions}", conflict.id)
            }
        }
    }
}
