//! The one who acts: owns the running mods, stages new generations beside them and switches.
