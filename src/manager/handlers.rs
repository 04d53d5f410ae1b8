//! [`Handlers`]: who hears which event, in the order in which they do. One mod that switches, or registers
//! something, is mended in it: the others are not looked at.

use std::cmp::Reverse;
use std::sync::Arc;

use rustc_hash::FxHashMap;

use crate::lua::{FunctionRef, Listener, Vm};
use crate::mod_id::ModId;

use super::ModManager;
use super::running::Running;

/// From which share of the mods on the table is made anew: one in so many.
const ANEW_FROM_ONE_IN: usize = 2;

/// One handler, ready to be called.
#[derive(Clone)]
pub(super) struct Entry {
    pub(super) vm: Arc<Vm>,
    pub(super) function: FunctionRef,
    handle: u64,
    /// Its place in the ledger.
    pub(super) place: usize,
    priority: i32,
    /// The place of its mod in the load order.
    position: usize,
}

/// Who hears which event, in the order in which they do; and when the next timer is due.
#[derive(Default)]
pub(super) struct Handlers {
    by_event: FxHashMap<Arc<str>, Arc<Vec<Entry>>>,
    /// The VMs in the table.
    vms: FxHashMap<ModId, Arc<Vm>>,
    /// No timer is due before it.
    pub(super) next_timer: Option<u64>,
}

impl ModManager {
    /// Brings the table up to date with the mods whose registrations are others than before.
    pub(super) fn refresh_handlers(&mut self) {
        let dirty = self.hub.take_dirty();
        if dirty.len() * ANEW_FROM_ONE_IN > self.running.len() {
            return self.make_handlers_anew();
        }
        for mod_id in &dirty {
            self.handlers.let_go(mod_id);
            if let Some(running) = self.running.get(mod_id) {
                self.handlers.take_in(running);
            }
        }
    }

    fn make_handlers_anew(&mut self) {
        self.handlers = Handlers::default();
        let mut ordered: Vec<&Running> = self.running.values().collect();
        ordered.sort_by_key(|running| running.position);
        let mut by_event: FxHashMap<Arc<str>, Vec<Entry>> = FxHashMap::default();
        for running in ordered {
            for (event, entry) in self.handlers.entries_of(running) {
                by_event.entry(event).or_default().push(entry);
            }
        }
        let sorted = by_event.into_iter().map(|(event, mut entries)| {
            entries.sort_by_key(|entry| Reverse(entry.priority));
            (event, Arc::new(entries))
        });
        self.handlers.by_event = sorted.collect();
    }

    /// Lets go of the VM of a mod; what it has instead comes in when the next event needs it.
    pub(super) fn forget_handlers_of(&mut self, mod_id: &ModId) {
        self.handlers.let_go(mod_id);
        self.hub.set_dirty(mod_id);
    }

    /// Lets go of the whole table: mods have other places in the load order.
    pub(super) fn forget_handlers(&mut self) {
        self.handlers = Handlers::default();
        self.running
            .keys()
            .for_each(|mod_id| self.hub.set_dirty(mod_id));
    }

    /// The handlers of an event.
    pub(super) fn handlers_of(&mut self, event: &str) -> Option<Arc<Vec<Entry>>> {
        if self.hub.is_dirty() {
            self.refresh_handlers();
        }
        self.handlers.by_event.get(event).cloned()
    }

    /// When the next timer is due, of all mods.
    pub(super) fn next_timer(&self) -> Option<u64> {
        self.running.values().filter_map(first_timer).min()
    }
}

impl Handlers {
    /// The events that the table has this VM for.
    pub(super) fn events_of(&self, vm: &Arc<Vm>) -> impl Iterator<Item = &str> {
        let has = |entries: &[Entry]| entries.iter().any(|it| Arc::ptr_eq(&it.vm, vm));
        let events = self
            .by_event
            .iter()
            .filter(move |(_, entries)| has(entries));
        events.map(|(event, _)| &**event)
    }

    /// Takes the VM of a mod out, wherever it is.
    fn let_go(&mut self, mod_id: &ModId) {
        let Some(vm) = self.vms.remove(mod_id) else {
            return;
        };
        self.by_event.retain(|_, entries| {
            if entries.iter().any(|it| Arc::ptr_eq(&it.vm, &vm)) {
                Arc::make_mut(entries).retain(|it| !Arc::ptr_eq(&it.vm, &vm));
            }
            !entries.is_empty()
        });
    }

    /// Puts the listeners of a mod that is not in the table where they belong.
    fn take_in(&mut self, running: &Running) {
        for (event, entry) in self.entries_of(running) {
            let entries = Arc::make_mut(self.by_event.entry(event).or_default());
            let place = entries.partition_point(|other| other.comes_before(&entry));
            entries.insert(place, entry);
        }
    }

    /// The listeners of a mod, in the order of their registration; its VM, and its timers, are noted.
    fn entries_of(&mut self, running: &Running) -> Vec<(Arc<str>, Entry)> {
        let next = self.next_timer.into_iter().chain(first_timer(running));
        self.next_timer = next.min();
        running.vm.pin_listeners();
        let ledger = running.vm.ledger();
        if ledger.listeners.is_empty() {
            return Vec::new();
        }
        let mod_id = running.vm.mod_id().clone();
        self.vms.insert(mod_id, running.vm.clone());
        let listeners = ledger.listeners.iter().enumerate();
        let entry = |(place, listener): (usize, &Listener)| {
            let entry = Entry {
                vm: running.vm.clone(),
                function: listener.function,
                handle: listener.handle,
                place,
                priority: listener.priority,
                position: running.position,
            };
            (listener.event.clone(), entry)
        };
        listeners.map(entry).collect()
    }
}

impl Entry {
    pub(super) fn is_registered(&self) -> bool {
        self.vm.ledger().has_listener(self.handle)
    }

    /// Whether it is called before another one: by priority, then in load order, then as they were registered.
    fn comes_before(&self, other: &Entry) -> bool {
        let key = |it: &Entry| (Reverse(it.priority), it.position);
        let of_same_place = || (self.vm.mod_id(), self.place) < (other.vm.mod_id(), other.place);
        match key(self).cmp(&key(other)) {
            std::cmp::Ordering::Equal => of_same_place(),
            order => order.is_lt(),
        }
    }
}

/// When the first timer of a mod is due, if it does not pause.
fn first_timer(running: &Running) -> Option<u64> {
    if running.vm.is_paused() {
        return None;
    }
    running.vm.ledger().timers.values().map(|it| it.due).min()
}
