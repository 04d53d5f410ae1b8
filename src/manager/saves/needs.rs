//! [`SaveNeeds`]: what a save has and needs, told before anything changes.

use semver::Version;
use serde::Serialize;

use crate::manager::ModManager;
use crate::manager::running::Parked;
use crate::mod_id::ModId;
use crate::problem::{Code, Problem};

/// What a save has and needs.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct SaveNeeds {
    /// The mods whose state is in it.
    pub mods: Vec<SavedState>,
    /// What would keep it from being restored now.
    pub problems: Vec<Problem>,
}

/// The state of one mod in a save.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct SavedState {
    /// The mod.
    pub id: ModId,
    /// The version of the mod that made it.
    pub version: Version,
    /// The number of the newest migration that it has had.
    pub state_version: u32,
    /// Its bytes.
    pub bytes: usize,
    /// The version of the mod that runs now. None: its state is kept until it is there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub running_version: Option<Version>,
}

impl ModManager {
    /// What a save has and needs. Nothing changes.
    ///
    /// # Errors
    /// The bytes are not a save.
    pub fn inspect_save(&self, bytes: &[u8]) -> Result<SaveNeeds, Problem> {
        let states = super::read(bytes)?;
        let too_large = states
            .iter()
            .filter_map(|(mod_id, state)| self.too_large(mod_id, state));
        Ok(SaveNeeds {
            problems: too_large.collect(),
            mods: states
                .iter()
                .map(|(mod_id, state)| self.saved_state(mod_id, state))
                .collect(),
        })
    }

    fn saved_state(&self, mod_id: &ModId, state: &Parked) -> SavedState {
        let running = self.running.get(mod_id);
        SavedState {
            id: mod_id.clone(),
            version: state.version.clone(),
            state_version: state.live.state_version(),
            bytes: state.live.bytes_len(),
            running_version: running.map(|running| running.source.manifest.version.clone()),
        }
    }

    /// Why a state is too large to be restored.
    pub(super) fn too_large(&self, mod_id: &ModId, state: &Parked) -> Option<Problem> {
        let limit = self
            .reading
            .settings
            .hot_reload
            .state_management
            .max_state_size;
        let bytes = state.live.bytes_len().max(state.base.bytes_len()) as u64;
        if bytes <= limit {
            return None;
        }
        let because = format!("has a saved state of {bytes} bytes, over the limit of {limit}");
        let problem = Problem::error(Code::STATE_TOO_LARGE, because).of(mod_id);
        Some(problem.hint("raise state_management.max_state_size in lunation.toml"))
    }
}
