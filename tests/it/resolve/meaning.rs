//! What a resolution means, said as plainly as can be: which candidates are possible, who meets what, who
//! excludes whom, and what goes first. The oracles and the baseline of the bench are built on it.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, HashMap};

use lunation::ModId;
use lunation::manifest::{Dependency, Manifest};
use lunation::resolve::{Candidate, HostApi, Rules};
use semver::{Version, VersionReq};

/// The candidates that are possible, and what is asked of a choice among them.
pub(crate) struct Meaning<'a> {
    /// The possible candidates. Everywhere else a `usize` is a place in this list.
    pub(crate) candidates: Vec<&'a Manifest>,
    /// Those of each id, the best first.
    pub(crate) of: BTreeMap<&'a ModId, Vec<usize>>,
    /// The ids that are asked for and possible, the most important first.
    pub(crate) asked: Vec<&'a ModId>,
    /// The required dependencies of each candidate, each as the candidates that meet it.
    pub(crate) needs: Vec<Vec<Vec<usize>>>,
    /// All ids that are possible, the most important first.
    priority: Vec<&'a ModId>,
    /// Those that have or provide each name.
    answers: HashMap<&'a ModId, Vec<usize>>,
    validates: bool,
}

/// `*` takes every version, pre-releases too.
fn fits(versions: &VersionReq, version: &Version) -> bool {
    versions.comparators.is_empty() || versions.matches(version)
}

/// The version in which a mod answers to `name`.
fn answers_as<'m>(manifest: &'m Manifest, name: &ModId) -> Option<&'m Version> {
    let own = (manifest.id == *name).then_some(&manifest.version);
    let provided = || manifest.provides.iter().find(|it| it.id == *name);
    own.or_else(|| provided().map(|it| &it.version))
}

/// The required dependencies that a mod does not meet by itself.
fn needs(manifest: &Manifest) -> impl Iterator<Item = &Dependency> {
    let dependencies = manifest.dependencies.iter();
    dependencies.filter(|it| !it.optional && answers_as(manifest, &it.id).is_none())
}

impl<'a> Meaning<'a> {
    pub(crate) fn of(found: &[Candidate<'a>], host: Option<&HostApi>, rules: &Rules) -> Self {
        let all: Vec<&Manifest> = found.iter().map(|it| it.manifest).collect();
        let mut candidates: Vec<&Manifest> = found
            .iter()
            .filter(|it| it.error.is_none() && may_run(it.manifest, &all, host, rules))
            .map(|it| it.manifest)
            .collect();
        if let Some(wanted) = &rules.wanted {
            candidates = within_reach(&candidates, wanted);
        }
        loop {
            let known = candidates.len();
            let meaning = Meaning::among(candidates, rules);
            let has_all =
                |user: &&&Manifest| needs(user).all(|it| !meaning.meeting(user, it).is_empty());
            candidates = meaning.candidates.iter().filter(has_all).copied().collect();
            if candidates.len() == known {
                return Meaning::among(candidates, rules).complete(rules);
            }
        }
    }

    fn among(candidates: Vec<&'a Manifest>, rules: &Rules) -> Self {
        let mut of: BTreeMap<&ModId, Vec<usize>> = BTreeMap::new();
        let mut answers: HashMap<&ModId, Vec<usize>> = HashMap::new();
        for (number, manifest) in candidates.iter().enumerate() {
            of.entry(&manifest.id).or_default().push(number);
            let provided = manifest.provides.iter().map(|it| &it.id);
            for name in provided
                .filter(|name| **name != manifest.id)
                .chain([&manifest.id])
            {
                answers.entry(name).or_default().push(number);
            }
        }
        for versions in of.values_mut() {
            versions.sort_by_key(|number| {
                let version = &candidates[*number].version;
                (!version.pre.is_empty(), Reverse(version))
            });
        }
        Meaning {
            candidates,
            of,
            asked: Vec::new(),
            priority: Vec::new(),
            needs: Vec::new(),
            answers,
            validates: rules.validate_versions,
        }
    }

    /// Fills in what follows from the candidates.
    fn complete(mut self, rules: &Rules) -> Self {
        let needs = |it: &&Manifest| needs(it).map(|need| self.meeting(it, need)).collect();
        let needs: Vec<Vec<Vec<usize>>> = self.candidates.iter().map(needs).collect();
        let mut users: HashMap<&ModId, BTreeSet<&ModId>> = HashMap::new();
        for (user, needs) in needs.iter().enumerate() {
            let user = &self.candidates[user].id;
            let providers = needs.iter().flatten().map(|it| &self.candidates[*it].id);
            for provider in providers.filter(|it| *it != user) {
                users.entry(provider).or_default().insert(user);
            }
        }
        self.priority = self.of.keys().copied().collect();
        self.priority.sort_by_key(|id| {
            let users = users.get(id).map_or(0, BTreeSet::len);
            (!rules.pins.contains_key(*id), Reverse(users), *id)
        });
        self.needs = needs;
        self.ask(rules.wanted.as_ref());
        self
    }

    /// Asks for these ids; `None`: all.
    pub(crate) fn ask(&mut self, wanted: Option<&BTreeSet<ModId>>) {
        let priority = self.priority.iter().copied();
        self.asked = priority
            .filter(|id| wanted.is_none_or(|ids| ids.contains(*id)))
            .collect();
    }

    /// The candidates that meet a dependency of `user`: never another version of it, which can't run beside it.
    fn meeting(&self, user: &Manifest, dependency: &Dependency) -> Vec<usize> {
        let answers = self.answers.get(&dependency.id).into_iter().flatten();
        let answers = answers.filter(|it| self.candidates[**it].id != user.id);
        let meets = |provider: &usize| {
            let version = answers_as(self.candidates[*provider], &dependency.id);
            !self.validates || version.is_some_and(|it| fits(&dependency.versions, it))
        };
        answers.copied().filter(meets).collect()
    }

    /// Whether two candidates can't both be chosen, whatever else is.
    pub(crate) fn exclude_each_other(&self, one: usize, other: usize) -> bool {
        let (a, b) = (self.candidates[one], self.candidates[other]);
        a.id == b.id || self.excludes(a, b) || self.excludes(b, a)
    }

    fn excludes(&self, one: &Manifest, other: &Manifest) -> bool {
        one.conflicts.iter().any(|conflict| {
            let provided = other.provides.iter().filter(|it| it.id == conflict.id);
            let mut versions = provided
                .filter(|_| other.id != conflict.id)
                .map(|it| &it.version)
                .chain((other.id == conflict.id).then_some(&other.version));
            versions.any(|version| fits(&conflict.versions, version))
        })
    }

    /// Whether `other` beside `one` is in a version that `one` does not wish for, while others could be
    /// there that it does.
    pub(crate) fn is_wished_away(&self, one: usize, other: usize) -> bool {
        let (one, other) = (self.candidates[one], self.candidates[other]);
        let fits =
            |wish: &Dependency, it: &Manifest| !self.validates || fits(&wish.versions, &it.version);
        let wishes = one
            .dependencies
            .iter()
            .filter(|it| it.optional && it.id == other.id);
        let mut unmet = wishes.filter(|it| answers_as(one, &it.id).is_none() && !fits(it, other));
        unmet.any(|wish| {
            let mut versions = self.of[&other.id].iter();
            versions.any(|it| fits(wish, self.candidates[*it]))
        })
    }
}

/// What is asked for, and what somebody within reach needs by a name, in whatever version.
fn within_reach<'a>(all: &[&'a Manifest], wanted: &BTreeSet<ModId>) -> Vec<&'a Manifest> {
    let mut ids: BTreeSet<&ModId> = wanted.iter().collect();
    loop {
        let known = ids.len();
        let within: Vec<&Manifest> = all
            .iter()
            .copied()
            .filter(|it| ids.contains(&it.id))
            .collect();
        for need in within.iter().flat_map(|it| &it.dependencies) {
            let is_meant = |it: &&&Manifest| answers_as(it, &need.id).is_some();
            let meant = all.iter().filter(|it| !need.optional && is_meant(it));
            ids.extend(meant.map(|it| &it.id));
        }
        if ids.len() == known {
            return within;
        }
    }
}

/// Whether nothing but a dependency could keep a candidate from running.
fn may_run(manifest: &Manifest, all: &[&Manifest], host: Option<&HostApi>, rules: &Rules) -> bool {
    let id = &manifest.id;
    let is_asked = rules.wanted.as_ref().is_none_or(|ids| ids.contains(id));
    let game = manifest.game.as_ref().filter(|_| rules.validate_versions);
    let fits_host = host
        .zip(game)
        .is_none_or(|(host, it)| fits(&it.versions, &host.version));
    let fits_pin = rules
        .pins
        .get(id)
        .is_none_or(|pin| fits(pin, &manifest.version));
    !rules.disabled.contains(id)
        && (is_asked || rules.auto_resolve)
        && fits_host
        && fits_pin
        && (manifest.version.pre.is_empty() || is_requested(manifest, all, rules))
}

/// Whether somebody asks for this pre-release, or there is nothing else of that id.
fn is_requested(manifest: &Manifest, all: &[&Manifest], rules: &Rules) -> bool {
    let has_release = |it: &&&Manifest| it.id == manifest.id && it.version.pre.is_empty();
    let names_it = |versions: &VersionReq, version: &Version| {
        versions.comparators.iter().any(|it| !it.pre.is_empty()) && versions.matches(version)
    };
    let mut requirements = all.iter().flat_map(|it| &it.dependencies);
    !all.iter().any(|it| has_release(&it))
        || rules
            .pins
            .get(&manifest.id)
            .is_some_and(|pin| names_it(pin, &manifest.version))
        || requirements.any(|it| {
            answers_as(manifest, &it.id).is_some_and(|version| names_it(&it.versions, version))
        })
}
