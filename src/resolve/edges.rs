//! What the accepted mods say about each other, as edges: dependencies and order hints.

use std::collections::BTreeSet;

use super::Candidate;
use super::accept::Acceptance;
use super::order::{CIRCLE_SHOWN, Cut, Link, Order, Strength};
use super::pool::Pool;
use super::resolution::{Edge, EdgeKind};
use crate::manifest::{Dependency, OrderHint};
use crate::mod_id::ModId;
use crate::problem::{Place, one_line};

/// An edge and what it asks of the load order.
pub(super) struct OrderedEdge {
    /// The mod that says it.
    from: usize,
    pub(super) link: Link,
    pub(super) edge: Edge,
}

/// The edges among the accepted mods, by the mod that declares them.
pub(super) fn edges(pool: &Pool, acceptance: &Acceptance, order: &[ModId]) -> Vec<OrderedEdge> {
    let mods = acceptance.mods.as_slice();
    let mut edges = Vec::new();
    for (from, candidate) in mods.iter().enumerate() {
        if !acceptance.runs(from) {
            continue;
        }
        let manifest = candidate.manifest;
        let satisfied_by = &acceptance.satisfied_by[from];
        for (dependency, to) in manifest.dependencies.iter().zip(satisfied_by) {
            if let Some(to) = to.filter(|to| *to != from) {
                edges.push(by_dependency(mods, from, to, dependency));
            }
        }
        let after = manifest
            .order
            .after
            .iter()
            .map(|hint| (hint, EdgeKind::After));
        let before = manifest
            .order
            .before
            .iter()
            .map(|hint| (hint, EdgeKind::Before));
        for (hint, kind) in after.chain(before) {
            if let Some(to) = acceptance
                .answering(pool, &hint.id)
                .filter(|to| *to != from)
            {
                edges.push(by_hint(mods, from, to, hint, kind));
            }
        }
    }
    edges.extend(by_order(pool, acceptance, order));
    // By the mod that says it; of one mod in the order of its manifest.
    edges.sort_by_key(|edge| edge.from);
    edges
}

/// The user's order: each mod of it that runs behind the one before.
fn by_order(pool: &Pool, acceptance: &Acceptance, order: &[ModId]) -> Vec<OrderedEdge> {
    let mut seen = BTreeSet::new();
    let listed = order.iter().filter_map(|id| pool.number(id));
    let listed = listed.filter(|index| acceptance.runs(*index) && seen.insert(*index));
    let listed: Vec<usize> = listed.collect();
    let edge = |pair: &[usize]| {
        let (to, from) = (pair[0], pair[1]);
        OrderedEdge {
            from,
            link: Link {
                first: to,
                second: from,
                strength: Strength::Listed,
            },
            edge: Edge {
                from: pool.ids[from].clone(),
                to: pool.ids[to].clone(),
                name: pool.ids[to].clone(),
                kind: EdgeKind::Listed,
                requirement: None,
                reason: None,
                place: Place {
                    file: "the user's order".into(),
                    line: None,
                    column: None,
                },
                cut: None,
            },
        }
    };
    listed.windows(2).map(edge).collect()
}

fn by_dependency(
    mods: &[Candidate],
    from: usize,
    to: usize,
    dependency: &Dependency,
) -> OrderedEdge {
    let (kind, strength) = match dependency.optional {
        false => (EdgeKind::Required, Strength::Required),
        true => (EdgeKind::Optional, Strength::Optional),
    };
    OrderedEdge {
        from,
        link: Link {
            first: to,
            second: from,
            strength,
        },
        edge: Edge {
            from: mods[from].manifest.id.clone(),
            to: mods[to].manifest.id.clone(),
            name: dependency.id.clone(),
            kind,
            requirement: Some(dependency.versions.to_string()),
            reason: dependency.reason.as_deref().map(one_line),
            place: dependency.place.clone(),
            cut: None,
        },
    }
}

fn by_hint(
    mods: &[Candidate],
    from: usize,
    to: usize,
    hint: &OrderHint,
    kind: EdgeKind,
) -> OrderedEdge {
    let (first, second) = if kind == EdgeKind::Before {
        (from, to)
    } else {
        (to, from)
    };
    OrderedEdge {
        from,
        link: Link {
            first,
            second,
            strength: Strength::Hint,
        },
        edge: Edge {
            from: mods[from].manifest.id.clone(),
            to: mods[to].manifest.id.clone(),
            name: hint.id.clone(),
            kind,
            requirement: None,
            reason: None,
            place: hint.place.clone(),
            cut: None,
        },
    }
}

/// Writes into each edge that does not hold for the order why not.
pub(super) fn mark_cuts(mods: &[Candidate], edges: &mut [OrderedEdge], order: &Order) {
    for cut in &order.cuts {
        let Edge { from, to, kind, .. } = &edges[cut.link].edge;
        let why = match kind {
            EdgeKind::Required => format!("`{to}` and `{from}` load as one group"),
            _ => closed_circle(mods, edges, cut),
        };
        edges[cut.link].edge.cut = Some(why);
    }
}

/// `closes the circle `a` → `b` → `a``: the mods in the order in which they would have to load.
fn closed_circle(mods: &[Candidate], edges: &[OrderedEdge], cut: &Cut) -> String {
    let start = edges[cut.link].link;
    let mut circle = vec![start.first, start.second];
    for number in &cut.back {
        let link = edges[*number].link;
        // Inside a group a circle passes from any member to any other.
        circle.extend([link.first, link.second]);
    }
    circle.dedup();
    let names = circle
        .iter()
        .map(|index| format!("`{}`", mods[*index].manifest.id));
    let mut names = names.collect::<Vec<_>>().join(" → ");
    if cut.length > CIRCLE_SHOWN + 1 {
        names += &format!(
            " → … → `{}` ({} steps)",
            mods[start.first].manifest.id, cut.length
        );
    } else if circle.last() != Some(&start.first) {
        names += &format!(" → `{}`", mods[start.first].manifest.id);
    }
    format!("closes the circle {names}")
}
