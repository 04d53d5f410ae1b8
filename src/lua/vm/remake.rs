//! Functions that the new code did not make while it was loaded: they are made again, from its source, or from
//! the old one where it has nothing at their place.

use std::collections::{BTreeMap, HashMap};
use std::os::raw::c_int;
use std::time::Instant;

use mlua::{Function, MultiValue, Value};

use crate::lua::carry::{Captured, Unmade};
use crate::lua::chunk::load_bytecode;
use crate::lua::code::{At, Code, Variable};
use crate::lua::compile::{Bytecode, compile_own};
use crate::lua::raw::carry_slots::Remade;
use crate::lua::raw::describe;
#[cfg(feature = "luau")]
use crate::lua::raw::{box_metatable, make_box};
use crate::state::{Image, Remake, Replay, Val};

use super::Vm;

/// How many functions of one mod are made again at most.
const REMADE_MAX: usize = 100_000;

const KEEP_NAME: &str =
    "keep the name of the function in the state, and look it up in a table of functions";
const SHARE_TABLE: &str =
    "let the functions share a table with a field instead of a variable: tables are carried";

/// What makes the functions of one place.
struct Factory {
    bytecode: Bytecode,
    /// What messages call the file.
    file: String,
    arguments: Vec<Value>,
    /// The upvalues that are to be filled, by number from 1, and what each is.
    upvalues: Vec<(c_int, Variable)>,
    /// Where the function is, for people: file and line.
    place: String,
}

impl Vm {
    /// Makes the functions again that `replay` needs, with upvalues that are still to be filled. `old` is the
    /// source that they are from.
    ///
    /// # Errors
    /// Out of memory.
    pub(super) fn remake(
        &self,
        replay: &Replay,
        live: &Image,
        new: &Captured,
        old: &Code,
    ) -> mlua::Result<(Vec<Remade>, Vec<Unmade>)> {
        let (mut remade, mut unmade) = (Vec::new(), Vec::new());
        let started = Instant::now();
        let wanted = replay.wanted(live);
        let sharing = Sharing::of(live, replay, &wanted);
        let mut factories: HashMap<&str, Result<Factory, String>> = HashMap::new();
        for (id, how) in wanted {
            let place = live.function(id).unwrap_or_default();
            if how == Remake::Gone {
                continue;
            }
            if remade.len() >= REMADE_MAX || started.elapsed() > self.load_limit() {
                let what = "one of too many functions to make again".into();
                unmade.push(Unmade {
                    id,
                    what,
                    hint: KEEP_NAME,
                });
                continue;
            }
            if !factories.contains_key(place) {
                let has_own = |name: &str| live.has_entry(Val::Object(id), name);
                let factory = self.factory(place, how, new, old, &has_own)?;
                factories.insert(place, factory);
            }
            let made = match factories.get(place) {
                Some(Ok(factory)) => match sharing.obstacle(id) {
                    Some(name) => {
                        let place = &factory.place;
                        let what = format!(
                            "a function ({place}) that shares its variable `{name}` with another function"
                        );
                        Err((what, SHARE_TABLE))
                    }
                    None => Ok(factory),
                },
                Some(Err(what)) => Err((what.clone(), KEEP_NAME)),
                None => continue,
            };
            match made {
                Ok(factory) => remade.push(Remade {
                    live: id,
                    function: self.make(factory)?,
                    upvalues: factory.upvalues.clone(),
                }),
                Err((what, hint)) => unmade.push(Unmade { id, what, hint }),
            }
        }
        #[cfg(not(feature = "luau"))]
        self.join(&mut remade, &sharing, replay, new)?;
        Ok((remade, unmade))
    }

    /// What makes the function at `place`, or why there is nothing; completes "… is". `has_own` tells which
    /// variables of its own it had.
    fn factory(
        &self,
        place: &str,
        how: Remake,
        new: &Captured,
        old: &Code,
        has_own: &dyn Fn(&str) -> bool,
    ) -> mlua::Result<Result<Factory, String>> {
        let found = match how {
            Remake::New => self.code().at(place),
            _ => old.at(place).map(|at| self.keep_source(at)),
        };
        let Some(at) = found else {
            return Ok(Err("a function of which there is no source any more".into()));
        };
        let display = format!("{}:{}", at.file.place, at.line());
        let (mut names, mut arguments, mut boxed) = (Vec::new(), Vec::new(), Vec::new());
        for (id, name, variable) in at.captured() {
            let is_there = match &variable {
                Variable::Slot(slot) => new.holder(slot)?.is_some(),
                Variable::Own { name, .. } => has_own(name),
                Variable::Engine => true,
            };
            if !is_there && at.file.outline.variable(id).may_be_constant() {
                continue; // its fields stand in the place of their names
            }
            let made = self.boxed(&at, id, &variable, new)?;
            boxed.extend(made.is_some().then_some(id));
            arguments.push(made.unwrap_or(Value::Nil));
            names.push(name);
        }
        let is_boxed = |id| boxed.contains(&id);
        let text = at
            .file
            .outline
            .remake(&at.file.source, at.id, &names, &is_boxed);
        let bytecode = text.and_then(|text| compile_own(&text, &at.file.place).ok());
        let Some(bytecode) = bytecode else {
            let what = format!("a function ({display}) that can't be made again from its source");
            return Ok(Err(what));
        };
        let mut factory = Factory {
            bytecode,
            file: at.file.place.clone(),
            arguments,
            upvalues: Vec::new(),
            place: display,
        };
        let about = describe(&self.lua, &self.make(&factory)?)?;
        let upvalues = about.map(|about| about.upvalues).unwrap_or_default();
        let to_fill = (1..).zip(upvalues).filter_map(|(upvalue, name)| {
            let (id, _, variable) = at.captured().find(|(_, captured, _)| *captured == name)?;
            (!is_boxed(id)).then_some((upvalue, variable))
        });
        factory.upvalues = to_fill.collect();
        Ok(Ok(factory))
    }

    /// Makes one function. The chunk is loaded for each: Luau gives one closure for all that one chunk makes
    /// of the same values, and these get their own only later.
    fn make(&self, factory: &Factory) -> mlua::Result<Function> {
        let Factory { bytecode, file, .. } = factory;
        let chunk = load_bytecode(&self.lua, &self.parts.env, bytecode, file)?;
        let arguments: MultiValue = factory.arguments.iter().cloned().collect();
        chunk.call(arguments)
    }

    /// Remembers the source of functions that only the old code had.
    fn keep_source(&self, at: At) -> At {
        let at = at.of_the_past(self.generation().saturating_sub(1));
        self.inner.modules.lock().keep_past(&at.file);
        at
    }
}

#[cfg(feature = "luau")]
impl Vm {
    /// The box for a variable of a file that is assigned: another function of the new VM has it.
    fn boxed(
        &self,
        at: &At,
        id: crate::lua::outline::VariableId,
        variable: &Variable,
        new: &Captured,
    ) -> mlua::Result<Option<Value>> {
        let Variable::Slot(name) = variable else {
            return Ok(None);
        };
        let holder = new.holder(name)?;
        let Some((holder, upvalue)) = holder.filter(|_| at.file.outline.variable(id).is_reassigned)
        else {
            return Ok(None);
        };
        let metatable = self.box_metatable()?;
        make_box(&self.lua, &metatable, &holder, upvalue).map(|made| Some(Value::Table(made)))
    }

    /// The metatable of all boxes of this VM. It has a name, by which the carry knows boxes.
    fn box_metatable(&self) -> mlua::Result<mlua::Table> {
        let carry = &self.parts.carry.0;
        if let Some(known) = carry.raw_get::<Option<mlua::Table>>("box")? {
            return Ok(known);
        }
        let metatable = box_metatable(&self.lua)?;
        carry.raw_set("box", &metatable)?;
        self.given()?.raw_set(&metatable, crate::lua::carry::BOX)?;
        Ok(metatable)
    }
}

#[cfg(not(feature = "luau"))]
impl Vm {
    /// No boxes are needed where upvalues can be joined.
    #[expect(clippy::unused_self, reason = "Luau needs it")]
    fn boxed(
        &self,
        _: &At,
        _: crate::lua::outline::VariableId,
        _: &Variable,
        _: &Captured,
    ) -> mlua::Result<Option<Value>> {
        Ok(None)
    }

    /// Lets functions that were made again have the variables of files that the new code has, and those that
    /// they shared.
    fn join(
        &self,
        remade: &mut [Remade],
        sharing: &Sharing<'_>,
        replay: &Replay,
        new: &Captured,
    ) -> mlua::Result<()> {
        let mut known: HashMap<u32, (Function, c_int)> = HashMap::new();
        for ((id, name), number) in &sharing.numbers {
            if let Some(partner) = replay.partners[*id as usize].checked_sub(1)
                && let Some(holder) = new.own_upvalue(partner, name)?
            {
                known.insert(*number, holder);
            }
        }
        for remade in remade {
            let function = &remade.function;
            let mut joined = Vec::new();
            for (upvalue, variable) in &remade.upvalues {
                let holder = match variable {
                    Variable::Slot(name) => new.holder(name)?,
                    Variable::Own { name, .. } => {
                        sharing.number(remade.live, name).and_then(|number| {
                            match known.get(&number) {
                                Some(holder) => Some(holder.clone()),
                                None => {
                                    known.insert(number, (function.clone(), *upvalue));
                                    None
                                }
                            }
                        })
                    }
                    Variable::Engine => None,
                };
                if let Some((holder, of_holder)) = holder {
                    crate::lua::raw::join(&self.lua, (function, *upvalue), (&holder, of_holder))?;
                    joined.push(*upvalue);
                }
            }
            remade
                .upvalues
                .retain(|(upvalue, _)| !joined.contains(upvalue));
        }
        Ok(())
    }
}

/// Which functions share a variable of their own that is assigned.
struct Sharing<'a> {
    /// The number of the variable, by the function and what that calls it: of those that several have.
    numbers: BTreeMap<(u32, &'a str), u32>,
}

impl<'a> Sharing<'a> {
    /// Only those matter that are there after the replay.
    fn of(live: &'a Image, replay: &Replay, wanted: &[(u32, Remake)]) -> Sharing<'a> {
        let stays = |id: u32| {
            let is_wanted = wanted.binary_search_by_key(&id, |(id, _)| *id).is_ok();
            is_wanted || replay.partners[id as usize] != 0
        };
        let mut numbers = BTreeMap::new();
        let mut counts: HashMap<u32, u32> = HashMap::new();
        for shared in live.shared_variables() {
            if stays(shared.function) {
                numbers.insert((shared.function, &*shared.name), shared.number);
                *counts.entry(shared.number).or_default() += 1;
            }
        }
        numbers.retain(|_, number| counts[number] > 1);
        Sharing { numbers }
    }

    /// The number of a shared variable of a function.
    #[cfg(not(feature = "luau"))]
    fn number(&self, function: u32, name: &str) -> Option<u32> {
        self.numbers.get(&(function, name)).copied()
    }

    #[cfg(not(feature = "luau"))]
    #[expect(clippy::unused_self, reason = "Luau needs it")]
    fn obstacle(&self, _: u32) -> Option<&'a str> {
        None
    }

    /// The variable that keeps a function from being made again: Luau can't let it have one that another
    /// function has.
    #[cfg(feature = "luau")]
    fn obstacle(&self, function: u32) -> Option<&'a str> {
        let mut from = self.numbers.range((function, "")..);
        let ((id, name), _) = from.next()?;
        (*id == function).then_some(name)
    }
}
