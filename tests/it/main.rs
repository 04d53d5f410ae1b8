//! The integration tests: one binary, one module a feature.

mod disk;
mod settle;
#[cfg(feature = "watch")]
mod watch;
