//! Lua: the only room that names mlua. One sandboxed VM a mod, its limits, its API, and the carry of its state.

pub mod carry;
mod raw;
