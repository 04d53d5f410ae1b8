//! [`Birth`]: everything that a new VM is told.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use parking_lot::Mutex;

use crate::mod_id::ModId;
use crate::settings::Limits;
use crate::value::Value;

use super::compile::Scripts;
use super::outside::AssetView;

/// Everything that a new VM is told.
pub struct Birth {
    /// The mod.
    pub mod_id: ModId,
    /// Its version.
    pub version: semver::Version,
    /// The generation that this VM will be if it is committed.
    pub generation: u64,
    /// The entry script, relative to the mod.
    pub entry: Arc<str>,
    /// The scripts of the mod and of its dependencies.
    pub scripts: BTreeMap<ModId, Arc<Scripts>>,
    /// The dependencies that the manifest lists, present or not.
    pub dependencies: BTreeSet<ModId>,
    /// The effective config values.
    pub config: Vec<(String, Value)>,
    /// The assets; shared with the manager, which updates it.
    pub assets: Arc<Mutex<BTreeMap<Arc<str>, AssetView>>>,
    /// The capabilities that the host granted.
    pub granted: BTreeSet<String>,
    /// Those that the manifest asks for, and the host did not grant.
    pub denied: BTreeSet<String>,
    /// What the mod may use.
    pub limits: Limits,
    /// Where `math.random` begins.
    pub random_seed: i32,
    /// The state version of the code: the number of its newest migration.
    pub state_version: u32,
    /// Items and entries that `mod.state` will be filled with: see [`super::Vm::state_room`].
    pub state_room: (usize, usize),
}
