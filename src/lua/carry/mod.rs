//! The carry.

/// A named slot.
pub(crate) struct Slot {
    pub(crate) name: String,
    pub(crate) holder: mlua::Table,
    pub(crate) key: String,
}
