//! The carry of a VM: its named slots, what stands for what, and the filling in. No Lua runs for it, but to
//! find an import or an asset by its name.

use mlua::{Function, IntoLuaMulti, Table, Value};

use crate::lua::carry::{
    self, Applied, ApplyError, CaptureError, CaptureLimits, Captured, Origins, Slot, Surroundings,
};
use crate::lua::code::Code;
use crate::lua::raw;
use crate::problem::Problem;
use crate::state::{Image, KeyPath, NewCode, Replay, STATE};

use super::Vm;
use super::registrations::TASKS;

/// What the prelude gives to the carry: `docs/architecture.md` tells of the two halves of the API.
pub(in crate::lua) struct Carry(pub(in crate::lua) Table);

impl Carry {
    /// The entry script as a function without arguments.
    pub(super) fn entry(&self, chunk: Function, key: &str) -> mlua::Result<Function> {
        self.ask("entry", (chunk, key))
    }

    /// The tasks, by name: the function of a step as `call`, and its `data`.
    pub(super) fn tasks(&self) -> mlua::Result<Table> {
        self.0.raw_get(TASKS)
    }

    /// The function that runs a step of the task `name`.
    pub(super) fn runner_of(&self, name: &str) -> mlua::Result<Function> {
        self.ask("runner_of", name)
    }

    fn ask<R: mlua::FromLuaMulti>(&self, what: &str, about: impl IntoLuaMulti) -> mlua::Result<R> {
        self.0.raw_get::<Function>(what)?.call(about)
    }
}

impl Vm {
    /// Captures everything that the mod keeps: `mod.state`, what its modules return, its globals, what it
    /// registered names for, and the variables of its files.
    ///
    /// # Errors
    /// It is larger than `limits`, or memory is out.
    pub(crate) fn capture(&self, limits: CaptureLimits) -> Result<Captured, CaptureError> {
        self.with_reserve(|| self.capture_within(limits))
    }

    /// As [`Vm::capture`], with no more memory than the mod has left.
    pub(super) fn capture_within(&self, limits: CaptureLimits) -> Result<Captured, CaptureError> {
        // The watchdog may have armed it once more after the call had ended that it stopped.
        self.interrupt.disarm();
        let code = self.code();
        let names = self.names_to_capture()?;
        let mut slots = self.slots(&code)?;
        slots.extend(self.registration_slots(&code, &self.given()?)?);
        let seen = self.registered()?;
        let origins = self.origins.lock();
        let around = Surroundings {
            code: &code,
            seen: &seen,
            names: Some(&names),
            origins: origins.as_ref(),
        };
        carry::capture_all(&self.lua, &around, slots, limits, self.state_version())
    }

    /// Remembers what `loaded` has met in this VM: later captures tell what of it is still there. For the capture
    /// that follows the loading of the code.
    pub(crate) fn remember(&self, loaded: &Captured) {
        *self.origins.lock() = Some(Origins::of(loaded));
    }

    /// Holds nothing of what was remembered any more: what the mod lets go may go. Nothing can be applied to that
    /// capture from now on.
    pub(super) fn let_go_of_origins(&self) {
        let mut origins = self.origins.lock();
        let is_let_go = |origins: &Origins| origins.let_go(&self.lua).is_ok();
        // Without memory for that they are forgotten; then tables are found by their paths alone.
        if !origins.as_ref().is_some_and(is_let_go) {
            *origins = None;
        }
    }

    /// Does what `replay` decided for the capture `new` of this VM. Functions that are left of code that is
    /// gone are made from the source of `old`.
    ///
    /// # Errors
    /// It does not fit into the memory of the VM.
    pub(crate) fn apply(
        &self,
        new: &Captured,
        replay: &Replay,
        live: &Image,
        old: Option<&Vm>,
    ) -> Result<Applied, ApplyError> {
        let names = self.values_of([live, &new.image])?;
        let old = old.map(Vm::code).unwrap_or_default();
        let (remade, unmade) = self.remake(replay, live, new, &old)?;
        let mut applied = carry::apply_with(&self.lua, Some(&names), new, &remade, replay, live)?;
        applied.tell_unmade(live, unmade);
        if let Some(globals) = new.slot("globals") {
            let own: Table = globals.holder.raw_get("globals")?;
            raw::set_globals(&self.lua, &self.parts.env, &self.before()?, &own)?;
        }
        Ok(applied)
    }

    /// Loads the modules that `other` has loaded and this VM has not, if it has the files: `other` loaded
    /// them while it ran. Whether there are any.
    ///
    /// # Errors
    /// The problem of one of them.
    pub(crate) fn load_as(&self, other: &Vm) -> Result<bool, Problem> {
        let own = self.module_keys();
        let mut missing = other.module_keys();
        missing.retain(|key| !own.contains(key));
        if missing.is_empty() {
            return Ok(false);
        }
        let load = self.parts.carry.ask::<Function>("load", missing);
        load.map_err(|_| self.out_of_memory())
            .and_then(|load| self.call_once(&load, &[], self.load_limit()))
            .map(|_| true)
            .map_err(|fault| fault.problem(self.mod_id(), "while loading"))
    }

    /// Those of `places` that a save would not keep, with the line where a variable is.
    pub(crate) fn not_saved(&self, places: &[KeyPath]) -> Vec<String> {
        let code = self.code();
        let of_code = |place: &&KeyPath| {
            let place = place.as_str();
            place.contains(": ") || place.starts_with("globals")
        };
        let places = places.iter().filter(of_code).map(KeyPath::as_str);
        places
            .map(|place| code.variable_at(place).unwrap_or_else(|| place.to_owned()))
            .collect()
    }

    /// What is known of the source of this VM.
    pub(crate) fn new_code(&self) -> impl NewCode + use<> {
        self.code()
    }

    /// How many items and entries `mod.state` has room for. A new VM whose table gets this room before its
    /// code runs is filled twice as fast.
    pub fn state_room(&self) -> (usize, usize) {
        carry::room(&self.lua, &self.state_slot()).unwrap_or_default()
    }

    /// The keys in `package.loaded` of all modules that were loaded.
    fn module_keys(&self) -> Vec<String> {
        let modules = self.inner.modules.lock();
        modules
            .loaded_files()
            .map(|(key, ..)| key.to_owned())
            .collect()
    }

    /// The globals that were there before any code of the mod ran.
    fn before(&self) -> mlua::Result<Table> {
        self.parts.carry.0.raw_get("before")
    }

    /// The names of what is not the mod's own, by value.
    pub(super) fn given(&self) -> mlua::Result<Table> {
        self.parts.carry.0.raw_get("given")
    }

    pub(super) fn code(&self) -> Code {
        Code::of(&self.inner.modules.lock())
    }

    fn state_slot(&self) -> Slot {
        Slot {
            name: STATE.into(),
            label: None,
            holder: self.parts.api.clone(),
            key: STATE.into(),
        }
    }

    /// The slots that are known before any function is looked into.
    fn slots(&self, code: &Code) -> mlua::Result<Vec<Slot>> {
        let carry = &self.parts.carry;
        let holder = self.lua.create_table()?;
        let globals = raw::own_globals(&self.lua, &self.parts.env, &self.before()?)?;
        holder.raw_set("globals", globals)?;
        holder.raw_set("registered", self.parts.names.clone())?;
        let mut slots = vec![self.state_slot()];
        slots.extend(["globals", "registered"].map(|name| Slot {
            name: name.into(),
            label: None,
            holder: holder.clone(),
            key: name.into(),
        }));
        let loaded: Table = carry.0.raw_get("loaded")?;
        for (key, owner, path) in self.inner.modules.lock().loaded_files() {
            let (name, label) = code.module(owner, path);
            slots.push(Slot {
                name,
                label: Some(label),
                holder: loaded.clone(),
                key: key.into(),
            });
        }
        Ok(slots)
    }

    /// The functions that the mod registered: their variables are slots, too.
    fn registered(&self) -> mlua::Result<Vec<Function>> {
        let ledger = self.ledger();
        let listeners = ledger.listeners.iter().map(|listener| listener.function);
        let timers = ledger.timers.values().map(|timer| timer.function);
        let hooks = ledger.hooks.iter().map(|listener| listener.function);
        listeners
            .chain(timers)
            .chain(hooks)
            .chain(ledger.exports.values().copied())
            .map(|function| raw::function_handle(&self.lua, function))
            .collect()
    }

    /// The values of this VM that the names of images stand for.
    pub(super) fn values_of(&self, images: [&Image; 2]) -> mlua::Result<Table> {
        let carry = &self.parts.carry;
        let is_given = |name: &&str| name.starts_with('/') || !name.contains(": ");
        let mut names = images
            .into_iter()
            .flat_map(Image::names_of_values)
            .filter(is_given)
            .peekable();
        if names.peek().is_none() {
            return self.lua.create_table();
        }
        let values = raw::inverted(&self.lua, &self.given()?)?;
        self.add_objects(images, &values)?;
        for name in names {
            if values.raw_get::<Value>(name)?.is_nil() {
                values.raw_set(name, carry.ask::<Value>("find", name)?)?;
            }
        }
        Ok(values)
    }
}
