//! Better versions of mods that are at hand, and why they are not used.

use super::Reporter;
use crate::mod_id::ModId;
use crate::problem::{Place, one_line};
use crate::resolve::possible::Bar;
use crate::resolve::resolution::{PASSED_OVER_MAX, PassedOver, Resolution};
use crate::resolve::words;

/// The most versions that one sentence names.
const VERSIONS_SHOWN: usize = 3;

impl Reporter<'_> {
    /// Tells of each accepted mod which better versions are not used.
    pub(super) fn pass_over(&self, resolution: &mut Resolution) {
        for index in (0..self.mods.len()).filter(|index| self.acceptance.runs(*index)) {
            let stands = self.acceptance.stands_for[index];
            let better = self.pool.of(index).start..stands;
            let better: Vec<usize> = better
                .filter(|candidate| {
                    // A pre-release that nobody asks for is nothing to talk about.
                    self.decision.bars[*candidate] != Some(Bar::PreRelease)
                })
                .take(PASSED_OVER_MAX)
                .collect();
            if better.is_empty() {
                continue;
            }
            let passed_over = better.into_iter().map(|candidate| {
                let (because, place) = self.passed_over_because(candidate);
                let candidate = self.pool.candidates[candidate];
                PassedOver {
                    version: candidate.manifest.version.clone(),
                    folder: candidate.folder.to_owned(),
                    because: one_line(&because),
                    place,
                }
            });
            let passed_over = passed_over.collect();
            if let Some(accepted) = resolution.mods.get_mut(self.pool.ids[index]) {
                accepted.passed_over = passed_over;
            }
        }
    }

    pub(super) fn passed_over_because(&self, candidate: usize) -> (String, Option<Place>) {
        let manifest = self.pool.candidates[candidate].manifest;
        match self.decision.bars[candidate] {
            Some(Bar::Disabled) => ("is switched off".to_owned(), None),
            Some(Bar::Unwanted) => ("is not asked for".to_owned(), None),
            Some(Bar::Broken) => {
                let error = self.pool.candidates[candidate].error;
                let because = error.map(|error| error.because.clone());
                let place = error.and_then(|error| error.place.clone());
                (because.unwrap_or_default(), place)
            }
            Some(Bar::Host) => {
                let (name, version) = self.host_words();
                let game = manifest.game.as_ref();
                let wanted = game
                    .map(|game| game.versions.to_string())
                    .unwrap_or_default();
                let because = format!("needs {name} {wanted}, but {name} is {version}");
                (because, game.map(|game| game.place.clone()))
            }
            Some(Bar::Pinned) => ("is not a version that you allow".to_owned(), None),
            Some(Bar::PreRelease) => ("is a pre-release that nobody asks for".to_owned(), None),
            Some(Bar::Dependency(number)) => {
                let dependency = &manifest.dependencies[number];
                let because = format!("requires {}, which can't be had", words::wanted(dependency));
                (because, Some(dependency.place.clone()))
            }
            None => self.clashing_because(candidate),
        }
    }

    /// What speaks against a version that could run, among the mods that do run.
    fn clashing_because(&self, candidate: usize) -> (String, Option<Place>) {
        let pool = self.pool;
        let own = pool.candidates[candidate].manifest;
        let runs = |other: &usize| self.acceptance.is_running(pool, *other);
        for (number, call) in pool.needs(candidate) {
            if !pool.calls[call].answers.iter().any(runs) {
                let dependency = &own.dependencies[number];
                let because = format!(
                    "requires {}, which does not fit the others",
                    words::wanted(dependency)
                );
                return (because, Some(dependency.place.clone()));
            }
        }
        for (number, call) in pool.says[candidate].conflicts.iter().enumerate() {
            if let Some(other) = pool.calls[*call].answers.iter().copied().find(runs) {
                let conflict = &own.conflicts[number];
                let who = words::provider(pool.candidates[other].manifest, &conflict.id);
                let because = format!("conflicts with {who}");
                return (because, Some(conflict.place.clone()));
            }
        }
        self.excluded_because(candidate)
    }

    /// Who of the mods that run does not go with this version.
    fn excluded_because(&self, candidate: usize) -> (String, Option<Place>) {
        let pool = self.pool;
        let id = pool.id_of[candidate];
        let stands = self.acceptance.stands_for[id];
        let running = (0..self.mods.len()).filter(|index| self.acceptance.runs(*index));
        for user in running.map(|index| self.acceptance.stands_for[index]) {
            let manifest = pool.candidates[user].manifest;
            let dependencies = pool.needs(user).chain(pool.wishes(user));
            for (number, call) in dependencies {
                let answers = &pool.calls[call].answers;
                if answers.contains(&stands) && !answers.contains(&candidate) {
                    let dependency = &manifest.dependencies[number];
                    let wanted = words::wanted(dependency);
                    let because =
                        format!("does not fit `{}`, which requires {wanted}", manifest.id);
                    return (because, Some(dependency.place.clone()));
                }
            }
            for (number, call) in pool.says[user].conflicts.iter().enumerate() {
                if pool.calls[*call]
                    .answers
                    .iter()
                    .copied()
                    .any(|other| other == candidate)
                {
                    let conflict = &manifest.conflicts[number];
                    let versions = words::versions(&conflict.versions);
                    let because = format!(
                        "can't run beside `{}`, which conflicts with `{}`{versions}",
                        manifest.id, conflict.id
                    );
                    return (because, Some(conflict.place.clone()));
                }
            }
        }
        ("does not fit the other mods".to_owned(), None)
    }

    pub(super) fn because_pinned(&self, index: usize) -> String {
        let id = self.pool.ids[index];
        let pin = self.decision.rules.pins.get(id);
        let pin = pin.map(|pin| pin.to_string()).unwrap_or_default();
        let there = self.at_hand(self.pool.of(index).start, id);
        format!("is allowed as {pin} only, and there is {there}")
    }

    /// The versions of a mod that are at hand, as one that answers to a name: `` `base` 1.2.0 or 1.1.0 ``.
    pub(super) fn at_hand(&self, candidate: usize, name: &ModId) -> String {
        let pool = self.pool;
        let first = words::provider(pool.candidates[candidate].manifest, name);
        let all = pool.of(pool.id_of[candidate]);
        let others = all.filter(|other| *other != candidate);
        let others = others.map(|other| &pool.candidates[other].manifest.version);
        let mut others: Vec<String> = others.map(|version| version.to_string()).collect();
        let more = others.len().saturating_sub(VERSIONS_SHOWN);
        others.truncate(VERSIONS_SHOWN);
        if more > 0 {
            others.push(format!("{more} more"));
        }
        match others.is_empty() {
            true => first,
            false => format!("{first} (and {})", words::and(&others)),
        }
    }
}
