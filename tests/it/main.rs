//! The integration tests: one binary, one module a feature.

mod docs;
mod manager;
mod manifests;
mod problem_codes;
mod reload;
mod resolve;
mod samples;
#[cfg(feature = "schema")]
mod schemas;
mod tidy;
mod disk;
mod settle;
#[cfg(feature = "watch")]
mod watch;
