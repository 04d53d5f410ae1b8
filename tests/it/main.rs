//! The integration tests: one binary, one module a feature.

mod audit;
mod boundary;
mod carry;
#[cfg(feature = "cli")]
mod cli;
mod disk;
mod docs;
#[cfg(feature = "cli")]
mod driver;
mod examples;
mod flights;
mod grants;
#[cfg(feature = "cli")]
mod graph;
mod handlers;
mod health;
#[cfg(feature = "cli")]
mod history;
mod host;
#[cfg(all(feature = "cli", not(feature = "luajit")))]
mod hostile;
#[cfg(feature = "cli")]
mod import;
mod incremental;
#[cfg(feature = "cli")]
mod kill;
mod manager;
mod manifests;
mod no_paths;
mod objects;
mod problem_codes;
#[cfg(feature = "cli")]
mod profiles;
mod protocol;
#[cfg(feature = "cli")]
mod protocol_schema;
mod recovery;
mod registered;
mod reload;
mod resolve;
#[cfg(all(feature = "cli", feature = "watch"))]
mod run_keys;
mod samples;
#[cfg(feature = "cli")]
mod scenarios;
#[cfg(feature = "schema")]
mod schemas;
mod script_reloader;
mod settle;
#[cfg(feature = "cli")]
mod shuffle;
#[cfg(feature = "cli")]
mod state_tools;
mod tidy;
mod together;
#[cfg(feature = "cli")]
mod top;
#[cfg(feature = "cli")]
mod versions;
#[cfg(feature = "watch")]
mod watch;
