//! Migrations: an older state as copies in a staged VM, which the mod's own functions change before it is replayed.
//!
//! Each file returns `function(state, slots) … end`. It sees the globals of the mod and its `require`, like
//! any other file, but nothing of it is live yet: the copies are captured again and dropped. The time
//! limit for loading holds for all migrations of one reload together.

use std::time::{Duration, Instant};

use mlua::{Function, Table, Value};

use crate::lua::carry::{
    self, ApplyError, CaptureError, CaptureLimits, Captured, Slot, Surroundings, Uncarryable,
};
use crate::lua::chunk::load_bytecode;
use crate::lua::compile::chunk_name;
use crate::lua::fault::{Fault, OWN_FILES};
use crate::lua::ledger::Ledger;
use crate::problem::{Code, Place, Problem};
use crate::state::{Image, Migration, STATE, unpacked};

use super::Vm;

#[cfg(test)]
mod tests;

/// Calls what a file returns with the copies, and puts what that returns beside them.
const CALL: &str = "\
local file, box = ...
return function() box.migration = file() end,
\tfunction() box.result = box.migration(box.state, box.slots) end
";

/// What migrations have made of a state.
pub(crate) struct Migrated {
    /// The state in its new version.
    pub(crate) image: Image,
    /// What a migration left in it that can't be carried.
    pub(crate) uncarryable: Vec<Uncarryable>,
    /// How long each migration took, in their order.
    pub(crate) times: Vec<Duration>,
}

/// Why a state could not be brought up to date.
pub(crate) enum MigrateError {
    /// Used for what a migration did or did not do.
    Problem(Box<Problem>),
    /// Used where there was no room for the copies.
    Apply(ApplyError),
    /// Used where the result can't be captured.
    Capture(CaptureError),
}

/// The copies that migrations work on.
struct Copies {
    /// Has the state as `state` and the other slots, by name, as `slots`.
    table: Table,
    slots: Table,
}

impl Vm {
    /// Runs `migrations` in order on a copy of `old`, and captures what they have made of it. The code of the
    /// VM must have been loaded; nothing of what it has is touched, unless a migration does so itself.
    ///
    /// # Errors
    /// [`MigrateError`]: the VM is not to be used then.
    pub(crate) fn migrate(
        &self,
        old: &Image,
        migrations: &[Migration],
        limits: CaptureLimits,
    ) -> Result<Migrated, MigrateError> {
        let world = self.capture(limits)?;
        let (copies, gone) = self.unpack(old, &world)?;
        let times = self
            .run_migrations(migrations, &copies)
            .map_err(|problem| MigrateError::Problem(Box::new(problem)))?;
        let Captured {
            image,
            mut uncarryable,
            ..
        } = self.pack(copies, &world, limits)?;
        uncarryable.extend(gone);
        // The state is filled in once more: the copies must not take its room.
        let _ = self.lua.gc_collect();
        Ok(Migrated {
            image,
            uncarryable,
            times,
        })
    }

    /// Makes the slots of an image as copies: tables of their own, with the functions of the new code. What
    /// could not be carried is not there; neither are objects that the game does not know any more.
    fn unpack(
        &self,
        old: &Image,
        world: &Captured,
    ) -> Result<(Copies, Vec<Uncarryable>), MigrateError> {
        let slots = self.lua.create_table().map_err(ApplyError::from)?;
        let copies = old.slots().map(|name| slot(&slots, name)).collect();
        let all = unpacked(old, &world.image, &self.new_code());
        let names = self
            .values_of([old, &world.image])
            .map_err(ApplyError::from)?;
        let into = world.with_slots(copies);
        let applied = carry::apply(&self.lua, Some(&names), &into, &all, old)?;
        let copies = Copies::new(&self.lua, slots).map_err(ApplyError::from)?;
        Ok((copies, applied.unmade))
    }

    /// The copies as an image of the version of this code.
    fn pack(
        &self,
        copies: Copies,
        world: &Captured,
        limits: CaptureLimits,
    ) -> Result<Captured, MigrateError> {
        let mut names = Vec::new();
        for entry in copies.slots.pairs::<String, Value>() {
            names.push(entry.map_err(CaptureError::from)?.0);
        }
        names.sort_unstable();
        let mut slots = vec![slot(&copies.table, STATE)];
        slots.extend(names.iter().map(|name| slot(&copies.slots, name)));
        let given = self.names_to_capture().map_err(CaptureError::from)?;
        let names = world
            .add_names(&self.lua, &given)
            .map_err(CaptureError::from)?;
        let around = Surroundings {
            code: &self.code(),
            seen: &[],
            names: Some(&names),
            origins: None,
        };
        let captured = carry::capture_all(&self.lua, &around, slots, limits, self.state_version())?;
        Ok(captured)
    }

    fn run_migrations(
        &self,
        migrations: &[Migration],
        copies: &Copies,
    ) -> Result<Vec<Duration>, Problem> {
        // Each call is timed by itself, too; this one stands for all of them.
        let _all = self.watchdog.time(&self.interrupt, self.load_limit());
        let mut times = Vec::with_capacity(migrations.len());
        for migration in migrations {
            let started = Instant::now();
            self.run_migration(migration, copies)
                .map_err(|problem| problem.of(self.mod_id()))?;
            times.push(started.elapsed());
        }
        Ok(times)
    }

    fn run_migration(&self, migration: &Migration, copies: &Copies) -> Result<(), Problem> {
        let path = &*migration.path;
        let (bytecode, file) = self
            .inner
            .modules
            .lock()
            .own_code(path)
            .map_err(|problem| *problem)?;
        let in_file = |problem: Problem| match &problem.place {
            Some(_) => problem,
            None => problem.at(Place::file(&*file)),
        };
        let failed = |fault: Fault| in_file(fault.problem(self.mod_id(), &format!("in {path}")));
        let (load, run) = self
            .calls_of(&bytecode, &file, copies)
            .map_err(|_| failed(self.stopped_between()))?;
        let before = self.ledger().clone();
        self.call_plain(&load).map_err(failed)?;
        copies.check_migration().map_err(in_file)?;
        self.call_plain(&run).map_err(failed)?;
        copies.take_result().map_err(in_file)?;
        copies.check_slots().map_err(in_file)?;
        self.check_registrations(&before).map_err(in_file)
    }

    /// What a migration registers would be there once, and gone after the next reload.
    fn check_registrations(&self, before: &Ledger) -> Result<(), Problem> {
        match *self.ledger() == *before {
            true => Ok(()),
            false => Err(bad(
                "has a migration that registers handlers, timers, exports or hooks".into(),
                "do that in the code of the mod, which runs at each load; a migration only changes the state",
            )),
        }
    }

    /// Why nothing can be made any more: the time of all migrations is over, or there is no memory.
    fn stopped_between(&self) -> Fault {
        match self.interrupt.has_tripped() {
            true => self.over_time(self.load_limit()),
            false => self.out_of_memory(),
        }
    }

    /// What loads a migration, and what runs it then.
    fn calls_of(
        &self,
        bytecode: &[u8],
        file: &str,
        copies: &Copies,
    ) -> mlua::Result<(Function, Function)> {
        let chunk = load_bytecode(&self.lua, &self.parts.env, bytecode, file)?;
        let calls = self.lua.load(CALL);
        let calls = calls.set_name(chunk_name(&format!("{OWN_FILES}migrate.lua")));
        calls.into_function()?.call((chunk, &copies.table))
    }

    /// Calls a function that takes and returns nothing.
    fn call_plain(&self, function: &Function) -> Result<(), Fault> {
        self.call_once(function, &[], self.load_limit()).map(drop)
    }
}

fn slot(holder: &Table, name: &str) -> Slot {
    Slot {
        name: name.to_owned(),
        label: None,
        holder: holder.clone(),
        key: name.to_owned(),
    }
}

impl Copies {
    /// Takes the state out of the slots.
    fn new(lua: &mlua::Lua, slots: Table) -> mlua::Result<Copies> {
        let table = lua.create_table()?;
        match slots.raw_get::<Value>(STATE)? {
            Value::Nil => table.raw_set("state", lua.create_table()?)?,
            state => table.raw_set("state", state)?,
        }
        slots.raw_set(STATE, Value::Nil)?;
        table.raw_set("slots", &slots)?;
        Ok(Copies { table, slots })
    }

    /// The file returned a function.
    fn check_migration(&self) -> Result<(), Problem> {
        match self.kind_of("migration") {
            "function" => Ok(()),
            found => Err(bad(
                format!("has a migration that returns {found}, not a function"),
                "write `return function(state) … end`",
            )),
        }
    }

    /// What a migration returned takes the place of the state; nothing leaves the state as it is.
    fn take_result(&self) -> Result<(), Problem> {
        match self.kind_of("result") {
            "nil" => {}
            "table" => {
                let result = self.table.raw_get::<Value>("result").unwrap_or(Value::Nil);
                // A key that is there already takes no memory.
                let _ = self.table.raw_set("state", result);
            }
            found => {
                return Err(bad(
                    format!("has a migration whose function returns a {found}, not a table"),
                    "change the state in place, or return the table that replaces it",
                ));
            }
        }
        let _ = self.table.raw_set("result", Value::Nil);
        Ok(())
    }

    /// Whatever is left among the slots has the name of one.
    fn check_slots(&self) -> Result<(), Problem> {
        let is_name = |key: &Value| match key {
            Value::String(name) => name.to_str().is_ok_and(|name| *name != *STATE),
            _ => false,
        };
        let mut entries = self.slots.pairs::<Value, Value>();
        match entries.all(|entry| entry.is_ok_and(|(key, _)| is_name(&key))) {
            true => Ok(()),
            false => Err(bad(
                "has a migration that leaves something in `slots` whose key is no name of a slot"
                    .into(),
                "a slot has the name that the report gives it; what is to be kept goes into the state",
            )),
        }
    }

    fn kind_of(&self, key: &str) -> &'static str {
        match self.table.raw_get::<Value>(key).unwrap_or(Value::Nil) {
            Value::Integer(_) => "number",
            value => value.type_name(),
        }
    }
}

fn bad(because: String, hint: &str) -> Problem {
    Problem::error(Code::BAD_MIGRATION, because).hint(hint)
}

impl From<ApplyError> for MigrateError {
    fn from(error: ApplyError) -> MigrateError {
        MigrateError::Apply(error)
    }
}

impl From<CaptureError> for MigrateError {
    fn from(error: CaptureError) -> MigrateError {
        MigrateError::Capture(error)
    }
}
