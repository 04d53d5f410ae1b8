//! Why a mod can't run, in words, and what to try.

use super::Reporter;
use crate::manifest::Dependency;
use crate::near::near;
use crate::problem::{Code, Place};
use crate::resolve::accept::{Failure, Reason};
use crate::resolve::possible::Bar;
use crate::resolve::words;

/// The most missing names for which a near name is looked up: each look-up reads all names.
const NEAR_NAMES_MAX: usize = 8;

impl<'a> Reporter<'a> {
    pub(super) fn code_and_place(&self, index: usize, reason: Reason) -> (Code, Place) {
        let manifest = self.mods[index].manifest;
        match reason {
            Reason::Disabled | Reason::Unneeded => (Code::DISABLED, manifest.place.clone()),
            Reason::Pinned | Reason::PreRelease => {
                (Code::WRONG_PINNED_VERSION, manifest.place.clone())
            }
            Reason::Listed { .. } => (Code::CONTRADICTORY_ORDER, manifest.place.clone()),
            Reason::Clash(number) => (Code::VERSION_CLASH, self.clash_place(index, number)),
            Reason::Broken => {
                let error = self.mods[index].error;
                let place = error.and_then(|error| error.place.clone());
                let code = error.map_or(Code::BAD_VALUE, |error| error.code);
                (code, place.unwrap_or_else(|| manifest.place.clone()))
            }
            Reason::Host => {
                let place = manifest
                    .game
                    .as_ref()
                    .map_or(&manifest.place, |game| &game.place);
                (Code::WRONG_HOST_VERSION, place.clone())
            }
            Reason::TooDeep { .. } => (Code::TOO_DEEP, manifest.place.clone()),
            Reason::Conflict {
                entry,
                is_own,
                with,
            } => {
                let declarer = if is_own {
                    manifest
                } else {
                    self.mods[with].manifest
                };
                (Code::CONFLICT, declarer.conflicts[entry].place.clone())
            }
            Reason::Dependency {
                dependency,
                failure,
            } => {
                let code = match failure {
                    Failure::Missing => Code::MISSING_DEPENDENCY,
                    Failure::WrongVersion { .. } | Failure::PassedOver { .. } => {
                        Code::WRONG_DEPENDENCY_VERSION
                    }
                    Failure::Rejected { .. } => Code::DEPENDENCY_REJECTED,
                };
                (code, manifest.dependencies[dependency].place.clone())
            }
        }
    }

    pub(super) fn because(&self, index: usize, reason: Reason) -> String {
        let manifest = self.mods[index].manifest;
        match reason {
            Reason::Disabled => "is switched off".to_owned(),
            Reason::Unneeded => "is not asked for".to_owned(),
            Reason::Pinned => self.because_pinned(index),
            Reason::PreRelease => "is a pre-release that nobody asks for".to_owned(),
            Reason::Listed { later } => format!(
                "stands before `{}` in your order, but needs it",
                self.mods[later].manifest.id
            ),
            Reason::Clash(number) => self.because_of_clash(index, number),
            Reason::Broken => {
                let error = self.mods[index].error.map(|error| error.because.clone());
                error.unwrap_or_default()
            }
            Reason::Host => {
                let wanted = manifest.game.as_ref().map(|game| game.versions.to_string());
                let (name, version) = self.host_words();
                format!(
                    "needs {name} {}, but {name} is {version}",
                    wanted.unwrap_or_default()
                )
            }
            Reason::TooDeep { depth, limit } => {
                format!("stands on a chain of {depth} dependencies; the limit is {limit}")
            }
            Reason::Conflict {
                with,
                entry,
                is_own,
            } => self.because_of_conflict(index, with, entry, is_own),
            Reason::Dependency {
                dependency,
                failure,
            } => {
                let dependency = self.dependency(index, dependency);
                let wanted = words::wanted(dependency);
                match failure {
                    Failure::Missing => format!("requires {wanted}, which is not there"),
                    Failure::WrongVersion { candidate } => {
                        let there = self.at_hand(candidate, &dependency.id);
                        format!("requires {wanted}, but there is {there}")
                    }
                    Failure::PassedOver { candidate }
                        if self.decision.bars[candidate] == Some(Bar::Pinned) =>
                    {
                        let id = &self.pool.candidates[candidate].manifest.id;
                        let pin = &self.decision.rules.pins[id];
                        format!("requires {wanted}, but of `{id}` you allow {pin} only")
                    }
                    Failure::PassedOver { candidate } => {
                        let (because, _) = self.passed_over_because(candidate);
                        let fitting = self.pool.candidates[candidate].manifest;
                        let fitting = words::provider(fitting, &dependency.id);
                        format!("requires {wanted}, and {fitting} is not used because it {because}")
                    }
                    Failure::Rejected { provider } => {
                        let state = match self.acceptance.reasons[provider] {
                            Some(Reason::Disabled) => "is switched off",
                            Some(Reason::Unneeded) => "is not asked for",
                            _ => match self.mods[provider].error {
                                Some(error) if error.code == Code::QUARANTINED => &error.because,
                                _ => "is rejected",
                            },
                        };
                        let provider = self.mods[provider].manifest;
                        if provider.id == dependency.id {
                            format!("requires {wanted}, which {state}")
                        } else {
                            format!(
                                "requires {wanted}, and `{}`, which provides it, {state}",
                                provider.id
                            )
                        }
                    }
                }
            }
        }
    }

    pub(super) fn host_words(&self) -> (&str, String) {
        match self.host {
            Some(host) => (&host.name, host.version.to_string()),
            None => ("the host", "unknown".to_owned()),
        }
    }

    pub(super) fn hint(&mut self, index: usize, reason: Reason) -> Option<String> {
        let mods = self.mods;
        Some(match reason {
            Reason::Disabled | Reason::Unneeded => {
                format!("switch on `{}`", mods[index].manifest.id)
            }
            Reason::Pinned | Reason::PreRelease => {
                "allow another version of it, or get one that you allow".to_owned()
            }
            Reason::Listed { later } => format!(
                "take `{}` or `{}` out of your order",
                mods[index].manifest.id, mods[later].manifest.id
            ),
            Reason::Clash(number) => self.hint_for_clash(index, number),
            Reason::Broken => return mods[index].error.and_then(|error| error.hint.clone()),
            Reason::Host => {
                let (name, version) = self.host_words();
                format!("get a version of the mod that is made for {name} {version}")
            }
            Reason::TooDeep { .. } => {
                "raise `max_dependency_depth` in `lunation.toml` if the chain is meant".to_owned()
            }
            Reason::Conflict { with, .. } => {
                format!(
                    "remove `{}` or `{}`, or switch one of them off",
                    mods[with].manifest.id, mods[index].manifest.id
                )
            }
            Reason::Dependency {
                dependency,
                failure,
            } => {
                let dependency = self.dependency(index, dependency);
                match failure {
                    Failure::Missing => self.hint_for_missing(index, dependency),
                    Failure::WrongVersion { candidate } => words::hint_for_version(
                        self.pool.candidates[candidate].manifest,
                        dependency,
                    ),
                    Failure::PassedOver { candidate } => {
                        let id = &self.pool.candidates[candidate].manifest.id;
                        match self.decision.bars[candidate] {
                            Some(Bar::Pinned) => format!("allow other versions of `{id}`"),
                            _ => {
                                format!("get another version of `{id}`, or change the requirement")
                            }
                        }
                    }
                    Failure::Rejected { .. } => return None,
                }
            }
        })
    }

    fn hint_for_missing(&mut self, index: usize, dependency: &'a Dependency) -> String {
        let may_look = self.near.len() < NEAR_NAMES_MAX;
        let asks = self.mods[index].manifest.id.as_str();
        let look = || {
            let names = self.names.get_or_insert_with(|| self.pool.sorted_names());
            // Nobody means itself.
            let others = names.iter().copied().filter(|name| *name != asks);
            may_look
                .then(|| near(dependency.id.as_str(), others))
                .flatten()
        };
        match self.near.entry(&dependency.id).or_insert_with(look) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!(
                "put `{}` into the mods folder, or make the dependency optional",
                dependency.id
            ),
        }
    }
}
