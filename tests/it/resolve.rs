//! Resolution: stories in `tests/resolve/`, laws that hold for all folders of mods, and big folders.

mod answers;
mod candidates;
mod drawing;
mod large;
mod laws;
mod manifests;
mod picture;
mod pictures;
mod scenarios;
