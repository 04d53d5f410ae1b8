//! Where each mod of a picture stands: columns from left to right in the order of loading.
//!
//! An arrow that passes columns between its ends gets a lane in each of them, so that it crosses no box.
//! Arrows from the same mod share their lanes.

use std::collections::{BTreeMap, BTreeSet};

use super::super::{Edge, Resolution};
use crate::mod_id::ModId;

pub(super) const BOX_HEIGHT: f64 = 40.0;
pub(super) const MARGIN: f64 = 24.0;
/// The width of a letter of the monospaced font.
pub(super) const LETTER: f64 = 7.4;
const GAP: f64 = 16.0;
const LANE_HEIGHT: f64 = 8.0;
const COLUMN_GAP: f64 = 96.0;
/// The room around the members of a group.
const GROUP_PADDING: f64 = 10.0;
/// The fewest boxes in a line of mods that have to do with nobody; more where the picture is wider.
const LONERS_PER_LINE: usize = 5;

/// The most columns that all arrows together pass in lanes; the others go straight. A picture with more
/// is not one that anybody reads.
const LANES_MAX: usize = 20_000;

/// A rectangle, in pixels.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Area {
    pub(super) x: f64,
    pub(super) y: f64,
    pub(super) width: f64,
    pub(super) height: f64,
}

/// Where everything stands.
#[derive(Debug, Default)]
pub(super) struct Layout<'a> {
    pub(super) boxes: BTreeMap<&'a ModId, Area>,
    /// Around the mods that load as one group.
    pub(super) groups: Vec<Area>,
    /// The lower right corner of it all.
    pub(super) width: f64,
    pub(super) height: f64,
    columns: Columns<'a>,
    /// The left and the right end of each column.
    ends: Vec<(f64, f64)>,
    /// The height of the lane for arrows from a mod through a column.
    lanes: BTreeMap<(&'a ModId, usize), f64>,
}

/// Which mods stand in which column.
#[derive(Debug, Default)]
struct Columns<'a> {
    of: BTreeMap<&'a ModId, usize>,
    groups: Vec<Vec<&'a [ModId]>>,
    /// The mods whose arrows pass each column.
    passing: Vec<BTreeSet<&'a ModId>>,
}

/// What takes room in a column.
#[derive(Clone, Copy)]
enum Item<'a> {
    Group(&'a [ModId]),
    Lane(&'a ModId),
}

pub(super) fn layout(resolution: &Resolution) -> Layout<'_> {
    let groups = resolution.groups.iter().map(Vec::as_slice);
    let (loners, connected): (Vec<_>, Vec<_>) =
        groups.partition(|group| edges_of(resolution, group).next().is_none());
    let mut layout = Layout {
        columns: columns(resolution, &connected),
        ..Layout::default()
    };
    let mut x = MARGIN;
    for column in 0..layout.columns.groups.len() {
        let width = layout.place_column(resolution, column, x);
        x += width + COLUMN_GAP;
        layout.width = x - COLUMN_GAP;
    }
    layout.place_loners(resolution, &loners);
    layout.width = layout.width.max(MARGIN) + MARGIN;
    layout.height = layout.height.max(MARGIN) + MARGIN;
    layout
}

fn edges_of<'a>(resolution: &'a Resolution, group: &'a [ModId]) -> impl Iterator<Item = &'a Edge> {
    group.iter().flat_map(|mod_id| {
        resolution
            .edges_from(mod_id)
            .iter()
            .chain(resolution.edges_to(mod_id))
    })
}

/// The groups in columns: each one right of everything that loads before it because of an edge, and what
/// waits for nothing just left of what waits for it.
fn columns<'a>(resolution: &'a Resolution, groups: &[&'a [ModId]]) -> Columns<'a> {
    let mut columns = Columns::default();
    for group in groups {
        let before = ends(resolution, group, Edge::first);
        let column = before.filter_map(|mod_id| columns.of.get(mod_id)).max();
        let column = column.map_or(0, |column| column + 1);
        columns
            .of
            .extend(group.iter().map(|mod_id| (mod_id, column)));
    }
    for group in groups {
        let later = ends(resolution, group, Edge::second);
        let later = later
            .filter_map(|mod_id| columns.of.get(mod_id))
            .min()
            .copied();
        if let (Some(0), Some(later)) = (columns.of.get(&group[0]), later) {
            columns
                .of
                .extend(group.iter().map(|mod_id| (mod_id, later - 1)));
        }
    }
    let count = columns.of.values().max().map_or(0, |last| last + 1);
    columns.groups = vec![Vec::new(); count];
    columns.passing = vec![BTreeSet::new(); count];
    for group in groups {
        columns.groups[columns.of[&group[0]]].push(group);
    }
    let mut lanes = 0;
    for edge in resolution.edges.iter().filter(|edge| edge.cut.is_none()) {
        let between = columns.of[edge.first()] + 1..columns.of[edge.second()];
        lanes += between.len();
        if lanes > LANES_MAX {
            break;
        }
        for column in between {
            columns.passing[column].insert(edge.first());
        }
    }
    columns
}

/// The mods outside of the group at that end of its edges.
fn ends<'a>(
    resolution: &'a Resolution,
    group: &'a [ModId],
    end: fn(&Edge) -> &ModId,
) -> impl Iterator<Item = &'a ModId> {
    let edges = edges_of(resolution, group).filter(|edge| edge.cut.is_none());
    let group_of = |mod_id: &ModId| resolution.mods.get(mod_id).map(|accepted| accepted.group);
    let own = group.first().and_then(group_of);
    edges.map(end).filter(move |mod_id| group_of(mod_id) != own)
}

pub(super) fn box_width(resolution: &Resolution, mod_id: &ModId) -> f64 {
    let version = resolution.mods[mod_id].version.to_string().len();
    letters(mod_id.as_str().len().max(version)) + 24.0
}

pub(super) fn letters(count: usize) -> f64 {
    u16::try_from(count).map_or(f64::from(u16::MAX), f64::from) * LETTER
}

impl<'a> Layout<'a> {
    /// The points through which an arrow goes: two for each column between its ends.
    pub(super) fn way(&self, first: &'a ModId, second: &'a ModId) -> Vec<(f64, f64)> {
        let mut way = Vec::new();
        for column in self.columns.of[first] + 1..self.columns.of[second] {
            // Beyond `LANES_MAX` there are none.
            let Some(y) = self.lanes.get(&(first, column)) else {
                break;
            };
            way.extend([(self.ends[column].0, *y), (self.ends[column].1, *y)]);
        }
        way
    }

    /// Stacks groups and lanes, each as near as it can be to the mods that it waits for. Returns the width.
    fn place_column(&mut self, resolution: &Resolution, column: usize, x: f64) -> f64 {
        let groups = self.columns.groups[column]
            .iter()
            .map(|group| Item::Group(group));
        let lanes = self.columns.passing[column]
            .iter()
            .map(|mod_id| Item::Lane(mod_id));
        let items = groups
            .chain(lanes)
            .map(|item| (self.height_before(resolution, column, item), item));
        let mut items: Vec<(f64, Item<'a>)> = items.collect();
        items.sort_by(|a, b| a.0.total_cmp(&b.0));

        let members = self.columns.groups[column]
            .iter()
            .flat_map(|group| group.iter());
        let width = members
            .map(|mod_id| box_width(resolution, mod_id))
            .fold(0.0, f64::max);
        let mut y = MARGIN;
        for (_, item) in items {
            y = match item {
                Item::Group(group) => self.place_group(group, x + GROUP_PADDING, y, width),
                Item::Lane(mod_id) => {
                    self.lanes.insert((mod_id, column), y + LANE_HEIGHT / 2.0);
                    y + LANE_HEIGHT
                }
            } + GAP;
        }
        self.height = self.height.max(y - GAP);
        self.ends.push((x, x + width + 2.0 * GROUP_PADDING));
        width + 2.0 * GROUP_PADDING
    }

    /// Stacks the members from `top` down. Returns where the next one may begin.
    fn place_group(&mut self, group: &'a [ModId], x: f64, top: f64, width: f64) -> f64 {
        let padding = if group.len() > 1 { GROUP_PADDING } else { 0.0 };
        let mut y = top + padding;
        for mod_id in group {
            self.boxes.insert(
                mod_id,
                Area {
                    x,
                    y,
                    width,
                    height: BOX_HEIGHT,
                },
            );
            y += BOX_HEIGHT + GAP;
        }
        let bottom = y - GAP + padding;
        if group.len() > 1 {
            self.groups.push(Area {
                x: x - padding,
                y: top,
                width: width + 2.0 * padding,
                height: bottom - top,
            });
        }
        bottom
    }

    /// The mean height, in the column before, of what comes from there.
    fn height_before(&self, resolution: &Resolution, column: usize, item: Item) -> f64 {
        let height = |mod_id: &ModId| {
            let lane = column
                .checked_sub(1)
                .and_then(|before| self.lanes.get(&(mod_id, before)));
            lane.copied().or_else(|| {
                self.boxes
                    .get(mod_id)
                    .map(|area| area.y + area.height / 2.0)
            })
        };
        match item {
            Item::Lane(mod_id) => height(mod_id).unwrap_or_default(),
            Item::Group(group) => {
                let heights = ends(resolution, group, Edge::first).filter_map(height);
                let (sum, count) =
                    heights.fold((0.0, 0.0), |(sum, count), y| (sum + y, count + 1.0));
                if count == 0.0 { 0.0 } else { sum / count }
            }
        }
    }

    /// Mods that have to do with nobody stand in lines below the others.
    fn place_loners(&mut self, resolution: &Resolution, groups: &[&'a [ModId]]) {
        let loners: Vec<&ModId> = groups.iter().flat_map(|group| group.iter()).collect();
        let width = loners
            .iter()
            .map(|mod_id| box_width(resolution, mod_id))
            .fold(0.0, f64::max);
        let mut y = if self.boxes.is_empty() {
            MARGIN
        } else {
            self.height + 2.0 * GAP
        };
        let mut x = MARGIN + GROUP_PADDING;
        for (number, mod_id) in loners.into_iter().enumerate() {
            let is_full = number >= LONERS_PER_LINE && x + width > self.width;
            if is_full {
                x = MARGIN + GROUP_PADDING;
                y += BOX_HEIGHT + GAP;
            }
            let area = Area {
                x,
                y,
                width,
                height: BOX_HEIGHT,
            };
            self.boxes.insert(mod_id, area);
            self.width = self.width.max(x + width);
            self.height = y + BOX_HEIGHT;
            x += width + GAP;
        }
    }
}
