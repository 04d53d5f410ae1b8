//! [`Ledger`]: what one generation of a mod has registered. It belongs to that generation and goes with it.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::sync::Arc;

use super::FunctionRef;

/// What one generation of a mod has registered.
#[derive(Debug, Default)]
pub struct Ledger {
    /// Listeners, in the order of registration.
    pub listeners: Vec<Listener>,
    /// Timers, by name.
    pub timers: BTreeMap<Arc<str>, Timer>,
    /// Exported functions, by name.
    pub exports: BTreeMap<Arc<str>, FunctionRef>,
    /// Hooks, in the order of registration.
    pub hooks: Vec<(Hook, FunctionRef)>,
    /// The handle of the newest listener.
    pub(super) last_handle: u64,
}

/// What a mod registered for one event: a function that handles it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listener {
    /// What `mod.off` takes.
    pub handle: u64,
    /// The event.
    pub event: Arc<str>,
    /// Higher runs earlier; 0 by default.
    pub priority: i32,
    /// What runs.
    pub function: FunctionRef,
}

/// One timer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Timer {
    /// The host tick at which it is due.
    pub due: u64,
    /// Ticks between two runs; `None` runs once.
    pub every: Option<u64>,
    /// What runs.
    pub function: FunctionRef,
}

/// What a mod can be told about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Hook {
    /// Used when config values have changed in place.
    Config,
    /// Used when an asset has changed.
    Asset,
    /// Used before every capture.
    Save,
    /// Used on the staged VM, after the replay and before the switch; an error refuses the reload.
    Load,
    /// Used on the old VM after the switch.
    Unload,
}

impl Hook {
    /// Every hook.
    pub const ALL: [Hook; 5] = [
        Hook::Config,
        Hook::Asset,
        Hook::Save,
        Hook::Load,
        Hook::Unload,
    ];

    /// The name of the function of `mod` that registers it.
    pub fn name(self) -> &'static str {
        match self {
            Hook::Config => "on_config",
            Hook::Asset => "on_asset",
            Hook::Save => "on_save",
            Hook::Load => "on_load",
            Hook::Unload => "on_unload",
        }
    }
}

impl Ledger {
    /// The functions that listen to `event`: by priority, then in order.
    pub fn listening_to(&self, event: &str) -> Vec<FunctionRef> {
        let mut listeners: Vec<&Listener> = self
            .listeners
            .iter()
            .filter(|listener| *listener.event == *event)
            .collect();
        listeners.sort_by_key(|listener| Reverse(listener.priority));
        listeners
            .into_iter()
            .map(|listener| listener.function)
            .collect()
    }

    /// The functions registered for `hook`, in order.
    pub fn hooks(&self, hook: Hook) -> Vec<FunctionRef> {
        self.hooks
            .iter()
            .filter(|(kind, _)| *kind == hook)
            .map(|(_, function)| *function)
            .collect()
    }

    /// The function of a timer that is due: a one-shot timer is gone with it, the others are set anew.
    pub fn take_due(&mut self, name: &str, now: u64) -> Option<FunctionRef> {
        let timer = self.timers.get_mut(name)?;
        let function = timer.function;
        match timer.every {
            Some(every) => timer.due = now + every,
            None => drop(self.timers.remove(name)),
        }
        Some(function)
    }

    /// Takes over the remaining time and phase of timers that the generation before had under the same name.
    pub fn keep_phases(&mut self, before: &Ledger) {
        for (name, timer) in &mut self.timers {
            if let Some(old) = before.timers.get(name) {
                timer.due = old.due;
            }
        }
    }
}
