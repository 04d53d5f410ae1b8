//! The load order: groups of mods that require each other, in a line; soft wishes give way.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use petgraph::algo::kosaraju_scc;
use petgraph::graph::{DiGraph, NodeIndex};

/// "`first` loads before `second`."
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Link {
    pub(super) first: usize,
    pub(super) second: usize,
    pub(super) strength: Strength,
}

/// What a [`Link`] comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Strength {
    /// Used for `after` and `before`.
    Hint,
    /// Used for an optional dependency.
    Optional,
    /// Used for a required dependency. A circle of them is a group.
    Required,
    /// Used for the user's own order. It never closes a circle of required dependencies, except inside a
    /// group, which can be in any order.
    Listed,
}

/// Hints go first; an optional dependency works late-bound, too; among groups no circle is left that is
/// of required dependencies alone.
fn hardness(strength: Strength) -> u8 {
    match strength {
        Strength::Hint => 0,
        Strength::Optional => 1,
        Strength::Required | Strength::Listed => 2,
    }
}

/// Inside a group some requirement has to wait, and a hint is the only way to say which.
fn hardness_in_group(strength: Strength) -> u8 {
    match strength {
        Strength::Optional => 0,
        Strength::Required => 1,
        Strength::Hint => 2,
        Strength::Listed => 3,
    }
}

/// The load order of some mods.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Order {
    /// The mods in load order; mods that require each other are one group.
    pub(super) groups: Vec<Vec<usize>>,
    /// The links that do not hold.
    pub(super) cuts: Vec<Cut>,
}

/// A link that does not hold, because others lead from its `second` back to its `first`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Cut {
    /// The place of the link in the list of links.
    pub(super) link: usize,
    /// The links back, in order, as far as they are shown: at most [`CIRCLE_SHOWN`].
    pub(super) back: Vec<usize>,
    /// How many links the whole circle has.
    pub(super) length: usize,
}

/// The most links of a circle that anybody wants to read.
pub(super) const CIRCLE_SHOWN: usize = 8;

/// Puts `0..count` in order. Ties go to the smaller number.
///
/// Every circle loses its softest link; of equal ones the one that holds back the smallest number.
pub(super) fn order(count: usize, links: &[Link]) -> Order {
    let mut members = groups(count, links);
    let mut group_of = vec![0; count];
    for (number, group) in members.iter().enumerate() {
        group.iter().for_each(|index| group_of[*index] = number);
    }
    let is_inside = |number: usize| group_of[links[number].first] == group_of[links[number].second];

    let among_groups = links.iter().map(|link| Link {
        first: group_of[link.first],
        second: group_of[link.second],
        ..*link
    });
    let among_groups: Vec<Link> = among_groups.collect();
    let (line, mut cuts) = line_up(&among_groups, members.len(), |number| {
        (!is_inside(number)).then(|| hardness(links[number].strength))
    });
    let (line_inside, cuts_inside) = line_up(links, count, |number| {
        is_inside(number).then(|| hardness_in_group(links[number].strength))
    });
    cuts.extend(cuts_inside);
    cuts.sort_unstable();

    let position = positions(&line_inside);
    let groups = line.into_iter().map(|number| {
        let mut group = std::mem::take(&mut members[number]);
        group.sort_unstable_by_key(|index| position[*index]);
        group
    });
    Order {
        groups: groups.collect(),
        cuts,
    }
}

/// The mods that require each other, each group sorted, the groups by their smallest member.
fn groups(count: usize, links: &[Link]) -> Vec<Vec<usize>> {
    let mut graph: DiGraph<(), (), usize> = DiGraph::with_capacity(count, links.len());
    for _ in 0..count {
        graph.add_node(());
    }
    for link in links
        .iter()
        .filter(|link| link.strength == Strength::Required)
    {
        graph.add_edge(NodeIndex::new(link.first), NodeIndex::new(link.second), ());
    }
    // Not `tarjan_scc`: it recurses, as deep as the longest chain of mods.
    let components = kosaraju_scc(&graph).into_iter().map(|component| {
        let mut members: Vec<usize> = component.into_iter().map(NodeIndex::index).collect();
        members.sort_unstable();
        members
    });
    let mut groups: Vec<_> = components.collect();
    groups.sort_unstable();
    groups
}

/// `0..count` such that the links hold, except those cut. Links without a hardness do not count.
fn line_up(
    links: &[Link],
    count: usize,
    hardness: impl Fn(usize) -> Option<u8>,
) -> (Vec<usize>, Vec<Cut>) {
    let hardness: Vec<Option<u8>> = (0..links.len()).map(hardness).collect();
    if hardness.iter().all(Option::is_none) {
        return ((0..count).collect(), Vec::new());
    }
    let mut incoming: Vec<Vec<usize>> = vec![Vec::new(); count];
    for number in (0..links.len()).filter(|number| hardness[*number].is_some()) {
        incoming[links[number].second].push(number);
    }
    let mut cuts = break_circles(links, &hardness, &incoming);
    let mut is_cut = vec![false; links.len()];
    cuts.iter().for_each(|cut| is_cut[cut.link] = true);
    let line = smallest_first(links, &incoming, &is_cut);
    let position = positions(&line);
    // A link cut for one circle may hold after all, thanks to a later cut.
    cuts.retain(|cut| position[links[cut.link].first] > position[links[cut.link].second]);
    (line, cuts)
}

/// Where each number stands in `line`.
fn positions(line: &[usize]) -> Vec<usize> {
    let mut positions = vec![0; line.len()];
    for (place, index) in line.iter().enumerate() {
        positions[*index] = place;
    }
    positions
}

/// Links without which no circle is left.
///
/// A walk from each mod to what must load before it. Where the walk meets itself, the softest link of
/// that circle goes and the walk steps back to it.
fn break_circles(links: &[Link], hardness: &[Option<u8>], incoming: &[Vec<usize>]) -> Vec<Cut> {
    let mut walk = Walk {
        next: vec![0; incoming.len()],
        done: vec![false; incoming.len()],
        step: vec![None; incoming.len()],
        path: Vec::new(),
        via: Vec::new(),
    };
    let mut is_cut = vec![false; links.len()];
    let mut cuts = Vec::new();
    for start in 0..incoming.len() {
        if !walk.done[start] {
            walk.enter(start);
        }
        while let Some(&index) = walk.path.last() {
            let Some(&number) = incoming[index].get(walk.next[index]) else {
                walk.done[index] = true;
                walk.step_back_to(walk.path.len() - 1);
                continue;
            };
            let earlier = links[number].first;
            if is_cut[number] || walk.done[earlier] {
                walk.next[index] += 1;
            } else if let Some(step) = walk.step[earlier] {
                walk.via.push(number);
                let (softest, cut) = softest_cut(links, hardness, &walk.via[step..]);
                is_cut[cut.link] = true;
                cuts.push(cut);
                walk.step_back_to(step + softest + 1);
            } else {
                walk.via.push(number);
                walk.enter(earlier);
            }
        }
    }
    cuts
}

/// The softest link of a circle that was walked backwards, and its place in it.
fn softest_cut(links: &[Link], hardness: &[Option<u8>], circle: &[usize]) -> (usize, Cut) {
    let key = |place: &usize| (hardness[circle[*place]], links[circle[*place]].second);
    let softest = (0..circle.len()).min_by_key(key).unwrap_or_default();
    let length = circle.len();
    let back = (1..length).map(|steps| circle[(softest + length - steps) % length]);
    let cut = Cut {
        link: circle[softest],
        back: back.take(CIRCLE_SHOWN).collect(),
        length,
    };
    (softest, cut)
}

struct Walk {
    /// The next incoming link to follow, of each mod.
    next: Vec<usize>,
    /// Whether everything before a mod has been walked.
    done: Vec<bool>,
    /// Where in the path a mod is.
    step: Vec<Option<usize>>,
    path: Vec<usize>,
    /// The links between the mods of the path.
    via: Vec<usize>,
}

impl Walk {
    fn enter(&mut self, index: usize) {
        self.step[index] = Some(self.path.len());
        self.path.push(index);
    }

    /// Shortens the path to `steps` mods.
    fn step_back_to(&mut self, steps: usize) {
        for index in self.path.drain(steps..) {
            self.step[index] = None;
        }
        self.via.truncate(steps.saturating_sub(1));
    }
}

/// Everything in an order that the links allow, always the smallest number that may go next.
fn smallest_first(links: &[Link], incoming: &[Vec<usize>], is_cut: &[bool]) -> Vec<usize> {
    let mut waits_for = vec![0_usize; incoming.len()];
    let mut outgoing: Vec<Vec<usize>> = vec![Vec::new(); incoming.len()];
    for number in incoming.iter().flatten().filter(|number| !is_cut[**number]) {
        waits_for[links[*number].second] += 1;
        outgoing[links[*number].first].push(links[*number].second);
    }
    let ready = (0..incoming.len()).filter(|index| waits_for[*index] == 0);
    let mut ready: BinaryHeap<Reverse<usize>> = ready.map(Reverse).collect();
    let mut line = Vec::with_capacity(incoming.len());
    while let Some(Reverse(index)) = ready.pop() {
        line.push(index);
        for later in &outgoing[index] {
            waits_for[*later] -= 1;
            if waits_for[*later] == 0 {
                ready.push(Reverse(*later));
            }
        }
    }
    line
}
