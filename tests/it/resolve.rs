//! Resolution: stories in `tests/resolve/`, laws that hold for all folders of mods, and big folders.

mod answers;
mod drawing;
mod large;
mod laws;
mod manifests;
mod orders;
mod picture;
mod pictures;
mod scenarios;
