//! From file events to classified changes: when a burst has settled, and what each changed file means.
//!
//! A [`FileEvent`] only says where to look. [`Settle`] collects events until the files they name are
//! complete and hands out a [`Batch`]. The files are then read again and compared with the reading
//! before ([`changes`]); each [`Change`] carries the [`Kind`] of reload that it asks for and the
//! [`Rule`] that decided so. [`Ignore`] says which paths never count. All of this is pure: time and
//! file contents are arguments.

mod classify;
mod diff;
mod event;
mod glob;
mod ignore;
mod settle;

pub use classify::{Kind, Rule, classify};
pub use diff::{Change, changes, doubtful};
pub use event::{FileEvent, FileEventKind, Look, Root};
pub use ignore::Ignore;
pub use settle::{Batch, QuietTime, Settle, SettleRules, Strategy};
