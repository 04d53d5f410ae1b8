//! Which mods load, in which order, and why not the others.
