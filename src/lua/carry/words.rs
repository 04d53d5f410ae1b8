//! What the carry is told, and what it answers.

use std::borrow::Cow;
use std::os::raw::c_int;

use mlua::{Lua, Table, Value};

use super::Slot;
use crate::lua::codec::what_of_name;
use crate::lua::raw::carry_slots::Bindings;
use crate::state::{Image, KeyPath, Opaque, STATE};

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
    /// The tables, functions and buffers of the VM, each under its number in the image plus one.
    pub(super) anchors: Table,
    /// Where the variables of functions are.
    pub(super) bindings: Bindings,
    pub(super) slots: Vec<Slot>,
}

impl Captured {
    /// The slot `name`, if the capture began with it.
    pub(in crate::lua) fn slot(&self, name: &str) -> Option<&Slot> {
        self.slots.iter().find(|slot| slot.name == name)
    }

    /// The same VM with other slots: nothing but these is assigned.
    pub(in crate::lua) fn with_slots(&self, slots: Vec<Slot>) -> Captured {
        Captured {
            bindings: Bindings::default(),
            slots,
            ..self.clone()
        }
    }

    /// A function of the VM that has the variable of the slot `name`, and which of its upvalues that is.
    pub(in crate::lua) fn holder(
        &self,
        name: &str,
    ) -> mlua::Result<Option<(mlua::Function, c_int)>> {
        let number = self.image.slot_number(name);
        let bindings = number.and_then(|number| self.bindings.of_slots.get(number as usize));
        match bindings.and_then(|bindings| bindings.first()) {
            Some(binding) => {
                let function = self.anchors.raw_get(i64::from(binding.function) + 1)?;
                Ok(Some((function, binding.upvalue)))
            }
            None => Ok(None),
        }
    }

    /// The upvalue of a function of the VM, by number, that is a variable of its own.
    #[cfg(not(feature = "luau"))]
    pub(in crate::lua) fn own_upvalue(
        &self,
        function: u32,
        name: &str,
    ) -> mlua::Result<Option<(mlua::Function, c_int)>> {
        let mut own = self.bindings.own.get(&function).into_iter().flatten();
        match own.find(|own| *own.name == *name) {
            Some(own) => {
                let function = self.anchors.raw_get(i64::from(function) + 1)?;
                Ok(Some((function, own.upvalue)))
            }
            None => Ok(None),
        }
    }

    /// `names`, and with them what the code itself calls its classes, modules and functions.
    pub(in crate::lua) fn add_names(&self, lua: &Lua, names: &Table) -> mlua::Result<Table> {
        let all = lua.create_table()?;
        for entry in names.pairs::<Value, Value>() {
            let (value, name) = entry?;
            all.raw_set(value, name)?;
        }
        for (id, name) in self.image.saved_by_name() {
            let value: Value = self.anchors.raw_get(i64::from(id) + 1)?;
            all.raw_set(value, name)?;
        }
        Ok(all)
    }
}

/// The name of the metatable of boxes, which stand for variables of files in functions that were made again.
#[cfg(feature = "luau")]
pub(in crate::lua) const BOX: &str = "lunation.box";

/// A function that could not be made again.
pub(in crate::lua) struct Unmade {
    /// Its number in the live image.
    pub(in crate::lua) id: u32,
    /// What it is; completes "`state.brain` is …".
    pub(in crate::lua) what: String,
    /// What to do about it.
    pub(in crate::lua) hint: &'static str,
}

/// What an object of the host is that can't be saved.
pub(in crate::lua) fn unsaved(kind: &str, is_key: bool) -> String {
    match is_key {
        true => format!("an entry with a {kind} as its key, which the game can't save"),
        false => format!("a {kind}, which the game can't save"),
    }
}

/// Something that can't cross.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Uncarryable {
    /// Where it is.
    pub path: KeyPath,
    /// What it is, such as `a running coroutine`.
    pub what: Cow<'static, str>,
    /// What to do about it.
    pub hint: &'static str,
    /// Whether nothing is lost where the new code has one of its own.
    pub(crate) is_replaceable: bool,
}

impl Uncarryable {
    /// A function that can't be told by a name.
    pub(crate) fn function(path: KeyPath) -> Uncarryable {
        Uncarryable {
            path,
            what: Opaque::Function.what().into(),
            hint: Opaque::Function.hint(),
            is_replaceable: true,
        }
    }

    /// Objects that the game does not know any more, by their numbers among the names of `live`.
    pub(in crate::lua) fn objects(live: &Image, names: &[u32]) -> Vec<Uncarryable> {
        let paths = live.paths_of_names(names).into_iter();
        let gone = |(name, path): (u32, KeyPath)| {
            let what = what_of_name(live.name(name)).unwrap_or_default();
            Uncarryable {
                path,
                what: format!("{what}, which the game does not have any more").into(),
                hint: "set it to nil when the game lets it go; to reload at once and drop it, use `reload` with `drop`",
                is_replaceable: false,
            }
        };
        paths.map(gone).collect()
    }

    /// Whether there was such a thing right after the code was loaded, so that new code will have one, too.
    pub(crate) fn comes_with(&self, code: &[Uncarryable]) -> bool {
        self.is_replaceable && code.contains(self)
    }

    /// Whether it is a coroutine that can still run.
    pub(crate) fn is_coroutine(&self) -> bool {
        let coroutine = Opaque::Coroutine;
        [coroutine.what(), coroutine.what_as_key()].contains(&&*self.what)
    }

    /// Whether it is in `mod.state`.
    pub(crate) fn is_of_state(&self) -> bool {
        let within = self.path.as_str().strip_prefix(STATE);
        within.is_some_and(|within| within.is_empty() || within.starts_with(['.', '[', '(']))
    }
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
    /// Names that the state refers to and the new code lacks: the first hundred. In their places is nil.
    pub lost: Vec<String>,
    /// Where functions were that the new source does not have any more: the first hundred.
    pub gone: Vec<KeyPath>,
    /// Functions that could not be made again. In their places is nil.
    pub unmade: Vec<Uncarryable>,
}

impl Applied {
    /// Tells of functions that could not be made again where they were; they are not merely gone.
    pub(in crate::lua) fn tell_unmade(&mut self, live: &Image, unmade: Vec<Unmade>) {
        let ids: Vec<u32> = unmade.iter().map(|unmade| unmade.id).collect();
        let paths = live.paths_of(&ids);
        self.gone.retain(|gone| !paths.contains(gone));
        let unmade = paths.into_iter().zip(unmade);
        self.unmade.extend(unmade.map(|(path, unmade)| Uncarryable {
            path,
            what: unmade.what.into(),
            hint: unmade.hint,
            is_replaceable: false,
        }));
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
