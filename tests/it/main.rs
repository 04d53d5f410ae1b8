//! The integration tests: one binary, one module a feature.

mod manifests;
mod problem_codes;
#[cfg(feature = "schema")]
mod schemas;
