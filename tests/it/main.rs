//! The integration tests: one binary, one module a feature.

#[cfg(feature = "cli")]
mod cli;
mod disk;
mod docs;
#[cfg(feature = "cli")]
mod driver;
mod examples;
mod host;
mod manager;
mod manifests;
mod problem_codes;
#[cfg(feature = "cli")]
mod protocol;
#[cfg(feature = "cli")]
mod protocol_schema;
mod reload;
mod resolve;
mod samples;
#[cfg(feature = "cli")]
mod scenarios;
#[cfg(feature = "schema")]
mod schemas;
mod script_reloader;
mod settle;
mod tidy;
#[cfg(feature = "watch")]
mod watch;
