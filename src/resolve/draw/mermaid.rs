//! A flowchart in the language of Mermaid, which Markdown pages of many sites show.

use super::super::{Edge, Resolution};
use super::{Stroke, View, label, rejected, rejected_numbers, stroke, waiting};
use crate::mod_id::ModId;

/// The graph as a Mermaid flowchart.
///
/// See <https://mermaid.js.org/syntax/flowchart.html>.
pub fn mermaid<'a>(view: impl Into<View<'a>>) -> String {
    let view = view.into();
    let resolution = view.resolution();
    let mut chart = String::from("%% An arrow means \"loads before\".\nflowchart LR\n");
    for (number, group) in resolution.groups.iter().enumerate() {
        match group.as_slice() {
            [alone] => chart += &format!("    {}\n", node(resolution, alone)),
            members => {
                chart += &format!("    subgraph group{number}[\"load as one group\"]\n");
                for mod_id in members {
                    chart += &format!("        {}\n", node(resolution, mod_id));
                }
                chart += "    end\n";
            }
        }
    }
    for edge in &resolution.edges {
        chart += &format!("    {}\n", arrow(resolution, edge));
    }
    let is_cut = |(_, edge): &(usize, &Edge)| stroke(edge) == Stroke::Dotted;
    let cut = resolution.edges.iter().enumerate().filter(is_cut);
    let cut: Vec<String> = cut.map(|(number, _)| number.to_string()).collect();
    if !cut.is_empty() {
        chart += &format!(
            "    linkStyle {} stroke:red,stroke-dasharray:2 4\n",
            cut.join(",")
        );
    }
    if rejected(resolution).next().is_some() {
        chart += "    subgraph rejected[\"rejected\"]\n";
        for (number, rejection) in rejected(resolution).enumerate() {
            let title = format!("{} {}", rejection.id, rejection.version);
            let text = format!("{}<br>{}", escaped(&title), escaped(&rejection.because));
            chart += &format!("        r{number}[\"{text}\"]\n");
        }
        chart += "    end\n    style rejected stroke:red\n";
    }
    let numbers = rejected_numbers(resolution);
    let name = |mod_id: &ModId| match numbers.get(mod_id) {
        Some(number) => Some(format!("r{number}")),
        None if resolution.accepts(mod_id) => Some(name(resolution, mod_id)),
        None => None,
    };
    for (number, waits_for) in waiting(resolution) {
        if let Some(waits_for) = name(waits_for) {
            chart += &format!("    {waits_for} --> r{number}\n");
        }
    }
    if let Some(around) = view.middle() {
        let middle = name(&around.id);
        chart += &middle.map_or_else(String::new, |name| {
            format!("    style {name} stroke-width:3px\n")
        });
        for (mod_id, more) in &around.more {
            let Some(name) = name(mod_id) else {
                continue;
            };
            if more.before > 0 {
                chart += &format!("    {name}b([\"… {} more\"]) -.- {name}\n", more.before);
            }
            if more.after > 0 {
                chart += &format!("    {name} -.- {name}a([\"… {} more\"])\n", more.after);
            }
        }
    }
    chart
}

/// Names such as `end` have a meaning in Mermaid, so nodes are numbered.
fn name(resolution: &Resolution, mod_id: &ModId) -> String {
    format!("m{}", resolution.mods[mod_id].position + 1)
}

fn node(resolution: &Resolution, mod_id: &ModId) -> String {
    let version = escaped(&resolution.mods[mod_id].version.to_string());
    format!("{}[\"{mod_id}<br>{version}\"]", name(resolution, mod_id))
}

fn arrow(resolution: &Resolution, edge: &Edge) -> String {
    let line = match stroke(edge) {
        Stroke::Solid => "-->",
        Stroke::Dashed | Stroke::Dotted => "-.->",
    };
    let label = match label(edge) {
        label if label.is_empty() => label,
        label => format!("|\"{}\"|", escaped(&label)),
    };
    let (first, second) = (
        name(resolution, edge.first()),
        name(resolution, edge.second()),
    );
    format!("{first} {line}{label} {second}")
}

/// Everything but letters, digits and harmless signs as a numbered entity.
fn escaped(text: &str) -> String {
    let mut escaped = String::new();
    for c in text.chars() {
        match c {
            '"' | '#' | '<' | '>' | '&' | '`' | '\\' | ';' | '{' | '}' | '[' | ']' | '|' | '%' => {
                escaped += &format!("#{};", u32::from(c));
            }
            c => escaped.push(c),
        }
    }
    escaped
}
