//! The integration tests: one binary, one module a feature.

mod disk;
mod docs;
mod manager;
mod manifests;
mod problem_codes;
mod reload;
mod resolve;
mod samples;
#[cfg(feature = "schema")]
mod schemas;
mod settle;
mod tidy;
#[cfg(feature = "watch")]
mod watch;
