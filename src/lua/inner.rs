//! [`Inner`]: what the functions of a VM's API share with the VM.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, OnceLock};

use parking_lot::Mutex;

use crate::mod_id::ModId;
use crate::settings::Limits;

use super::code::Code;
use super::host::{Call, HostFunctions};
use super::ledger::Ledger;
use super::limits::Interrupt;
use super::modules::Modules;
use super::outside::{AssetView, Caller, Outside};

/// Where the functions of a VM's API find the [`Inner`] of its mod: a VM is made before it is known for which
/// mod.
pub(super) type Home = Arc<OnceLock<Arc<Inner>>>;

/// What the functions of a VM's API share with its [`Vm`](super::Vm); never the VM itself, or it could not
/// be freed.
pub(super) struct Inner {
    pub(super) mod_id: ModId,
    pub(super) generation: u64,
    /// The name of the mod's folder.
    pub(super) folder: Arc<str>,
    pub(super) limits: Limits,
    /// The capabilities that the host granted, and those that it did not although the manifest asks for them.
    pub(super) granted: BTreeSet<String>,
    pub(super) denied: BTreeSet<String>,
    pub(super) dependencies: BTreeSet<ModId>,
    pub(super) assets: Arc<Mutex<BTreeMap<Arc<str>, AssetView>>>,
    pub(super) is_running: AtomicBool,
    /// The version of what is in `mod.state`.
    pub(super) state_version: AtomicU32,
    pub(super) ledger: Mutex<Ledger>,
    pub(super) modules: Mutex<Modules>,
    pub(super) outside: Arc<dyn Outside>,
    /// What stops code of the mod.
    pub(super) interrupt: Arc<Interrupt>,
    /// What the host offers.
    pub(super) host: HostFunctions,
}

impl Inner {
    /// Whether effects are allowed: from the switch on, not while the VM is staged.
    pub(super) fn is_running(&self) -> bool {
        self.is_running.load(Ordering::Acquire)
    }

    /// Refuses effects while the VM is staged.
    pub(super) fn must_run(&self, who: &str) -> Result<(), String> {
        if self.is_running() {
            return Ok(());
        }
        Err(format!(
            "{who} changes the game and can't be used while the mod loads; call it from a handler, such as mod.on(\"mod_loaded\", …)"
        ))
    }

    /// This mod, as the one who calls another.
    pub(super) fn caller(&self) -> Caller<'_> {
        Caller {
            mod_id: &self.mod_id,
            generation: self.generation,
            is_staged: !self.is_running(),
        }
    }

    /// This mod, as the one who calls the host.
    pub(super) fn host_call(&self) -> Call<'_> {
        Call {
            mod_id: &self.mod_id,
            generation: self.generation,
            lent: self.outside.lent(),
        }
    }

    /// What is known of the source of the VM.
    pub(super) fn code(&self) -> Code {
        Code::of(&self.modules.lock())
    }

    /// Tells the outside that handlers or timers are different. A staged VM is asked for its own at the
    /// switch, so nobody has to be told before.
    pub(super) fn registrations_changed(&self) {
        if self.is_running() {
            self.outside.registrations_changed(&self.mod_id);
        }
    }
}
