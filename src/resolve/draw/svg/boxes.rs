//! One box of a picture: how large it is, and how it is drawn.

use super::super::super::{Edge, Resolution};
use super::super::text::says;
use super::super::{Stroke, View, stroke};
use super::flow::Point;
use super::legend::colour;
use super::parts::{Kind, Mark, Part};
use super::xml::{LETTER, SMALL_LETTER, escaped, letters, version, width};
use super::{arrow_words, stroke_class};
use crate::mod_id::ModId;

const PADDING: f64 = 9.0;
const ROW: f64 = 16.0;
/// The width of a number in its frame, and of the room after it.
pub(super) const CHIP: f64 = 19.0;
pub(super) const CHIP_GAP: f64 = 3.0;
/// The room between two columns of names.
const COLUMN_GAP: f64 = 16.0;
/// The most members of a group between which arrows are drawn; of more, the tooltips tell.
const BOWS_MAX: usize = 8;

/// So much further out goes a bow that does not hold.
const CUT_REACH: f64 = 8.0;

/// A box, measured.
pub(super) struct Measured<'p, 'v> {
    view: &'v View<'v>,
    part: &'p Part<'v>,
    /// What stands above the names, if anything does.
    head: String,
    /// How many names stand below each other.
    rows: usize,
    column_width: f64,
    /// The room for arrows inside.
    gutter: f64,
    pub(super) size: Point,
}

/// Measures a box. One that has `arrows` stays narrow, so that others find room in its column.
pub(super) fn measured<'p, 'v>(
    view: &'v View<'v>,
    part: &'p Part<'v>,
    arrows: bool,
) -> Measured<'p, 'v> {
    let count = part.mods.len();
    let head = match part.kind {
        Kind::One => String::new(),
        Kind::Group => "load as one group".to_owned(),
        Kind::Alike if arrows => format!("{count} mods"),
        Kind::Alike if part.marks.is_empty() => {
            format!("{count} mods that need no other, and that no other needs")
        }
        Kind::Alike => format!("{count} mods that need only"),
    };
    let columns = columns(count, if arrows { 2 } else { 8 });
    let rows = count.div_ceil(columns);
    let names = part.mods.iter().map(|mod_id| name_width(view, mod_id));
    let column_width = names.fold(0.0, f64::max);
    let shows_bows = part.kind == Kind::Group && count <= BOWS_MAX;
    let gutter = match shows_bows {
        true => 0.75 * (reach(count - 1) + CUT_REACH) + 2.0,
        false => 0.0,
    };
    let marks = part.marks.len() + usize::from(part.number.is_some());
    let chips = width(marks, CHIP + CHIP_GAP);
    let names = width(columns, column_width + COLUMN_GAP) - COLUMN_GAP + gutter;
    let size = match part.kind {
        Kind::One => (names + if marks > 0 { chips + 5.0 } else { 0.0 }, 24.0),
        _ => {
            let head = width(letters(&head), SMALL_LETTER) + 8.0 + chips;
            (head.max(names), 26.0 + width(rows, ROW))
        }
    };
    Measured {
        view,
        part,
        head,
        rows,
        column_width,
        gutter,
        size: (size.0 + 2.0 * PADDING, size.1),
    }
}

/// In how many columns so many names make a block that is a little wider than high.
fn columns(count: usize, columns_max: usize) -> usize {
    let fits = |columns: &usize| columns * columns * 10 >= count;
    (1..columns_max).find(fits).unwrap_or(columns_max)
}

fn name_width(view: &View, mod_id: &ModId) -> f64 {
    let accepted = &view.resolution().mods[mod_id];
    let more = letters(&view.more(mod_id).words());
    let more = if more > 0 { more + 1 } else { 0 };
    let small = letters(&version(&accepted.version)) + more;
    width(mod_id.as_str().len() + 1, LETTER) + width(small, SMALL_LETTER)
}

/// How far a bow between two names goes out that stand so many rows apart.
fn reach(rows: usize) -> f64 {
    12.0 + width(rows, 10.0)
}

impl Measured<'_, '_> {
    /// The box with its upper left corner at that place.
    pub(super) fn drawn(&self, (x, y): Point) -> String {
        let part = self.part;
        let is_middle = part.mods.iter().any(|mod_id| self.is_middle(mod_id));
        let class = match (part.kind, part.number) {
            (_, Some(number)) => format!("box many o{}", colour(number)),
            (Kind::Group, None) => "box group".to_owned(),
            (Kind::Alike, None) => "box alike".to_owned(),
            (Kind::One, None) => "box".to_owned(),
        };
        let middle = if is_middle { " middle" } else { "" };
        let (width, height) = self.size;
        let mut body = format!(
            "<g><rect class=\"{class}{middle}\" rx=\"5\" x=\"{x:.1}\" y=\"{y:.1}\" width=\"{width:.1}\" height=\"{height:.1}\"/>"
        );
        let left = x + PADDING;
        let first = match part.kind {
            Kind::One => y + 16.0,
            Kind::Group | Kind::Alike => y + 34.0,
        };
        let mut chip_x = left;
        if !self.head.is_empty() {
            body += &format!(
                "<text class=\"small\" x=\"{left:.1}\" y=\"{:.1}\">{}</text>",
                y + 16.0,
                self.head
            );
            chip_x += super::xml::width(letters(&self.head), SMALL_LETTER) + 8.0;
        } else {
            chip_x += self.column_width + 5.0;
        }
        if let Some(number) = part.number {
            body += &chip(number, "own", (chip_x, y + 4.0));
            chip_x += CHIP + CHIP_GAP;
        }
        for mark in &part.marks {
            body += &self.marked(mark, (chip_x, y + 4.0));
            chip_x += CHIP + CHIP_GAP;
        }
        for (number, mod_id) in part.mods.iter().enumerate() {
            let column = super::xml::width(number / self.rows, self.column_width + COLUMN_GAP);
            let row = super::xml::width(number % self.rows, ROW);
            body += &self.name(mod_id, (left + column, first + row));
        }
        if self.gutter > 0.0 {
            for edge in &part.inner {
                body += &self.bow(edge, (left + self.column_width, first - 4.0));
            }
        }
        body + "</g>\n"
    }

    fn is_middle(&self, mod_id: &ModId) -> bool {
        self.view
            .middle()
            .is_some_and(|around| around.id == *mod_id)
    }

    /// A name with its version, and all that the mod says of others as a tooltip.
    fn name(&self, mod_id: &ModId, (x, y): Point) -> String {
        let more = self.view.more(mod_id).words();
        let more = if more.is_empty() {
            more
        } else {
            format!(" {more}")
        };
        let shown = version(&self.view.resolution().mods[mod_id].version);
        let class = if self.is_middle(mod_id) {
            " class=\"middle\""
        } else {
            ""
        };
        format!(
            "<text id=\"{mod_id}\"{class} x=\"{x:.1}\" y=\"{y:.1}\"><title>{}</title>{mod_id} <tspan class=\"small\">{}{more}</tspan></text>",
            escaped(&tooltip(self.view.resolution(), mod_id)),
            escaped(&shown),
        )
    }

    fn marked(&self, mark: &Mark, at: Point) -> String {
        let class = match mark.link.stroke {
            Stroke::Solid => "needs",
            Stroke::Dashed => "wish",
            Stroke::Dotted => "cut",
        };
        let view = self.view.resolution();
        let edges = &mark.link.edges;
        let other = edges.iter().map(|edge| {
            let is_ours = self.part.mods.contains(&&edge.from);
            if is_ours { &edge.to } else { &edge.from }
        });
        let href = other.filter(|mod_id| view.accepts(mod_id)).min();
        format!(
            "<a href=\"#{}\"><title>{}</title>{}</a>",
            href.map_or("", ModId::as_str),
            escaped(&arrow_words(edges)),
            chip(mark.number, class, at)
        )
    }

    /// An arrow between two members of a group, right of their names.
    fn bow(&self, edge: &Edge, (x, top): Point) -> String {
        let row = |mod_id: &ModId| self.part.mods.iter().position(|member| *member == mod_id);
        let (Some(first), Some(second)) = (row(edge.first()), row(edge.second())) else {
            return String::new();
        };
        let (y1, y2) = (top + width(first, ROW), top + width(second, ROW));
        // What does not hold goes around an arrow that does, the other way.
        let (apart, around) = match edge.cut {
            None => (3.0, 0.0),
            Some(_) => (-3.0, CUT_REACH),
        };
        let shift = if first < second { apart } else { -apart };
        let out = x + reach(first.abs_diff(second)) + around;
        let (class, head) = stroke_class(stroke(edge));
        format!(
            "<path class=\"{class}\" marker-end=\"url(#{head})\" d=\"M{x:.1} {:.1}C{out:.1} {:.1} {out:.1} {:.1} {x:.1} {:.1}\"><title>{}</title></path>",
            y1 + shift,
            y1 + shift,
            y2 - shift,
            y2 - shift,
            escaped(&arrow_words(&[edge]))
        )
    }
}

/// A number in its colour.
pub(super) fn chip(number: usize, class: &str, (x, y): Point) -> String {
    format!(
        "<rect class=\"chip {class} k{}\" rx=\"7\" x=\"{x:.1}\" y=\"{y:.1}\" width=\"{CHIP}\" height=\"15\"/>\
         <text class=\"number {class}\" x=\"{:.1}\" y=\"{:.1}\">{number}</text>",
        colour(number),
        x + CHIP / 2.0,
        y + 11.5
    )
}

fn tooltip(resolution: &Resolution, mod_id: &ModId) -> String {
    let accepted = &resolution.mods[mod_id];
    let says = says(resolution.edges_from(mod_id));
    let says = if says.is_empty() {
        says
    } else {
        format!("; {says}")
    };
    format!(
        "{mod_id} {} loads as number {}{says}",
        accepted.version,
        accepted.position + 1
    )
}
