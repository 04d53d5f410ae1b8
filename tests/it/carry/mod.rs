//! What nobody may notice: a reload of the same code, and a reload that fails.

mod dump;
mod faults;
mod identity;
mod random_mod;
mod world;
