//! [`Ledger`]: what one generation of a mod has registered. It belongs to that generation and goes with it.

mod holding;

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::mod_id::ModId;

use super::FunctionRef;

pub use self::holding::Holding;

/// Handles of what is registered once the code has loaded. Those before it count from 1 in each generation,
/// so that code which was not edited gets the same ones; these go on from generation to generation, so that
/// one that a mod has kept never means another registration.
pub(super) const FIRST_OF_RUN_TIME: u64 = 1 << 32;

/// What one generation of a mod has registered.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ledger {
    /// Listeners, in the order of registration.
    pub listeners: Vec<Listener>,
    /// Timers and tasks, by name.
    pub timers: BTreeMap<Arc<str>, Timer>,
    /// Exported functions, by name.
    pub exports: BTreeMap<Arc<str>, FunctionRef>,
    /// What runs at each hook, in the order of registration; the event is the hook's name.
    pub hooks: Vec<Listener>,
    /// Names that `mod.register` gave.
    pub(super) names: BTreeSet<Arc<str>>,
    /// The assets that the mod has handles of.
    pub(super) assets: BTreeSet<Arc<str>>,
    /// The mods whose functions it has.
    pub(super) imports: BTreeSet<ModId>,
    /// Functions of registrations that are gone. They are freed when no call is under way: until then one
    /// that runs, or is next, may still be known by its reference.
    let_go: Vec<FunctionRef>,
    /// The handle of the newest listener that was registered while the code loaded.
    last_handle: u64,
    /// The handle of the newest one since, of this generation and those before.
    pub(super) last_of_run_time: u64,
    /// Whether the code has loaded: what is registered from now on, it does not register by itself.
    pub(super) has_loaded: bool,
    /// How many listeners had each name.
    counts: BTreeMap<Arc<str>, u32>,
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
    /// The handle that it had when the mod registered it at run time, if the new code registers it by itself.
    pub(super) earlier_handle: Option<u64>,
    /// What tells it apart in all generations; found out when it is first captured.
    pub(super) key: Option<Key>,
    /// Whether it came over from the generation before, and the new code has not had the time yet to
    /// register it itself.
    pub(super) came_over: bool,
}

/// What tells a listener apart from all others of its mod, also those of other generations.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Key {
    /// The event, and what the source calls the function.
    pub(super) name: Arc<str>,
    /// Which one of that name, from 1.
    pub(super) number: u32,
}

/// One timer, or one task.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Timer {
    /// The host tick at which it is due.
    pub due: u64,
    /// Ticks between two runs; `None` runs once.
    pub every: Option<u64>,
    /// What runs.
    pub function: FunctionRef,
    /// Whether it is a task, which ends when its function answers `true`.
    pub is_task: bool,
    /// Whether it came over from the generation before, and the new code has not had the time yet to set it
    /// itself.
    pub(super) came_over: bool,
}

/// A timer whose time has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Due {
    /// What runs.
    pub function: FunctionRef,
    /// Whether it is a task.
    pub is_task: bool,
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
    /// The functions that listen to `event`, with their handles: by priority, then in order.
    pub fn listening_to(&self, event: &str) -> Vec<(u64, FunctionRef)> {
        let mut listeners: Vec<&Listener> = self
            .listeners
            .iter()
            .filter(|listener| *listener.event == *event)
            .collect();
        listeners.sort_by_key(|listener| Reverse(listener.priority));
        listeners
            .into_iter()
            .map(|listener| (listener.handle, listener.function))
            .collect()
    }

    /// Whether the listener with this handle is there.
    pub fn has_listener(&self, handle: u64) -> bool {
        self.listeners.iter().any(|it| it.handle == handle)
    }

    /// Whether any function listens to `event`.
    pub fn listens_to(&self, event: &str) -> bool {
        let mut listeners = self.listeners.iter();
        listeners.any(|listener| *listener.event == *event)
    }

    /// The functions registered for `hook`, in order.
    pub fn hooks(&self, hook: Hook) -> Vec<FunctionRef> {
        let own = self.hooks.iter().filter(|it| *it.event == *hook.name());
        own.map(|it| it.function).collect()
    }

    /// A timer, if it is due now: a one-shot timer is gone with it, the others are due again at their next time
    /// after `now`, however many they have missed.
    pub fn take_due(&mut self, name: &str, now: u64) -> Option<Due> {
        let timer = self.timers.get_mut(name).filter(|timer| timer.due <= now)?;
        let due = Due {
            function: timer.function,
            is_task: timer.is_task,
        };
        match timer.every {
            Some(every) => {
                let missed = now.saturating_sub(timer.due) / every.max(1);
                timer.due = timer.due.saturating_add(every.saturating_mul(missed + 1));
            }
            None => drop(self.remove_timer(name)),
        }
        Some(due)
    }

    /// Sets a timer, in place of the one that had its name.
    pub(super) fn put_timer(&mut self, name: Arc<str>, timer: Timer) {
        let function = timer.function;
        let before = self.timers.insert(name, timer);
        let before = before.map(|before| before.function);
        self.let_go.extend(before.filter(|it| *it != function));
    }

    /// Takes a timer out; whether it was there.
    pub(super) fn remove_timer(&mut self, name: &str) -> bool {
        let timer = self.timers.remove(name);
        self.let_go.extend(timer.as_ref().map(|it| it.function));
        timer.is_some()
    }

    /// Takes the timers out that are not to stay.
    pub(super) fn retain_timers(&mut self, stays: impl Fn(&str, &Timer) -> bool) {
        let gone = self
            .timers
            .extract_if(.., |name, timer| !stays(name, timer));
        self.let_go.extend(gone.map(|(_, timer)| timer.function));
    }

    /// Takes a listener out; whether it was there.
    pub(super) fn remove_listener(&mut self, handle: f64) -> bool {
        let Some(place) = self.listeners.iter().position(|it| it.has_handle(handle)) else {
            return false;
        };
        let gone = self.listeners.remove(place);
        self.let_go.push(gone.function);
        true
    }

    /// Offers these functions, and no others any more.
    pub(super) fn put_exports(&mut self, exports: BTreeMap<Arc<str>, FunctionRef>) {
        let before = std::mem::replace(&mut self.exports, exports);
        self.let_go.extend(before.into_values());
    }

    /// Notes that nothing is registered with `function` any more.
    pub(super) fn let_go(&mut self, function: FunctionRef) {
        self.let_go.push(function);
    }

    /// The functions that can be freed. To be asked when no call into the VM is under way.
    pub(super) fn take_let_go(&mut self) -> Vec<FunctionRef> {
        std::mem::take(&mut self.let_go)
    }

    /// Takes over the remaining time and phase of timers that the generation before had under the same name.
    pub fn keep_phases(&mut self, before: &Ledger) {
        for (name, timer) in &mut self.timers {
            if let Some(old) = before.timers.get(name) {
                timer.due = old.due;
            }
        }
    }

    /// A new listener, which is to be put among the listeners or hooks.
    pub(super) fn listener(
        &mut self,
        event: Arc<str>,
        priority: i32,
        function: FunctionRef,
    ) -> Listener {
        let handle = match self.has_loaded {
            false => {
                self.last_handle += 1;
                self.last_handle
            }
            true => {
                self.last_of_run_time = self.last_of_run_time.max(FIRST_OF_RUN_TIME) + 1;
                self.last_of_run_time
            }
        };
        Listener {
            handle,
            event,
            priority,
            function,
            earlier_handle: None,
            key: None,
            came_over: false,
        }
    }

    /// Ends the time in which the new code registers itself what came over from the generation before.
    pub(super) fn settle(&mut self) {
        let listeners = self.listeners.iter_mut().chain(&mut self.hooks);
        listeners.for_each(|listener| listener.came_over = false);
        let timers = self.timers.values_mut();
        timers.for_each(|timer| timer.came_over = false);
    }

    /// Whether a listener or hook has this name.
    pub(super) fn has_name(&self, name: &str) -> bool {
        let mut all = self.listeners.iter().chain(&self.hooks);
        all.any(|it| it.key.as_ref().is_some_and(|key| *key.name == *name))
    }

    /// Gives each listener its key that has none yet. `name_of` tells what it is called.
    pub(super) fn name_listeners(&mut self, name_of: impl Fn(&Listener) -> Arc<str>) {
        for list in [&mut self.listeners, &mut self.hooks] {
            if list.iter().all(|listener| listener.key.is_some()) {
                continue;
            }
            let mut taken: BTreeSet<Key> = list.iter().filter_map(|it| it.key.clone()).collect();
            for listener in list.iter_mut().filter(|listener| listener.key.is_none()) {
                let name = name_of(listener);
                let count = self.counts.entry(name.clone()).or_default();
                let mut key = Key { name, number: 0 };
                while key.number == 0 || taken.contains(&key) {
                    *count += 1;
                    key.number = *count;
                }
                taken.insert(key.clone());
                listener.key = Some(key);
            }
        }
    }
}

impl Listener {
    /// Whether `mod.off(handle)` means it.
    pub(super) fn has_handle(&self, handle: f64) -> bool {
        let earlier = self.earlier_handle.map(|earlier| earlier as f64);
        self.handle as f64 == handle || earlier == Some(handle)
    }
}

impl std::fmt::Display for Key {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.number {
            1 => f.write_str(&self.name),
            number => write!(f, "{} ({number})", self.name),
        }
    }
}
