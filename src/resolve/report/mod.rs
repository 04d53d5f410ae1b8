//! What is wrong, in words: each root cause once, with the mods that wait for it.

mod clashes;
mod passed_over;
mod reasons;
mod warnings;

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::accept::{Acceptance, Failure, Reason};
use super::pool::Pool;
use super::resolution::{Rejection, Resolution};
use super::{Candidate, Decision, HostApi, words};
use crate::manifest::Dependency;
use crate::mod_id::ModId;
use crate::problem::{Code, Problem, one_line};

/// Fills in the rejected mods and everything that is wrong.
pub(super) fn fill(
    resolution: &mut Resolution,
    pool: &Pool,
    decision: &Decision,
    acceptance: &Acceptance,
    host: Option<&HostApi>,
) {
    let mut reporter = Reporter {
        pool,
        decision,
        mods: &acceptance.mods,
        acceptance,
        host,
        names: None,
        near: HashMap::new(),
    };
    resolution.duplicates = pool.duplicates.iter().map(|d| d.rejection()).collect();
    reporter.pass_over(resolution);
    resolution.unneeded = reporter.unneeded();
    let roots = reporter.roots();
    for index in reporter.spoken_of() {
        let rejection = reporter.rejection(index, &roots.of[&index]);
        resolution.rejected.insert(rejection.id.clone(), rejection);
    }
    let mut problems: Vec<Problem> = Vec::new();
    problems.extend(
        resolution
            .duplicates
            .iter()
            .map(|duplicate| duplicate.problem("")),
    );
    problems.extend(reporter.root_problems(&roots));
    problems.extend(reporter.unusable());
    problems.extend(reporter.unchecked_game());
    problems.extend(decision.choice.is_cut_short().then(warnings::cut_short));
    problems.extend(warnings::groups(resolution));
    problems.extend(warnings::cut_edges(&resolution.edges));
    problems.sort_by(|a, b| {
        (b.severity.cmp(&a.severity))
            .then_with(|| a.mod_id.cmp(&b.mod_id))
            .then_with(|| a.place.cmp(&b.place))
            .then_with(|| a.code.cmp(&b.code))
    });
    resolution.problems = problems;
}

/// What has to change so that the mods that wait for it can run.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Root<'a> {
    /// The mod itself.
    Mod(usize),
    /// Nothing has this name.
    Missing(&'a ModId),
    /// What has this name does not have this version.
    WrongVersion(&'a ModId, String),
}

struct Roots<'a> {
    /// The root of each rejected mod.
    of: BTreeMap<usize, Root<'a>>,
    /// The mods that wait for each root, sorted, each once; not the root itself.
    waiting: BTreeMap<Root<'a>, Vec<usize>>,
    /// The first mod that names the root, with its reason.
    first: BTreeMap<Root<'a>, (usize, Reason)>,
}

struct Reporter<'a> {
    pool: &'a Pool<'a>,
    decision: &'a Decision<'a>,
    mods: &'a [Candidate<'a>],
    acceptance: &'a Acceptance<'a>,
    host: Option<&'a HostApi>,
    /// All known names, once somebody has asked for them.
    names: Option<Vec<&'a str>>,
    /// The known name nearest to each missing one.
    near: HashMap<&'a ModId, Option<&'a str>>,
}

impl<'a> Reporter<'a> {
    fn dependency(&self, index: usize, number: usize) -> &'a Dependency {
        &self.mods[index].manifest.dependencies[number]
    }

    /// The rejected mods that anybody asks for, and those that such a mod waits for.
    fn spoken_of(&self) -> Vec<usize> {
        let rejected = self.acceptance.rejected.iter().rev().copied();
        let mut is_spoken_of = vec![false; self.mods.len()];
        let mut spoken_of = Vec::new();
        let further = self.acceptance.further.iter();
        for (_, _, failure) in further {
            if let Failure::Rejected { provider } = failure {
                is_spoken_of[*provider] = true;
            }
        }
        // Whoever waits stands behind the one that it waits for.
        for index in rejected {
            let reason = self.acceptance.reasons[index];
            if reason == Some(Reason::Unneeded) && !is_spoken_of[index] {
                continue;
            }
            spoken_of.push(index);
            if let Some(Reason::Dependency {
                failure: Failure::Rejected { provider },
                ..
            }) = reason
            {
                is_spoken_of[provider] = true;
            }
        }
        spoken_of
    }

    /// The mods that could run, if anybody asked for them or needed them.
    fn unneeded(&self) -> BTreeSet<ModId> {
        let reasons = self.acceptance.reasons.iter().enumerate();
        let unneeded = reasons.filter(|(_, reason)| **reason == Some(Reason::Unneeded));
        unneeded
            .map(|(index, _)| self.pool.ids[index].clone())
            .collect()
    }

    fn roots(&self) -> Roots<'a> {
        let mut roots = Roots {
            of: BTreeMap::new(),
            waiting: BTreeMap::new(),
            first: BTreeMap::new(),
        };
        let reasons = self.acceptance.rejected.iter().filter_map(|index| {
            self.acceptance.reasons[*index].map(|reason| (*index, reason, true))
        });
        let further = self
            .acceptance
            .further
            .iter()
            .map(|(index, dependency, failure)| {
                let (dependency, failure) = (*dependency, *failure);
                (
                    *index,
                    Reason::Dependency {
                        dependency,
                        failure,
                    },
                    false,
                )
            });
        // Rejected mods stand behind those that they wait for, so their roots are known.
        for (index, reason, is_main) in reasons.chain(further) {
            let root = match reason {
                Reason::Dependency {
                    dependency,
                    failure,
                } => {
                    let dependency = self.dependency(index, dependency);
                    match failure {
                        Failure::Missing => Root::Missing(&dependency.id),
                        Failure::WrongVersion { .. } | Failure::PassedOver { .. } => {
                            Root::WrongVersion(&dependency.id, dependency.versions.to_string())
                        }
                        Failure::Rejected { provider } => roots.of[&provider].clone(),
                    }
                }
                _ => Root::Mod(index),
            };
            let is_dragged = matches!(
                reason,
                Reason::Dependency {
                    failure: Failure::Rejected { .. },
                    ..
                }
            );
            if root != Root::Mod(index) {
                roots.waiting.entry(root.clone()).or_default().push(index);
            }
            if !is_dragged {
                let first = roots.first.entry(root.clone()).or_insert((index, reason));
                if index < first.0 {
                    *first = (index, reason);
                }
            }
            if is_main {
                roots.of.insert(index, root);
            }
        }
        for waiting in roots.waiting.values_mut() {
            waiting.sort_unstable();
            waiting.dedup();
        }
        roots
    }

    fn rejection(&mut self, index: usize, root: &Root) -> Rejection {
        let reason = self.acceptance.reasons[index].unwrap_or(Reason::Disabled);
        let (code, place) = self.code_and_place(index, reason);
        let waits_for = match reason {
            Reason::Dependency {
                dependency,
                failure,
            } => Some(match failure {
                Failure::Rejected { provider } => &self.mods[provider].manifest.id,
                _ => &self.dependency(index, dependency).id,
            }),
            _ => None,
        };
        Rejection {
            because: one_line(&self.because(index, reason)),
            root: match root {
                Root::Mod(root) => self.mods[*root].manifest.id.clone(),
                Root::Missing(name) | Root::WrongVersion(name, _) => (*name).clone(),
            },
            waits_for: waits_for.cloned(),
            place: Some(place),
            hint: self.hint(index, reason),
            derivation: self.derivation(index, reason),
            ..Rejection::new(&self.mods[index], code)
        }
    }

    /// Each root cause once, with the mods that wait for it.
    fn root_problems(&mut self, roots: &Roots<'a>) -> Vec<Problem> {
        let mut problems = Vec::new();
        for (root, (index, reason)) in &roots.first {
            let waiting = roots.waiting.get(root).map_or(&[][..], Vec::as_slice);
            if reason.is_known_otherwise() && waiting.is_empty() {
                continue;
            }
            let ids = waiting.iter().map(|index| &self.mods[*index].manifest.id);
            let more = match root {
                _ if waiting.is_empty() || waiting == [*index] => String::new(),
                Root::Mod(_) => words::waiting("it", ids),
                Root::Missing(name) => words::waiting(&format!("`{name}`"), ids),
                Root::WrongVersion(name, versions) => {
                    words::waiting(&format!("`{name}` {versions}"), ids)
                }
            };
            let (code, place) = self.code_and_place(*index, *reason);
            let problem = match reason {
                Reason::Broken => {
                    let text = format!("has an error of its own{more}");
                    Problem::error(Code::DEPENDENCY_REJECTED, text).hint("mend that error first")
                }
                _ => Problem {
                    hint: self.hint(*index, *reason),
                    ..Problem::error(code, format!("{}{more}", self.because(*index, *reason)))
                },
            };
            problems.push(problem.of(&self.mods[*index].manifest.id).at(place));
        }
        problems
    }
}
