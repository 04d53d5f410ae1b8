//! Drawings of a [`Resolution`], all from the same words: what loads, in which order, what it needs,
//! and what is rejected.
//!
//! In every drawing an arrow means "loads before". Edges that only wish (optional dependencies and hints)
//! are dashed, edges that do not hold for the order are red and dotted. A [`View`] of what lies around one mod
//! is drawn in the same ways, and says how much it leaves out. None of them uses colour codes
//! of a terminal. Words of mods are escaped: no drawing can be broken or made to run something by a
//! mod.

mod dot;
mod mermaid;
mod svg;
mod text;
mod view;

pub use dot::dot;
pub use mermaid::mermaid;
pub use svg::svg;
pub use text::text;
pub use view::View;

use std::collections::BTreeMap;

use serde::Serialize;

use super::{Edge, EdgeKind, Rejection, Resolution};
use crate::mod_id::ModId;
use view::Around;

/// The resolution as JSON, with everything that it says; `around` tells what is left out.
pub fn json<'a>(view: impl Into<View<'a>>) -> String {
    #[derive(Serialize)]
    struct Shown<'v> {
        #[serde(flatten)]
        resolution: &'v Resolution,
        #[serde(skip_serializing_if = "Option::is_none")]
        around: Option<&'v Around>,
    }
    let view = view.into();
    let shown = Shown {
        resolution: view.resolution(),
        around: view.middle(),
    };
    serde_json::to_string_pretty(&shown).expect("its maps have ids as keys, which are strings")
}

/// The rejected mods that wait for another one which is shown: who, by its number, and for whom.
fn waiting(resolution: &Resolution) -> impl Iterator<Item = (usize, &ModId)> {
    let waiting = rejected(resolution).enumerate();
    waiting.filter_map(|(number, rejection)| {
        let waits_for = rejection.waits_for.as_ref()?;
        (*waits_for != rejection.id).then_some((number, waits_for))
    })
}

/// The number of each rejected mod in [`rejected`].
fn rejected_numbers(resolution: &Resolution) -> BTreeMap<&ModId, usize> {
    let ids = resolution.rejected.keys().enumerate();
    ids.map(|(number, mod_id)| (mod_id, number)).collect()
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
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
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
