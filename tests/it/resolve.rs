//! Resolution: stories in `tests/resolve/`, laws that hold for all folders of mods, and big folders.

mod answers;
mod candidates;
mod drawing;
mod generated;
mod hostile;
mod index;
mod large;
mod laws;
mod manifests;
mod masks;
mod meaning;
mod naive;
mod oracle;
mod orders;
mod picture;
mod pictures;
mod removals;
mod repairs;
mod scenarios;
mod worlds;
