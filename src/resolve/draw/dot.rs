//! A graph in the DOT language of Graphviz.

use super::super::{Edge, Resolution};
use super::{Stroke, label, rejected, stroke};
use crate::mod_id::ModId;

/// The graph in the DOT language: `dot -Tsvg` and many other programs read it.
///
/// See <https://graphviz.org/doc/info/lang.html>.
pub fn dot(resolution: &Resolution) -> String {
    let mut dot = String::from(
        "// An arrow means \"loads before\".\ndigraph mods {\n    rankdir=LR\n    node [shape=box, style=rounded]\n",
    );
    for (number, group) in resolution.groups.iter().enumerate() {
        match group.as_slice() {
            [alone] => dot += &format!("    {}\n", node(resolution, alone)),
            members => {
                dot += &format!(
                    "    subgraph cluster_{number} {{\n        label=\"load as one group\"\n"
                );
                for mod_id in members {
                    dot += &format!("        {}\n", node(resolution, mod_id));
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
    dot + "}\n"
}

fn node(resolution: &Resolution, mod_id: &ModId) -> String {
    let label = format!("{mod_id}\n{}", resolution.mods[mod_id].version);
    format!("\"{mod_id}\" [label={}]", quoted(&label))
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
