//! The carry: captures the state of a mod as an image, and replays a decision onto a freshly loaded VM.
//!
//! A reload is [`capture`] of the old VM and of the new one, [`crate::state::replay`], [`apply`]. A save
//! game is the image that [`capture`] gives, through [`Image::to_bytes`]. All access is raw: no
//! metamethod of the mod runs, and nothing recurses, so neither hostile classes nor deep nesting matter.

use std::collections::HashMap;

use mlua::{Lua, Table, Value};

use super::code::Code;
use super::codec::what_of_name;
use super::flavour::is_collecting;
use super::raw::carry_slots::{Binding, Remade, Root};
use super::raw::{carry_cells, carry_fill, carry_in, carry_out};
use crate::state::{Entry, Image, Opaque, Replay};

pub(super) use self::origins::Origins;
#[cfg(feature = "luau")]
pub(super) use self::words::BOX;
pub(super) use self::words::Unmade;
use self::words::unsaved;
pub use self::words::{Applied, ApplyError, CaptureError, CaptureLimits, Captured, Uncarryable};

mod origins;
#[cfg(test)]
mod random_tests;
#[cfg(test)]
mod tests;
mod words;

/// A place of a mod that is carried: the field `key` of the table `holder`.
#[derive(Clone, Debug)]
pub struct Slot {
    /// Its name in the image and in key paths, such as `state`.
    pub name: String,
    /// What key paths call it, if not by its name.
    pub label: Option<String>,
    /// The table that has it.
    pub holder: Table,
    /// The field of the table.
    pub key: String,
}

/// Captures the values of `slots`, with all that hangs on them.
///
/// `names` maps what belongs to the engine and the host to its name: it crosses by name. `state_version`
/// is written into the image.
///
/// Nothing may run in the VM between this and the [`apply`] that uses the result.
///
/// # Errors
///
/// [`CaptureError`] if the state is larger than `limits`, or the VM out of memory.
pub fn capture(
    lua: &Lua,
    slots: &[Slot],
    names: Option<&Table>,
    limits: CaptureLimits,
    state_version: u32,
) -> Result<Captured, CaptureError> {
    let around = Surroundings {
        code: &Code::default(),
        seen: &[],
        names,
        origins: None,
    };
    capture_all(lua, &around, slots.to_vec(), limits, state_version)
}

/// What is known of a VM that is captured.
pub(super) struct Surroundings<'a> {
    /// The source of its functions: the variables of files that they use are slots, too.
    pub(super) code: &'a Code,
    /// Functions of which the variables are slots, although no slot has these functions.
    pub(super) seen: &'a [mlua::Function],
    /// What belongs to the engine and the host, and its names.
    pub(super) names: Option<&'a Table>,
    /// What was there when the code had been loaded.
    pub(super) origins: Option<&'a Origins>,
}

/// As [`capture`], with more that is known of the VM.
pub(super) fn capture_all(
    lua: &Lua,
    around: &Surroundings<'_>,
    slots: Vec<Slot>,
    limits: CaptureLimits,
    state_version: u32,
) -> Result<Captured, CaptureError> {
    let _pause = GcPause::new(lua);
    let CaptureLimits {
        bytes_max,
        entries_max,
    } = limits;
    let mut walk = carry_out::Walk::new(around.code, state_version, bytes_max, entries_max);
    let anchors = lua.create_table().map_err(CaptureError::from)?;
    let mut roots = Vec::with_capacity(slots.len() + around.seen.len());
    for slot in &slots {
        roots.push(Root {
            name: Some(slot.name.as_str().into()),
            label: slot.label.as_deref().map(Box::from),
            value: slot.holder.raw_get::<Value>(&*slot.key)?,
        });
    }
    roots.extend(around.seen.iter().map(|function| Root {
        name: None,
        label: None,
        value: Value::Function(function.clone()),
    }));
    carry_out::capture(lua, &mut walk, &anchors, around.names, &roots)?;
    if walk.is_out_of_memory {
        return Err(CaptureError::Memory);
    }
    if walk.is_too_large {
        return Err(CaptureError::TooLarge(limits));
    }
    share_variables(lua, &mut walk, &anchors)?;
    let origins = around.origins.map(|origins| origins.by_address(lua));
    let origins = origins.transpose()?;
    let origins = origins.map_or_else(Vec::new, |origins| walk.numbers_of(&origins));
    let image = walk.builder.finish().with_origins(origins);
    let holes = walk.holes;
    let spots: Vec<_> = holes.iter().map(|(spot, _)| *spot).collect();
    let paths = image.paths(&spots);
    let uncarryable = paths.into_iter().zip(&holes);
    Ok(Captured {
        uncarryable: uncarryable
            .map(|(path, (spot, hole))| {
                let kind = hole.kind.and_then(|kind| walk.kinds.get(kind as usize));
                let is_key = matches!(spot.entry, Entry::Strange(_));
                Uncarryable {
                    path,
                    what: match kind {
                        Some(kind) => unsaved(kind, is_key).into(),
                        None if is_key => hole.what.what_as_key().into(),
                        None => hole.what.what().into(),
                    },
                    hint: hole.what.hint(),
                    is_replaceable: hole.what != Opaque::Coroutine,
                }
            })
            .collect(),
        uncarryable_count: walk.hole_count,
        image,
        anchors,
        bindings: walk.bindings,
        slots,
    })
}

/// Notes in the image which functions share a variable that is ever assigned.
fn share_variables(
    lua: &Lua,
    walk: &mut carry_out::Walk<'_>,
    anchors: &Table,
) -> Result<(), CaptureError> {
    let mut next = 0;
    for upvalues in walk.assigned.values().filter(|upvalues| upvalues.len() > 1) {
        let bindings: Vec<Binding> = upvalues.iter().map(|(binding, _)| *binding).collect();
        let numbers = carry_cells::variables(lua, anchors, &bindings)?;
        let mut counts = vec![0_u32; numbers.len()];
        for number in &numbers {
            if let Some(count) = counts.get_mut(*number as usize) {
                *count += 1;
            }
        }
        for (number, (binding, name)) in numbers.iter().zip(upvalues) {
            if counts.get(*number as usize).is_some_and(|count| *count > 1) {
                walk.builder
                    .share_variable(binding.function, name, next + number);
            }
        }
        next += numbers.len() as u32;
    }
    Ok(())
}

/// How much room the table of a slot has for values of its array, and for other entries: nothing for a
/// slot that holds no table, and never more than the live table takes.
///
/// A table can't be enlarged from outside. If the new VM gives its table of the slot this room when it
/// creates it, before any code runs, a large state is filled in twice as fast.
///
/// # Errors
///
/// What the engine reports.
pub fn room(lua: &Lua, slot: &Slot) -> mlua::Result<(usize, usize)> {
    match slot.holder.raw_get::<Value>(&*slot.key)? {
        Value::Table(table) => carry_out::room(lua, &table),
        _ => Ok((0, 0)),
    }
}

/// Does what `replay` decided to the VM of `new`, in place: its tables stay the tables they are.
///
/// `new` is the capture of this VM right after its code was loaded, `live` the image that `replay` was
/// decided for, `names` maps names to what the engine and the host have under them in this VM.
///
/// # Errors
///
/// [`ApplyError`] if the state does not fit into the memory of the VM. It is half filled then.
pub fn apply(
    lua: &Lua,
    names: Option<&Table>,
    new: &Captured,
    replay: &Replay,
    live: &Image,
) -> Result<Applied, ApplyError> {
    apply_with(lua, names, new, &[], replay, live)
}

/// As [`apply`], with live functions that were made again for the new VM.
pub(super) fn apply_with(
    lua: &Lua,
    names: Option<&Table>,
    new: &Captured,
    remade: &[Remade],
    replay: &Replay,
    live: &Image,
) -> Result<Applied, ApplyError> {
    let mut fill = carry_fill::Fill::new(live, &new.image, &new.bindings, remade, replay);
    let values = {
        // Luau does not tell the collector of a value in an upvalue that it has seen already, so it must not be
        // half-way through.
        if fill.gives_objects_to_variables() {
            finish_collecting(lua)?;
        }
        // All that is made stays: collecting in between would only cost time.
        let _pause = GcPause::new(lua);
        carry_in::apply(lua, &mut fill, &new.anchors, names)?
    };
    if fill.is_out_of_memory {
        return Err(ApplyError::Memory);
    }
    let by_name: HashMap<&str, &Slot> = new.slots.iter().map(|slot| (&*slot.name, slot)).collect();
    for ((name, _), value) in replay.slots.iter().zip(values) {
        if let Some(slot) = by_name.get(&**name) {
            slot.holder.raw_set(&*slot.key, value)?;
        }
    }
    let (objects, lost): (Vec<u32>, Vec<u32>) = fill
        .lost
        .iter()
        .partition(|&&n| what_of_name(live.name(n)).is_some());
    let lost = lost.iter().map(|&n| live.name(n).to_owned());
    Ok(Applied {
        lost: lost.collect(),
        gone: live.paths_of(&fill.gone),
        unmade: Uncarryable::objects(live, &objects),
    })
}

/// Lets the collector come to the end of its round.
#[cfg(feature = "luau")]
fn finish_collecting(lua: &Lua) -> mlua::Result<()> {
    lua.gc_collect()
}

#[cfg(not(feature = "luau"))]
fn finish_collecting(_: &Lua) -> mlua::Result<()> {
    Ok(())
}

/// Stops the collector of a VM for a while.
struct GcPause<'a> {
    lua: &'a Lua,
    was_running: bool,
}

impl<'a> GcPause<'a> {
    fn new(lua: &'a Lua) -> GcPause<'a> {
        let was_running = is_collecting(lua);
        lua.gc_stop();
        GcPause { lua, was_running }
    }
}

impl Drop for GcPause<'_> {
    fn drop(&mut self) {
        if self.was_running {
            self.lua.gc_restart();
        }
    }
}
