//! What survives a reload, as plain bytes: the image, and the replay rule as a pure function. Never names Lua.
//!
//! An [`Image`] is what a mod keeps, as bytes that belong to no VM. [`replay()`] looks at four of them
//! (the state that the old code began with, the state now, and what the new and the old code begin
//! with when they are loaded now) and decides, entry by entry, whose value stays: a [`Replay`]. It
//! touches nothing; `lua::carry` makes the images and does what was decided. [`diff()`] and
//! [`Image::is_same`] compare.
//!
//! Inside: `code` writes one value, `build` a whole image, `wire` the file around it, `image` looks into
//! it; `same` compares, `path` names places for people and `value` finds them again; `slots`, `rule` and
//! `keys` decide, and `kin` and `pairs` which table is which. `names` tells what the code calls its own tables, and `saved` cuts out what a save keeps.
//! `migrations` tells which files bring an older state up to date.

mod build;
mod code;
mod diff;
mod image;
mod kept;
mod key;
mod keys;
mod kin;
mod migrations;
mod names;
mod pairs;
mod path;
mod replay;
mod returns;
mod rule;
mod same;
mod saved;
mod segment;
mod slots;
mod value;
mod wanted;
mod weight;
mod wire;

pub use diff::{Difference, diff, diff_below};
pub use image::Image;
pub use migrations::{Migration, Migrations, is_migration, migration_number, replay_migrated};
pub use path::KeyPath;
pub use replay::{NewCode, Paths, Replay, Report};
pub use rule::replay;
pub(crate) use rule::unpacked;
pub use wire::BadImage;

pub(crate) use build::{Builder, IMAGE_BYTES_MAX, Open};
pub(crate) use code::{Opaque, Val};
pub(crate) use image::{Entries, FUNCTION, Object, READONLY, SHARED, Table, Values};
pub(crate) use names::{REGISTRATIONS, STATE};
pub(crate) use path::{Entry, Spot};
pub(crate) use replay::{Filled, Remake, Take};
pub(crate) use returns::{LostReturn, lost_return};
pub(crate) use segment::Segment;
#[cfg(test)]
pub(crate) use wire::reseal;
