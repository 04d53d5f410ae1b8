//! [`Running`]: a mod that has a VM, with everything that the VM was made from; and what stays of a mod
//! that has none.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use parking_lot::Mutex;
use serde::Serialize;

use crate::config::ConfigValues;
use crate::files::{ContentHash, ModFiles};
use crate::lua::{AssetView, LoadedModules, Scripts, Vm};
use crate::manifest::Manifest;
use crate::mod_id::ModId;
use crate::reload::Probation;
use crate::state::Image;

/// The assets of one mod; shared with its VM.
pub(super) type Assets = Arc<Mutex<BTreeMap<Arc<str>, AssetView>>>;

/// What a VM is made from.
#[derive(Clone, Debug)]
pub(super) struct Source {
    pub(super) manifest: Arc<Manifest>,
    pub(super) files: Arc<ModFiles>,
    /// The scripts of the mod and of its dependencies.
    pub(super) scripts: BTreeMap<ModId, Arc<Scripts>>,
    pub(super) config: ConfigValues,
    pub(super) dependencies: BTreeSet<ModId>,
}

impl Source {
    pub(super) fn mod_id(&self) -> &ModId {
        &self.manifest.id
    }

    /// The mod's own compiled scripts.
    pub(super) fn own_scripts(&self) -> Arc<Scripts> {
        self.scripts.get(self.mod_id()).cloned().unwrap_or_default()
    }
}

/// A mod that has a VM.
pub(super) struct Running {
    pub(super) vm: Arc<Vm>,
    pub(super) source: Source,
    /// `mod.state` as the code left it right after loading.
    pub(super) base: Image,
    pub(super) assets: Assets,
    /// The player's values that it runs with.
    pub(super) player_config: Option<ContentHash>,
    pub(super) position: usize,
    pub(super) probation: Probation,
    /// What a staged VM that failed since then had looked for or borrowed: its fix is another try.
    pub(super) missed_since: LoadedModules,
    pub(super) committed_tick: u64,
    /// Bytes of the image at the switch.
    pub(super) state_bytes: usize,
}

impl Running {
    pub(super) fn generation(&self) -> u64 {
        self.vm.generation()
    }

    /// What stays of it with the state `live`.
    pub(super) fn parked(&self, live: Image) -> Parked {
        Parked {
            base: self.base.clone(),
            live,
            version: self.source.manifest.version.clone(),
        }
    }
}

/// A generation that does not run any more: enough to bring it back.
#[derive(Clone, Debug)]
pub(super) struct Past {
    pub(super) generation: u64,
    pub(super) source: Source,
    pub(super) committed_tick: u64,
    pub(super) state_bytes: usize,
}

/// The state of a mod that has no VM: stopped, removed, or of a save.
#[derive(Clone, Debug)]
pub(super) struct Parked {
    pub(super) base: Image,
    pub(super) live: Image,
    pub(super) version: semver::Version,
}

/// One generation of a mod, as [`ModManager::history`](super::ModManager::history) tells it.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Generation {
    /// Counts the commits of the mod, from 1.
    pub generation: u64,
    /// The version of the mod.
    pub version: semver::Version,
    /// The host's tick at the switch.
    pub committed_tick: u64,
    /// Bytes of the state that was carried into it.
    pub state_bytes: usize,
    /// Whether it runs now.
    pub is_running: bool,
}
