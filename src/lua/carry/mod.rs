//! The carry: captures the state of a mod as an image, and replays a decision onto a freshly loaded VM.
//!
//! A reload is [`capture`] of the old VM and of the new one, [`crate::state::replay`], [`apply`]. A save
//! game is the image that [`capture`] gives, through [`Image::to_bytes`]. All access is raw: no
//! metamethod of the mod runs, and nothing recurses, so neither hostile classes nor deep nesting matter.

use std::collections::HashMap;

use mlua::{Lua, Table, Value};

use super::flavour::is_collecting;
use super::raw::{carry_fill, carry_in, carry_out};
use crate::state::{Entry, Image, KeyPath, Replay};

#[cfg(test)]
mod random_tests;
#[cfg(test)]
mod tests;

/// A place of a mod that is carried: the field `key` of the table `holder`.
#[derive(Clone, Debug)]
pub struct Slot {
    /// Its name in the image and in key paths, such as `state`.
    pub name: String,
    /// The table that has it.
    pub holder: Table,
    /// The field of the table.
    pub key: String,
}

/// How large an image may get.
#[derive(Clone, Copy, Debug)]
pub struct CaptureLimits {
    /// Bytes, up to one entry more.
    pub bytes_max: usize,
    /// Entries of all tables together.
    pub entries_max: u64,
}

impl std::fmt::Display for CaptureLimits {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} bytes", self.bytes_max)?;
        match self.entries_max {
            u64::MAX => Ok(()),
            entries_max => write!(f, " or {entries_max} entries"),
        }
    }
}

/// What a capture found. It keeps the tables of the VM alive: keep the image, drop the rest.
#[derive(Clone, Debug)]
pub struct Captured {
    /// All that can cross.
    pub image: Image,
    /// What can't, by key path: the first hundred. The image has a hole in each of these places,
    /// in which a replay leaves what the new code has there.
    pub uncarryable: Vec<Uncarryable>,
    /// How many places can't cross.
    pub uncarryable_count: u64,
    /// The tables and buffers of the VM, each under its number in the image plus one.
    anchors: Table,
}

/// Something that can't cross.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Uncarryable {
    /// Where it is.
    pub path: KeyPath,
    /// What it is, such as `a running coroutine`.
    pub what: &'static str,
    /// What to do about it.
    pub hint: &'static str,
}

/// Why there is no image; completes "the state can't be captured because it …".
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CaptureError {
    /// It is larger than the limits.
    #[error("is larger than {0}")]
    TooLarge(CaptureLimits),
    /// The VM has no memory left for the list of its own tables.
    #[error("leaves no memory to capture it: the mod is at its memory limit")]
    Memory,
    /// Anything else that the engine reports.
    #[error("could not be read: {0}")]
    Lua(mlua::Error),
}

/// Why a replay broke off. The VM is half filled: drop it.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ApplyError {
    /// The memory limit of the new VM is too low for the state.
    #[error("does not fit into the memory limit of the mod")]
    Memory,
    /// Anything else that the engine reports.
    #[error("could not be filled in: {0}")]
    Lua(mlua::Error),
}

/// What a replay did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Applied {
    /// Names of functions and classes that the state refers to and the new code lacks: the first
    /// hundred. In their places is nil.
    pub lost: Vec<String>,
}

/// Captures the values of `slots`, with all that hangs on them.
///
/// `names` maps functions, classes (metatables), and tables of the code to their names: what is found
/// there crosses by name. `state_version` is written into the image.
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
    let mut walk = carry_out::Walk::new(state_version, limits.bytes_max, limits.entries_max);
    let anchors = lua.create_table().map_err(CaptureError::from)?;
    let mut values = Vec::with_capacity(slots.len());
    for slot in slots {
        let value = slot.holder.raw_get::<Value>(&*slot.key)?;
        values.push((&*slot.name, value));
    }
    carry_out::capture(lua, &mut walk, &anchors, names, values)?;
    if walk.is_out_of_memory {
        return Err(CaptureError::Memory);
    }
    if walk.is_too_large {
        return Err(CaptureError::TooLarge(limits));
    }
    let (image, holes) = (walk.builder.finish(), walk.holes);
    let spots: Vec<_> = holes.iter().map(|(spot, _)| *spot).collect();
    let paths = image.paths(&spots);
    let uncarryable = paths.into_iter().zip(&holes);
    Ok(Captured {
        uncarryable: uncarryable
            .map(|(path, (spot, opaque))| Uncarryable {
                path,
                what: match spot.entry {
                    Entry::Strange(_) => opaque.what_as_key(),
                    _ => opaque.what(),
                },
                hint: opaque.hint(),
            })
            .collect(),
        uncarryable_count: walk.hole_count,
        image,
        anchors,
    })
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
/// decided for, `names` maps names to the functions, classes and tables of this VM.
///
/// # Errors
///
/// [`ApplyError`] if the state does not fit into the memory of the VM. It is half filled then.
pub fn apply(
    lua: &Lua,
    slots: &[Slot],
    names: Option<&Table>,
    new: &Captured,
    replay: &Replay,
    live: &Image,
) -> Result<Applied, ApplyError> {
    let mut fill = carry_fill::Fill::new(live, &new.image, replay);
    let values = {
        // All that is made stays: collecting in between would only cost time.
        let _pause = GcPause::new(lua);
        carry_in::apply(lua, &mut fill, &new.anchors, names)?
    };
    if fill.is_out_of_memory {
        return Err(ApplyError::Memory);
    }
    let by_name: HashMap<&str, &Slot> = slots.iter().map(|slot| (&*slot.name, slot)).collect();
    for ((name, _), value) in replay.slots.iter().zip(values) {
        if let Some(slot) = by_name.get(&**name) {
            slot.holder.raw_set(&*slot.key, value)?;
        }
    }
    let lost = fill.lost.iter().map(|&n| live.name(n).to_owned());
    Ok(Applied {
        lost: lost.collect(),
    })
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

impl From<mlua::Error> for CaptureError {
    fn from(error: mlua::Error) -> CaptureError {
        match error {
            mlua::Error::MemoryError(_) => CaptureError::Memory,
            error => CaptureError::Lua(error),
        }
    }
}

impl From<mlua::Error> for ApplyError {
    fn from(error: mlua::Error) -> ApplyError {
        match error {
            mlua::Error::MemoryError(_) => ApplyError::Memory,
            error => ApplyError::Lua(error),
        }
    }
}
