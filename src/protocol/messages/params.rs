//! What is asked: the params of each method.

use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::Value as Json;

use crate::change::Kind;
use crate::{ModId, Onto, ProfileName, Until};

/// Params of a method that takes none.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::protocol) struct NoParams {}

/// An event for all mods.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::protocol) struct DispatchParams {
    /// The name of the event.
    pub(in crate::protocol) event: String,
    /// What the handlers get.
    #[serde(default)]
    pub(in crate::protocol) payload: Json,
}

/// How far to move the clock.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::protocol) struct AdvanceParams {
    /// At most 1,000,000.
    #[schemars(range(max = 1_000_000))]
    pub(in crate::protocol) ticks: u64,
}

/// An exported function of a mod.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::protocol) struct CallParams {
    #[serde(rename = "mod")]
    pub(in crate::protocol) mod_id: ModId,
    /// Its name among the exports.
    pub(in crate::protocol) function: String,
    /// Its arguments.
    #[serde(default)]
    pub(in crate::protocol) args: Vec<Json>,
}

/// Code to run in the environment of a mod.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::protocol) struct EvalParams {
    #[serde(rename = "mod")]
    pub(in crate::protocol) mod_id: ModId,
    /// Lua; `return` gives results.
    pub(in crate::protocol) code: String,
}

/// A place in the state of a mod.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::protocol) struct StateParams {
    #[serde(rename = "mod")]
    pub(in crate::protocol) mod_id: ModId,
    /// Below `mod.state`, such as `enemies[3].name`; all of it if there is none.
    #[serde(default)]
    pub(in crate::protocol) path: String,
}

/// The state that a mod is to have.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::protocol) struct StateImportParams {
    #[serde(rename = "mod")]
    pub(in crate::protocol) mod_id: ModId,
    /// All of it, as `state.export` gives it.
    pub(in crate::protocol) value: Json,
}

/// How long to work.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::protocol) struct PumpParams {
    /// Milliseconds; what is not done by then is left for the next time. 100 if left out.
    #[serde(default)]
    pub(in crate::protocol) budget_ms: Option<u64>,
}

/// How long to wait, and for what.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::protocol) struct WaitParams {
    /// Milliseconds, at most.
    pub(in crate::protocol) timeout_ms: u64,
    #[serde(default)]
    pub(in crate::protocol) until: WaitUntil,
}

/// What to wait for.
#[derive(Clone, Copy, Debug, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(in crate::protocol) enum WaitUntil {
    /// Until the files have been compared with the disk once more and nothing is left to do.
    #[default]
    Idle,
    /// Until there is a report.
    Report,
}

impl From<WaitUntil> for Until {
    fn from(until: WaitUntil) -> Until {
        match until {
            WaitUntil::Idle => Until::Idle,
            WaitUntil::Report => Until::Report,
        }
    }
}

/// A reload that somebody asks for.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::protocol) struct ReloadParams {
    #[serde(rename = "mod")]
    pub(in crate::protocol) mod_id: ModId,
    /// How much: `script` if left out.
    #[serde(default)]
    pub(in crate::protocol) kind: WantedKind,
    /// Whether values that can't be carried are let go, this time.
    #[serde(default)]
    pub(in crate::protocol) drop: bool,
}

/// How much a reload that is asked for does.
#[derive(Clone, Copy, Debug, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(in crate::protocol) enum WantedKind {
    /// The assets are announced once more.
    Asset,
    /// The config is read and applied.
    Config,
    /// The mod gets a new VM.
    #[default]
    Script,
    /// The manifest is read, too.
    Full,
}

impl From<WantedKind> for Kind {
    fn from(kind: WantedKind) -> Kind {
        match kind {
            WantedKind::Asset => Kind::Asset,
            WantedKind::Config => Kind::Config,
            WantedKind::Script => Kind::Script,
            WantedKind::Full => Kind::Full,
        }
    }
}

/// Paths that might change.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::protocol) struct PlanParams {
    /// Relative to the mods folder: `economy/scripts/main.lua`.
    pub(in crate::protocol) paths: Vec<String>,
}

/// One mod.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::protocol) struct ModParams {
    #[serde(rename = "mod")]
    pub(in crate::protocol) mod_id: ModId,
}

/// Where a mod should go back to.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::protocol) struct RollbackParams {
    #[serde(rename = "mod")]
    pub(in crate::protocol) mod_id: ModId,
    /// The newest one with other code before if left out.
    #[serde(default)]
    pub(in crate::protocol) generation: Option<u64>,
    /// With which state: `now` if left out.
    #[serde(default)]
    pub(in crate::protocol) state: StateOf,
}

/// Which state a mod goes back with.
#[derive(Clone, Copy, Debug, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(in crate::protocol) enum StateOf {
    /// What has happened since is kept.
    #[default]
    Now,
    /// The state with which that generation was left.
    Then,
}

impl From<StateOf> for Onto {
    fn from(state: StateOf) -> Onto {
        match state {
            StateOf::Now => Onto::Now,
            StateOf::Then => Onto::Then,
        }
    }
}

/// What to look for in the generations of a mod.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::protocol) struct BisectParams {
    #[serde(rename = "mod")]
    pub(in crate::protocol) mod_id: ModId,
    /// A Lua expression that fails when it gives nil or false, or raises an error.
    pub(in crate::protocol) expression: String,
    /// How many generations to try, the running one included; all if left out.
    #[serde(default)]
    pub(in crate::protocol) last: Option<usize>,
}

/// A config value, or all of them.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::protocol) struct ConfigGetParams {
    #[serde(rename = "mod")]
    pub(in crate::protocol) mod_id: ModId,
    /// This value alone; an object of all values if left out.
    #[serde(default)]
    pub(in crate::protocol) key: Option<String>,
}

/// A config value to set.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::protocol) struct ConfigSetParams {
    #[serde(rename = "mod")]
    pub(in crate::protocol) mod_id: ModId,
    pub(in crate::protocol) key: String,
    pub(in crate::protocol) value: Json,
}

/// The answer to what a mod asks for.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::protocol) struct GrantParams {
    #[serde(rename = "mod")]
    pub(in crate::protocol) mod_id: ModId,
    /// What it gets of what it asks for and does not have.
    pub(in crate::protocol) capabilities: Granting,
}

/// What a mod gets of what it asks for.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(untagged)]
pub(in crate::protocol) enum Granting {
    /// Everything, or nothing.
    Word(GrantWord),
    /// Just these.
    These(Vec<String>),
}

/// All or nothing.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(in crate::protocol) enum GrantWord {
    /// Everything that it asks for.
    All,
    /// Nothing of it.
    None,
}

/// What to look at in the graph.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::protocol) struct GraphParams {
    /// This mod and its neighbours alone.
    #[serde(default, rename = "mod")]
    pub(in crate::protocol) mod_id: Option<ModId>,
}

/// What to explain.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::protocol) struct WhyParams {
    /// Why it loads where it does, or not at all; if left out, why each rejected mod does not.
    #[serde(default, rename = "mod")]
    pub(in crate::protocol) mod_id: Option<ModId>,
    /// Why one of the two loads before the other.
    #[serde(default)]
    pub(in crate::protocol) other: Option<ModId>,
}

/// A file on the host's disk.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::protocol) struct FileParams {
    /// Relative to the folder that the host was started in.
    pub(in crate::protocol) path: String,
}

/// Whose belongings.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::protocol) struct LedgerParams {
    /// Of this mod alone.
    #[serde(default, rename = "mod")]
    pub(in crate::protocol) mod_id: Option<ModId>,
}

/// Which lines of the log.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::protocol) struct LogParams {
    /// Of this mod alone.
    #[serde(default, rename = "mod")]
    pub(in crate::protocol) mod_id: Option<ModId>,
    /// The `seq` of the last line that is known; only later ones are given.
    #[serde(default)]
    pub(in crate::protocol) since: u64,
}

/// A profile to put on.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::protocol) struct ProfileParams {
    /// Its name; null for none.
    pub(in crate::protocol) profile: Option<ProfileName>,
}
