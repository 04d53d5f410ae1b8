//! Why each mod runs or does not: who satisfies what it needs, or the reason that keeps it away.

mod clashes;
mod depth;
mod listed;

use std::collections::{BTreeMap, VecDeque};

use super::choose::{Choice, Question};
use super::pool::Pool;
use super::possible::Bar;
use super::{Candidate, HostApi};
use crate::mod_id::ModId;
pub(super) use clashes::{Clash, proof};

/// The most failed dependencies of one mod that are told beside the first.
const FURTHER_MAX: usize = 64;

/// Who runs, and why the others don't. A mod is the number of its id.
pub(super) struct Acceptance<'a> {
    /// The candidate that each mod runs as; of a mod that does not run, the one that comes nearest to it.
    pub(super) stands_for: Vec<usize>,
    /// The same candidates.
    pub(super) mods: Vec<Candidate<'a>>,
    /// Why each mod can't run; `None`: it runs.
    pub(super) reasons: Vec<Option<Reason>>,
    /// The rejected mods; each stands behind the one that it waits for.
    pub(super) rejected: Vec<usize>,
    /// Failed dependencies of mods that were rejected already: (mod, dependency, failure).
    pub(super) further: Vec<(usize, usize, Failure)>,
    /// What keeps mods from running together.
    pub(super) clashes: Vec<Clash>,
    /// The mod that satisfies each dependency of each mod; itself, where it provides the name.
    pub(super) satisfied_by: Vec<Vec<Option<usize>>>,
    /// Optional dependencies that are there but can't be used: (mod, dependency, failure).
    pub(super) unusable: Vec<(usize, usize, Failure)>,
    /// A mod that names a host version, while the host's is not known, and how many do.
    pub(super) unchecked_game: Option<(usize, usize)>,
}

/// Why a mod can't run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reason {
    /// Nobody asks for it, and nobody needs it.
    Unneeded,
    /// It is switched off.
    Disabled,
    /// Its manifest or files have an error.
    Broken,
    /// It is made for another version of the host.
    Host,
    /// The user allows other versions of it only.
    Pinned,
    /// It is a pre-release that nobody asks for.
    PreRelease,
    /// It stands on too long a chain of dependencies.
    TooDeep { depth: usize, limit: usize },
    /// The user's order puts it before `later`, which it needs.
    Listed { later: usize },
    /// By the conflict number `entry` of one of them it can't run beside `with`.
    Conflict {
        with: usize,
        entry: usize,
        is_own: bool,
    },
    /// It can't run beside what was chosen before it; the number of the clash.
    Clash(usize),
    /// Its dependency of that number can't be satisfied.
    Dependency { dependency: usize, failure: Failure },
}

/// Why a dependency can't be satisfied.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Failure {
    /// Nothing has that name.
    Missing,
    /// What has that name has a version that does not fit: the candidate of it that comes first.
    WrongVersion { candidate: usize },
    /// What would fit is a candidate of a mod that runs in another version.
    PassedOver { candidate: usize },
    /// What would fit is rejected.
    Rejected { provider: usize },
}

impl Reason {
    /// Whether the user knows by other ways: it is a choice, or told where it was found.
    pub(super) fn is_known_otherwise(self) -> bool {
        matches!(self, Reason::Unneeded | Reason::Disabled | Reason::Broken)
    }
}

/// Finds out who satisfies what, and why the others do not run. Only if it `proves` does it say of clashes
/// who is to blame.
pub(super) fn accept<'a>(
    question: Question<'_, 'a>,
    choice: &Choice,
    host: Option<&HostApi>,
    proves: bool,
) -> Acceptance<'a> {
    let mut selector = Selector::new(question, choice, proves);
    selector.reject_by_own_reasons(host);
    selector.bind_required();
    selector.reject_clashing();
    selector.reject_too_deep();
    selector.reject_listed();
    selector.bind_optional();
    selector.found
}

struct Selector<'q, 'a> {
    question: Question<'q, 'a>,
    pool: &'q Pool<'a>,
    choice: &'q Choice,
    /// Whether it is said of clashes who is to blame.
    proves: bool,
    found: Acceptance<'a>,
    /// Who relies on each mod: (mod, dependency).
    users: Vec<Vec<(usize, usize)>>,
    /// Rejected mods whose users have not been told.
    untold: VecDeque<usize>,
}

impl<'q, 'a> Selector<'q, 'a> {
    fn new(question: Question<'q, 'a>, choice: &'q Choice, proves: bool) -> Self {
        let pool = question.pool;
        let stands_for = (0..pool.ids.len()).map(|id| match choice.of[id] {
            Some(candidate) => candidate,
            None => nearest_to_running(question, id),
        });
        let stands_for: Vec<usize> = stands_for.collect();
        let mods: Vec<Candidate> = stands_for.iter().map(|c| pool.candidates[*c]).collect();
        let slots = |c: &Candidate| vec![None; c.manifest.dependencies.len()];
        Selector {
            question,
            pool,
            choice,
            proves,
            found: Acceptance {
                stands_for,
                reasons: vec![None; mods.len()],
                rejected: Vec::new(),
                further: Vec::new(),
                clashes: Vec::new(),
                satisfied_by: mods.iter().map(slots).collect(),
                unusable: Vec::new(),
                unchecked_game: None,
                mods,
            },
            users: vec![Vec::new(); pool.ids.len()],
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
            let of_it = self.found.further.iter().rev();
            let of_it = of_it.take_while(|(further, ..)| *further == index);
            if of_it.take(FURTHER_MAX).count() < FURTHER_MAX {
                self.found.further.push((index, dependency, failure));
            }
        }
    }

    fn reject_by_own_reasons(&mut self, host: Option<&HostApi>) {
        for index in 0..self.found.mods.len() {
            let is_chosen = self.choice.of[index].is_some();
            let reason = match self.question.bars[self.found.stands_for[index]] {
                Some(Bar::Disabled) => Some(Reason::Disabled),
                _ if !is_chosen && !self.question.is_wanted(index) => Some(Reason::Unneeded),
                Some(Bar::Unwanted) => Some(Reason::Unneeded),
                Some(Bar::Broken) => Some(Reason::Broken),
                Some(Bar::Host) => Some(Reason::Host),
                Some(Bar::Pinned) => Some(Reason::Pinned),
                Some(Bar::PreRelease) => Some(Reason::PreRelease),
                Some(Bar::Dependency(_)) | None => None,
            };
            if let Some(reason) = reason {
                self.reject(index, reason);
                continue;
            }
            let compares = self.question.rules.validate_versions;
            if host.is_none() && compares && self.found.mods[index].manifest.game.is_some() {
                let (first, count) = self.found.unchecked_game.unwrap_or((index, 0));
                self.found.unchecked_game = Some((first, count + 1));
            }
        }
    }

    fn bind_required(&mut self) {
        for user in 0..self.found.mods.len() {
            if !self.runs(user) {
                continue;
            }
            for (number, dependency) in
                (self.found.mods[user].manifest.dependencies.iter()).enumerate()
            {
                if !dependency.optional {
                    self.bind(user, number);
                }
            }
        }
        self.tell_users(true);
    }

    fn bind(&mut self, user: usize, dependency: usize) {
        match self.provider(user, dependency) {
            Ok(provider) => self.rely(user, dependency, provider),
            // Who could run was left out for a reason of its own, which comes later.
            Err(Failure::WrongVersion { .. } | Failure::PassedOver { .. })
                if self.question.could_run(self.found.stands_for[user]) => {}
            Err(failure) => self.reject(
                user,
                Reason::Dependency {
                    dependency,
                    failure,
                },
            ),
        }
    }

    fn rely(&mut self, user: usize, dependency: usize, provider: usize) {
        self.found.satisfied_by[user][dependency] = Some(provider);
        if provider != user {
            self.users[provider].push((user, dependency));
        }
    }

    /// The first mod that runs and fits.
    fn provider(&self, user: usize, dependency: usize) -> Result<usize, Failure> {
        let wanted = &self.found.mods[user].manifest.dependencies[dependency];
        let Some(call) = self.pool.says[self.found.stands_for[user]].dependencies[dependency]
        else {
            return Ok(user);
        };
        let answers = &self.pool.calls[call].answers;
        let mods = answers
            .iter()
            .map(|answer| (*answer, self.pool.id_of[*answer]));
        let mut rejected = None;
        let mut passed_over = None;
        for (answer, id) in mods {
            if !self.runs(id) {
                rejected = rejected.or(Some(Failure::Rejected { provider: id }));
            } else if self.found.stands_for[id] != answer {
                passed_over = passed_over.or(Some(Failure::PassedOver { candidate: answer }));
            } else if self.found.stands_for[id] == answer {
                return Ok(id);
            }
        }
        Err(rejected.or(passed_over).unwrap_or_else(|| {
            let named = self.pool.answers(&wanted.id).iter();
            let mut named = named.map(|answer| answer.candidate);
            let stands = |c: &usize| self.found.stands_for[self.pool.id_of[*c]] == *c;
            let there = named.clone().find(stands).or_else(|| named.next());
            there.map_or(Failure::Missing, |candidate| Failure::WrongVersion {
                candidate,
            })
        }))
    }

    /// Lets the users of rejected mods take another provider where they can and `may_switch`, and
    /// rejects them where not.
    fn tell_users(&mut self, may_switch: bool) {
        while let Some(provider) = self.untold.pop_front() {
            for (user, dependency) in std::mem::take(&mut self.users[provider]) {
                if !self.runs(user) {
                    continue;
                }
                let next = || self.provider(user, dependency).ok();
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
        for user in 0..self.found.mods.len() {
            if !self.runs(user) {
                continue;
            }
            for (number, dependency) in
                (self.found.mods[user].manifest.dependencies.iter()).enumerate()
            {
                if !dependency.optional {
                    continue;
                }
                match self.provider(user, number) {
                    Ok(provider) => {
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
            Failure::Rejected { provider } => matches!(
                self.found.reasons[provider],
                Some(Reason::Disabled | Reason::Unneeded)
            ),
            Failure::WrongVersion { .. } | Failure::PassedOver { .. } => false,
        };
        if !by_choice {
            self.found.unusable.push((user, dependency, failure));
        }
    }
}

/// The candidate of a mod that does not run to speak of: the best of those with the least against them.
fn nearest_to_running(question: Question, id: usize) -> usize {
    let against = |candidate: &usize| match question.bars[*candidate] {
        None => 0,
        Some(Bar::Dependency(_)) => 1,
        Some(Bar::Host) => 2,
        Some(Bar::Broken) => 3,
        Some(Bar::PreRelease) => 4,
        Some(Bar::Pinned) => 5,
        Some(Bar::Disabled | Bar::Unwanted) => 6,
    };
    let candidates = question.pool.of(id);
    let first = candidates.start;
    candidates.min_by_key(against).unwrap_or(first)
}

impl Acceptance<'_> {
    /// Whether the mod can run.
    pub(super) fn runs(&self, index: usize) -> bool {
        self.reasons[index].is_none()
    }

    /// The mods that can run behind each provided name.
    pub(super) fn provided(&self, pool: &Pool) -> BTreeMap<ModId, Vec<ModId>> {
        let mut provided = BTreeMap::new();
        for (name, answers) in pool.names() {
            let running = answers
                .iter()
                .filter(|answer| self.is_running(pool, answer.candidate));
            let ids = running.map(|answer| pool.ids[pool.id_of[answer.candidate]]);
            let ids: Vec<ModId> = ids.filter(|id| *id != name).cloned().collect();
            if !ids.is_empty() {
                provided.insert(name.clone(), ids);
            }
        }
        provided
    }

    /// Whether a candidate is what its mod runs as.
    pub(super) fn is_running(&self, pool: &Pool, candidate: usize) -> bool {
        let id = pool.id_of[candidate];
        self.runs(id) && self.stands_for[id] == candidate
    }

    /// The accepted mod that answers to a name in whatever version, the first choice.
    pub(super) fn answering(&self, pool: &Pool, name: &ModId) -> Option<usize> {
        let mut answers = pool.answers(name).iter().map(|answer| answer.candidate);
        let running = answers.find(|candidate| self.is_running(pool, *candidate));
        running.map(|candidate| pool.id_of[candidate])
    }
}
