//! Drawings of a [`Resolution`], all from the same words: what loads, in which order, what it needs,
//! and what is rejected.
//!
//! In every drawing an arrow means "loads before". Edges that only wish (optional dependencies and hints)
//! are dashed, edges that do not hold for the order are red and dotted. None of them uses colour codes
//! of a terminal. Words of mods are escaped: no drawing can be broken or made to run something by a
//! mod.

mod dot;
mod layout;
mod mermaid;
mod svg;
mod text;

pub use dot::dot;
pub use mermaid::mermaid;
pub use svg::svg;
pub use text::text;

use super::{Edge, EdgeKind, Rejection, Resolution};

/// The resolution as JSON, with everything that it says.
pub fn json(resolution: &Resolution) -> String {
    serde_json::to_string_pretty(resolution).expect("its maps have ids as keys, which are strings")
}

/// The rejected mods, then the duplicates.
fn rejected(resolution: &Resolution) -> impl Iterator<Item = &Rejection> {
    resolution.rejected.values().chain(&resolution.duplicates)
}

/// What stands at the arrow of an edge: `^1.2`, `price-api ^1`, `after`.
fn label(edge: &Edge) -> String {
    let mut words = Vec::new();
    if edge.name != edge.to {
        words.push(edge.name.as_str());
    }
    match edge.kind {
        EdgeKind::After => words.push("after"),
        EdgeKind::Before => words.push("before"),
        EdgeKind::Listed => words.push("your order"),
        EdgeKind::Required | EdgeKind::Optional => {
            words.extend(
                edge.requirement
                    .as_deref()
                    .filter(|versions| *versions != "*"),
            );
        }
    }
    words.join(" ")
}

/// How an edge is drawn.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Stroke {
    /// Used for a dependency that must be there.
    Solid,
    /// Used for an optional dependency and for a hint.
    Dashed,
    /// Used for what does not hold for the order.
    Dotted,
}

fn stroke(edge: &Edge) -> Stroke {
    match edge.kind {
        _ if edge.cut.is_some() => Stroke::Dotted,
        EdgeKind::Required => Stroke::Solid,
        EdgeKind::Optional | EdgeKind::After | EdgeKind::Before | EdgeKind::Listed => {
            Stroke::Dashed
        }
    }
}
