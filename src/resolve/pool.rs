//! [`Pool`]: all candidates as numbers, best versions first, and which of them answers to what anybody says.

use std::collections::HashMap;
use std::ops::Range;

use semver::{Version, VersionReq};

use super::resolution::Rejection;
use super::{Candidate, Rules};
use crate::mod_id::ModId;
use crate::near::near;
use crate::problem::{Code, one_line};

/// All candidates, each a number: sorted by id, and of one id the best first.
pub(super) struct Pool<'a> {
    pub(super) candidates: Vec<Candidate<'a>>,
    /// Every id that has a candidate, sorted. The number of an id is its place here.
    pub(super) ids: Vec<&'a ModId>,
    /// The number of the id of each candidate.
    pub(super) id_of: Vec<usize>,
    /// Candidates with the id and the version of another one.
    pub(super) duplicates: Vec<Duplicate<'a>>,
    /// Who answers to what is said anywhere, each once.
    pub(super) calls: Vec<Call>,
    /// What each candidate says.
    pub(super) says: Vec<Says>,
    /// Where the candidates of each id begin; one more at the end.
    starts: Vec<usize>,
    names: HashMap<&'a ModId, Vec<Answer<'a>>>,
}

/// A name that some manifest asks for in certain versions, and who answers to it.
pub(super) struct Call {
    /// The mod of that very id, if there is one.
    pub(super) id: Option<usize>,
    /// The candidates that answer: of that id first, then those that provide the name, by number.
    pub(super) answers: Vec<usize>,
}

/// What a candidate says, as numbers of calls, in the order of its manifest.
#[derive(Default)]
pub(super) struct Says {
    /// One for each dependency; `None` where the candidate answers by itself.
    pub(super) dependencies: Vec<Option<usize>>,
    /// One for each conflict.
    pub(super) conflicts: Vec<usize>,
}

/// A candidate that answers to a name, and the version in which it does.
#[derive(Clone, Copy)]
pub(super) struct Answer<'a> {
    pub(super) candidate: usize,
    pub(super) version: &'a Version,
}

/// A candidate that stands back behind another one of the same id and version.
pub(super) struct Duplicate<'a> {
    candidate: Candidate<'a>,
    kept: Candidate<'a>,
}

/// Whether `version` fits; `*` takes every version, pre-releases too.
pub(super) fn fits(versions: &VersionReq, version: &Version) -> bool {
    versions.comparators.is_empty() || versions.matches(version)
}

impl<'a> Pool<'a> {
    /// Nobody has been [heard](Pool::listen) yet.
    pub(super) fn new(candidates: &[Candidate<'a>]) -> Pool<'a> {
        let (candidates, duplicates) = best_first(candidates);
        let mut pool = Pool {
            ids: Vec::new(),
            id_of: Vec::with_capacity(candidates.len()),
            duplicates,
            calls: Vec::new(),
            says: Vec::with_capacity(candidates.len()),
            starts: Vec::new(),
            names: names(&candidates),
            candidates,
        };
        for (number, candidate) in pool.candidates.iter().enumerate() {
            if pool.ids.last() != Some(&&candidate.manifest.id) {
                pool.ids.push(&candidate.manifest.id);
                pool.starts.push(number);
            }
            pool.id_of.push(pool.ids.len() - 1);
        }
        pool.starts.push(pool.candidates.len());
        pool
    }

    /// The candidates of an id, the best first.
    pub(super) fn of(&self, id: usize) -> Range<usize> {
        self.starts[id]..self.starts[id + 1]
    }

    /// The number of an id that has candidates.
    pub(super) fn number(&self, id: &ModId) -> Option<usize> {
        self.ids.binary_search(&id).ok()
    }

    /// Everyone who answers to a name, in whatever version.
    pub(super) fn answers(&self, name: &ModId) -> &[Answer<'a>] {
        self.names.get(name).map_or(&[], Vec::as_slice)
    }

    /// The names that anybody provides, each with who does.
    pub(super) fn names(&self) -> impl Iterator<Item = (&'a ModId, &[Answer<'a>])> {
        self.names
            .iter()
            .map(|(name, answers)| (*name, answers.as_slice()))
    }

    /// The known name that is nearest to `name`: an id, but not that of the one who `asks`, or a
    /// provided name.
    pub(super) fn nearest(&self, name: &ModId, asks: &ModId) -> Option<&'a str> {
        let mut names: Vec<&'a str> = self.names.keys().map(|name| name.as_str()).collect();
        names.sort_unstable();
        names.retain(|name| *name != asks.as_str());
        near(name.as_str(), names)
    }

    /// Finds out who answers to what each of the candidates says that `may_run`.
    pub(super) fn listen(&mut self, rules: &Rules, may_run: impl Fn(usize) -> bool) {
        let mut known: HashMap<(&ModId, &VersionReq, bool, Option<usize>), usize> = HashMap::new();
        for (number, own) in self.id_of.iter().enumerate() {
            if !may_run(number) {
                self.says.push(Says::default());
                continue;
            }
            let manifest = self.candidates[number].manifest;
            let mut call = |name: &'a ModId, versions: &'a VersionReq, compares: bool| {
                let named = self.names.get(name).map_or(&[][..], Vec::as_slice);
                let is_own = |answer: &Answer| self.id_of[answer.candidate] == *own;
                // Another version of itself is no help: only one of them can run.
                let besides = named.iter().any(is_own).then_some(*own);
                let key = (name, versions, compares, besides);
                *known.entry(key).or_insert_with(|| {
                    let answers = named.iter().filter(|answer| !is_own(answer));
                    let answers =
                        answers.filter(|answer| !compares || fits(versions, answer.version));
                    self.calls.push(Call {
                        id: self.ids.binary_search(&name).ok(),
                        answers: answers.map(|answer| answer.candidate).collect(),
                    });
                    self.calls.len() - 1
                })
            };
            let answers_itself = |name: &ModId| {
                manifest.id == *name || manifest.provides.iter().any(|p| p.id == *name)
            };
            let compares = rules.validate_versions;
            let dependencies = manifest.dependencies.iter().map(|dependency| {
                let (id, versions) = (&dependency.id, &dependency.versions);
                (!answers_itself(id)).then(|| call(id, versions, compares))
            });
            let dependencies = dependencies.collect();
            let conflicts = manifest.conflicts.iter();
            let conflicts = conflicts.map(|conflict| call(&conflict.id, &conflict.versions, true));
            let says = Says {
                dependencies,
                conflicts: conflicts.collect(),
            };
            self.says.push(says);
        }
    }

    /// The calls by which a candidate needs somebody: (number of the dependency, call).
    pub(super) fn needs(&self, candidate: usize) -> impl Iterator<Item = (usize, usize)> {
        self.dependencies(candidate, false)
    }

    /// The calls by which a candidate uses somebody who is present.
    pub(super) fn wishes(&self, candidate: usize) -> impl Iterator<Item = (usize, usize)> {
        self.dependencies(candidate, true)
    }

    fn dependencies(
        &self,
        candidate: usize,
        optional: bool,
    ) -> impl Iterator<Item = (usize, usize)> {
        let declared = &self.candidates[candidate].manifest.dependencies;
        let calls = self.says[candidate].dependencies.iter().enumerate();
        calls
            .filter(move |(number, _)| declared[*number].optional == optional)
            .filter_map(|(number, call)| Some((number, (*call)?)))
    }
}

/// The candidates by id, the best first, and those that are there twice.
///
/// Releases go before pre-releases, then the higher version. Of equal ones the one without an error is
/// kept, then the one in the folder named like the id, else in the first folder by name.
fn best_first<'a>(candidates: &[Candidate<'a>]) -> (Vec<Candidate<'a>>, Vec<Duplicate<'a>>) {
    let mut sorted = candidates.to_vec();
    sorted.sort_by(|a, b| {
        let is_named_otherwise = |c: &Candidate| c.folder != c.manifest.id.as_str();
        let version = |c: &Candidate<'a>| &c.manifest.version;
        let is_pre_release = |c: &Candidate<'a>| !c.manifest.version.pre.is_empty();
        (a.manifest.id.cmp(&b.manifest.id))
            .then_with(|| is_pre_release(a).cmp(&is_pre_release(b)))
            .then_with(|| version(b).cmp_precedence(version(a)))
            .then_with(|| a.error.is_some().cmp(&b.error.is_some()))
            .then_with(|| is_named_otherwise(a).cmp(&is_named_otherwise(b)))
            .then_with(|| a.folder.cmp(b.folder))
    });
    let mut kept: Vec<Candidate> = Vec::with_capacity(sorted.len());
    let mut duplicates = Vec::new();
    for candidate in sorted {
        let is_twice = |last: &&Candidate| {
            let (last, this) = (last.manifest, candidate.manifest);
            last.id == this.id && last.version.cmp_precedence(&this.version).is_eq()
        };
        match kept.last().filter(is_twice) {
            Some(kept) => duplicates.push(Duplicate {
                candidate,
                kept: *kept,
            }),
            None => kept.push(candidate),
        }
    }
    (kept, duplicates)
}

fn names<'a>(candidates: &[Candidate<'a>]) -> HashMap<&'a ModId, Vec<Answer<'a>>> {
    let mut names: HashMap<&ModId, Vec<Answer>> = HashMap::with_capacity(candidates.len());
    for (candidate, Candidate { manifest, .. }) in candidates.iter().enumerate() {
        let version = &manifest.version;
        let own = Answer { candidate, version };
        names.entry(&manifest.id).or_default().push(own);
    }
    for (candidate, Candidate { manifest, .. }) in candidates.iter().enumerate() {
        for provided in manifest.provides.iter().filter(|p| p.id != manifest.id) {
            let version = &provided.version;
            let other = Answer { candidate, version };
            names.entry(&provided.id).or_default().push(other);
        }
    }
    names
}

impl Duplicate<'_> {
    pub(super) fn rejection(&self) -> Rejection {
        let (folder, kept) = (self.candidate.folder, self.kept.folder);
        Rejection {
            because: one_line(&format!(
                "has the same id and version ({}) in the folders `{folder}` and `{kept}`, of which `{kept}` is used",
                self.kept.manifest.version
            )),
            hint: Some(one_line(&format!(
                "delete the folder `{folder}`, or give that mod an id or a version of its own"
            ))),
            ..Rejection::new(&self.candidate, Code::DUPLICATE_ID)
        }
    }
}
