//! Values that players change: layers, validation against the mod's own schema, and the difference of two readings.
