//! A picture: columns from left to right in the order of loading, rejected mods in a column of their own.

use super::super::{Edge, Rejection, Resolution};
use super::layout::{Area, BOX_HEIGHT, Layout, MARGIN, layout, letters};
use super::{Stroke, label, rejected, stroke};
use crate::mod_id::ModId;

/// The most letters in a line of a reason, and the most lines; the whole reason is in the tooltip.
const REASON_LETTERS: usize = 46;
const REASON_LINES: usize = 3;

const STYLE: &str = "\
text{font:12px ui-monospace,Menlo,Consolas,monospace;fill:#223}\
.small{fill:#667}\
.sheet{fill:#fff}\
.box{fill:#f4f6fb;stroke:#99a}\
.group{fill:#fff7e0;stroke:#cc9a2e;stroke-dasharray:6 4}\
.edge{fill:none;stroke:#668}\
.edge.dashed{stroke-dasharray:6 4}\
.edge.dotted{stroke:#c22;stroke-dasharray:2 4}\
.head{fill:#668}\
.head.dotted{fill:#c22}\
.box.rejected{fill:#fdeeee;stroke:#c22}\
@media(prefers-color-scheme:dark){text{fill:#dde}.small{fill:#99a}.sheet{fill:#181a20}\
.box{fill:#262a35;stroke:#667}.group{fill:#2c2718}.box.rejected{fill:#3a2020}}";

/// The graph as an SVG picture that needs nothing else: no script, no font, no style from outside.
///
/// Boxes stand right of what they wait for. Mods that load as one group share a frame; mods that have to
/// do with nobody stand below. Tooltips give reasons.
pub fn svg(resolution: &Resolution) -> String {
    let layout = layout(resolution);
    let rejected: Vec<&Rejection> = rejected(resolution).collect();
    let mut body = String::new();
    for group in &layout.groups {
        body += &format!("<rect class=\"group\" rx=\"8\" {}/>\n", attributes(group));
    }
    for edge in &resolution.edges {
        body += &arrow(&layout, edge);
    }
    for (mod_id, area) in &layout.boxes {
        body += &accepted_box(resolution, mod_id, area);
    }
    let (mut width, mut height) = (layout.width, layout.height);
    if !rejected.is_empty() {
        let (column, column_width, column_height) = rejected_column(&rejected, width + MARGIN);
        body += &column;
        width += column_width + 2.0 * MARGIN;
        height = height.max(column_height + MARGIN);
    }
    let summary = format!(
        "{} mods in load order, {} rejected; an arrow means: loads before",
        resolution.order.len(),
        rejected.len()
    );
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" role=\"img\" width=\"{width:.0}\" height=\"{height:.0}\" viewBox=\"0 0 {width:.0} {height:.0}\">\n\
         <title>{summary}</title>\n<style>{STYLE}</style>\n<defs>{}{}</defs>\n\
         <rect class=\"sheet\" width=\"100%\" height=\"100%\"/>\n{body}</svg>\n",
        arrow_head("head", "head"),
        arrow_head("cut", "head dotted"),
    )
}

fn arrow_head(id: &str, class: &str) -> String {
    format!(
        "<marker id=\"{id}\" viewBox=\"0 0 8 8\" refX=\"8\" refY=\"4\" markerWidth=\"8\" markerHeight=\"8\" orient=\"auto\">\
         <path class=\"{class}\" d=\"M0 0L8 4L0 8z\"/></marker>"
    )
}

fn attributes(area: &Area) -> String {
    let Area {
        x,
        y,
        width,
        height,
    } = area;
    format!("x=\"{x:.1}\" y=\"{y:.1}\" width=\"{width:.1}\" height=\"{height:.1}\"")
}

fn accepted_box(resolution: &Resolution, mod_id: &ModId, area: &Area) -> String {
    let accepted = &resolution.mods[mod_id];
    let (x, y) = (area.x + 12.0, area.y);
    format!(
        "<g><title>{mod_id} loads as number {}</title><rect class=\"box\" rx=\"5\" {}/>\
         <text x=\"{x:.1}\" y=\"{:.1}\">{mod_id}</text><text class=\"small\" x=\"{x:.1}\" y=\"{:.1}\">{}</text></g>\n",
        accepted.position + 1,
        attributes(area),
        y + 17.0,
        y + 32.0,
        escaped(&accepted.version.to_string())
    )
}

fn arrow<'a>(layout: &Layout<'a>, edge: &'a Edge) -> String {
    let areas = (
        layout.boxes.get(edge.first()),
        layout.boxes.get(edge.second()),
    );
    let (Some(first), Some(second)) = areas else {
        return String::new();
    };
    // What does not hold often runs against an arrow that does: a little below, both can be seen.
    let lowered = |area: &Area| Area {
        y: area.y + 7.0,
        ..*area
    };
    let (first, second) = match stroke(edge) {
        Stroke::Dotted => (lowered(first), lowered(second)),
        _ => (*first, *second),
    };
    let (class, head) = match stroke(edge) {
        Stroke::Solid => ("edge", "head"),
        Stroke::Dashed => ("edge dashed", "head"),
        Stroke::Dotted => ("edge dotted", "cut"),
    };
    let says = format!("{} → {}: {}", edge.first(), edge.second(), label(edge));
    let why = edge.cut.as_ref().or(edge.reason.as_ref());
    let why = why.map(|why| format!(" ({why})")).unwrap_or_default();
    format!(
        "<path class=\"{class}\" marker-end=\"url(#{head})\" d=\"{}\"><title>{}</title></path>\n",
        curve(&first, &layout.way(edge.first(), edge.second()), &second),
        escaped(&format!("{says}{why}"))
    )
}

/// From the side of `first` along the `way` to the side of `second` that faces it; a bow on the right in
/// one column.
fn curve(first: &Area, way: &[(f64, f64)], second: &Area) -> String {
    let (y1, y2) = (first.y + first.height / 2.0, second.y + second.height / 2.0);
    let (left, right) = (|area: &Area| area.x, |area: &Area| area.x + area.width);
    if right(first) > left(second) {
        let is_back = right(second) <= left(first);
        let (x1, out) = if is_back {
            (left(first), -1.0)
        } else {
            (right(first), 1.0)
        };
        let reach = ((right(second) - x1).abs() / 2.0).max(36.0);
        let (c1, c2) = (x1 + out * reach, right(second) + reach);
        return format!(
            "M{x1:.1} {y1:.1}C{c1:.1} {y1:.1} {c2:.1} {y2:.1} {:.1} {y2:.1}",
            right(second)
        );
    }
    let (mut x, mut y) = (right(first), y1);
    let mut path = format!("M{x:.1} {y:.1}");
    for (to_x, to_y) in way.iter().copied().chain([(left(second), y2)]) {
        let middle = (x + to_x) / 2.0;
        path += &format!("C{middle:.1} {y:.1} {middle:.1} {to_y:.1} {to_x:.1} {to_y:.1}");
        (x, y) = (to_x, to_y);
    }
    path
}

/// The rejected mods from the top down at `x`, with width and height of the column.
fn rejected_column(rejected: &[&Rejection], x: f64) -> (String, f64, f64) {
    let width = letters(REASON_LETTERS) + 24.0;
    let mut y = MARGIN + 16.0;
    let mut column =
        format!("<text class=\"small\" x=\"{x:.1}\" y=\"{MARGIN:.1}\">rejected</text>\n");
    for rejection in rejected {
        let lines = wrapped(&rejection.because);
        let height = lines
            .iter()
            .fold(BOX_HEIGHT - 14.0, |height, _| height + 15.0);
        let area = Area {
            x,
            y,
            width,
            height,
        };
        let title = escaped(&format!("{} {}", rejection.id, rejection.version));
        column += &format!(
            "<g><title>{title}: {}</title><rect class=\"box rejected\" rx=\"5\" {}/>\
             <text x=\"{:.1}\" y=\"{:.1}\">{title}</text>",
            escaped(&rejection.because),
            attributes(&area),
            x + 12.0,
            y + 17.0
        );
        let mut baseline = y + 17.0;
        for line in lines {
            baseline += 15.0;
            column += &format!(
                "<text class=\"small\" x=\"{:.1}\" y=\"{baseline:.1}\">{}</text>",
                x + 12.0,
                escaped(&line)
            );
        }
        column += "</g>\n";
        y += height + 12.0;
    }
    (column, width, y)
}

/// The text in a few short lines, broken between words where it can be.
fn wrapped(text: &str) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in text.split(' ') {
        let mut word: String = word.to_owned();
        if word.chars().count() > REASON_LETTERS {
            word = word.chars().take(REASON_LETTERS - 1).chain(['…']).collect();
        }
        let is_last = lines.len() == REASON_LINES;
        let Some(line) = lines.last_mut() else { break };
        if line.is_empty() {
            *line = word;
        } else if line.chars().count() + 1 + word.chars().count() <= REASON_LETTERS - 2 {
            *line += &format!(" {word}");
        } else if is_last {
            *line += " …";
            break;
        } else {
            lines.push(word);
        }
    }
    lines
}

/// Text for XML: its signs as entities, and nothing that XML forbids.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped += "&amp;",
            '<' => escaped += "&lt;",
            '>' => escaped += "&gt;",
            '"' => escaped += "&quot;",
            '\'' => escaped += "&#39;",
            '\u{fffe}' | '\u{ffff}' => escaped.push('\u{fffd}'),
            c if c.is_control() => escaped.push(' '),
            c => escaped.push(c),
        }
    }
    escaped
}
