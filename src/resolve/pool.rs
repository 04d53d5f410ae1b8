//! [`Pool`]: all candidates as numbers, best versions first, and which of them answers to what anybody says.

use std::collections::HashMap;
use std::ops::Range;

use semver::{Version, VersionReq};

use super::lists::Lists;
use super::resolution::Rejection;
use super::{Candidate, Rules};
use crate::manifest::Provided;
use crate::mod_id::ModId;
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
    /// The number of each name that somebody answers to: that of the id, or a higher one.
    names: HashMap<&'a ModId, usize>,
    /// Who answers to each of them, in whatever version.
    named: Lists<Answer<'a>>,
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
        let (mut ids, mut starts) = (Vec::new(), Vec::new());
        let mut id_of = Vec::with_capacity(candidates.len());
        for (number, candidate) in candidates.iter().enumerate() {
            if ids.last() != Some(&&candidate.manifest.id) {
                ids.push(&candidate.manifest.id);
                starts.push(number);
            }
            id_of.push(ids.len() - 1);
        }
        starts.push(candidates.len());
        let names = names(&ids, &candidates);
        Pool {
            named: named(&names, &id_of, &candidates),
            ids,
            id_of,
            duplicates,
            calls: Vec::new(),
            says: Vec::with_capacity(candidates.len()),
            starts,
            names,
            candidates,
        }
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
        let number = self.names.get(name);
        number.map_or(&[], |number| self.named.of(*number))
    }

    /// The names that anybody provides, each with who does.
    pub(super) fn names(&self) -> impl Iterator<Item = (&'a ModId, &[Answer<'a>])> {
        let names = self.names.iter();
        names.map(|(name, number)| (*name, self.named.of(*number)))
    }

    /// All known names, ids and what is provided, sorted.
    pub(super) fn sorted_names(&self) -> Vec<&'a str> {
        let provided = self.names.iter();
        let provided = provided.filter(|(_, number)| **number >= self.ids.len());
        let mut names: Vec<&'a str> = self.ids.iter().map(|id| id.as_str()).collect();
        names.extend(provided.map(|(name, _)| name.as_str()));
        // The ids are sorted already, which a stable sort makes use of.
        names.sort();
        names
    }

    /// Finds out who answers to what each of the candidates says that `may_run`.
    pub(super) fn listen(&mut self, rules: &Rules, may_run: impl Fn(usize) -> bool) {
        let mut known = Known::new(self.named.len());
        for (number, own) in self.id_of.iter().enumerate() {
            if !may_run(number) {
                self.says.push(Says::default());
                continue;
            }
            let manifest = self.candidates[number].manifest;
            let mut call = |name: &'a ModId, versions: &'a VersionReq, compares: bool| {
                let name = self.names.get(name).copied();
                let named = name.map_or(&[][..], |name| self.named.of(name));
                let is_own = |answer: &Answer| self.id_of[answer.candidate] == *own;
                let asked = Asked {
                    name,
                    versions: Some(versions).filter(|it| compares && !it.comparators.is_empty()),
                    // Another version of itself is no help: only one of them can run.
                    besides: named.iter().any(is_own).then_some(*own),
                };
                *known.place(asked).get_or_insert_with(|| {
                    let answers = named.iter().filter(|answer| !is_own(answer));
                    let is_fit =
                        |answer: &&Answer| asked.versions.is_none_or(|it| fits(it, answer.version));
                    self.calls.push(Call {
                        id: name.filter(|name| *name < self.ids.len()),
                        answers: answers.filter(is_fit).map(|it| it.candidate).collect(),
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

/// What is asked for.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
struct Asked<'a> {
    /// The number of a name that somebody answers to.
    name: Option<usize>,
    /// `None`: every version will do.
    versions: Option<&'a VersionReq>,
    /// An id whose candidates do not count.
    besides: Option<usize>,
}

/// The calls for what was asked for.
struct Known<'a> {
    /// Those for a name in every version, which most are.
    plain: Vec<Option<usize>>,
    others: HashMap<Asked<'a>, Option<usize>>,
}

impl<'a> Known<'a> {
    fn new(names: usize) -> Known<'a> {
        Known {
            plain: vec![None; names],
            others: HashMap::new(),
        }
    }

    fn place(&mut self, asked: Asked<'a>) -> &mut Option<usize> {
        match asked {
            Asked {
                name: Some(name),
                versions: None,
                besides: None,
            } => &mut self.plain[name],
            _ => self.others.entry(asked).or_default(),
        }
    }
}

/// What each candidate provides beside its own id.
fn provided<'c, 'a>(
    candidates: &'c [Candidate<'a>],
) -> impl Iterator<Item = (usize, &'a Provided)> + use<'c, 'a> {
    let all = candidates.iter().map(|it| it.manifest).enumerate();
    all.flat_map(|(candidate, manifest)| {
        let provided = manifest.provides.iter();
        let others = provided.filter(|provided| provided.id != manifest.id);
        others.map(move |provided| (candidate, provided))
    })
}

fn names<'a>(ids: &[&'a ModId], candidates: &[Candidate<'a>]) -> HashMap<&'a ModId, usize> {
    let mut names: HashMap<&ModId, usize> = HashMap::with_capacity(ids.len());
    names.extend(ids.iter().copied().zip(0..));
    for (_, provided) in provided(candidates) {
        let next = names.len();
        names.entry(&provided.id).or_insert(next);
    }
    names
}

fn named<'a>(
    names: &HashMap<&'a ModId, usize>,
    id_of: &[usize],
    candidates: &[Candidate<'a>],
) -> Lists<Answer<'a>> {
    Lists::new(names.len(), || {
        let own = candidates.iter().enumerate().map(|(candidate, it)| {
            let version = &it.manifest.version;
            (id_of[candidate], Answer { candidate, version })
        });
        let others = provided(candidates).map(|(candidate, provided)| {
            let version = &provided.version;
            (names[&provided.id], Answer { candidate, version })
        });
        own.chain(others)
    })
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
