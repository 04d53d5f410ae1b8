//! [`Origins`]: the tables and functions that were there when code had been loaded.

use mlua::{Lua, Table};
use rustc_hash::FxHashMap;

use super::Captured;
use crate::lua::raw::carry_out;

/// The objects that a capture has met, by their numbers in its image.
#[derive(Clone, Debug)]
pub(in crate::lua) struct Origins {
    objects: Table,
    count: u32,
}

impl Origins {
    /// Those of `captured`, held as it holds them.
    pub(in crate::lua) fn of(captured: &Captured) -> Origins {
        Origins {
            objects: captured.anchors.clone(),
            count: captured.image.objects(),
        }
    }

    /// Holds them weakly from now on: they may go. Nothing can be applied to the capture any more.
    pub(in crate::lua) fn let_go(&self, lua: &Lua) -> mlua::Result<()> {
        let weak = lua.create_table()?;
        weak.raw_set("__mode", "v")?;
        self.objects.set_metatable(Some(weak))
    }

    /// The addresses of those that are still there, each with one more than its number.
    pub(super) fn by_address(&self, lua: &Lua) -> mlua::Result<FxHashMap<usize, u32>> {
        let mut found = FxHashMap::default();
        found.reserve(self.count as usize);
        carry_out::addresses(lua, &self.objects, self.count, &mut found)?;
        Ok(found)
    }
}
