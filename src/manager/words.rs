//! What the façade answers with: the status of a mod, the outcome of a dispatch, grants, errors.

use std::collections::BTreeSet;

use serde::Serialize;

use crate::manifest::Manifest;
use crate::mod_id::ModId;
use crate::problem::{PROBLEMS_MAX, Problem, count_in};
use crate::value::Value;

/// The most results that are collected of several events.
const RESULTS_MAX: usize = 10_000;

/// What came of an event.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Dispatched {
    /// How many handlers ran.
    pub handlers: usize,
    /// What they returned, nil left out, in the order in which they ran.
    pub results: Vec<Value>,
    /// What went wrong; the other handlers ran all the same.
    pub errors: Vec<Problem>,
}

impl Dispatched {
    /// The outcome of an event that could not be sent at all.
    pub(super) fn failed(problem: Problem) -> Dispatched {
        Dispatched {
            errors: vec![problem],
            ..Dispatched::default()
        }
    }

    /// Takes in what came of another event. Beyond 10,000 results and 1,000 problems it is only counted.
    pub fn add(&mut self, other: Dispatched) {
        self.handlers += other.handlers;
        let room = RESULTS_MAX.saturating_sub(self.results.len());
        self.results.extend(other.results.into_iter().take(room));
        for problem in other.errors {
            count_in(&mut self.errors, problem, PROBLEMS_MAX);
        }
    }
}

/// The states of all mods, for the game's own save file.
#[derive(Clone, Debug, PartialEq)]
pub struct Save {
    /// What [`ModManager::restore`](super::ModManager::restore) takes.
    pub bytes: Vec<u8>,
    /// The mods whose state is in it.
    pub mods: Vec<ModId>,
    /// What is not in it, and why.
    pub problems: Vec<Problem>,
}

/// How a mod is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum Status {
    /// Used for a mod that runs.
    Active,
    /// Used for a mod that can't run as its files are.
    Rejected,
    /// Used for a mod that somebody switched off.
    Disabled,
    /// Used for a mod that was stopped because it broke its limits.
    Quarantined,
}

/// One mod of the folder.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ModStatus {
    /// The mod.
    pub id: ModId,
    /// Its version.
    pub version: semver::Version,
    /// How it is.
    pub status: Status,
    /// The generation that runs, 0 if none does.
    pub generation: u64,
    /// Why it does not run.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub because: Option<String>,
    /// Bytes that its VM holds.
    pub memory: usize,
    /// Handlers that it has.
    pub handlers: usize,
}

/// Which state a rollback brings the old code together with.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Onto {
    /// Used to undo an edit and keep what has happened since: the state of now is replayed onto the old code.
    #[default]
    Now,
    /// Used to undo what has happened, too: the state with which that generation was left.
    Then,
}

/// What a wait ends with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Until {
    /// Used to go on as soon as there is a report.
    Report,
    /// Used to go on when the files have been compared with the disk once more, every file has settled,
    /// and nothing is left to do.
    Idle,
}

/// Which of the capabilities that a mod asks for it gets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Grant(pub(super) BTreeSet<String>);

impl Grant {
    /// Everything that the manifest asks for.
    pub fn requested(manifest: &Manifest) -> Grant {
        let asked = manifest.capabilities.all();
        Grant::only(asked.map(|capability| capability.name.as_str()))
    }

    /// Nothing.
    pub fn none() -> Grant {
        Grant(BTreeSet::new())
    }

    /// Just these, as far as the manifest asks for them.
    pub fn only<I: IntoIterator<Item: Into<String>>>(capabilities: I) -> Grant {
        Grant(capabilities.into_iter().map(Into::into).collect())
    }
}

/// What a mod has and asks for, as capabilities of the host; sorted by name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ModGrants {
    /// The mod.
    #[serde(rename = "mod")]
    pub mod_id: ModId,
    /// What it has, and what it gets with the manifest on disk.
    pub granted: Vec<String>,
    /// What its manifest asks for and the host has denied.
    pub denied: Vec<String>,
    /// What its manifest asks for beyond what the host has answered: if there is any, its change is held.
    pub asks: Vec<String>,
}

impl ModGrants {
    pub(super) fn is_empty(&self) -> bool {
        self.granted.is_empty() && self.denied.is_empty() && self.asks.is_empty()
    }
}

/// Why a manager can't be built, or a call can't go on. What is wrong with a mod is a
/// [`Problem`] instead.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The host's version is not semver.
    #[error("the host version {0:?} is not a semver version such as \"1.3.0\"")]
    HostVersion(String),
    /// The path of a script that can't be followed.
    #[error(
        "{0:?} is not the path of a .lua or .luau file in a folder, with a name that is not hidden"
    )]
    ScriptPath(std::path::PathBuf),
    /// What the player has chosen, a profile or a lock, is not there or has errors.
    #[error("{}", lines(.0))]
    Chosen(Vec<Problem>),
    /// The system can't start a thread.
    #[error("can't start a thread: {0}")]
    Thread(#[from] std::io::Error),
}

fn lines(problems: &[Problem]) -> String {
    let lines: Vec<String> = problems.iter().map(Problem::to_string).collect();
    lines.join("\n")
}
