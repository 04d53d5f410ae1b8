//! [`Resolution`]: which mods run, in which order, and why not the others.

use std::collections::{BTreeMap, BTreeSet};

use semver::Version;
use serde::Serialize;

use super::Candidate;
use crate::mod_id::ModId;
use crate::problem::{Code, Place, Problem, Severity};

/// Which mods run, in which order, and why not the others.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Resolution {
    /// The accepted mods in load order.
    pub order: Vec<ModId>,
    /// The same in groups: mods that require each other, directly or through others, are one group and
    /// load and switch together.
    pub groups: Vec<Vec<ModId>>,
    /// The accepted mods.
    pub mods: BTreeMap<ModId, Accepted>,
    /// The mods that can't run.
    pub rejected: BTreeMap<ModId, Rejection>,
    /// The candidates that stand back behind another one of the same id and version.
    pub duplicates: Vec<Rejection>,
    /// The mods that nobody asks for and nobody needs.
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    pub unneeded: BTreeSet<ModId>,
    /// What the accepted mods say about each other, by the mod that says it.
    pub edges: Vec<Edge>,
    /// What is wrong: each root cause once, errors first.
    pub problems: Vec<Problem>,
    /// The accepted mods that answer to each name that is not an id of theirs, the first choice first.
    pub provided: BTreeMap<ModId, Vec<ModId>>,
    /// The places in `edges` of those that lead to each mod.
    #[serde(skip)]
    pub(super) edges_to: BTreeMap<ModId, Vec<usize>>,
}

/// A mod that runs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Accepted {
    /// Its version.
    pub version: Version,
    /// The name of its folder.
    pub folder: String,
    /// Its place in [`Resolution::order`], from 0.
    pub position: usize,
    /// The place of its group in [`Resolution::groups`], from 0.
    pub group: usize,
    /// The better versions that are at hand and are not used, the best first; at most
    /// [`PASSED_OVER_MAX`].
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub passed_over: Vec<PassedOver>,
}

/// The most versions of a mod that [`Accepted::passed_over`] names.
pub const PASSED_OVER_MAX: usize = 8;

/// A better version of a mod that is not used.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct PassedOver {
    /// The version.
    pub version: Version,
    /// The name of its folder.
    pub folder: String,
    /// Completes "is not used because it …".
    pub because: String,
    /// Where a manifest says so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub place: Option<Place>,
}

/// Something that a manifest says, as part of an explanation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Statement {
    /// Who says it.
    pub by: ModId,
    /// What is said, as a sentence.
    pub text: String,
    /// Where.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub place: Option<Place>,
}

/// Why a mod can't run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Rejection {
    /// The mod.
    pub id: ModId,
    /// Its version.
    pub version: Version,
    /// The name of its folder.
    pub folder: String,
    /// What kind of problem it has.
    pub code: Code,
    /// Completes "is rejected because it …".
    pub because: String,
    /// Where it all began: the mod itself, a mod that it waits for through others, or the name of a
    /// dependency that is missing or has another version.
    pub root: ModId,
    /// The dependency that keeps it from running, if it is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub waits_for: Option<ModId>,
    /// Where the manifest says what can't be had.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub place: Option<Place>,
    /// What to try. `None` where the root has the hint.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hint: Option<String>,
    /// What is said by whom that rules this mod out, where that takes more than one statement.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub derivation: Vec<Statement>,
}

/// What one accepted mod says about another.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Edge {
    /// The mod that says it.
    pub from: ModId,
    /// The other mod.
    pub to: ModId,
    /// The name under which `from` speaks of it: its id, or a name that it provides.
    pub name: ModId,
    /// What is said.
    pub kind: EdgeKind,
    /// The accepted versions, of a dependency.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub requirement: Option<String>,
    /// Why, in the author's words, on one line.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// Where the manifest says so.
    pub place: Place,
    /// Why this does not hold for the load order; `None` where it does. A dependency that does not hold
    /// for the order is usable all the same, once both mods have loaded.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cut: Option<String>,
}

/// What one mod says about another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum EdgeKind {
    /// Used for a dependency that must be there.
    Required,
    /// Used for a dependency that may be there.
    Optional,
    /// Used for the hint to load after the other mod.
    After,
    /// Used for the hint to load before the other mod.
    Before,
    /// Used for the user's own order: `from` stands behind `to` in it.
    Listed,
}

impl Edge {
    /// Whether `from` uses `to`; otherwise this is about the load order alone.
    pub fn is_dependency(&self) -> bool {
        matches!(self.kind, EdgeKind::Required | EdgeKind::Optional)
    }

    /// The mod that should load first.
    pub fn first(&self) -> &ModId {
        if self.kind == EdgeKind::Before {
            &self.from
        } else {
            &self.to
        }
    }

    /// The mod that should load second.
    pub fn second(&self) -> &ModId {
        if self.kind == EdgeKind::Before {
            &self.to
        } else {
            &self.from
        }
    }
}

impl Rejection {
    /// A rejection that says nothing yet.
    pub(super) fn new(candidate: &Candidate, code: Code) -> Rejection {
        let manifest = candidate.manifest;
        Rejection {
            id: manifest.id.clone(),
            version: manifest.version.clone(),
            folder: candidate.folder.to_owned(),
            code,
            because: String::new(),
            root: manifest.id.clone(),
            waits_for: None,
            place: Some(manifest.place.clone()),
            hint: None,
            derivation: Vec::new(),
        }
    }

    /// The same as a problem; `more` ends the sentence.
    pub(super) fn problem(&self, more: &str) -> Problem {
        Problem {
            place: self.place.clone(),
            hint: self.hint.clone(),
            ..Problem::error(self.code, format!("{}{more}", self.because)).of(&self.id)
        }
    }
}

impl Resolution {
    /// Whether the mod runs.
    pub fn accepts(&self, mod_id: &ModId) -> bool {
        self.mods.contains_key(mod_id)
    }

    /// The accepted mod that answers to `name`: the one of that id, else the one with the smallest id
    /// that provides it.
    ///
    /// A dependency may have chosen another one whose version fits; see [`Resolution::provider_for`].
    pub fn provider_of(&self, name: &ModId) -> Option<&ModId> {
        match self.mods.get_key_value(name) {
            Some((mod_id, _)) => Some(mod_id),
            None => self.provided.get(name)?.first(),
        }
    }

    /// The mod that `user` means by `name`: the one that satisfies its dependency of that name.
    /// `None` if it has none, or if an optional one can't be used.
    pub fn provider_for(&self, user: &ModId, name: &ModId) -> Option<&ModId> {
        let mut edges = self.edges_from(user).iter();
        edges
            .find(|edge| edge.is_dependency() && edge.name == *name)
            .map(|edge| &edge.to)
    }

    /// What `mod_id` says about others.
    pub fn edges_from(&self, mod_id: &ModId) -> &[Edge] {
        let start = self.edges.partition_point(|edge| edge.from < *mod_id);
        let length = self.edges[start..].partition_point(|edge| edge.from == *mod_id);
        &self.edges[start..start + length]
    }

    /// What others say about `mod_id`.
    pub fn edges_to(&self, mod_id: &ModId) -> impl Iterator<Item = &Edge> {
        let places = self.edges_to.get(mod_id).into_iter().flatten();
        places.map(|place| &self.edges[*place])
    }

    /// The mods that `mod_id` uses, required and optional, each once, by id.
    pub fn dependencies_of(&self, mod_id: &ModId) -> Vec<&ModId> {
        let edges = self
            .edges_from(mod_id)
            .iter()
            .filter(|edge| edge.is_dependency());
        each_once(edges.map(|edge| &edge.to))
    }

    /// The mods that use `mod_id`, each once, by id.
    pub fn dependents_of(&self, mod_id: &ModId) -> Vec<&ModId> {
        let edges = self.edges_to(mod_id).filter(|edge| edge.is_dependency());
        each_once(edges.map(|edge| &edge.from))
    }

    /// The mods that load as one with `mod_id`, itself among them, in load order; empty if it does not
    /// run.
    pub fn group_of(&self, mod_id: &ModId) -> &[ModId] {
        let accepted = self.mods.get(mod_id);
        accepted.map_or(&[], |accepted| self.groups[accepted.group].as_slice())
    }

    /// The errors and warnings of that severity.
    pub fn problems_of(&self, severity: Severity) -> impl Iterator<Item = &Problem> {
        self.problems
            .iter()
            .filter(move |problem| problem.severity == severity)
    }
}

impl Resolution {
    pub(super) fn push_group<'a>(&mut self, members: impl Iterator<Item = Candidate<'a>>) {
        let mut group = Vec::new();
        for Candidate {
            manifest, folder, ..
        } in members
        {
            let accepted = Accepted {
                version: manifest.version.clone(),
                folder: folder.to_owned(),
                position: self.order.len(),
                group: self.groups.len(),
                passed_over: Vec::new(),
            };
            self.mods.insert(manifest.id.clone(), accepted);
            self.order.push(manifest.id.clone());
            group.push(manifest.id.clone());
        }
        self.groups.push(group);
    }

    /// Takes the edges, sorted by `from`.
    pub(super) fn put_edges(&mut self, edges: Vec<Edge>) {
        for (place, edge) in edges.iter().enumerate() {
            self.edges_to
                .entry(edge.to.clone())
                .or_default()
                .push(place);
        }
        self.edges = edges;
    }
}

fn each_once<'a>(ids: impl Iterator<Item = &'a ModId>) -> Vec<&'a ModId> {
    let mut ids: Vec<&ModId> = ids.collect();
    ids.sort_unstable();
    ids.dedup();
    ids
}
