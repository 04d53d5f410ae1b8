//! Host objects of a VM: how many live, what they are called in an image, and which the names of one stand for.
//!
//! Only the game knows that, and the game is lent to the thread that runs mods. So the host is asked there, before
//! a VM is captured or filled; another thread that has the VM then finds the answers.

use std::collections::BTreeMap;

use mlua::{Table, Value};
use rustc_hash::FxHashMap;

use crate::lua::raw::make_handle;
use crate::lua::raw::objects::of_key;
use crate::state::Image;
use crate::value::Object;

use super::Vm;

/// What the host has said of the objects of a VM.
#[derive(Default)]
pub(super) struct Told {
    /// By key of an object: what it is called in an image. Those that can't be saved are not there.
    names: FxHashMap<Box<[u8]>, Box<str>>,
    /// By what it is called: the object. Those that are gone are not there.
    objects: FxHashMap<Box<str>, Object>,
}

impl Vm {
    /// How many host objects of each kind the mod holds, and those that it held and that are not collected yet.
    pub fn objects(&self) -> BTreeMap<String, usize> {
        let mut counts = BTreeMap::new();
        self.each_object(|key, _| {
            if let Some((kind, _)) = of_key(key) {
                *counts.entry(kind.to_owned()).or_default() += 1;
            }
        });
        counts
    }

    /// Has the collector free what nobody holds any more.
    #[cfg(test)]
    pub(in crate::lua) fn collect(&self) {
        self.lua.gc_collect().unwrap();
    }

    /// Asks the host what the objects of the mod are called. By the thread that runs mods, before a capture.
    pub(super) fn ask_names(&self) {
        if self.inner.host.objects.is_empty() {
            return;
        }
        let mut keys: Vec<Box<[u8]>> = Vec::new();
        self.each_object(|key, _| keys.push(key.into()));
        let mut call = self.inner.host_call();
        // A state that holds more is too large anyway.
        let mut bytes_left = self.inner.limits.memory;
        let mut names = FxHashMap::default();
        for key in keys {
            let Some((kind, id)) = of_key(&key) else {
                continue;
            };
            let name = self.inner.host.saved_name(&mut call, kind, id);
            let name = name.filter(|name| name.len() <= bytes_left);
            if let Some(name) = name {
                bytes_left -= name.len();
                names.insert(key, name.into());
            }
        }
        self.told.lock().names = names;
    }

    /// Asks the host which objects the names of these images stand for. By the thread that runs mods, before the
    /// VM is filled.
    pub(crate) fn ask_objects(&self, images: [&Image; 2]) {
        let mut call = self.inner.host_call();
        let mut objects = FxHashMap::default();
        for name in images.into_iter().flat_map(Image::names_of_values) {
            if let Some((kind, id)) = self.inner.host.loaded(&mut call, name) {
                objects.insert(name.into(), Object { kind, id });
            }
        }
        self.told.lock().objects = objects;
    }

    /// The names by value that a capture needs: of what is not the mod's own, and of objects that can be saved.
    pub(super) fn names_to_capture(&self) -> mlua::Result<Table> {
        let given = self.given()?;
        if !self.standing.is_lent() {
            self.ask_names();
        }
        let told = std::mem::take(&mut self.told.lock().names);
        if told.is_empty() {
            return Ok(given);
        }
        let names = self.lua.create_table()?;
        for entry in given.pairs::<Value, Value>() {
            let (value, name) = entry?;
            names.raw_set(value, name)?;
        }
        // Not collected before: handles of that many objects would not fit.
        let mut set = Ok(());
        self.each_object(|key, object| {
            if let (Ok(()), Some(name)) = (&set, told.get(key)) {
                set = names.raw_set(object, &**name);
            }
        });
        set.map(|()| names)
    }

    /// Adds the objects that names of these images stand for to `values`, by name.
    pub(super) fn add_objects(&self, images: [&Image; 2], values: &Table) -> mlua::Result<()> {
        if !self.standing.is_lent() {
            self.ask_objects(images);
        }
        let objects = std::mem::take(&mut self.told.lock().objects);
        for (name, object) in objects {
            values.raw_set(&*name, make_handle(&self.lua, &object.value())?)?;
        }
        Ok(())
    }

    fn each_object(&self, mut each: impl FnMut(&[u8], Value)) {
        for entry in self.parts.objects.pairs::<mlua::LuaString, Value>() {
            // Memory alone can be the reason; what is not told then can't be carried.
            let Ok((key, object)) = entry else { return };
            each(&key.as_bytes(), object);
        }
    }
}
