//! [`ModEvent`]: what hosts subscribe to.

use std::sync::Arc;
use std::time::Duration;

use serde::Serialize;

use crate::change::Kind;
use crate::mod_id::ModId;
use crate::problem::Problem;

use super::report::{Outcome, ReloadReport, as_ms};

/// Something that happened to a mod, for whoever has subscribed.
///
/// A generation is the one that runs afterwards, 0 where none does.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "event", rename_all = "kebab-case")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum ModEvent {
    /// Used when a mod was loaded that did not run.
    Created {
        /// The mod.
        #[serde(rename = "mod")]
        mod_id: ModId,
        /// Its first generation.
        generation: u64,
        /// Its version.
        version: semver::Version,
    },
    /// Used when files of a mod are found to be different, before anything is done about it.
    Modified {
        /// The mod.
        #[serde(rename = "mod")]
        mod_id: ModId,
        /// The generation that runs.
        generation: u64,
        /// How wide the change is.
        kind: Kind,
        /// The files, relative to the mod.
        files: Vec<Arc<str>>,
    },
    /// Used when a mod was unloaded.
    Removed {
        /// The mod.
        #[serde(rename = "mod")]
        mod_id: ModId,
        /// Always 0.
        generation: u64,
    },
    /// Used when a mod got a new VM.
    Reloaded {
        /// The mod.
        #[serde(rename = "mod")]
        mod_id: ModId,
        /// The new generation.
        generation: u64,
        /// How wide the change was.
        kind: Kind,
        /// The files that were different, relative to the mod.
        files: Vec<Arc<str>>,
        /// From the change to the switch.
        #[serde(rename = "total_ms", serialize_with = "as_ms")]
        #[cfg_attr(feature = "schema", schemars(with = "f64"))]
        total: Duration,
    },
    /// Used when a reload failed: the old generation runs on.
    Kept {
        /// The mod.
        #[serde(rename = "mod")]
        mod_id: ModId,
        /// The old generation.
        generation: u64,
        /// Why.
        problems: Vec<Problem>,
    },
    /// Used when a mod went back to an earlier generation's code.
    RolledBack {
        /// The mod.
        #[serde(rename = "mod")]
        mod_id: ModId,
        /// The generation that runs now.
        generation: u64,
        /// Why.
        problems: Vec<Problem>,
    },
    /// Used when a mod broke a limit and began anew, with the same code and its state.
    Restarted {
        /// The mod.
        #[serde(rename = "mod")]
        mod_id: ModId,
        /// The generation that runs now.
        generation: u64,
        /// Why.
        problems: Vec<Problem>,
    },
    /// Used when a mod was stopped because it broke its limits.
    Quarantined {
        /// The mod.
        #[serde(rename = "mod")]
        mod_id: ModId,
        /// Always 0.
        generation: u64,
        /// Why.
        problems: Vec<Problem>,
    },
    /// Used when a mod asks the host for more than was granted: its change is held until the host answers.
    Held {
        /// The mod.
        #[serde(rename = "mod")]
        mod_id: ModId,
        /// The generation that runs on.
        generation: u64,
        /// What it has.
        granted: Vec<String>,
        /// What it asks for beyond that, and was not answered yet.
        asks: Vec<String>,
    },
    /// Used when the host has answered what a mod asks for: at its first load, and after it was held.
    Granted {
        /// The mod.
        #[serde(rename = "mod")]
        mod_id: ModId,
        /// The generation that runs.
        generation: u64,
        /// What it was granted by this answer.
        granted: Vec<String>,
        /// What it was denied by this answer.
        denied: Vec<String>,
    },
    /// Used when config values were applied in place.
    ConfigChanged {
        /// The mod.
        #[serde(rename = "mod")]
        mod_id: ModId,
        /// The generation that runs.
        generation: u64,
        /// The keys whose values are different.
        keys: Vec<Arc<str>>,
    },
    /// Used when an asset has a new version.
    AssetChanged {
        /// The mod.
        #[serde(rename = "mod")]
        mod_id: ModId,
        /// The generation that runs.
        generation: u64,
        /// The asset, relative to the mod.
        path: Arc<str>,
        /// The version of the asset, counted from 1.
        version: u64,
    },
    /// Used for an error of a running mod: in a handler, a timer or a call.
    Error {
        /// The mod.
        #[serde(rename = "mod")]
        mod_id: ModId,
        /// The generation that runs.
        generation: u64,
        /// What is wrong.
        problem: Problem,
    },
}

impl ModEvent {
    /// The mod that it happened to.
    pub fn mod_id(&self) -> &ModId {
        match self {
            ModEvent::Created { mod_id, .. }
            | ModEvent::Modified { mod_id, .. }
            | ModEvent::Removed { mod_id, .. }
            | ModEvent::Reloaded { mod_id, .. }
            | ModEvent::Kept { mod_id, .. }
            | ModEvent::RolledBack { mod_id, .. }
            | ModEvent::Restarted { mod_id, .. }
            | ModEvent::Quarantined { mod_id, .. }
            | ModEvent::Held { mod_id, .. }
            | ModEvent::Granted { mod_id, .. }
            | ModEvent::ConfigChanged { mod_id, .. }
            | ModEvent::AssetChanged { mod_id, .. }
            | ModEvent::Error { mod_id, .. } => mod_id,
        }
    }

    /// The generation that runs afterwards, 0 where none does.
    pub fn generation(&self) -> u64 {
        match self {
            ModEvent::Created { generation, .. }
            | ModEvent::Modified { generation, .. }
            | ModEvent::Removed { generation, .. }
            | ModEvent::Reloaded { generation, .. }
            | ModEvent::Kept { generation, .. }
            | ModEvent::RolledBack { generation, .. }
            | ModEvent::Restarted { generation, .. }
            | ModEvent::Quarantined { generation, .. }
            | ModEvent::Held { generation, .. }
            | ModEvent::Granted { generation, .. }
            | ModEvent::ConfigChanged { generation, .. }
            | ModEvent::AssetChanged { generation, .. }
            | ModEvent::Error { generation, .. } => *generation,
        }
    }

    /// The events that a report stands for: one a mod, but for what is applied in place (which
    /// announces itself, key by key and asset by asset) and what stays as it is.
    pub fn of_report(report: &ReloadReport) -> Vec<ModEvent> {
        let total = report.total();
        let event = |report: &super::ModReport| {
            let (mod_id, generation) = (report.mod_id.clone(), report.generation);
            let problems = report.problems.clone();
            Some(match report.outcome {
                Outcome::Loaded => ModEvent::Created {
                    mod_id,
                    generation,
                    version: report.version.clone(),
                },
                Outcome::Reloaded => ModEvent::Reloaded {
                    mod_id,
                    generation,
                    kind: report.kind,
                    files: report.files.clone(),
                    total,
                },
                Outcome::Unloaded => ModEvent::Removed { mod_id, generation },
                Outcome::Kept => ModEvent::Kept {
                    mod_id,
                    generation,
                    problems,
                },
                Outcome::RolledBack => ModEvent::RolledBack {
                    mod_id,
                    generation,
                    problems,
                },
                Outcome::Restarted => ModEvent::Restarted {
                    mod_id,
                    generation,
                    problems,
                },
                Outcome::Quarantined => ModEvent::Quarantined {
                    mod_id,
                    generation,
                    problems,
                },
                Outcome::Applied | Outcome::Unchanged => return None,
            })
        };
        report.mods.iter().filter_map(event).collect()
    }
}
