//! Renderings of a resolution.
