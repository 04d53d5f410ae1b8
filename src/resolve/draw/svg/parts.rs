//! What a picture is made of: boxes with one mod or several, and the arrows between them.
//!
//! A picture of 200 mods is read only if it says each thing once. So mods that load as one are one box, mods
//! that stand in the same way to all others are one box, what many use is named by a number instead of
//! arrows, and arrows that follow from others are left out.

use std::collections::BTreeMap;

use super::super::super::Edge;
use super::super::{Stroke, View, stroke};
use super::base;
use super::implied;
use crate::mod_id::ModId;

/// The most arrows of a picture. Nobody reads one with more.
const ARROWS_MAX: usize = 4_000;

/// What a picture is made of.
#[derive(Debug, Default)]
pub(super) struct Parts<'v> {
    /// In the order of loading: an arrow that holds leads from a smaller number to a larger one.
    pub(super) boxes: Vec<Part<'v>>,
    /// Between different boxes, none of them to or from the mods that have a number.
    pub(super) arrows: Vec<Link<'v>>,
    /// How many arrows are left out because they follow from others.
    pub(super) implied: usize,
    /// How many arrows are left out because there are too many.
    pub(super) unseen: usize,
}

/// One box.
#[derive(Debug)]
pub(super) struct Part<'v> {
    pub(super) kind: Kind,
    pub(super) mods: Vec<&'v ModId>,
    /// The number by which others name it, if many use it.
    pub(super) number: Option<usize>,
    /// The arrows to it or from it that are shown by a number.
    pub(super) marks: Vec<Mark<'v>>,
    /// What the members of a group say about each other.
    pub(super) inner: Vec<&'v Edge>,
}

/// Why these mods are in one box.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// Used for a mod alone.
    One,
    /// Used for mods that load as one group.
    Group,
    /// Used for mods that nobody needs and that need the same.
    Alike,
}

/// What the edges between two boxes say, all in one.
#[derive(Clone, Debug)]
pub(super) struct Link<'v> {
    pub(super) first: usize,
    pub(super) second: usize,
    pub(super) stroke: Stroke,
    pub(super) edges: Vec<&'v Edge>,
}

/// An arrow that is shown by the number of the mod at its other end.
#[derive(Clone, Debug)]
pub(super) struct Mark<'v> {
    pub(super) number: usize,
    pub(super) link: Link<'v>,
}

impl Link<'_> {
    pub(super) fn holds(&self) -> bool {
        self.stroke != Stroke::Dotted
    }
}

pub(super) fn parts<'v>(view: &'v View) -> Parts<'v> {
    let resolution = view.resolution();
    let count = resolution.groups.len();
    let (links, implied) = implied::left_out(count, links(view));
    let middle = view
        .middle()
        .and_then(|around| resolution.mods.get(&around.id));
    let middle = middle.map(|accepted| accepted.group);
    let numbers = base::numbers(count, &links, middle);

    let (marked, links): (Vec<_>, Vec<_>) = links
        .into_iter()
        .partition(|link| numbers.contains_key(&link.first) != numbers.contains_key(&link.second));
    let mut marks: Vec<Vec<Mark>> = vec![Vec::new(); count];
    for link in marked {
        let (at, number) = match numbers.get(&link.first) {
            Some(number) => (link.second, *number),
            None => (link.first, numbers[&link.second]),
        };
        marks[at].push(Mark { number, link });
    }
    let mut parts = Parts {
        implied,
        ..Parts::default()
    };
    let part_of = parts.fill(view, &numbers, marks, &links, middle);
    let (arrows, unseen) = between(links, &part_of);
    parts.arrows = arrows;
    parts.unseen = unseen;
    parts
}

/// The edges between groups, those that hold and those that don't each as one link.
fn links<'v>(view: &'v View) -> Vec<Link<'v>> {
    let resolution = view.resolution();
    let group = |mod_id: &ModId| resolution.mods[mod_id].group;
    let links = resolution.edges.iter().map(|edge| Link {
        first: group(edge.first()),
        second: group(edge.second()),
        stroke: stroke(edge),
        edges: vec![edge],
    });
    merged(links.filter(|link| link.first != link.second))
}

/// Those with the same ends as one, the cut ones apart.
fn merged<'v>(links: impl Iterator<Item = Link<'v>>) -> Vec<Link<'v>> {
    let mut merged: BTreeMap<(usize, usize, bool), Link> = BTreeMap::new();
    for link in links {
        let ends = (link.first, link.second, link.holds());
        match merged.get_mut(&ends) {
            None => {
                merged.insert(ends, link);
            }
            Some(all) => {
                all.stroke = all.stroke.min(link.stroke);
                all.edges.extend(link.edges);
            }
        }
    }
    merged.into_values().collect()
}

/// The links between boxes, and how many are too many.
fn between<'v>(links: Vec<Link<'v>>, part_of: &[usize]) -> (Vec<Link<'v>>, usize) {
    let links = links.into_iter().map(|link| Link {
        first: part_of[link.first],
        second: part_of[link.second],
        ..link
    });
    let mut arrows = merged(links);
    let unseen = arrows.len().saturating_sub(ARROWS_MAX);
    if unseen > 0 {
        // What holds the mods together is kept first.
        arrows.sort_by_key(|arrow| arrow.stroke);
        arrows.truncate(ARROWS_MAX);
    }
    (arrows, unseen)
}

/// Who loads before a mod, and how: mods with the same can share a box.
type Needs = (Vec<(usize, Stroke)>, Vec<(usize, Stroke)>);

impl<'v> Parts<'v> {
    /// Makes the boxes. Returns the box of each group.
    fn fill(
        &mut self,
        view: &'v View,
        numbers: &BTreeMap<usize, usize>,
        mut marks: Vec<Vec<Mark<'v>>>,
        links: &[Link<'v>],
        middle: Option<usize>,
    ) -> Vec<usize> {
        let groups = &view.resolution().groups;
        let mut incoming: Vec<Vec<(usize, Stroke)>> = vec![Vec::new(); groups.len()];
        let mut is_end = vec![true; groups.len()];
        for link in links {
            incoming[link.second].push((link.first, link.stroke));
            is_end[link.first] = false;
            is_end[link.second] &= link.holds();
        }
        let mut alike: BTreeMap<Needs, usize> = BTreeMap::new();
        let mut part_of = Vec::with_capacity(groups.len());
        for (unit, mods) in groups.iter().enumerate() {
            let number = numbers.get(&unit).copied();
            let is_foldable =
                mods.len() == 1 && is_end[unit] && number.is_none() && middle != Some(unit);
            let marks = std::mem::take(&mut marks[unit]);
            if is_foldable {
                let marked = marks.iter().map(|mark| (mark.number, mark.link.stroke));
                let needs = (marked.collect(), std::mem::take(&mut incoming[unit]));
                let part = *alike.entry(needs).or_insert(self.boxes.len());
                part_of.push(part);
                if let Some(others) = self.boxes.get_mut(part) {
                    others.kind = Kind::Alike;
                    others.mods.extend(mods);
                    for (all, mark) in others.marks.iter_mut().zip(marks) {
                        all.link.edges.extend(mark.link.edges);
                    }
                    continue;
                }
            } else {
                part_of.push(self.boxes.len());
            }
            self.boxes.push(Part {
                kind: if mods.len() == 1 {
                    Kind::One
                } else {
                    Kind::Group
                },
                mods: mods.iter().collect(),
                number,
                marks,
                inner: inner(view, mods),
            });
        }
        for part in self
            .boxes
            .iter_mut()
            .filter(|part| part.kind == Kind::Alike)
        {
            part.mods.sort_unstable();
        }
        part_of
    }
}

fn inner<'v>(view: &'v View, mods: &'v [ModId]) -> Vec<&'v Edge> {
    if mods.len() == 1 {
        return Vec::new();
    }
    let resolution = view.resolution();
    let edges = mods.iter().flat_map(|mod_id| resolution.edges_from(mod_id));
    let group = resolution.mods[&mods[0]].group;
    edges
        .filter(|edge| resolution.mods[&edge.to].group == group)
        .collect()
}
