//! What is answered: the result of each method, and the one notification.

use std::collections::BTreeSet;

use schemars::JsonSchema;
use semver::Version;
use serde::Serialize;
use serde_json::Value as Json;

use crate::reload::{ReloadPlan, ReloadReport};
use crate::resolve::{Change, Edge, Resolution};
use crate::state::Difference;
use crate::{Generation, LedgerEntry, LogEntry, ModId, Problem, ProfileName};

/// Result of a method that has none.
#[derive(Debug, Serialize, JsonSchema)]
pub(in crate::protocol) struct Nothing {}

/// Who answers.
#[derive(Debug, Serialize, JsonSchema)]
pub(in crate::protocol) struct Initialized {
    /// `lunation`
    pub(in crate::protocol) name: &'static str,
    /// The version of the program.
    pub(in crate::protocol) version: &'static str,
    /// The Lua flavour: `luau`, `lua54` or `luajit`.
    pub(in crate::protocol) lua: &'static str,
    /// The version of the protocol.
    pub(in crate::protocol) protocol: u32,
}

/// Everything that is wrong now: with the folder, and with each mod.
#[derive(Debug, Serialize, JsonSchema)]
pub(in crate::protocol) struct Problems {
    pub(in crate::protocol) problems: Vec<Problem>,
}

/// What the handlers of an event said.
#[derive(Debug, Serialize, JsonSchema)]
pub(in crate::protocol) struct DispatchResult {
    /// How many were called.
    pub(in crate::protocol) handlers: usize,
    /// What they returned other than nil, in order.
    pub(in crate::protocol) results: Vec<Json>,
    /// What went wrong in those that failed.
    pub(in crate::protocol) errors: Vec<Problem>,
}

/// What the handlers and timers of all those ticks said.
#[derive(Debug, Serialize, JsonSchema)]
pub(in crate::protocol) struct AdvanceResult {
    /// What they returned other than nil, in order.
    pub(in crate::protocol) results: Vec<Json>,
    /// What went wrong in those that failed.
    pub(in crate::protocol) errors: Vec<Problem>,
}

/// What code returned.
#[derive(Debug, Serialize, JsonSchema)]
pub(in crate::protocol) struct Results {
    pub(in crate::protocol) results: Vec<Json>,
}

/// Where the state of a mod differs from the one that its code began with.
#[derive(Debug, Serialize, JsonSchema)]
pub(in crate::protocol) struct Differences {
    /// Shallow ones first.
    pub(in crate::protocol) differences: Vec<OneDifference>,
    /// Whether there are more than these.
    pub(in crate::protocol) is_cut: bool,
}

/// One place that differs.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "Difference")]
pub(in crate::protocol) struct OneDifference {
    /// Where, such as `state.enemies[3].name`.
    pub(in crate::protocol) path: String,
    /// What the code began with, in short; left out if that was nothing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::protocol) before: Option<String>,
    /// What is there now, in short; left out if it is nothing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::protocol) after: Option<String>,
}

impl From<Difference> for OneDifference {
    fn from(difference: Difference) -> OneDifference {
        OneDifference {
            path: difference.path.to_string(),
            before: difference.before,
            after: difference.after,
        }
    }
}

/// The reports that no earlier answer had.
#[derive(Debug, Serialize, JsonSchema)]
pub(in crate::protocol) struct Reports {
    pub(in crate::protocol) reports: Vec<ReloadReport>,
}

/// What one transaction did.
#[derive(Debug, Serialize, JsonSchema)]
pub(in crate::protocol) struct Report {
    pub(in crate::protocol) report: ReloadReport,
}

/// What a change would do.
#[derive(Debug, Serialize, JsonSchema)]
pub(in crate::protocol) struct Plan {
    pub(in crate::protocol) plan: ReloadPlan,
}

/// The generations of a mod that are kept.
#[derive(Debug, Serialize, JsonSchema)]
pub(in crate::protocol) struct Generations {
    pub(in crate::protocol) generations: Vec<Generation>,
}

/// The profiles of the player.
#[derive(Debug, Serialize, JsonSchema)]
pub(in crate::protocol) struct Profiles {
    /// The one that is on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::protocol) active: Option<ProfileName>,
    /// Those that there are, by name.
    pub(in crate::protocol) profiles: Vec<ProfileName>,
}

/// Who needs whom.
#[derive(Debug, Serialize, JsonSchema)]
pub(in crate::protocol) struct Graph {
    /// The mods that run in load order, then the others.
    pub(in crate::protocol) nodes: Vec<Node>,
    /// What the running mods say about each other.
    pub(in crate::protocol) edges: Vec<Edge>,
}

/// A mod in the graph.
#[derive(Debug, Serialize, JsonSchema)]
pub(in crate::protocol) struct Node {
    pub(in crate::protocol) id: ModId,
    pub(in crate::protocol) version: Version,
    /// Its place in the load order, from 0; none if it is rejected.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::protocol) position: Option<usize>,
    /// Mods with the same number require each other and load as one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::protocol) group: Option<usize>,
    /// Why it is rejected.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::protocol) because: Option<String>,
}

/// An explanation.
#[derive(Debug, Serialize, JsonSchema)]
pub(in crate::protocol) struct Why {
    /// The first is a summary.
    pub(in crate::protocol) lines: Vec<String>,
    /// Changes with which a rejected `mod` runs, none of which can be left away; where any were found.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(in crate::protocol) repair: Vec<Change>,
}

/// A file of states that was written or read.
#[derive(Debug, Serialize, JsonSchema)]
pub(in crate::protocol) struct Saved {
    /// The mods whose state is in it.
    pub(in crate::protocol) mods: Vec<ModId>,
    /// Its size.
    pub(in crate::protocol) bytes: u64,
    /// What is not in it, and why.
    pub(in crate::protocol) problems: Vec<Problem>,
}

/// What the mods own.
#[derive(Debug, Serialize, JsonSchema)]
pub(in crate::protocol) struct Ledger {
    /// By mod, generation and kind.
    pub(in crate::protocol) entries: Vec<LedgerEntry>,
}

/// Recent lines, oldest first.
#[derive(Debug, Serialize, JsonSchema)]
pub(in crate::protocol) struct Log {
    pub(in crate::protocol) lines: Vec<LogEntry>,
}

impl Graph {
    /// The graph of a resolution: all of it, or one mod with its neighbours.
    pub(in crate::protocol) fn of(resolution: &Resolution, only: Option<&ModId>) -> Graph {
        let touches = |edge: &&Edge| only.is_none_or(|id| edge.from == *id || edge.to == *id);
        let edges: Vec<Edge> = resolution.edges.iter().filter(touches).cloned().collect();
        let ends: BTreeSet<&ModId> = edges
            .iter()
            .flat_map(|edge| [&edge.from, &edge.to])
            .collect();
        let is_shown = |id: &ModId| only.is_none_or(|only| only == id) || ends.contains(id);
        let running = resolution.order.iter().filter(|id| is_shown(id));
        let running = running.filter_map(|id| {
            let accepted = resolution.mods.get(id)?;
            Some(Node {
                id: id.clone(),
                version: accepted.version.clone(),
                position: Some(accepted.position),
                group: Some(accepted.group),
                because: None,
            })
        });
        let rejected = resolution.rejected.values();
        let rejected = rejected
            .filter(|rejection| is_shown(&rejection.id))
            .map(|rejection| Node {
                id: rejection.id.clone(),
                version: rejection.version.clone(),
                position: None,
                group: None,
                because: Some(rejection.because.clone()),
            });
        let nodes: Vec<Node> = running.chain(rejected).collect();
        Graph { nodes, edges }
    }
}
