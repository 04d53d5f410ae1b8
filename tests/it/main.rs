//! The integration tests: one binary, one module a feature.

mod docs;
mod samples;
mod tidy;
mod reload;
