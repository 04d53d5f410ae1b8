//! Who can run: the largest set of mods whose requirements hold, and the reason of each other mod.

mod conflicts;
mod depth;

use std::collections::{BTreeMap, HashMap, VecDeque};

use semver::{Version, VersionReq};

use super::{Candidate, HostApi, Rules};
use crate::mod_id::ModId;

/// Who can run, and why the others can't.
pub(super) struct Acceptance<'a> {
    /// Why each mod can't run; `None`: it runs.
    pub(super) reasons: Vec<Option<Reason>>,
    /// The rejected mods; each stands behind the one that it waits for.
    pub(super) rejected: Vec<usize>,
    /// Failed dependencies of mods that were rejected already: (mod, dependency, failure).
    pub(super) further: Vec<(usize, usize, Failure)>,
    /// The mod that satisfies each dependency of each mod; itself, where it provides the name.
    pub(super) satisfied_by: Vec<Vec<Option<usize>>>,
    /// Optional dependencies that are there but can't be used: (mod, dependency, failure).
    pub(super) unusable: Vec<(usize, usize, Failure)>,
    /// Who answers to each name: the mod of that id first, then those that provide it, by id.
    pub(super) names: HashMap<&'a ModId, Vec<Provider<'a>>>,
    /// A mod that names a host version, while the host's is not known, and how many do.
    pub(super) unchecked_game: Option<(usize, usize)>,
}

/// A mod that answers to a name, and the version in which it does.
#[derive(Clone, Copy)]
pub(super) struct Provider<'a> {
    pub(super) index: usize,
    pub(super) version: &'a Version,
}

/// Why a mod can't run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reason {
    /// It is switched off.
    Disabled,
    /// Its manifest or files have an error.
    Broken,
    /// It is made for another version of the host.
    Host,
    /// It stands on too long a chain of dependencies.
    TooDeep { depth: usize, limit: usize },
    /// By its conflict number `entry` it can't run beside `with`.
    Conflict { with: usize, entry: usize },
    /// Its dependency of that number can't be satisfied.
    Dependency { dependency: usize, failure: Failure },
}

/// Why a dependency can't be satisfied.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Failure {
    /// Nothing has that name.
    Missing,
    /// What has that name has a version that does not fit.
    WrongVersion { provider: usize },
    /// What would fit is rejected.
    Rejected { provider: usize },
}

/// Whether `version` fits; `*` takes every version, pre-releases too.
pub(super) fn fits(versions: &VersionReq, version: &Version) -> bool {
    versions.comparators.is_empty() || versions.matches(version)
}

pub(super) fn accept<'a>(
    mods: &'a [Candidate<'a>],
    host: Option<&HostApi>,
    rules: &'a Rules,
) -> Acceptance<'a> {
    let mut selector = Selector::new(mods, rules);
    selector.reject_by_own_reasons(host);
    selector.bind_required();
    selector.reject_too_deep();
    selector.reject_conflicts();
    // Somebody may have lost a provider to a conflict and stand on a longer chain now.
    selector.reject_too_deep();
    selector.bind_optional();
    selector.found
}

struct Selector<'a> {
    mods: &'a [Candidate<'a>],
    rules: &'a Rules,
    found: Acceptance<'a>,
    /// Who relies on each mod: (mod, dependency, place of the provider in `names`).
    users: Vec<Vec<(usize, usize, usize)>>,
    /// Rejected mods whose users have not been told.
    untold: VecDeque<usize>,
}

impl<'a> Selector<'a> {
    fn new(mods: &'a [Candidate<'a>], rules: &'a Rules) -> Self {
        let slots = |c: &Candidate| vec![None; c.manifest.dependencies.len()];
        Selector {
            mods,
            rules,
            found: Acceptance {
                reasons: vec![None; mods.len()],
                rejected: Vec::new(),
                further: Vec::new(),
                satisfied_by: mods.iter().map(slots).collect(),
                unusable: Vec::new(),
                names: names(mods),
                unchecked_game: None,
            },
            users: vec![Vec::new(); mods.len()],
            untold: VecDeque::new(),
        }
    }

    fn runs(&self, index: usize) -> bool {
        self.found.runs(index)
    }

    fn reject(&mut self, index: usize, reason: Reason) {
        if self.runs(index) {
            self.found.reasons[index] = Some(reason);
            self.found.rejected.push(index);
            self.untold.push_back(index);
        } else if let Reason::Dependency {
            dependency,
            failure,
        } = reason
        {
            self.found.further.push((index, dependency, failure));
        }
    }

    fn reject_by_own_reasons(&mut self, host: Option<&HostApi>) {
        for (index, candidate) in self.mods.iter().enumerate() {
            if self.rules.disabled.contains(&candidate.manifest.id) {
                self.reject(index, Reason::Disabled);
                continue;
            }
            if candidate.error.is_some() {
                self.reject(index, Reason::Broken);
                continue;
            }
            let game = candidate.manifest.game.as_ref();
            let Some(game) = game.filter(|_| self.rules.validate_versions) else {
                continue;
            };
            match host {
                Some(host) if fits(&game.versions, &host.version) => {}
                Some(_) => self.reject(index, Reason::Host),
                None => {
                    let (first, count) = self.found.unchecked_game.unwrap_or((index, 0));
                    self.found.unchecked_game = Some((first, count + 1));
                }
            }
        }
    }

    fn bind_required(&mut self) {
        for (user, candidate) in self.mods.iter().enumerate() {
            if !self.runs(user) {
                continue;
            }
            for (number, dependency) in candidate.manifest.dependencies.iter().enumerate() {
                if !dependency.optional {
                    self.bind(user, number);
                }
            }
        }
        self.tell_users(true);
    }

    fn bind(&mut self, user: usize, dependency: usize) {
        match self.provider(user, dependency, 0) {
            Ok(found) => self.rely(user, dependency, found),
            Err(failure) => self.reject(
                user,
                Reason::Dependency {
                    dependency,
                    failure,
                },
            ),
        }
    }

    fn rely(&mut self, user: usize, dependency: usize, (place, provider): (usize, usize)) {
        self.found.satisfied_by[user][dependency] = Some(provider);
        if provider != user {
            self.users[provider].push((user, dependency, place));
        }
    }

    /// The first provider from the `from`-th on that runs and fits, with its place among the providers.
    fn provider(
        &self,
        user: usize,
        dependency: usize,
        from: usize,
    ) -> Result<(usize, usize), Failure> {
        let wanted = &self.mods[user].manifest.dependencies[dependency];
        let providers = self
            .found
            .names
            .get(&wanted.id)
            .map_or(&[][..], Vec::as_slice);
        let mut failure = Failure::Missing;
        for (place, provider) in providers.iter().enumerate().skip(from) {
            let (index, version) = (provider.index, provider.version);
            if index != user && self.rules.validate_versions && !fits(&wanted.versions, version) {
                if failure == Failure::Missing {
                    failure = Failure::WrongVersion { provider: index };
                }
            } else if self.runs(index) || index == user {
                return Ok((place, index));
            } else if !matches!(failure, Failure::Rejected { .. }) {
                failure = Failure::Rejected { provider: index };
            }
        }
        Err(failure)
    }

    /// Lets the users of rejected mods take another provider where they can and `may_switch`, and
    /// rejects them where not.
    fn tell_users(&mut self, may_switch: bool) {
        while let Some(provider) = self.untold.pop_front() {
            for (user, dependency, place) in std::mem::take(&mut self.users[provider]) {
                if !self.runs(user) {
                    continue;
                }
                let next = || self.provider(user, dependency, place + 1).ok();
                if let Some(next) = may_switch.then(next).flatten() {
                    self.rely(user, dependency, next);
                } else {
                    let failure = Failure::Rejected { provider };
                    self.reject(
                        user,
                        Reason::Dependency {
                            dependency,
                            failure,
                        },
                    );
                }
            }
        }
    }

    fn bind_optional(&mut self) {
        for (user, candidate) in self.mods.iter().enumerate() {
            if !self.runs(user) {
                continue;
            }
            for (number, dependency) in candidate.manifest.dependencies.iter().enumerate() {
                if !dependency.optional {
                    continue;
                }
                match self.provider(user, number, 0) {
                    Ok((_, provider)) => {
                        self.found.satisfied_by[user][number] = Some(provider);
                    }
                    Err(failure) => self.note_unusable(user, number, failure),
                }
            }
        }
    }

    /// An optional dependency that is absent, or switched off, is nothing to talk about.
    fn note_unusable(&mut self, user: usize, dependency: usize, failure: Failure) {
        let by_choice = match failure {
            Failure::Missing => true,
            Failure::Rejected { provider } => {
                self.found.reasons[provider] == Some(Reason::Disabled)
            }
            Failure::WrongVersion { .. } => false,
        };
        if !by_choice {
            self.found.unusable.push((user, dependency, failure));
        }
    }
}

impl Acceptance<'_> {
    /// Whether the mod can run.
    pub(super) fn runs(&self, index: usize) -> bool {
        self.reasons[index].is_none()
    }

    /// The mods that can run behind each provided name.
    pub(super) fn provided(&self, mods: &[Candidate]) -> BTreeMap<ModId, Vec<ModId>> {
        let mut provided = BTreeMap::new();
        for (name, providers) in &self.names {
            let ids = providers
                .iter()
                .filter(|provider| self.runs(provider.index))
                .map(|provider| &mods[provider.index].manifest.id)
                .filter(|id| id != name);
            let ids: Vec<ModId> = ids.cloned().collect();
            if !ids.is_empty() {
                provided.insert((*name).clone(), ids);
            }
        }
        provided
    }
}

fn names<'a>(mods: &'a [Candidate<'a>]) -> HashMap<&'a ModId, Vec<Provider<'a>>> {
    let mut names: HashMap<&ModId, Vec<Provider>> = HashMap::with_capacity(mods.len());
    for (index, Candidate { manifest, .. }) in mods.iter().enumerate() {
        let version = &manifest.version;
        names
            .entry(&manifest.id)
            .or_default()
            .push(Provider { index, version });
    }
    for (index, Candidate { manifest, .. }) in mods.iter().enumerate() {
        for provided in manifest.provides.iter().filter(|p| p.id != manifest.id) {
            let version = &provided.version;
            names
                .entry(&provided.id)
                .or_default()
                .push(Provider { index, version });
        }
    }
    names
}
