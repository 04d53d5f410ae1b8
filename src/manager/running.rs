//! [`Running`]: a mod that has a VM, with everything that the VM was made from; and what stays of a mod
//! that has none.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use parking_lot::Mutex;

use crate::config::ConfigValues;
use crate::files::{ContentHash, ModFiles};
use crate::lua::carry::Uncarryable;
use crate::lua::{AssetView, LoadedModules, Scripts, Vm};
use crate::manifest::Manifest;
use crate::mod_id::ModId;
use crate::problem::Problem;
use crate::reload::Probation;
use crate::state::{Image, Migrations};

/// The assets of one mod; shared with its VM.
pub(super) type Assets = Arc<Mutex<BTreeMap<Arc<str>, AssetView>>>;

/// What a VM is made from.
#[derive(Clone, Debug)]
pub(super) struct Source {
    pub(super) manifest: Arc<Manifest>,
    pub(super) files: Arc<ModFiles>,
    /// The scripts of the mod and of its dependencies.
    pub(super) scripts: BTreeMap<ModId, Arc<Scripts>>,
    /// The files that the scripts of its dependencies were compiled from.
    pub(super) libraries: BTreeMap<ModId, Arc<ModFiles>>,
    pub(super) config: ConfigValues,
    pub(super) dependencies: BTreeSet<ModId>,
    /// What the host granted of what the manifest asks for, and what it did not.
    pub(super) granted: BTreeSet<String>,
    pub(super) denied: BTreeSet<String>,
}

impl Source {
    pub(super) fn mod_id(&self) -> &ModId {
        &self.manifest.id
    }

    /// The migrations of its state. What is wrong with them was told before anything was made from it.
    pub(super) fn migrations(&self) -> Migrations {
        Migrations::of(&self.files).0
    }

    /// The mod's own compiled scripts.
    pub(super) fn own_scripts(&self) -> Arc<Scripts> {
        self.scripts.get(self.mod_id()).cloned().unwrap_or_default()
    }
}

/// What a player says of the values of a mod, as hashes: in a file of its own, and in the active profile.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct PlayerValues {
    pub(super) file: Option<ContentHash>,
    pub(super) profile: Option<ContentHash>,
}

/// A mod that has a VM.
pub(super) struct Running {
    pub(super) vm: Arc<Vm>,
    pub(super) source: Source,
    /// Everything that the code had made right after loading.
    pub(super) base: Image,
    /// What could not be carried then.
    pub(super) uncarryable: Vec<Uncarryable>,
    pub(super) assets: Assets,
    /// The player's values that it runs with.
    pub(super) player: PlayerValues,
    pub(super) position: usize,
    pub(super) probation: Probation,
    /// The errors of its probation, of which the first are kept.
    pub(super) early_errors: Vec<Problem>,
    /// Whether the generation before may take its place again while it is on probation. One that was gone back
    /// to has nowhere to go, and one that was quarantined is not worth going back to.
    pub(super) may_go_back: bool,
    /// What it switched in: the number of the report, and which of the transactions that it tells.
    pub(super) switched_in: (u64, usize),
    /// Whether its broken limit was counted already.
    pub(super) is_struck: bool,
    /// What a staged VM that failed since then had looked for or borrowed: its fix is another try.
    pub(super) missed_since: LoadedModules,
    /// The generation that had this code first: an earlier one if this was gone back to.
    pub(super) code_of: u64,
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

/// The state of a mod that has no VM: stopped, removed, or of a save.
#[derive(Clone, Debug)]
pub(super) struct Parked {
    pub(super) base: Image,
    pub(super) live: Image,
    pub(super) version: semver::Version,
}
