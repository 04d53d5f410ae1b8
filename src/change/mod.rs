//! From file events to classified changes: when a burst has settled, and what each changed file means.

mod kind;

pub use kind::Kind;
