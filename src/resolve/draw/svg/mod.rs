//! A picture: boxes in columns from left to right in the order of loading, the rejected mods apart.
//!
//! ```text
//! View → parts (boxes and arrows; base, implied: what needs no arrow) → pieces that hang together
//!      → flow (columns, lanes) or a box alone → pack (side by side on the sheet) → SVG
//! ```

mod base;
mod boxes;
mod columns;
mod flow;
mod implied;
mod legend;
mod pack;
mod parts;
mod rejected;
mod xml;

use super::super::Edge;
use super::{Stroke, View, label};
use boxes::measured;
use flow::{Arrow, Point, flow};
use pack::{BLOCK_GAP, pack};
use parts::{Link, Parts, parts};
use xml::escaped;

const MARGIN: f64 = 24.0;
/// The least width of the sheet.
const WIDTH_MIN: f64 = 860.0;
/// How much wider than high the sheet is to be.
const ASPECT: f64 = 1.5;
/// The most edges of which the tooltip of one arrow tells.
const EDGES_TOLD: usize = 8;

/// The graph as an SVG picture that needs nothing else: no script, no font, no style from outside.
///
/// Boxes stand right of what they wait for. Mods that load as one group share a box, and so do mods that
/// need the same and that nobody needs; what many use has a number, which stands in the boxes of its users
/// in place of arrows; arrows that follow from others are left out. Each mod is named once and has its id
/// as an anchor; tooltips give what it says of others, and reasons.
pub fn svg<'a>(view: impl Into<View<'a>>) -> String {
    let view = view.into();
    let parts = parts(&view);
    let bands = [
        Band::of(
            "used by many; the others name them by number",
            blocks(&view, &parts, |piece| piece.has_number),
        ),
        Band::of(
            "mods that build on each other",
            blocks(&view, &parts, |piece| {
                !piece.has_number && piece.boxes.len() > 1
            }),
        ),
        Band::of(
            "mods that stand alone",
            blocks(&view, &parts, |piece| {
                !piece.has_number && piece.boxes.len() == 1
            }),
        ),
        Band::of("rejected, by root cause", rejected::cards(&view)),
    ];
    let area: f64 = bands.iter().map(Band::area).sum();
    let widths = bands.iter().map(Band::width_min);
    let width = widths.fold((area * ASPECT).sqrt().max(WIDTH_MIN), f64::max);

    let (legend, mut y) = legend::legend(&view, &parts, width);
    let mut body = legend;
    for band in bands.iter().filter(|band| !band.blocks.is_empty()) {
        let (drawn, bottom) = band.drawn(y, width);
        body += &drawn;
        y = bottom;
    }
    let (width, height) = (width + 2.0 * MARGIN, y + MARGIN);
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" role=\"img\" width=\"{width:.0}\" height=\"{height:.0}\" viewBox=\"0 0 {width:.0} {height:.0}\">\n\
         <title>{}; an arrow means: loads before</title>\n{}\n\
         <rect class=\"sheet\" width=\"100%\" height=\"100%\"/>\n{body}</svg>\n",
        legend::summary(&view),
        legend::definitions(),
    )
}

/// Boxes that hang together by arrows.
#[derive(Default)]
struct Piece<'p, 'v> {
    boxes: Vec<usize>,
    arrows: Vec<&'p Link<'v>>,
    has_number: bool,
}

/// Something drawn at 0, 0, to be put on the sheet.
struct Block {
    size: Point,
    body: String,
}

/// Blocks under one heading.
struct Band {
    heading: &'static str,
    blocks: Vec<Block>,
}

impl Band {
    fn of(heading: &'static str, blocks: Vec<Block>) -> Self {
        Band { heading, blocks }
    }

    fn area(&self) -> f64 {
        let areas = self.blocks.iter();
        areas
            .map(|block| (block.size.0 + BLOCK_GAP) * (block.size.1 + BLOCK_GAP))
            .sum()
    }

    fn width_min(&self) -> f64 {
        let widths = self.blocks.iter().map(|block| block.size.0);
        widths.fold(0.0, f64::max)
    }

    /// The band from `top` down, and where it ends.
    fn drawn(&self, top: f64, width: f64) -> (String, f64) {
        let sizes: Vec<Point> = self.blocks.iter().map(|block| block.size).collect();
        let (corners, size) = pack(&sizes, width);
        let mut drawn = format!(
            "<text class=\"heading\" x=\"{MARGIN:.1}\" y=\"{:.1}\">{}</text>\n",
            top + 26.0,
            self.heading
        );
        let top = top + 38.0;
        for (block, (x, y)) in self.blocks.iter().zip(corners) {
            drawn += &format!(
                "<g transform=\"translate({:.1} {:.1})\">\n{}</g>\n",
                MARGIN + x,
                top + y,
                block.body
            );
        }
        (drawn, top + size.1)
    }
}

fn blocks<'v>(view: &'v View<'v>, parts: &Parts<'v>, takes: fn(&Piece) -> bool) -> Vec<Block> {
    let pieces = pieces(parts);
    let taken = pieces.iter().filter(|piece| takes(piece));
    taken.map(|piece| block(view, parts, piece)).collect()
}

/// The pieces, in the order of their first boxes.
fn pieces<'p, 'v>(parts: &'p Parts<'v>) -> Vec<Piece<'p, 'v>> {
    let mut joined = petgraph::unionfind::UnionFind::new(parts.boxes.len());
    for arrow in &parts.arrows {
        joined.union(arrow.first, arrow.second);
    }
    let labels = joined.into_labeling();
    let mut pieces = std::collections::BTreeMap::<usize, Piece>::new();
    let mut first_of = vec![None; parts.boxes.len()];
    for (number, label) in labels.iter().enumerate() {
        let first = *first_of[*label].get_or_insert(number);
        let piece = pieces.entry(first).or_default();
        piece.boxes.push(number);
        piece.has_number |= parts.boxes[number].number.is_some();
    }
    for arrow in &parts.arrows {
        let first = first_of[labels[arrow.first]];
        if let Some(piece) = first.and_then(|first| pieces.get_mut(&first)) {
            piece.arrows.push(arrow);
        }
    }
    pieces.into_values().collect()
}

fn block<'v>(view: &'v View<'v>, parts: &Parts<'v>, piece: &Piece<'_, 'v>) -> Block {
    let has_arrows = !piece.arrows.is_empty();
    let boxes = piece.boxes.iter().map(|number| &parts.boxes[*number]);
    let boxes: Vec<_> = boxes.map(|part| measured(view, part, has_arrows)).collect();
    let sizes: Vec<Point> = boxes.iter().map(|measured| measured.size).collect();
    // The boxes of a piece are in rising order.
    let place = |number: usize| piece.boxes.partition_point(|other| *other < number);
    let arrows = piece.arrows.iter().map(|link| Arrow {
        first: place(link.first),
        second: place(link.second),
        holds: link.holds(),
    });
    let flow = flow(&sizes, &arrows.collect::<Vec<_>>());
    let mut body = String::new();
    for (link, way) in piece.arrows.iter().zip(&flow.ways) {
        let (class, head) = stroke_class(link.stroke);
        body += &format!(
            "<path class=\"{class}\" marker-end=\"url(#{head})\" d=\"{}\"><title>{}</title></path>\n",
            curve(way),
            escaped(&arrow_words(&link.edges))
        );
    }
    for (measured, corner) in boxes.iter().zip(&flow.corners) {
        body += &measured.drawn(*corner);
    }
    Block {
        size: (flow.width, flow.height),
        body,
    }
}

/// From point to point: straight where they are at one height, else bent. Two points alone are a bow on the
/// right of two boxes in one column.
fn curve(way: &[Point]) -> String {
    let Some(((mut x, mut y), rest)) = way.split_first().map(|(first, rest)| (*first, rest)) else {
        return String::new();
    };
    let mut path = format!("M{x:.1} {y:.1}");
    if let [(to_x, to_y)] = *rest {
        let out = x.max(to_x) + 30.0;
        return path + &format!("C{out:.1} {y:.1} {out:.1} {to_y:.1} {to_x:.1} {to_y:.1}");
    }
    for (to_x, to_y) in rest {
        let is_level = (to_y - y).abs() < 0.05;
        if is_level && (to_x - x).abs() < 0.05 {
            // The head of an arrow would not know where to point.
            continue;
        }
        path += &match is_level {
            true => format!("H{to_x:.1}"),
            false => {
                let middle = f64::midpoint(x, *to_x);
                format!("C{middle:.1} {y:.1} {middle:.1} {to_y:.1} {to_x:.1} {to_y:.1}")
            }
        };
        (x, y) = (*to_x, *to_y);
    }
    path
}

/// The classes of an arrow, and the anchor of its head.
fn stroke_class(stroke: Stroke) -> (&'static str, &'static str) {
    // No id of a mod has a capital letter, so no mod takes these anchors.
    match stroke {
        Stroke::Solid => ("edge", "Head"),
        Stroke::Dashed => ("edge dashed", "Head"),
        Stroke::Dotted => ("edge dotted", "Cut"),
    }
}

/// What the edges say, one after the other: `base → economy: ^1.2 (why)`.
fn arrow_words(edges: &[&Edge]) -> String {
    let words = |edge: &&Edge| {
        let label = label(edge);
        let label = if label.is_empty() {
            label
        } else {
            format!(": {label}")
        };
        let why = edge.cut.as_ref().or(edge.reason.as_ref());
        let why = why.map(|why| format!(" ({why})")).unwrap_or_default();
        format!("{} → {}{label}{why}", edge.first(), edge.second())
    };
    let mut told: Vec<String> = edges.iter().take(EDGES_TOLD).map(words).collect();
    if edges.len() > EDGES_TOLD {
        told.push(format!("… {} more", edges.len() - EDGES_TOLD));
    }
    told.join("; ")
}
