//! What survives a reload, as plain bytes: the image, and the replay rule as a pure function. Never names Lua.
//!
//! An [`Image`] is what a mod keeps, as bytes that belong to no VM. [`replay()`] looks at four of them
//! (the state that the old code began with, the state now, and what the new and the old code begin
//! with when they are loaded now) and decides, entry by entry, whose value stays: a [`Replay`]. It
//! touches nothing; `lua::carry` makes the images and does what was decided. [`diff()`] and
//! [`Image::is_same`] compare.
//!
//! Inside: `code` writes one value, `build` a whole image, `wire` the file around it, `image` looks into
//! it; `same` compares, `path` names places for people, `rule` and `keys` decide.

mod build;
mod code;
mod diff;
mod image;
mod keys;
mod path;
mod replay;
mod rule;
mod same;
mod wire;

pub use diff::{Difference, diff};
pub use image::Image;
pub use path::KeyPath;
pub use replay::{Paths, Replay, Report};
pub use rule::replay;
pub use wire::BadImage;

pub(crate) use build::{Builder, IMAGE_BYTES_MAX, Open};
pub(crate) use code::{Opaque, Val};
pub(crate) use image::{Entries, Object, READONLY, SHARED, Table, Values};
pub(crate) use path::{Entry, Spot};
pub(crate) use replay::{Filled, Take};
#[cfg(test)]
pub(crate) use wire::reseal;
