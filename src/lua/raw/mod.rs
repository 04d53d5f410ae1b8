//! The only unsafe code: raw calls into the Lua engine, each with the reason why it is sound.
//!
//! Three rules hold everywhere in here. What may raise a Lua error (allocate, grow the stack) runs inside
//! [`RawVm::protected`] or mlua's `exec_raw`. No Rust value that needs `Drop` lives in a frame that such
//! an error may leave. Nothing here runs a metamethod of a mod.

mod call;
#[cfg(feature = "luau")]
mod carry_box;
pub(in crate::lua) mod carry_cells;
pub(in crate::lua) mod carry_fill;
mod carry_function;
mod carry_globals;
pub(in crate::lua) mod carry_in;
#[cfg(not(feature = "luau"))]
mod carry_join;
mod carry_known;
pub(in crate::lua) mod carry_out;
pub(in crate::lua) mod carry_slots;
mod carry_stack;
mod collector;
mod cpu_clock;
mod cross;
mod describe;
mod exchange;
#[cfg(feature = "luau")]
mod interrupt;
mod lend;
mod nearby;
pub(in crate::lua) mod objects;
mod values;

pub(super) use call::{CALL_DEPTH_MAX, Callee, PINNED_MAX, RawVm, Status};
#[cfg(feature = "luau")]
pub(super) use carry_box::{box_metatable, make_box};
pub(super) use carry_globals::{inverted, own_globals, set_globals};
#[cfg(not(feature = "luau"))]
pub(super) use carry_join::join;
pub(super) use collector::settle_collector;
pub(super) use cpu_clock::CpuClock;
pub(super) use cross::{Scalars, crossing, indexing};
pub(super) use describe::describe;
#[cfg(test)]
pub(super) use describe::upvalues;
pub(super) use exchange::{
    function_handle, make_handle, place_of_error, push_arguments, read_handle, read_results,
    take_error,
};
#[cfg(feature = "luau")]
pub(super) use interrupt::Interrupt;
pub use lend::{Borrowed, Lent};
pub(super) use nearby::{Nearby, fetch_record};
pub(super) use values::Room;
