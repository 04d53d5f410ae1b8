//! [`Change`]: what a person can do so that a rejected mod runs, and how the changes are found.

use std::collections::BTreeSet;
use std::fmt;

use semver::{Comparator, Prerelease, Version, VersionReq};
use serde::Serialize;

use super::accept::{Acceptance, Failure, Reason, proof};
use super::choose::Question;
use super::pool::{Pool, fits};
use super::possible::Bar;
use super::{Candidate, HostApi, Rules, possible, words};
use crate::manifest::Manifest;
use crate::mod_id::ModId;

/// The most changes that anybody would make for one mod.
const CHANGES_MAX: usize = 8;

/// One thing that a person can do so that a rejected mod runs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "change", rename_all = "kebab-case")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum Change {
    /// Used where a mod is in the way of another one.
    SwitchOff {
        /// The mod.
        id: ModId,
    },
    /// Used where a mod is switched off, or nobody asks for it.
    SwitchOn {
        /// The mod.
        id: ModId,
    },
    /// Used where no version that is at hand would do.
    Get {
        /// The mod, or the name that it should provide.
        id: ModId,
        /// The versions that would do, as far as is known.
        versions: String,
        /// One of them.
        version: Version,
        /// Whether it must be made for the host as it is, which those at hand are not.
        for_host: bool,
    },
    /// Used where the user allows other versions only.
    Unpin {
        /// The mod.
        id: ModId,
    },
    /// Used where the manifest or the files of a mod have an error.
    Mend {
        /// The mod.
        id: ModId,
    },
    /// Used where the user's own order asks for what can't be.
    Unlist {
        /// The mod to take out of the order.
        id: ModId,
    },
    /// Used where a chain of dependencies is longer than the settings allow.
    AllowDepth {
        /// The least `max_dependency_depth` with which the mod runs.
        depth: usize,
    },
}

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        match self {
            Change::SwitchOff { id } => write!(f, "switch off `{id}`"),
            Change::SwitchOn { id } => write!(f, "switch on `{id}`"),
            Change::Get {
                id, for_host: true, ..
            } => write!(f, "get a version of `{id}` that is made for this host"),
            Change::Get { id, versions, .. } if versions == "*" => write!(f, "get `{id}`"),
            Change::Get { id, versions, .. } => write!(f, "get `{id}` {versions}"),
            Change::Unpin { id } => write!(f, "allow other versions of `{id}`"),
            Change::Mend { id } => write!(f, "mend the error of `{id}`"),
            Change::Unlist { id } => write!(f, "take `{id}` out of your order"),
            Change::AllowDepth { depth } => write!(f, "set `max_dependency_depth` to {depth}"),
        }
    }
}

/// Changes with which a rejected mod runs, none of which can be left away.
///
/// They are tried out: with them, [`resolve`](super::resolve()) accepts the mod. A mod or version to get is
/// taken to need nothing itself. Empty if the mod runs already, is not known, or if no few changes were
/// found.
///
/// # Example
///
/// ```
/// use lunation::manifest::parse;
/// use lunation::resolve::{Candidate, Rules, repair};
///
/// let text = "id = \"shop\"\nversion = \"1.0.0\"\n[dependencies]\nbase = \"^2\"\n";
/// let (manifest, _) = parse(text.as_bytes(), "shop/mod.toml");
/// let manifest = manifest.unwrap();
/// let shop = Candidate { manifest: &manifest, folder: "shop", error: None };
/// let changes = repair(&[shop], None, &Rules::default(), &manifest.id);
/// assert_eq!(changes[0].to_string(), "get `base` ^2");
/// ```
pub fn repair(
    candidates: &[Candidate],
    host: Option<&HostApi>,
    rules: &Rules,
    mod_id: &ModId,
) -> Vec<Change> {
    let attempt = Attempt {
        candidates,
        host,
        rules,
        mod_id,
    };
    attempt.changes().unwrap_or_default()
}

struct Attempt<'a> {
    candidates: &'a [Candidate<'a>],
    host: Option<&'a HostApi>,
    rules: &'a Rules,
    mod_id: &'a ModId,
}

impl Attempt<'_> {
    fn changes(&self) -> Option<Vec<Change>> {
        let mut changes = Vec::new();
        while let Some(change) = self.next_change(&changes)? {
            if changes.len() == CHANGES_MAX || changes.contains(&change) {
                return None;
            }
            changes.push(change);
        }
        let mut place = 0;
        while place < changes.len() && changes.len() > 1 {
            let mut fewer = changes.clone();
            fewer.remove(place);
            match self.next_change(&fewer) {
                Some(None) => changes = fewer,
                _ => place += 1,
            }
        }
        Some(changes)
    }

    /// What is still in the way after the changes: `Some(None)` if nothing is, `None` if nothing can be done.
    fn next_change(&self, changes: &[Change]) -> Option<Option<Change>> {
        let made = changes.iter().filter_map(made_manifest);
        let made: Vec<Manifest> = made.collect();
        let candidates = self.changed_candidates(changes, &made);
        let rules = self.changed_rules(changes);
        let mut pool = Pool::new(&candidates);
        let bars = possible::bars(&mut pool, self.host, &rules);
        let (decision, acceptance) = super::decide(&pool, bars, self.host, &rules, false);
        let index = pool.number(self.mod_id)?;
        if acceptance.runs(index) {
            return Some(None);
        }
        let question = Question {
            pool: &pool,
            bars: &decision.bars,
            rules: &rules,
        };
        let to_blame = |index| {
            let proof = proof(question, &decision.choice, index)?;
            proof.beside.first().copied()
        };
        self.change_for(&pool, &decision.bars, &acceptance, index, to_blame)
            .map(Some)
    }

    fn changed_candidates<'m>(
        &'m self,
        changes: &[Change],
        made: &'m [Manifest],
    ) -> Vec<Candidate<'m>> {
        let is_mended = |id: &ModId| changes.contains(&Change::Mend { id: id.clone() });
        let own = self.candidates.iter().map(|candidate| Candidate {
            error: candidate
                .error
                .filter(|_| !is_mended(&candidate.manifest.id)),
            ..*candidate
        });
        let made = made.iter().map(|manifest| Candidate {
            manifest,
            folder: manifest.id.as_str(),
            error: None,
        });
        own.chain(made).collect()
    }

    fn changed_rules(&self, changes: &[Change]) -> Rules {
        let mut rules = self.rules.clone();
        for change in changes {
            match change {
                Change::SwitchOff { id } => {
                    rules.disabled.insert(id.clone());
                }
                Change::SwitchOn { id } => {
                    rules.disabled.remove(id);
                    rules.wanted.iter_mut().for_each(|wanted| {
                        wanted.insert(id.clone());
                    });
                }
                Change::Unpin { id } => {
                    rules.pins.remove(id);
                }
                Change::Unlist { id } => rules.order.retain(|listed| listed != id),
                Change::AllowDepth { depth } => rules.depth_max = rules.depth_max.max(*depth),
                Change::Get { id, .. } => {
                    rules.wanted.iter_mut().for_each(|wanted| {
                        wanted.insert(id.clone());
                    });
                }
                Change::Mend { .. } => {}
            }
        }
        rules
    }

    /// What could be done about the root of a rejection.
    fn change_for(
        &self,
        pool: &Pool,
        bars: &[Option<Bar>],
        acceptance: &Acceptance,
        index: usize,
        to_blame: impl Fn(usize) -> Option<usize>,
    ) -> Option<Change> {
        let mut index = index;
        let mut seen = BTreeSet::new();
        let mut asked: Option<&VersionReq> = None;
        loop {
            if !seen.insert(index) {
                return None;
            }
            let manifest = acceptance.mods[index].manifest;
            let id = || manifest.id.clone();
            return Some(match acceptance.reasons[index]? {
                Reason::Disabled | Reason::Unneeded => Change::SwitchOn { id: id() },
                Reason::Broken => Change::Mend { id: id() },
                Reason::Host => Change::Get {
                    id: id(),
                    versions: asked.map_or("*".to_owned(), VersionReq::to_string),
                    version: newer(&manifest.version, asked)?,
                    for_host: true,
                },
                Reason::Pinned | Reason::PreRelease => Change::Unpin { id: id() },
                Reason::TooDeep { depth, .. } => Change::AllowDepth { depth },
                Reason::Listed { .. } => Change::Unlist { id: id() },
                Reason::Conflict { with, .. } => Change::SwitchOff {
                    id: pool.ids[with].clone(),
                },
                Reason::Clash(_) => Change::SwitchOff {
                    id: pool.ids[to_blame(index)?].clone(),
                },
                Reason::Dependency {
                    dependency,
                    failure,
                } => {
                    let wanted = &manifest.dependencies[dependency];
                    match failure {
                        Failure::Rejected { provider } => {
                            index = provider;
                            asked = Some(&wanted.versions);
                            continue;
                        }
                        Failure::PassedOver { candidate }
                            if bars[candidate] == Some(Bar::Pinned) =>
                        {
                            let id = pool.ids[pool.id_of[candidate]].clone();
                            Change::Unpin { id }
                        }
                        Failure::Missing
                        | Failure::WrongVersion { .. }
                        | Failure::PassedOver { .. } => Change::Get {
                            id: wanted.id.clone(),
                            versions: wanted.versions.to_string(),
                            version: fitting(&wanted.versions)?,
                            for_host: false,
                        },
                    }
                }
            });
        }
    }
}

/// What has to be got, as far as is known.
fn made_manifest(change: &Change) -> Option<Manifest> {
    let Change::Get { id, version, .. } = change else {
        return None;
    };
    let text = format!("id = \"{id}\"\nversion = \"{version}\"\n");
    crate::manifest::parse(text.as_bytes(), &format!("{id}/mod.toml")).0
}

/// A version above `version` that fits, if any is asked for.
fn newer(version: &Version, asked: Option<&VersionReq>) -> Option<Version> {
    let patch = Version::new(version.major, version.minor, version.patch.checked_add(1)?);
    match asked.filter(|asked| !fits(asked, &patch)) {
        None => Some(patch),
        Some(asked) => fitting(asked),
    }
}

/// The lowest version that fits, of those that can be read off the requirement.
fn fitting(versions: &VersionReq) -> Option<Version> {
    let mut tried: Vec<Version> = versions.comparators.iter().flat_map(around).collect();
    tried.extend([Version::new(1, 0, 0), Version::new(0, 0, 0)]);
    let fitting = tried.into_iter().filter(|version| fits(versions, version));
    // A release is what people look for.
    fitting.min_by_key(|version| (!version.pre.is_empty(), version.clone()))
}

fn around(comparator: &Comparator) -> Vec<Version> {
    let Comparator {
        major,
        minor,
        patch,
        pre,
        ..
    } = comparator;
    let (major, minor, patch) = (*major, minor.unwrap_or(0), patch.unwrap_or(0));
    let named = Version {
        pre: pre.clone(),
        ..Version::new(major, minor, patch)
    };
    vec![
        Version::new(major, minor, patch),
        Version::new(major, minor, patch.saturating_add(1)),
        Version::new(major, minor.saturating_add(1), 0),
        Version::new(major.saturating_add(1), 0, 0),
        Version::new(major, minor, patch.saturating_sub(1)),
        Version::new(major, minor.saturating_sub(1), 0),
        Version::new(major.saturating_sub(1), 0, 0),
        Version {
            pre: Prerelease::EMPTY,
            ..named.clone()
        },
        named,
    ]
}

/// `` switch off `a` and `b` and get `c` ^2 ``
pub fn in_words(changes: &[Change]) -> String {
    let mut in_words: Vec<String> = Vec::new();
    let switched_off = changes.iter().filter_map(|change| match change {
        Change::SwitchOff { id } => Some(id),
        _ => None,
    });
    if switched_off.clone().next().is_some() {
        let ids = words::list(switched_off, CHANGES_MAX);
        in_words.push(format!("switch off {ids}"));
    }
    let others = changes.iter();
    let others = others.filter(|change| !matches!(change, Change::SwitchOff { .. }));
    in_words.extend(others.map(Change::to_string));
    words::and(&in_words)
}
