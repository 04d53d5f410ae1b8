//! Where each mod of a picture stands: columns from left to right in the order of loading.

use std::collections::BTreeMap;

use super::super::Resolution;
use crate::mod_id::ModId;

pub(super) const BOX_HEIGHT: f64 = 40.0;
pub(super) const MARGIN: f64 = 24.0;
/// The width of a letter of the monospaced font.
pub(super) const LETTER: f64 = 7.4;
const GAP: f64 = 16.0;
const COLUMN_GAP: f64 = 96.0;
/// The room around the members of a group.
const GROUP_PADDING: f64 = 10.0;
/// The most boxes in a line of mods that have to do with nobody.
const LONERS_PER_LINE: usize = 5;

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
}

pub(super) fn layout(resolution: &Resolution) -> Layout<'_> {
    let mut layout = Layout::default();
    let (loners, connected): (Vec<&[ModId]>, Vec<&[ModId]>) = resolution
        .groups
        .iter()
        .map(Vec::as_slice)
        .partition(|group| {
            group.iter().all(|mod_id| {
                resolution.edges_from(mod_id).is_empty()
                    && resolution.edges_to(mod_id).next().is_none()
            })
        });
    let mut x = MARGIN;
    for column in columns(resolution, &connected) {
        let width = column.iter().flat_map(|group| group.iter());
        let width = width
            .map(|mod_id| box_width(resolution, mod_id))
            .fold(0.0, f64::max);
        layout.place_column(resolution, &column, x + GROUP_PADDING, width);
        x += width + 2.0 * GROUP_PADDING + COLUMN_GAP;
        layout.width = x - COLUMN_GAP;
    }
    layout.place_loners(resolution, &loners);
    layout.width = layout.width.max(MARGIN) + MARGIN;
    layout.height = layout.height.max(MARGIN) + MARGIN;
    layout
}

/// The groups in columns: each one right of everything that loads before it because of an edge.
fn columns<'a>(resolution: &Resolution, groups: &[&'a [ModId]]) -> Vec<Vec<&'a [ModId]>> {
    let mut column_of: BTreeMap<&ModId, usize> = BTreeMap::new();
    let mut columns: Vec<Vec<&[ModId]>> = Vec::new();
    for group in groups {
        let edges = group.iter().flat_map(|mod_id| {
            resolution
                .edges_from(mod_id)
                .iter()
                .chain(resolution.edges_to(mod_id))
        });
        // Only what comes before has a column yet.
        let before = edges
            .filter(|edge| edge.cut.is_none())
            .flat_map(|edge| [edge.first(), edge.second()])
            .filter_map(|mod_id| column_of.get(mod_id));
        let column = before.max().map_or(0, |column| column + 1);
        column_of.extend(group.iter().map(|mod_id| (mod_id, column)));
        if column == columns.len() {
            columns.push(Vec::new());
        }
        columns[column].push(group);
    }
    columns
}

pub(super) fn box_width(resolution: &Resolution, mod_id: &ModId) -> f64 {
    let version = resolution.mods[mod_id].version.to_string().len();
    letters(mod_id.as_str().len().max(version)) + 24.0
}

pub(super) fn letters(count: usize) -> f64 {
    u16::try_from(count).map_or(f64::from(u16::MAX), f64::from) * LETTER
}

impl<'a> Layout<'a> {
    /// Stacks the groups, each as near as it can be to the mods that it waits for.
    fn place_column(
        &mut self,
        resolution: &Resolution,
        groups: &[&'a [ModId]],
        x: f64,
        width: f64,
    ) {
        let heights = groups
            .iter()
            .map(|group| self.middle_before(resolution, group));
        let mut placed: Vec<(f64, &[ModId])> = heights.zip(groups.iter().copied()).collect();
        placed.sort_by(|a, b| a.0.total_cmp(&b.0));
        let mut y = MARGIN;
        for (_, group) in placed {
            let padding = if group.len() > 1 { GROUP_PADDING } else { 0.0 };
            let top = y;
            y += padding;
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
            y += padding;
            if group.len() > 1 {
                self.groups.push(Area {
                    x: x - padding,
                    y: top,
                    width: width + 2.0 * padding,
                    height: y - GAP - top,
                });
            }
        }
        self.height = self.height.max(y - GAP);
    }

    /// The mean height of the mods that have edges to the group and stand already.
    fn middle_before(&self, resolution: &Resolution, group: &[ModId]) -> f64 {
        let edges = group.iter().flat_map(|mod_id| {
            resolution
                .edges_from(mod_id)
                .iter()
                .chain(resolution.edges_to(mod_id))
        });
        let ends = edges.flat_map(|edge| [edge.first(), edge.second()]);
        let heights = ends
            .filter_map(|mod_id| self.boxes.get(mod_id))
            .map(|area| area.y);
        let (sum, count) = heights.fold((0.0, 0.0), |(sum, count), y| (sum + y, count + 1.0));
        if count == 0.0 { 0.0 } else { sum / count }
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
        for line in loners.chunks(LONERS_PER_LINE) {
            let mut x = MARGIN + GROUP_PADDING;
            for mod_id in line {
                self.boxes.insert(
                    mod_id,
                    Area {
                        x,
                        y,
                        width,
                        height: BOX_HEIGHT,
                    },
                );
                self.width = self.width.max(x + width);
                x += width + GAP;
            }
            self.height = y + BOX_HEIGHT;
            y += BOX_HEIGHT + GAP;
        }
    }
}
