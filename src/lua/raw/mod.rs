//! The only unsafe code: raw calls into the Lua engine, each with the reason why it is sound.

pub(in crate::lua) mod carry_in;
pub(in crate::lua) mod carry_out;
mod carry_stack;
