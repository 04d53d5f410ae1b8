//! What works all the same, but surely is not meant.

use std::collections::BTreeMap;

use super::Reporter;
use crate::mod_id::ModId;
use crate::problem::{Code, Problem};
use crate::resolve::accept::Failure;
use crate::resolve::resolution::{Edge, EdgeKind, Resolution};
use crate::resolve::words;

/// Why an optional dependency that is there can't be used.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Unusable<'a> {
    /// The candidate that is there.
    provider: usize,
    name: &'a ModId,
    /// The requirement that its version does not meet; otherwise it is rejected.
    refused: Option<String>,
}

impl Reporter<'_> {
    /// Optional dependencies that are there but can't be used: each cause once.
    pub(super) fn unusable(&self) -> Vec<Problem> {
        let mut causes: BTreeMap<Unusable, Vec<(usize, usize)>> = BTreeMap::new();
        for (index, number, failure) in &self.acceptance.unusable {
            let dependency = self.dependency(*index, *number);
            let (provider, refused) = match failure {
                Failure::WrongVersion { candidate } | Failure::PassedOver { candidate } => {
                    (*candidate, Some(dependency.versions.to_string()))
                }
                Failure::Rejected { provider } => (self.acceptance.stands_for[*provider], None),
                Failure::Missing => continue,
            };
            let name = &dependency.id;
            let cause = Unusable {
                provider,
                name,
                refused,
            };
            causes.entry(cause).or_default().push((*index, *number));
        }
        let mut problems = Vec::new();
        for (
            Unusable {
                provider, refused, ..
            },
            users,
        ) in causes
        {
            let Some((index, number)) = users.first().copied() else {
                continue;
            };
            let dependency = self.dependency(index, number);
            let who = words::provider(self.pool.candidates[provider].manifest, &dependency.id);
            let wanted = words::wanted(dependency);
            let others = users[1..]
                .iter()
                .map(|(index, _)| &self.mods[*index].manifest.id);
            let others = words::so_do(others);
            let problem = if refused.is_some() {
                let text = format!("runs without the optional {wanted}: there is {who}{others}");
                Problem::warning(Code::WRONG_DEPENDENCY_VERSION, text).hint(
                    words::hint_for_version(self.pool.candidates[provider].manifest, dependency),
                )
            } else {
                let text = format!("runs without the optional {wanted}: {who} is rejected{others}");
                Problem::warning(Code::DEPENDENCY_REJECTED, text).hint(format!(
                    "`{}` has a problem of its own: mend that first",
                    self.pool.candidates[provider].manifest.id
                ))
            };
            problems.push(
                problem
                    .of(&self.mods[index].manifest.id)
                    .at(dependency.place.clone()),
            );
        }
        problems
    }

    pub(super) fn unchecked_game(&self) -> Option<Problem> {
        let (index, count) = self.acceptance.unchecked_game?;
        let manifest = self.mods[index].manifest;
        let game = manifest.game.as_ref()?;
        let others = match count {
            0 | 1 => String::new(),
            2 => "; so is that of 1 other mod".to_owned(),
            _ => format!("; so are those of {} other mods", count - 1),
        };
        let text = format!(
            "asks for the game version {}, which is not checked, because the version of the game is not known{others}",
            game.versions
        );
        let problem = Problem::warning(Code::WRONG_HOST_VERSION, text);
        let problem =
            problem.hint("a game states it with `host_version` when it builds the manager");
        Some(problem.of(&manifest.id).at(game.place.clone()))
    }
}

/// A search that was given up.
pub(super) fn cut_short() -> Problem {
    let text = "too many mods contradict each other to find the best set in time: a good one is used, and another might have more mods or newer versions";
    Problem::warning(Code::SEARCH_CUT_SHORT, text)
        .hint("switch off some of the mods that are in conflict")
}

/// Mods that require each other: a warning for each group.
pub(super) fn groups(resolution: &Resolution) -> Vec<Problem> {
    let groups = resolution.groups.iter().filter(|group| group.len() > 1);
    let problem = |group: &Vec<ModId>| {
        let first = group.iter().min()?;
        let others: Vec<&ModId> = group.iter().filter(|id| *id != first).collect();
        let text = format!(
            "is in a circle with {}: they require each other and load as one group",
            words::list(others.into_iter(), words::CYCLE_SHOWN)
        );
        let is_inside = |edge: &&Edge| {
            edge.kind == EdgeKind::Required
                && resolution.mods.get(&edge.to).map(|to| to.group)
                    == resolution.mods.get(first).map(|first| first.group)
        };
        let problem = Problem::warning(Code::DEPENDENCY_CYCLE, text).of(first).hint(
            "use the other's exports in handlers, not in top-level code, or make one of the dependencies optional",
        );
        Some(match resolution.edges_from(first).iter().find(is_inside) {
            Some(edge) => problem.at(edge.place.clone()),
            None => problem,
        })
    };
    groups.filter_map(problem).collect()
}

const OTHER_LINK: &str = "remove the hint, or another link of the circle";

/// Hints and optional dependencies that do not hold for the order: a warning for each mod.
pub(super) fn cut_edges(edges: &[Edge]) -> Vec<Problem> {
    let mut problems = Vec::new();
    for of_mod in edges.chunk_by(|a, b| a.from == b.from) {
        let cut = of_mod.iter().filter(|edge| edge.kind != EdgeKind::Required);
        let mut cut = cut.filter_map(|edge| edge.cut.as_ref().map(|why| (edge, why)));
        let Some((edge, why)) = cut.next() else {
            continue;
        };
        let others = match cut.count() {
            0 => String::new(),
            1 => ", and 1 more like it".to_owned(),
            more => format!(", and {more} more like it"),
        };
        let (what, effect, hint) = match edge.kind {
            EdgeKind::Required | EdgeKind::Listed | EdgeKind::Optional => (
                "optional dependency on",
                "does not set the load order",
                "it can still be used, once both have loaded",
            ),
            EdgeKind::After => ("hint to load after", "is ignored", OTHER_LINK),
            EdgeKind::Before => ("hint to load before", "is ignored", OTHER_LINK),
        };
        let text = format!(
            "has the {what} `{}`, which {why} and {effect}{others}",
            edge.name
        );
        let problem = Problem::warning(Code::ORDER_CYCLE, text).of(&edge.from);
        problems.push(problem.at(edge.place.clone()).hint(hint));
    }
    problems
}
