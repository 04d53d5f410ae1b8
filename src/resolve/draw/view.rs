//! [`View`]: how much of a resolution a drawing shows: all, or what lies around one mod.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::super::{Accepted, Edge, Resolution};
use crate::mod_id::ModId;

/// The most steps from a rejected mod to its root cause. They are one line of mods, so all are shown
/// wherever people would read them.
const CAUSES_MAX: usize = 24;

/// How much of a resolution a drawing shows: all of it, or what lies around one mod.
///
/// # Example
///
/// ```
/// use lunation::resolve::{Resolution, draw};
/// let resolution = Resolution::default();
/// assert_eq!(draw::text(&resolution), "no mod loads\n");
/// assert!(draw::View::around(&resolution, &"economy".parse()?, 2).is_none());
/// # Ok::<(), lunation::InvalidModId>(())
/// ```
#[derive(Clone, Debug)]
pub struct View<'a> {
    resolution: Cow<'a, Resolution>,
    around: Option<Around>,
}

/// One mod in the middle, and how much was left out around it.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Around {
    pub(super) id: ModId,
    pub(super) depth: usize,
    /// What is left out next to each shown mod that has more neighbours.
    pub(super) more: BTreeMap<ModId, More>,
}

/// How many neighbours of a mod are left out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub(super) struct More {
    /// Those that load before it.
    pub(super) before: usize,
    /// Those that load after it, or wait for it in vain.
    pub(super) after: usize,
}

impl<'a> From<&'a Resolution> for View<'a> {
    fn from(resolution: &'a Resolution) -> Self {
        View {
            resolution: Cow::Borrowed(resolution),
            around: None,
        }
    }
}

impl View<'_> {
    /// What can be reached from `mod_id` in `depth` steps, either up or down: what it loads after, and what
    /// loads after it. `None` if there is no such mod.
    ///
    /// Mods that load as one group are shown together. Of a rejected mod all causes are shown, unless the
    /// depth is 0.
    pub fn around(resolution: &Resolution, mod_id: &ModId, depth: usize) -> Option<View<'static>> {
        let is_known = resolution.accepts(mod_id) || resolution.rejected.contains_key(mod_id);
        if !is_known {
            return None;
        }
        let neighbours = Neighbours::of(resolution);
        let mut shown = neighbours.reach(mod_id, depth, Neighbours::before);
        shown.extend(neighbours.reach(mod_id, depth, Neighbours::after));
        if depth > 0 {
            let causes = std::iter::successors(neighbours.cause(mod_id), |id| neighbours.cause(id));
            shown.extend(causes.take(CAUSES_MAX));
        }
        let more = shown.iter().filter_map(|id| {
            let more = More {
                before: neighbours.before(id).difference(&shown).count(),
                after: neighbours.after(id).difference(&shown).count(),
            };
            (more != More::default()).then(|| ((*id).clone(), more))
        });
        let around = Around {
            id: mod_id.clone(),
            depth,
            more: more.collect(),
        };
        Some(View {
            resolution: Cow::Owned(part(resolution, &shown)),
            around: Some(around),
        })
    }

    pub(super) fn resolution(&self) -> &Resolution {
        &self.resolution
    }

    /// The mod in the middle, where there is one.
    pub(super) fn middle(&self) -> Option<&Around> {
        self.around.as_ref()
    }

    /// What the drawing shows of the whole, as the end of a heading: `, 2 steps around economy`.
    pub(super) fn heading(&self) -> String {
        match &self.around {
            None => String::new(),
            Some(Around { id, depth: 1, .. }) => format!(", 1 step around {id}"),
            Some(Around { id, depth, .. }) => format!(", {depth} steps around {id}"),
        }
    }

    pub(super) fn more(&self, mod_id: &ModId) -> More {
        let more = self
            .around
            .as_ref()
            .and_then(|around| around.more.get(mod_id));
        more.copied().unwrap_or_default()
    }
}

impl More {
    /// `… 3 more before it, 12 more after it`; nothing if nothing is left out.
    pub(super) fn words(self) -> String {
        match self {
            More {
                before: 0,
                after: 0,
            } => String::new(),
            More { before, after: 0 } => format!("… {before} more before it"),
            More { before: 0, after } => format!("… {after} more after it"),
            More { before, after } => format!("… {before} more before it, {after} more after it"),
        }
    }
}

/// Who stands next to whom: by edges, and where a rejected mod waits for another one.
struct Neighbours<'r> {
    resolution: &'r Resolution,
    /// The rejected mods that wait for each mod.
    waiting: BTreeMap<&'r ModId, Vec<&'r ModId>>,
}

impl<'r> Neighbours<'r> {
    fn of(resolution: &'r Resolution) -> Self {
        let mut waiting: BTreeMap<_, Vec<_>> = BTreeMap::new();
        for (mod_id, rejection) in &resolution.rejected {
            if let Some(waits_for) = &rejection.waits_for {
                waiting.entry(waits_for).or_default().push(mod_id);
            }
        }
        Neighbours {
            resolution,
            waiting,
        }
    }

    fn before(&self, mod_id: &'r ModId) -> BTreeSet<&'r ModId> {
        let edges = self.edges(mod_id).filter(|edge| edge.second() == mod_id);
        edges.map(Edge::first).chain(self.cause(mod_id)).collect()
    }

    /// The mod for which a rejected one waits, if it is there.
    fn cause(&self, mod_id: &ModId) -> Option<&'r ModId> {
        let waits_for = self.resolution.rejected.get(mod_id)?.waits_for.as_ref()?;
        let is_there =
            self.resolution.accepts(waits_for) || self.resolution.rejected.contains_key(waits_for);
        (is_there && waits_for != mod_id).then_some(waits_for)
    }

    fn after(&self, mod_id: &'r ModId) -> BTreeSet<&'r ModId> {
        let edges = self.edges(mod_id).filter(|edge| edge.first() == mod_id);
        let waiting = self.waiting.get(mod_id).into_iter().flatten().copied();
        let waiting = waiting.filter(|id| *id != mod_id);
        edges.map(Edge::second).chain(waiting).collect()
    }

    fn edges(&self, mod_id: &'r ModId) -> impl Iterator<Item = &'r Edge> {
        let from = self.resolution.edges_from(mod_id).iter();
        from.chain(self.resolution.edges_to(mod_id))
    }

    /// The mods in reach of so many steps, `start` among them, with all that load as one with any of them.
    fn reach(
        &self,
        start: &ModId,
        depth: usize,
        next: fn(&Self, &'r ModId) -> BTreeSet<&'r ModId>,
    ) -> BTreeSet<&'r ModId> {
        let mut reached = BTreeSet::new();
        let mut fresh: Vec<&'r ModId> = self.with_group(start);
        for step in 0..=depth {
            fresh.retain(|mod_id| reached.insert(*mod_id));
            if step == depth || fresh.is_empty() {
                break;
            }
            let near: BTreeSet<_> = fresh
                .iter()
                .flat_map(|mod_id| next(self, mod_id))
                .filter(|mod_id| !reached.contains(mod_id))
                .collect();
            fresh = near
                .into_iter()
                .flat_map(|mod_id| self.with_group(mod_id))
                .collect();
        }
        reached
    }

    fn with_group(&self, mod_id: &ModId) -> Vec<&'r ModId> {
        let rejected = self.resolution.rejected.get_key_value(mod_id);
        let group = self.resolution.group_of(mod_id).iter();
        group.chain(rejected.map(|(mod_id, _)| mod_id)).collect()
    }
}

/// The resolution with nothing but these mods. Each keeps its place in the order of all.
fn part(whole: &Resolution, shown: &BTreeSet<&ModId>) -> Resolution {
    let is_shown = |mod_id: &&ModId| shown.contains(*mod_id);
    let mut part = Resolution::default();
    for group in &whole.groups {
        let group: Vec<ModId> = group.iter().filter(is_shown).cloned().collect();
        if group.is_empty() {
            continue;
        }
        for mod_id in &group {
            let accepted = Accepted {
                group: part.groups.len(),
                ..whole.mods[mod_id].clone()
            };
            part.mods.insert(mod_id.clone(), accepted);
        }
        part.order.extend(group.iter().cloned());
        part.groups.push(group);
    }
    let edges = whole.edges.iter();
    let edges = edges.filter(|edge| shown.contains(&edge.from) && shown.contains(&edge.to));
    part.put_edges(edges.cloned().collect());
    let rejected = whole
        .rejected
        .iter()
        .filter(|(mod_id, _)| shown.contains(mod_id));
    part.rejected = rejected
        .map(|(mod_id, rejection)| (mod_id.clone(), rejection.clone()))
        .collect();
    let duplicates = whole.duplicates.iter();
    part.duplicates = duplicates
        .filter(|duplicate| shown.contains(&duplicate.id))
        .cloned()
        .collect();
    let problems = whole.problems.iter();
    part.problems = problems
        .filter(|problem| problem.mod_id.as_ref().is_some_and(|id| shown.contains(id)))
        .cloned()
        .collect();
    for (name, providers) in &whole.provided {
        let providers: Vec<ModId> = providers.iter().filter(is_shown).cloned().collect();
        if !providers.is_empty() {
            part.provided.insert(name.clone(), providers);
        }
    }
    part
}
