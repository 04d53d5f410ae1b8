//! [`Past`]: one generation that does not run any more; [`Generation`]: how it is told.

use std::sync::Arc;

use semver::Version;
use serde::{Deserialize, Serialize};

use crate::files::{ContentHash, ModFile, ModFiles};
use crate::manager::running::{Parked, Running};

use super::record::{InMemory, Record};

/// A generation that does not run any more: enough to bring it back.
#[derive(Clone, Debug)]
pub(in crate::manager) enum Past {
    /// Used for one that ran in this process.
    InMemory(Arc<InMemory>),
    /// Used for one that ran in an earlier process.
    OnDisk(Arc<Record>),
}

impl Past {
    pub(in crate::manager) fn generation(&self) -> u64 {
        match self {
            Past::InMemory(past) => past.generation,
            Past::OnDisk(past) => past.generation,
        }
    }

    /// The generation that had this code first: an earlier one if this was gone back to.
    pub(in crate::manager) fn code_of(&self) -> u64 {
        match self {
            Past::InMemory(past) => past.code_of,
            Past::OnDisk(past) => past.code_of,
        }
    }

    pub(super) fn version(&self) -> Version {
        match self {
            Past::InMemory(past) => past.source.manifest.version.clone(),
            Past::OnDisk(past) => past.version(),
        }
    }

    /// What keeping it costs.
    pub(super) fn bytes(&self) -> u64 {
        match self {
            Past::InMemory(past) => past.bytes,
            Past::OnDisk(past) => past.bytes,
        }
    }

    /// The hash of all its files.
    pub(in crate::manager) fn files_hash(&self) -> ContentHash {
        match self {
            Past::InMemory(past) => past.source.files.hash(),
            Past::OnDisk(past) => past.files().hash(),
        }
    }

    /// How it was left. Of one that a killed process ran, only the start is known.
    pub(super) fn left(&self) -> Left {
        let (left, tick) = match self {
            Past::InMemory(past) => (past.left, past.committed_tick),
            Past::OnDisk(past) => (past.left, past.committed_tick),
        };
        left.unwrap_or(Left {
            because: Leaving::End,
            tick,
            state_bytes: None,
        })
    }
}

impl InMemory {
    /// A generation that runs.
    pub(in crate::manager) fn of_running(running: &Running) -> InMemory {
        InMemory {
            generation: running.generation(),
            code_of: running.code_of,
            source: running.source.clone(),
            state_version: running.base.state_version(),
            committed_tick: running.committed_tick,
            state_bytes: running.state_bytes,
            left: None,
            state: None,
            bytes: 0,
        }
    }

    /// The same, left with `state`; `next` are the files of the one that takes its place.
    pub(in crate::manager) fn left(
        self,
        state: Option<Parked>,
        because: Leaving,
        tick: u64,
        next: Option<&ModFiles>,
    ) -> InMemory {
        let image_bytes = |parked: &Parked| parked.base.bytes_len() + parked.live.bytes_len();
        let image_bytes = state.as_ref().map_or(0, image_bytes) as u64;
        InMemory {
            left: Some(Left {
                because,
                tick,
                state_bytes: state.as_ref().map(|parked| parked.live.bytes_len()),
            }),
            bytes: image_bytes + bytes_of_its_own(&self.source.files, next),
            state,
            ..self
        }
    }
}

/// The bytes of the kept contents that `next` does not share.
fn bytes_of_its_own(files: &ModFiles, next: Option<&ModFiles>) -> u64 {
    let is_shared = |path: &str, file: &ModFile| {
        let other = next.and_then(|next| next.get(path));
        other.is_some_and(|other| other.hash == file.hash)
    };
    let own = files
        .iter()
        .filter(|(path, file)| file.content.is_some() && !is_shared(path, file));
    own.map(|(_, file)| file.size).sum()
}

/// One generation of a mod, as [`ModManager::history`](crate::ModManager::history) tells it.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Generation {
    /// Counts the commits of the mod, from 1.
    pub generation: u64,
    /// The generation that had this code first: an earlier one if a rollback brought it back.
    pub code_of: u64,
    /// The version of the mod.
    pub version: semver::Version,
    /// The number of the newest migration that its state has had.
    pub state_version: u32,
    /// The host's tick at the switch.
    pub committed_tick: u64,
    /// Bytes of the state that was carried into it.
    pub state_bytes: usize,
    /// Whether it runs now.
    pub is_running: bool,
    /// Whether it is on disk, so that a later process finds it.
    pub is_on_disk: bool,
    /// How it was left; nothing while it runs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub left: Option<Left>,
}

/// How a generation was left.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Left {
    /// Why.
    pub because: Leaving,
    /// The host's tick.
    pub tick: u64,
    /// Bytes of the state that it had then; none if that is not kept.
    pub state_bytes: Option<usize>,
}

/// Why a generation was left.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum Leaving {
    /// Used when new code took its place, or the same code was loaded once more.
    Reload,
    /// Used when the code of an earlier generation took its place, or a rollback was undone.
    Rollback,
    /// Used when a save was restored.
    Restore,
    /// Used when the mod went.
    Removal,
    /// Used when the mod broke its limits and was stopped.
    Quarantine,
    /// Used when the game ended, or was killed: how it was left is not known.
    End,
}

impl Generation {
    pub(in crate::manager) fn of_past(past: &Past, is_on_disk: bool) -> Generation {
        let (state_version, committed_tick, state_bytes) = match past {
            Past::InMemory(past) => (past.state_version, past.committed_tick, past.state_bytes),
            Past::OnDisk(past) => {
                let bytes = usize::try_from(past.state_bytes).unwrap_or(usize::MAX);
                (past.state_version, past.committed_tick, bytes)
            }
        };
        Generation {
            generation: past.generation(),
            code_of: past.code_of(),
            version: past.version(),
            state_version,
            committed_tick,
            state_bytes,
            is_running: false,
            is_on_disk,
            left: Some(past.left()),
        }
    }

    pub(in crate::manager) fn of_running(running: &Running, is_on_disk: bool) -> Generation {
        Generation {
            generation: running.generation(),
            code_of: running.code_of,
            version: running.source.manifest.version.clone(),
            state_version: running.base.state_version(),
            committed_tick: running.committed_tick,
            state_bytes: running.state_bytes,
            is_running: true,
            is_on_disk,
            left: None,
        }
    }
}
