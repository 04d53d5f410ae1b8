//! [`Origins`]: the tables and functions that were there when code had been loaded, held weakly.

use mlua::{Lua, Table};
use rustc_hash::FxHashMap;

use super::Captured;
use crate::lua::raw::carry_out;

/// The objects that a capture has met, by their numbers in its image. They may go: nothing here holds them.
#[derive(Clone, Debug)]
pub(in crate::lua) struct Origins {
    objects: Table,
    count: u32,
}

impl Origins {
    /// Those of `captured`, which holds them weakly from now on: nothing can be applied to it any more.
    pub(in crate::lua) fn of(lua: &Lua, captured: &Captured) -> mlua::Result<Origins> {
        let weak = lua.create_table()?;
        weak.raw_set("__mode", "v")?;
        captured.anchors.set_metatable(Some(weak))?;
        Ok(Origins {
            objects: captured.anchors.clone(),
            count: captured.image.objects(),
        })
    }

    /// The addresses of those that are still there, each with one more than its number.
    pub(super) fn by_address(&self, lua: &Lua) -> mlua::Result<FxHashMap<usize, u32>> {
        let mut found = FxHashMap::default();
        found.reserve(self.count as usize);
        carry_out::addresses(lua, &self.objects, self.count, &mut found)?;
        Ok(found)
    }
}
