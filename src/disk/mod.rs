//! The file system: the only room that touches it. Finds, reads and watches mods.
