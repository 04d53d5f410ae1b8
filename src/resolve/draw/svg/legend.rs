//! The head of a picture: what it shows, what its signs mean, and how they look.

use super::super::{Stroke, View, rejected};
use super::boxes::{CHIP, chip};
use super::parts::{Kind, Parts};
use super::xml::{SMALL_LETTER, letters, width};
use super::{MARGIN, stroke_class};

const STYLE: &str = "\
text{font:12px ui-monospace,Menlo,Consolas,'DejaVu Sans Mono',monospace;fill:#223}\
.small,tspan.small{font-size:10px;fill:#667}\
.reason{fill:#a22}\
.main{font-size:15px;font-weight:bold}\
.heading{font-weight:bold;fill:#667}\
.sheet{fill:#fff}\
.box{fill:#f4f6fb;stroke:#99a}\
.group{fill:#fff7e0;stroke:#cc9a2e;stroke-dasharray:6 4}\
.alike{fill:#fff}\
.many{stroke-width:2}\
.box.middle{stroke-width:3}\
text.middle{font-weight:bold}\
text:target{fill:#c50;font-weight:bold}\
.edge{fill:none;stroke:#668}\
.edge:hover{stroke-width:3}\
.edge.dashed{stroke:#99a;stroke-dasharray:6 4}\
.edge.dotted{stroke:#c22;stroke-dasharray:2 4}\
.head{fill:#668}\
.head.dotted{fill:#c22}\
.box.rejected{fill:#fdeeee;stroke:#c22}\
.number{font-size:10px;font-weight:bold;text-anchor:middle;fill:#fff}\
.number.wish,.number.cut{fill:#223}\
.chip.wish,.chip.cut{fill:none;stroke-dasharray:3 2}\
.chip.cut{stroke:#c22}";

const DARK_STYLE: &str = "\
text{fill:#dde}.small,tspan.small,.heading{fill:#99a}.reason{fill:#e88}.sheet{fill:#181a20}\
.box{fill:#262a35;stroke:#667}.alike{fill:#1d2028}.group{fill:#2c2718;stroke:#cc9a2e}.box.rejected{fill:#3a2020;stroke:#c22}\
.edge{stroke:#889}.edge.dashed{stroke:#667}.edge.dotted{stroke:#e44}.head{fill:#889}.head.dotted{fill:#e44}\
.number{fill:#fff}.number.wish,.number.cut{fill:#dde}text:target{fill:#fa5}";

/// The colours of numbers, which begin anew after the last: dark enough for white letters, and light enough
/// for a dark sheet.
const COLOURS: [&str; 12] = [
    "#3268c8", "#c2410c", "#15803d", "#9333ea", "#b91c5c", "#0e7490", "#a16207", "#4d5b75",
    "#be185d", "#4338ca", "#0f766e", "#7c4a21",
];

/// The number of the colour of a number.
pub(super) fn colour(number: usize) -> usize {
    (number + COLOURS.len() - 1) % COLOURS.len() + 1
}

/// Styles and heads of arrows.
pub(super) fn definitions() -> String {
    let mut style = STYLE.to_owned();
    for (number, colour) in (1..).zip(COLOURS) {
        style +=
            &format!(".k{number}{{fill:{colour};stroke:{colour}}}.o{number}{{stroke:{colour}}}");
    }
    // What is not filled comes after the colours, so that it wins.
    style += ".chip.wish,.chip.cut{fill:none}.chip.cut{stroke:#c22}";
    let dark_own: String = (1..)
        .zip(COLOURS)
        .map(|(number, colour)| format!(".box.o{number}{{stroke:{colour}}}"))
        .collect();
    format!(
        "<style>{style}@media(prefers-color-scheme:dark){{{DARK_STYLE}{dark_own}}}</style>\n<defs>{}{}</defs>",
        arrow_head("Head", "head"),
        arrow_head("Cut", "head dotted"),
    )
}

fn arrow_head(id: &str, class: &str) -> String {
    format!(
        "<marker id=\"{id}\" viewBox=\"0 0 8 8\" refX=\"8\" refY=\"4\" markerWidth=\"7\" markerHeight=\"7\" markerUnits=\"userSpaceOnUse\" orient=\"auto\">\
         <path class=\"{class}\" d=\"M0 0L8 4L0 8z\"/></marker>"
    )
}

/// `200 mods in load order, 12 rejected`.
pub(super) fn summary(view: &View) -> String {
    let resolution = view.resolution();
    let rejected = rejected(resolution).count();
    let count = resolution.order.len();
    let mods = if count == 1 { "mod" } else { "mods" };
    format!(
        "{count} {mods} in load order, {rejected} rejected{}",
        view.heading()
    )
}

/// The head, on a sheet of that width, and where it ends.
pub(super) fn legend(view: &View, parts: &Parts, sheet: f64) -> (String, f64) {
    let mut drawn = format!(
        "<text class=\"main\" x=\"{MARGIN:.1}\" y=\"{:.1}\">{}</text>\n",
        MARGIN + 12.0,
        summary(view)
    );
    let (mut x, mut y) = (MARGIN, MARGIN + 34.0);
    for (sign, words) in entries(parts) {
        let wide = width(letters(&words), SMALL_LETTER) + if sign.is_some() { 38.0 } else { 0.0 };
        if x > MARGIN && x + wide > sheet + MARGIN {
            x = MARGIN;
            y += 18.0;
        }
        let mut text_x = x;
        if let Some(sign) = sign {
            drawn += &sign.drawn(x, y - 4.0);
            text_x += 38.0;
        }
        drawn += &format!("<text class=\"small\" x=\"{text_x:.1}\" y=\"{y:.1}\">{words}</text>\n");
        x += wide + 26.0;
    }
    (drawn, y)
}

/// What stands before an entry of the legend.
enum Sign {
    Arrow(Stroke),
    Number,
    Group,
}

impl Sign {
    fn drawn(&self, x: f64, y: f64) -> String {
        match self {
            Sign::Arrow(stroke) => {
                let (class, head) = stroke_class(*stroke);
                format!(
                    "<path class=\"{class}\" marker-end=\"url(#{head})\" d=\"M{x:.1} {y:.1}H{:.1}\"/>",
                    x + 30.0
                )
            }
            Sign::Number => chip(1, "needs", (x + 30.0 - CHIP, y - 7.0)),
            Sign::Group => format!(
                "<rect class=\"box group\" rx=\"4\" x=\"{x:.1}\" y=\"{:.1}\" width=\"30.0\" height=\"14.0\"/>",
                y - 7.0
            ),
        }
    }
}

/// The signs that occur, and what they mean.
fn entries(parts: &Parts) -> Vec<(Option<Sign>, String)> {
    let marks = || parts.boxes.iter().flat_map(|part| &part.marks);
    let inner = || parts.boxes.iter().flat_map(|part| &part.inner);
    let has = |stroke: Stroke| {
        parts.arrows.iter().any(|arrow| arrow.stroke == stroke)
            || marks().any(|mark| mark.link.stroke == stroke)
            || inner().any(|edge| super::super::stroke(edge) == stroke)
    };
    let mut entries = Vec::new();
    let mut add = |holds: bool, sign: Option<Sign>, words: String| {
        if holds {
            entries.push((sign, words));
        }
    };
    for (stroke, words) in [
        (Stroke::Solid, "loads before: it is needed"),
        (
            Stroke::Dashed,
            "loads before: used if it is there, or a wish",
        ),
        (
            Stroke::Dotted,
            "does not hold for the order: the tooltip says why",
        ),
    ] {
        add(has(stroke), Some(Sign::Arrow(stroke)), words.to_owned());
    }
    add(
        marks().next().is_some(),
        Some(Sign::Number),
        "needs the mod of that number; dashed as the arrows are".to_owned(),
    );
    let has_groups = parts.boxes.iter().any(|part| part.kind == Kind::Group);
    add(
        has_groups,
        Some(Sign::Group),
        "require each other: load as one".to_owned(),
    );
    let implied = parts.implied;
    let are = if implied == 1 {
        "arrow follows"
    } else {
        "arrows follow"
    };
    add(
        implied > 0,
        None,
        format!("{implied} {are} from others and left out; tooltips of mods tell all"),
    );
    let unseen = parts.unseen;
    add(
        unseen > 0,
        None,
        format!("{unseen} more are left out: too many to see"),
    );
    entries
}
