//! A graph in the DOT language of Graphviz.

use super::super::{Edge, Resolution};
use super::{Stroke, View, label, rejected, rejected_numbers, stroke, waiting};
use crate::mod_id::ModId;

/// The graph in the DOT language: `dot -Tsvg` and many other programs read it.
///
/// See <https://graphviz.org/doc/info/lang.html>.
pub fn dot<'a>(view: impl Into<View<'a>>) -> String {
    let view = view.into();
    let resolution = view.resolution();
    let mut dot = String::from(
        "// An arrow means \"loads before\".\ndigraph mods {\n    rankdir=LR\n    node [shape=box, style=rounded]\n",
    );
    for (number, group) in resolution.groups.iter().enumerate() {
        match group.as_slice() {
            [alone] => dot += &format!("    {}\n", node(&view, alone)),
            members => {
                dot += &format!(
                    "    subgraph cluster_{number} {{\n        label=\"load as one group\"\n"
                );
                for mod_id in members {
                    dot += &format!("        {}\n", node(&view, mod_id));
                }
                dot += "    }\n";
            }
        }
    }
    for edge in &resolution.edges {
        dot += &format!("    {}\n", arrow(edge));
    }
    if rejected(resolution).next().is_some() {
        dot += "    subgraph cluster_rejected {\n        label=\"rejected\"\n        color=red\n";
        for (number, rejection) in rejected(resolution).enumerate() {
            let title = format!("{} {}", rejection.id, rejection.version);
            dot += &format!(
                "        \"rejected {number}\" [label={}, color=red]\n",
                quoted(&format!("{title}\n{}", rejection.because))
            );
        }
        dot += "    }\n";
    }
    for (number, line) in waits(resolution) {
        dot += &format!("    {line} -> \"rejected {number}\" [color=red]\n");
    }
    dot += &left_out(&view);
    dot + "}\n"
}

fn node(view: &View, mod_id: &ModId) -> String {
    let label = format!("{mod_id}\n{}", view.resolution().mods[mod_id].version);
    let is_middle = view.middle().is_some_and(|around| around.id == *mod_id);
    let width = if is_middle { ", penwidth=3" } else { "" };
    format!("\"{mod_id}\" [label={}{width}]", quoted(&label))
}

/// The rejected mods that wait, and the nodes for which they do.
fn waits(resolution: &Resolution) -> Vec<(usize, String)> {
    let numbers = rejected_numbers(resolution);
    let node = |mod_id: &ModId| match numbers.get(mod_id) {
        Some(number) => Some(format!("\"rejected {number}\"")),
        None if resolution.accepts(mod_id) => Some(format!("\"{mod_id}\"")),
        None => None,
    };
    let waits = waiting(resolution);
    waits
        .filter_map(|(number, waits_for)| Some((number, node(waits_for)?)))
        .collect()
}

/// What a view leaves out, as nodes without a frame: `… 12 more`.
fn left_out(view: &View) -> String {
    let numbers = rejected_numbers(view.resolution());
    let mut dot = String::new();
    for (mod_id, more) in view.middle().iter().flat_map(|around| &around.more) {
        let node = match numbers.get(mod_id) {
            Some(number) => format!("\"rejected {number}\""),
            None => format!("\"{mod_id}\""),
        };
        let (before, after) = (
            format!("\"before {mod_id}\""),
            format!("\"after {mod_id}\""),
        );
        for (count, name, first, second) in [
            (more.before, &before, &before, &node),
            (more.after, &after, &node, &after),
        ] {
            if count > 0 {
                dot += &format!("    {name} [label=\"… {count} more\", shape=plaintext]\n");
                dot += &format!("    {first} -> {second} [style=dotted]\n");
            }
        }
    }
    dot
}

fn arrow(edge: &Edge) -> String {
    let style = match stroke(edge) {
        Stroke::Solid => "solid",
        Stroke::Dashed => "dashed",
        Stroke::Dotted => "dotted, color=red, constraint=false",
    };
    let why = edge.cut.as_ref().or(edge.reason.as_ref());
    let tooltip = why
        .map(|why| format!(", tooltip={}", quoted(why)))
        .unwrap_or_default();
    format!(
        "\"{}\" -> \"{}\" [style={style}, label={}{tooltip}]",
        edge.first(),
        edge.second(),
        quoted(&label(edge))
    )
}

fn quoted(text: &str) -> String {
    let text = text
        .replace('\\', "\\\\")
        .replace('"', "\\\"")
        .replace('\n', "\\n");
    format!("\"{text}\"")
}
