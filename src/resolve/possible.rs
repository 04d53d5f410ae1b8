//! Which candidates could run at all, whatever is chosen of the others, and why not the rest.

use std::collections::{BTreeSet, HashSet};

use super::pool::{Pool, fits};
use super::{HostApi, Rules};
use crate::mod_id::ModId;

/// Why a candidate can't run, whatever is chosen of the others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Bar {
    /// It is switched off.
    Disabled,
    /// Nobody asks for it, and mods that nobody asks for do not run.
    Unwanted,
    /// Its manifest or files have an error.
    Broken,
    /// It is made for another version of the host.
    Host,
    /// The user allows other versions of it only.
    Pinned,
    /// It is a pre-release that nobody asks for.
    PreRelease,
    /// Nobody who could run satisfies the dependency of that number.
    Dependency(usize),
}

/// Has the candidates heard that could run by themselves, and says why each candidate can't run; `None`: it
/// could.
pub(super) fn bars(pool: &mut Pool, host: Option<&HostApi>, rules: &Rules) -> Vec<Option<Bar>> {
    let requested = requested_pre_releases(pool);
    let bars = (0..pool.candidates.len()).map(|candidate| {
        let is_requested = || requested[candidate];
        own_bar(pool, candidate, host, rules, is_requested)
    });
    let mut bars: Vec<Option<Bar>> = bars.collect();
    if let Some(wanted) = &rules.wanted {
        bar_the_unreachable(pool, wanted, &mut bars);
    }
    pool.listen(rules, |candidate| bars[candidate].is_none());
    spread(pool, &mut bars);
    bars
}

/// Bars what nobody who is wanted could need, directly or through others.
fn bar_the_unreachable(pool: &Pool, wanted: &BTreeSet<ModId>, bars: &mut [Option<Bar>]) {
    let mut is_reached = vec![false; pool.ids.len()];
    let mut queue: Vec<usize> = wanted.iter().filter_map(|id| pool.number(id)).collect();
    let mut names = HashSet::new();
    queue.iter().for_each(|id| is_reached[*id] = true);
    while let Some(id) = queue.pop() {
        for candidate in pool.of(id).filter(|candidate| bars[*candidate].is_none()) {
            let dependencies = &pool.candidates[candidate].manifest.dependencies;
            let needs = dependencies
                .iter()
                .filter(|dependency| !dependency.optional);
            for name in needs.map(|dependency| &dependency.id) {
                // Whoever answers to a name is reached once.
                let is_new = names.insert(name);
                for answer in pool.answers(name).iter().filter(|_| is_new) {
                    let id = pool.id_of[answer.candidate];
                    if !std::mem::replace(&mut is_reached[id], true) {
                        queue.push(id);
                    }
                }
            }
        }
    }
    for (candidate, bar) in bars.iter_mut().enumerate() {
        if bar.is_none() && !is_reached[pool.id_of[candidate]] {
            *bar = Some(Bar::Unwanted);
        }
    }
}

/// What keeps a candidate from running by itself.
fn own_bar(
    pool: &Pool,
    candidate: usize,
    host: Option<&HostApi>,
    rules: &Rules,
    is_requested: impl Fn() -> bool,
) -> Option<Bar> {
    let manifest = pool.candidates[candidate].manifest;
    let pin = rules.pins.get(&manifest.id);
    if rules.disabled.contains(&manifest.id) {
        return Some(Bar::Disabled);
    }
    let is_wanted = |wanted: &BTreeSet<ModId>| wanted.contains(&manifest.id);
    if !rules.auto_resolve && !rules.wanted.as_ref().is_none_or(is_wanted) {
        return Some(Bar::Unwanted);
    }
    if pool.candidates[candidate].error.is_some() {
        return Some(Bar::Broken);
    }
    if pin.is_some_and(|pin| !fits(pin, &manifest.version)) {
        return Some(Bar::Pinned);
    }
    let game = manifest.game.as_ref().filter(|_| rules.validate_versions);
    if let (Some(game), Some(host)) = (game, host)
        && !fits(&game.versions, &host.version)
    {
        return Some(Bar::Host);
    }
    let is_pinned = pin.is_some_and(|pin| !pin.comparators.is_empty());
    let is_pre_release = !manifest.version.pre.is_empty();
    let own = pool.of(pool.id_of[candidate]);
    // Releases come first: where the best is none, there is none.
    let is_the_only_kind = || !pool.candidates[own.start].manifest.version.pre.is_empty();
    let may_come = || is_pinned || is_requested() || is_the_only_kind();
    (is_pre_release && !may_come()).then_some(Bar::PreRelease)
}

/// Which candidates are pre-releases that a requirement of somebody names. `*` names none.
fn requested_pre_releases(pool: &Pool) -> Vec<bool> {
    let mut requested = vec![false; pool.candidates.len()];
    let names_one = |versions: &semver::VersionReq| {
        let mut comparators = versions.comparators.iter();
        comparators.any(|comparator| !comparator.pre.is_empty())
    };
    for manifest in pool.candidates.iter().map(|candidate| candidate.manifest) {
        for dependency in &manifest.dependencies {
            if !names_one(&dependency.versions) || dependency.id == manifest.id {
                continue;
            }
            for answer in pool.answers(&dependency.id) {
                requested[answer.candidate] |= dependency.versions.matches(answer.version);
            }
        }
    }
    requested
}

/// Bars every candidate that needs what is barred. Candidates that need each other don't bar each other.
pub(super) fn spread(pool: &Pool, bars: &mut [Option<Bar>]) {
    let mut users: Vec<Vec<(usize, usize)>> = vec![Vec::new(); pool.calls.len()];
    let mut calls_to: Vec<Vec<usize>> = vec![Vec::new(); pool.candidates.len()];
    let mut left = vec![usize::MAX; pool.calls.len()];
    let mut fallen = Vec::new();
    for candidate in (0..bars.len()).filter(|candidate| bars[*candidate].is_none()) {
        for (dependency, call) in pool.needs(candidate) {
            users[call].push((candidate, dependency));
            if left[call] == usize::MAX {
                let answers = &pool.calls[call].answers;
                let could_run = answers.iter().filter(|answer| bars[**answer].is_none());
                left[call] = could_run.inspect(|a| calls_to[**a].push(call)).count();
            }
            if left[call] == 0 {
                fallen.push((candidate, dependency));
            }
        }
    }
    // The first dependency that can't be had is the reason.
    let mut next = 0;
    while let Some(&(candidate, dependency)) = fallen.get(next) {
        next += 1;
        if bars[candidate].is_some() {
            continue;
        }
        bars[candidate] = Some(Bar::Dependency(dependency));
        for call in std::mem::take(&mut calls_to[candidate]) {
            left[call] -= 1;
            if left[call] == 0 {
                fallen.append(&mut users[call]);
            }
        }
    }
}
