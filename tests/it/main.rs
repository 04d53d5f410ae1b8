//! The integration tests: one binary, one module a feature.

mod docs;
mod samples;
mod tidy;
mod reload;
mod manifests;
mod problem_codes;
#[cfg(feature = "schema")]
mod schemas;
mod resolve;
