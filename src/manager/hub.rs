//! [`Hub`]: what all VMs can reach of each other and of the host: the manager's side of [`Outside`].

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use parking_lot::{Mutex, RwLock};

use crate::disk;
use crate::lua::{Across, Caller, Fault, FunctionRef, Lent, LogLine, Member, Outside, Vm};
use crate::manifest::Manifest;
use crate::mod_id::ModId;
use crate::problem::Place;
use crate::settings::Limits;
use crate::value::Value;

use super::emitted::{Emitted, EmittedEvents};
use super::log::LogBook;

/// What all VMs can reach of each other and of the host.
pub(super) struct Hub {
    /// The VMs that run, by mod.
    running: RwLock<BTreeMap<ModId, Arc<Vm>>>,
    /// The VMs that are being staged: they see each other, nobody else sees them.
    staged: RwLock<BTreeMap<ModId, Arc<Vm>>>,
    /// The mods that are there or will be, by each name that they answer to.
    present: RwLock<BTreeMap<ModId, ModId>>,
    /// The mods that do not run any more, by each name that they answered to, and why: "is quarantined …".
    down: RwLock<BTreeMap<ModId, (ModId, Arc<str>)>>,
    events: Mutex<EmittedEvents>,
    has_events: AtomicBool,
    /// The mods whose handlers or timers are others than the manager knows, and whether there are any.
    dirty: Mutex<BTreeSet<ModId>>,
    is_dirty: AtomicBool,
    /// Faults of calls across mods that the manager has to hear of.
    faults: Mutex<Vec<(ModId, Fault)>>,
    /// What the last error of a call across mods was told as: mods that pass it on tell it no second time.
    told: Mutex<String>,
    across: Across,
    tick: AtomicU64,
    limits: RwLock<Limits>,
    pub(super) log: LogBook,
    pub(super) lent: Lent,
    assets: AssetSource,
}

/// Where assets are read from.
pub(super) struct AssetSource {
    pub(super) mods: PathBuf,
    pub(super) follow_symlinks: AtomicBool,
    pub(super) bytes_max: AtomicU64,
}

impl Hub {
    pub(super) fn new(mods: PathBuf) -> Hub {
        Hub {
            running: RwLock::default(),
            staged: RwLock::default(),
            present: RwLock::default(),
            down: RwLock::default(),
            events: Mutex::default(),
            has_events: AtomicBool::new(false),
            dirty: Mutex::default(),
            is_dirty: AtomicBool::new(false),
            faults: Mutex::default(),
            told: Mutex::default(),
            across: Across::default(),
            tick: AtomicU64::new(0),
            limits: RwLock::default(),
            log: LogBook::default(),
            lent: Lent::default(),
            assets: AssetSource {
                mods,
                follow_symlinks: AtomicBool::new(false),
                bytes_max: AtomicU64::new(10 * 1024 * 1024),
            },
        }
    }

    /// Takes over what the settings say.
    pub(super) fn set_settings(&self, settings: &crate::settings::Settings) {
        let limits = &settings.limits;
        self.across
            .set_limits(limits.call_depth, limits.handler_time);
        self.log.set_limits(&settings.limits);
        *self.limits.write() = settings.limits.clone();
        self.assets
            .follow_symlinks
            .store(settings.hot_reload.follow_symlinks, Ordering::Relaxed);
        self.assets
            .bytes_max
            .store(settings.hot_reload.max_file_size, Ordering::Relaxed);
    }

    /// The time limit of one handler call.
    pub(super) fn handler_time(&self) -> Duration {
        self.across.limit()
    }

    /// Puts `vm` in the place of the one that ran.
    pub(super) fn put(&self, vm: Arc<Vm>) {
        let mod_id = vm.mod_id().clone();
        self.present.write().insert(mod_id.clone(), mod_id.clone());
        self.down.write().retain(|_, (down, _)| *down != mod_id);
        self.set_dirty(&mod_id);
        self.running.write().insert(mod_id, vm);
        self.across.renew();
    }

    /// Takes the VM of a mod out.
    pub(super) fn remove(&self, mod_id: &ModId) {
        self.running.write().remove(mod_id);
        self.across.renew();
        self.set_dirty(mod_id);
    }

    /// Takes every VM out.
    pub(super) fn remove_all(&self) {
        self.running.write().clear();
        self.staged.write().clear();
        self.across.renew();
    }

    /// Says which mods are there or will be, by each name that they answer to.
    pub(super) fn set_present(&self, present: BTreeMap<ModId, ModId>) {
        *self.present.write() = present;
        self.across.renew();
    }

    /// Takes a mod out that will not come.
    pub(super) fn set_absent(&self, mod_id: &ModId) {
        self.present.write().retain(|_, present| present != mod_id);
        self.across.renew();
    }

    /// Remembers why a mod does not run any more, for those that call it.
    pub(super) fn set_down(&self, manifest: &Manifest, why: &str) {
        let provided = manifest.provides.iter().map(|provided| &provided.id);
        let names = provided.chain([&manifest.id]);
        let down = (manifest.id.clone(), Arc::from(why));
        let entries = names.map(|name| (name.clone(), down.clone()));
        self.down.write().extend(entries);
    }

    /// Why a call of a mod that does not run fails.
    fn why_down(&self, id: &ModId, function: &str) -> String {
        match self.down.read().get(id) {
            Some((down, why)) => format!("{down} {why}, so {id}.{function} can't be called"),
            None => format!(
                "{id} is not up yet, so {id}.{function} can't be called; call it from a handler of mod_loaded"
            ),
        }
    }

    /// Lets staged VMs see `vm`.
    pub(super) fn put_staged(&self, vm: Arc<Vm>) {
        self.staged.write().insert(vm.mod_id().clone(), vm);
    }

    pub(super) fn clear_staged(&self) {
        self.staged.write().clear();
    }

    /// Says that the registrations of a mod have changed.
    pub(super) fn set_dirty(&self, mod_id: &ModId) {
        let mut dirty = self.dirty.lock();
        if !dirty.contains(mod_id) {
            dirty.insert(mod_id.clone());
        }
        self.is_dirty.store(true, Ordering::Release);
    }

    /// The mods whose registrations have changed since the last call.
    pub(super) fn take_dirty(&self) -> BTreeSet<ModId> {
        let mut dirty = self.dirty.lock();
        self.is_dirty.store(false, Ordering::Release);
        std::mem::take(&mut dirty)
    }

    pub(super) fn is_dirty(&self) -> bool {
        self.is_dirty.load(Ordering::Acquire)
    }

    pub(super) fn has_events(&self) -> bool {
        self.has_events.load(Ordering::Acquire)
    }

    /// The oldest event that waits.
    pub(super) fn next_event(&self) -> Option<Emitted> {
        if !self.has_events() {
            return None;
        }
        let mut events = self.events.lock();
        let event = events.pop();
        self.has_events.store(!events.is_empty(), Ordering::Release);
        event
    }

    /// How many events wait, by mod, generation and event.
    pub(super) fn waiting_events(&self) -> BTreeMap<(ModId, u64, Arc<str>), usize> {
        self.events.lock().counts()
    }

    /// Who of the hub has this VM.
    pub(super) fn holders_of(&self, vm: &Arc<Vm>) -> impl Iterator<Item = String> {
        let has = |vms: &BTreeMap<ModId, Arc<Vm>>| vms.values().any(|it| Arc::ptr_eq(it, vm));
        let running = has(&self.running.read()).then(|| "the mods that call each other".to_owned());
        let staged = has(&self.staged.read()).then(|| "the mods that are being staged".to_owned());
        running.into_iter().chain(staged)
    }

    /// How many events a mod has emitted.
    pub(super) fn emitted(&self, mod_id: &ModId) -> u64 {
        self.events.lock().emitted(mod_id)
    }

    pub(super) fn take_faults(&self) -> Vec<(ModId, Fault)> {
        std::mem::take(&mut self.faults.lock())
    }

    pub(super) fn set_tick(&self, tick: u64) {
        self.tick.store(tick, Ordering::Relaxed);
    }

    pub(super) fn current_tick(&self) -> u64 {
        self.tick.load(Ordering::Relaxed)
    }

    /// The mod that answers to a name: one that provides it, or the one whose id it is.
    pub(super) fn called(&self, id: &ModId) -> ModId {
        let present = self.present.read();
        present.get(id).unwrap_or(id).clone()
    }

    fn find(&self, caller: Caller<'_>, id: &ModId) -> Option<Arc<Vm>> {
        let id = self.called(id);
        let staged = || self.staged.read().get(&id).cloned();
        let running = || self.running.read().get(&id).cloned();
        if caller.is_staged {
            staged().or_else(running)
        } else {
            running()
        }
    }

    fn call_into(
        &self,
        vm: &Vm,
        function: &str,
        arguments: &[Value],
    ) -> Result<Vec<Value>, String> {
        let id = vm.mod_id();
        vm.touch();
        let exported = vm.ledger().exports.get(function).copied();
        let Some(exported) = exported else {
            return Err(format!("{id} exports no function `{function}`"));
        };
        vm.call(exported, arguments, self.handler_time())
            .map_err(|fault| self.fault_across(vm, function, fault))
    }
}

/// Whether an error is the one that a call further in has `told`: code passes it on as it is, but for a place,
/// which is taken off if it is in a file of its own.
fn is_passed_on(fault: &Fault, told: &str) -> bool {
    let Some(before) = told.strip_suffix(&*fault.message) else {
        return false;
    };
    let is_its_place = |place: &Place| before.strip_suffix(": ") == Some(&*place.to_string());
    before.is_empty() || fault.place.as_ref().is_some_and(is_its_place)
}

impl Outside for Hub {
    fn emit(&self, from: Caller<'_>, event: &str, payload: Value) -> Result<(), String> {
        let limits = self.limits.read();
        self.events.lock().push(from, event, payload, &limits)?;
        self.has_events.store(true, Ordering::Release);
        Ok(())
    }

    fn is_present(&self, id: &ModId) -> bool {
        self.present.read().contains_key(id)
    }

    fn member(&self, caller: Caller<'_>, id: &ModId, name: &str) -> Member {
        match self.find(caller, id) {
            None => Member::Down,
            Some(vm) if vm.ledger().exports.contains_key(name) => Member::Function,
            Some(_) => Member::Absent,
        }
    }

    fn call(
        &self,
        caller: Caller<'_>,
        id: &ModId,
        function: &str,
        arguments: &[Value],
    ) -> Result<Vec<Value>, String> {
        let Some(vm) = self.find(caller, id) else {
            return Err(self.why_down(id, function));
        };
        let Some(_entered) = self.across.enter() else {
            let depth_max = self.across.depth_max();
            return Err(format!(
                "calls across mods nest deeper than {depth_max} (limits.call_depth in lunation.toml): do {id} and others call each other in a circle?"
            ));
        };
        self.call_into(&vm, function, arguments)
    }

    fn across(&self) -> &Across {
        &self.across
    }

    fn way(
        &self,
        caller: Caller<'_>,
        id: &ModId,
        function: &str,
    ) -> Option<(Arc<Vm>, FunctionRef)> {
        let vm = self.find(caller, id)?;
        let exported = vm.ledger().exports.get(function).copied()?;
        Some((vm, exported))
    }

    fn fault_across(&self, vm: &Vm, function: &str, fault: Fault) -> String {
        let id = vm.mod_id();
        let mut told = self.told.lock();
        if !is_passed_on(&fault, &told) {
            let problem = fault.problem(id, &format!("in {id}.{function}"));
            *told = problem.to_string();
        }
        if fault.is_fatal() {
            self.faults.lock().push((id.clone(), fault));
        }
        told.clone()
    }

    fn log(&self, line: LogLine) {
        self.log.push(line);
    }

    fn tick(&self) -> u64 {
        self.current_tick()
    }

    fn registrations_changed(&self, mod_id: &ModId) {
        self.set_dirty(mod_id);
    }

    fn read_asset(&self, path: &str) -> Result<Vec<u8>, String> {
        let source = &self.assets;
        let follow_symlinks = source.follow_symlinks.load(Ordering::Relaxed);
        let bytes_max = source.bytes_max.load(Ordering::Relaxed);
        disk::read_asset(&source.mods, path, follow_symlinks, bytes_max)
            .map_err(|error| format!("{path} can't be read: {}", error.kind()))
    }

    fn lent(&self) -> &Lent {
        &self.lent
    }
}
