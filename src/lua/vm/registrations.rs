//! What a mod has registered goes over to new code: as tables in slots of their own, which the replay rule decides.
//!
//! A capture makes these tables from the ledger, and the replay fills those of the new VM. So what the mod
//! registered at run time comes over with its function, what it took off stays off, and what the edit
//! touched is as the edit says. [`Vm::take_over`] then makes the ledger of the new VM what its tables say.
//!
//! When a timer is due, and under which handle a mod knows a listener, is in the table of marks, and that of
//! code that has just loaded is empty: it has no say in it.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use mlua::{Function, Table, Value};

use crate::lua::FunctionRef;
use crate::lua::carry::{ApplyError, Captured, Slot};
use crate::lua::code::Code;
use crate::lua::ledger::{FIRST_OF_RUN_TIME, Key, Ledger, Listener, Timer};
use crate::lua::raw::{RawVm, function_handle};
use crate::state::REGISTRATIONS;

use super::Vm;

/// The slots of what is registered.
const HANDLERS: &str = REGISTRATIONS[0];
const HOOKS: &str = REGISTRATIONS[1];
const TIMERS: &str = REGISTRATIONS[2];
pub(super) const TASKS: &str = REGISTRATIONS[3];
const MARKS: &str = REGISTRATIONS[4];

/// The marks: handles of listeners by their keys, and when timers are due by their names.
const HANDLES: &str = "handles";
const DUE: &str = "due";

/// A registration that could not come over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Gone {
    /// The list, and the event or the name of the timer.
    pub(crate) words: String,
    /// Where it stood.
    pub(crate) slot: &'static str,
    pub(crate) key: Box<str>,
    name: Arc<str>,
}

impl Vm {
    /// The slots of what the mod has registered.
    pub(super) fn registration_slots(&self, code: &Code, given: &Table) -> mlua::Result<Vec<Slot>> {
        let mut ledger = self.ledger();
        self.name_listeners(&mut ledger, code);
        let holder = self.lua.create_table()?;
        let writing = Writing {
            vm: self,
            code,
            given,
        };
        holder.raw_set(HANDLERS, writing.listeners(&ledger.listeners)?)?;
        holder.raw_set(HOOKS, writing.listeners(&ledger.hooks)?)?;
        holder.raw_set(TIMERS, writing.timers(&ledger)?)?;
        holder.raw_set(TASKS, self.parts.carry.tasks()?)?;
        holder.raw_set(MARKS, writing.marks(&ledger)?)?;
        let slot = |name: &str| Slot {
            name: name.into(),
            label: None,
            holder: holder.clone(),
            key: name.into(),
        };
        Ok(REGISTRATIONS.map(slot).into())
    }

    fn name_listeners(&self, ledger: &mut Ledger, code: &Code) {
        ledger.name_listeners(
            |listener| match function_handle(&self.lua, listener.function) {
                Ok(function) => code.name_of(&self.lua, &listener.event, &function),
                Err(_) => listener.event.clone(),
            },
        );
    }

    /// Registers what the tables of `new`, a capture of this VM that was replayed onto, say by now. `before`
    /// is the generation that ran until now. The answer is what could not come over.
    ///
    /// # Errors
    /// Out of memory.
    pub(crate) fn take_over(
        &self,
        new: &Captured,
        before: Option<&Vm>,
    ) -> Result<Vec<Gone>, ApplyError> {
        let mut ledger = self.ledger();
        ledger.has_loaded = true;
        if let Some(before) = before {
            ledger.last_of_run_time = before.ledger().last_of_run_time;
        }
        let table = |name: &str| match new.slot(name) {
            Some(slot) => entries(&slot.holder.raw_get(&*slot.key)?),
            None => Ok(BTreeMap::new()),
        };
        let mut reading = Reading {
            vm: self,
            ledger: &mut ledger,
            marks: table(MARKS)?,
            gone: Vec::new(),
        };
        reading.listeners(HANDLERS, table(HANDLERS)?)?;
        reading.listeners(HOOKS, table(HOOKS)?)?;
        reading.timers(table(TIMERS)?)?;
        reading.tasks(table(TASKS)?)?;
        Ok(reading.gone)
    }

    /// Ends the time in which the code loads: what it registers from now on, it does not register at each
    /// load, and what it lets go may go.
    pub(crate) fn end_loading(&self) {
        self.ledger().has_loaded = true;
        self.let_go_of_origins();
    }

    /// Ends the time in which the code registers itself what came over; what of `gone` it has registered
    /// comes back.
    pub(crate) fn settle(&self, gone: &[Gone]) -> Vec<Gone> {
        let mut ledger = self.ledger();
        ledger.settle();
        if gone.is_empty() {
            return Vec::new();
        }
        self.name_listeners(&mut ledger, &self.code());
        let is_there =
            |it: &&Gone| ledger.has_name(&it.name) || ledger.timers.contains_key(&it.name);
        gone.iter().filter(is_there).cloned().collect()
    }

    /// Ends a task, unless another one has its name by now.
    pub(crate) fn end_task(&self, name: &str, function: FunctionRef) {
        let is_it = |timer: &Timer| timer.is_task && timer.function == function;
        let is_there = self.ledger().timers.get(name).is_some_and(is_it);
        if is_there {
            self.ledger().remove_timer(name);
            if let Ok(tasks) = self.parts.carry.tasks() {
                let _ = tasks.raw_set(name, Value::Nil);
            }
        }
    }

    fn keep(&self, function: &Function) -> mlua::Result<FunctionRef> {
        RawVm::keep(&self.lua, function)
    }
}

/// Writes the tables.
struct Writing<'a> {
    vm: &'a Vm,
    code: &'a Code,
    given: &'a Table,
}

impl Writing<'_> {
    fn listeners(&self, listeners: &[Listener]) -> mlua::Result<Table> {
        let table = self.vm.lua.create_table()?;
        for listener in listeners {
            let Some(key) = &listener.key else {
                continue;
            };
            let entry = self.vm.lua.create_table()?;
            entry.raw_set("event", &*listener.event)?;
            entry.raw_set("name", &*key.name)?;
            entry.raw_set("number", key.number)?;
            entry.raw_set("priority", listener.priority)?;
            entry.raw_set("call", self.call(listener.function)?)?;
            table.raw_set(key.to_string(), entry)?;
        }
        Ok(table)
    }

    fn timers(&self, ledger: &Ledger) -> mlua::Result<Table> {
        let table = self.vm.lua.create_table()?;
        for (name, timer) in ledger.timers.iter().filter(|(_, timer)| !timer.is_task) {
            let entry = self.vm.lua.create_table()?;
            entry.raw_set("every", timer.every)?;
            entry.raw_set("call", self.call(timer.function)?)?;
            table.raw_set(&**name, entry)?;
        }
        Ok(table)
    }

    fn marks(&self, ledger: &Ledger) -> mlua::Result<Table> {
        let lua = &self.vm.lua;
        let (marks, handles, due) = (
            lua.create_table()?,
            lua.create_table()?,
            lua.create_table()?,
        );
        if self.vm.inner.is_running.load(Ordering::Acquire) {
            for listener in &ledger.listeners {
                let of_run_time = (listener.handle > FIRST_OF_RUN_TIME).then_some(listener.handle);
                if let (Some(key), Some(handle)) =
                    (&listener.key, listener.earlier_handle.or(of_run_time))
                {
                    handles.raw_set(key.to_string(), handle)?;
                }
            }
            for (name, timer) in ledger.timers.iter().filter(|(_, timer)| !timer.is_task) {
                due.raw_set(&**name, timer.due)?;
            }
        }
        marks.raw_set(HANDLES, handles)?;
        marks.raw_set(DUE, due)?;
        Ok(marks)
    }

    /// A function, if it can cross.
    fn call(&self, function: FunctionRef) -> mlua::Result<Option<Function>> {
        let function = function_handle(&self.vm.lua, function)?;
        let can_cross = self.code.place_of(&self.vm.lua, &function).is_some()
            || !self.given.raw_get::<Value>(&function)?.is_nil();
        Ok(can_cross.then_some(function))
    }
}

/// Makes a ledger what the tables say.
struct Reading<'a> {
    vm: &'a Vm,
    ledger: &'a mut Ledger,
    marks: BTreeMap<Arc<str>, Table>,
    gone: Vec<Gone>,
}

impl Reading<'_> {
    fn listeners(
        &mut self,
        slot: &'static str,
        mut entries: BTreeMap<Arc<str>, Table>,
    ) -> mlua::Result<()> {
        let mut list = std::mem::take(self.list(slot));
        let mut stays = Vec::with_capacity(list.len());
        for mut listener in list.drain(..) {
            let key = listener.key.as_ref().map(ToString::to_string);
            if let Some(key) = key {
                if entries.remove(&*key).is_none() {
                    self.ledger.let_go(listener.function);
                    continue;
                }
                listener.earlier_handle = self.mark(HANDLES, &key)?;
            }
            stays.push(listener);
        }
        let mut coming = Vec::new();
        for (key, entry) in entries {
            coming.extend(self.listener(slot, &key, &entry)?);
        }
        coming.sort_by_key(|listener| listener.handle);
        stays.extend(coming);
        *self.list(slot) = stays;
        Ok(())
    }

    fn list(&mut self, slot: &str) -> &mut Vec<Listener> {
        match slot {
            HOOKS => &mut self.ledger.hooks,
            _ => &mut self.ledger.listeners,
        }
    }

    /// A listener that only the table has.
    fn listener(
        &mut self,
        slot: &'static str,
        key: &str,
        entry: &Table,
    ) -> mlua::Result<Option<Listener>> {
        let (Some(event), Some(name)) = (text(entry, "event")?, text(entry, "name")?) else {
            return Ok(None);
        };
        let Some(call) = entry.raw_get::<Option<Function>>("call")? else {
            self.gone(slot, &event, key, name);
            return Ok(None);
        };
        let priority = entry.raw_get::<Option<f64>>("priority")?.unwrap_or(0.0) as i32;
        let mut listener = self.ledger.listener(event, priority, self.vm.keep(&call)?);
        if let Some(handle) = self.mark(HANDLES, key)? {
            listener.handle = handle;
            self.ledger.last_of_run_time = self.ledger.last_of_run_time.max(handle);
        }
        let number = number(entry, "number")?.unwrap_or(1) as u32;
        listener.key = Some(Key { name, number });
        listener.came_over = true;
        Ok(Some(listener))
    }

    fn timers(&mut self, entries: BTreeMap<Arc<str>, Table>) -> mlua::Result<()> {
        self.ledger
            .retain_timers(|name, timer| timer.is_task || entries.contains_key(name));
        for (name, entry) in entries {
            let known = self.ledger.timers.get(&name).filter(|timer| !timer.is_task);
            let call = entry.raw_get::<Option<Function>>("call")?;
            let function = match (call, known) {
                (Some(call), Some(known)) => {
                    match function_handle(&self.vm.lua, known.function)? == call {
                        true => known.function,
                        false => self.vm.keep(&call)?,
                    }
                }
                (Some(call), None) => self.vm.keep(&call)?,
                (None, Some(known)) => known.function,
                (None, None) => {
                    self.gone(TIMERS, &name, &name, name.clone());
                    continue;
                }
            };
            let now = self.vm.inner.outside.tick();
            let due = self.mark(DUE, &name)?.or(known.map(|known| known.due));
            let timer = Timer {
                due: due.unwrap_or(now + 1),
                every: number(&entry, "every")?.filter(|every| *every > 0),
                function,
                is_task: false,
                came_over: true,
            };
            self.ledger.put_timer(name, timer);
        }
        Ok(())
    }

    fn tasks(&mut self, entries: BTreeMap<Arc<str>, Table>) -> mlua::Result<()> {
        self.ledger
            .retain_timers(|name, timer| !timer.is_task || entries.contains_key(name));
        let carry = &self.vm.parts.carry;
        for (name, entry) in entries {
            if entry.raw_get::<Option<Function>>("call")?.is_none() {
                self.ledger.remove_timer(&name);
                carry.tasks()?.raw_set(&*name, Value::Nil)?;
                self.gone(TASKS, &name, &name, name.clone());
                continue;
            }
            let known = self.ledger.timers.get(&name).filter(|timer| timer.is_task);
            let function = match known {
                Some(known) => known.function,
                None => self.vm.keep(&carry.runner_of(&name)?)?,
            };
            let timer = Timer {
                due: self.vm.inner.outside.tick() + 1,
                every: Some(1),
                function,
                is_task: true,
                came_over: true,
            };
            self.ledger.put_timer(name, timer);
        }
        Ok(())
    }

    fn mark(&self, of: &str, name: &str) -> mlua::Result<Option<u64>> {
        match self.marks.get(of) {
            Some(marks) => number(marks, name),
            None => Ok(None),
        }
    }

    fn gone(&mut self, slot: &'static str, what: &str, key: &str, name: Arc<str>) {
        self.gone.push(Gone {
            words: format!("{slot}: {what}"),
            slot,
            key: key.into(),
            name,
        });
    }
}

/// The entries of a table that are tables themselves, by name.
fn entries(table: &Value) -> mlua::Result<BTreeMap<Arc<str>, Table>> {
    let Value::Table(table) = table else {
        return Ok(BTreeMap::new());
    };
    let mut entries = BTreeMap::new();
    for entry in table.pairs::<Value, Value>() {
        if let (Value::String(name), Value::Table(entry)) = entry? {
            entries.insert(name.to_string_lossy().into(), entry);
        }
    }
    Ok(entries)
}

/// A whole number that is not negative, if the field is one.
fn number(entry: &Table, field: &str) -> mlua::Result<Option<u64>> {
    let number = match entry.raw_get::<Value>(field)? {
        Value::Integer(n) => n as f64,
        Value::Number(n) => n,
        _ => return Ok(None),
    };
    Ok((0.0..=9.0e15).contains(&number).then_some(number as u64))
}

fn text(entry: &Table, field: &str) -> mlua::Result<Option<Arc<str>>> {
    Ok(match entry.raw_get::<Value>(field)? {
        Value::String(text) => Some(text.to_string_lossy().into()),
        _ => None,
    })
}
