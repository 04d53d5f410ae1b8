//! [`plan()`]: what should happen, and why: from requests and a [`World`] to a [`ReloadPlan`].
//!
//! A change reloads exactly the VMs that run it. The rules, in the order in which they are asked, are
//! the methods of `draft.rs`; which of the steps must switch together is decided in `transactions.rs`, and which of
//! those may switch at one moment in `together.rs`.

mod draft;
mod reason;
mod relations;
mod together;
mod transactions;
mod world;

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use serde::Serialize;

use crate::change::Kind;
use crate::mod_id::ModId;

use super::kind_word;
use super::request::ReloadRequest;

pub use reason::Reason;
pub use world::{Absence, Accepted, ChangedFile, Changes, Running, Script, World};

/// What should happen, and why. What did happen is a [`ReloadReport`](super::ReloadReport).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ReloadPlan {
    /// What to do, in this order; mods that have nothing to do with each other are apart, so that one
    /// broken mod does not hold up the others.
    pub transactions: Vec<Transaction>,
    /// The mods that were looked at and stay as they are ([`Action::Nothing`], [`Action::Keep`]).
    pub idle: Vec<Step>,
    /// The generation of each mod that the plan was made for; 0 for one that did not run.
    pub based_on: BTreeMap<ModId, u64>,
}

/// Steps that happen together or not at all.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Transaction {
    /// One step a mod: first what loads, in load order, then what is unloaded, in reverse.
    pub steps: Vec<Step>,
}

/// What should happen to one mod.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Step {
    /// The mod.
    #[serde(rename = "mod")]
    pub mod_id: ModId,
    /// What should happen.
    #[serde(flatten)]
    pub action: Action,
    /// Why; at least one.
    pub reasons: Vec<Reason>,
}

/// What should happen to a mod.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "action", rename_all = "kebab-case")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum Action {
    /// Used when only assets are different: each gets a new version, no VM is touched.
    ApplyAssets {
        /// The assets, relative to the mod.
        assets: Vec<Arc<str>>,
    },
    /// Used when config values are different: applied in place, with the assets that are different too.
    ApplyConfig {
        /// The assets, relative to the mod.
        assets: Vec<Arc<str>>,
    },
    /// Used for a mod that runs and needs a new VM, which takes over everything that is different.
    Reload {
        /// How wide the change is: `Script` or `Full`.
        kind: Kind,
    },
    /// Used for a mod whose VM was stopped: the code that runs gets a new one, whatever its files say.
    Restart,
    /// Used for a mod that is accepted and does not run.
    Load,
    /// Used for a mod that goes back to an earlier generation, whatever its files say. An edit that
    /// came at the same time is still to be looked at afterwards.
    RollBack {
        /// The generation to go back to.
        to: u64,
    },
    /// Used for a mod that must not run any more.
    Unload,
    /// Used when the files can't be accepted: the generation that runs (or none) stays.
    Keep,
    /// Used when no VM runs what is different; its content is taken over.
    Nothing,
}

/// Decides what should happen, and why.
///
/// The world alone says which mods appear, vanish and change; the requests add what somebody demands
/// beyond that, and which mods are answered for even if nothing happens to them.
///
/// ```
/// use std::time::Duration;
/// use lunation::change::Kind;
/// use lunation::reload::{Accepted, Cause, ReloadRequest, World, plan};
///
/// let economy: lunation::ModId = "economy".parse()?;
/// let mut world = World::default();
/// world.accepted.insert(economy.clone(), Accepted::default());
/// let request = ReloadRequest::new(economy, Kind::Full, Cause::Rescan, Duration::ZERO);
///
/// let plan = plan(&[request], &world);
/// assert_eq!(plan.to_string(), "economy: load because it is new\n");
/// # Ok::<(), lunation::InvalidModId>(())
/// ```
pub fn plan(requests: &[ReloadRequest], world: &World) -> ReloadPlan {
    transactions::split(draft::draft(requests, world), world)
}

impl ReloadPlan {
    /// Every step: those of the transactions, in order, then the idle ones.
    pub fn steps(&self) -> impl Iterator<Item = &Step> {
        let acting = self.transactions.iter().flat_map(|t| &t.steps);
        acting.chain(&self.idle)
    }

    /// Whether there is nothing to do.
    pub fn is_empty(&self) -> bool {
        self.transactions.is_empty()
    }

    /// Whether one of its mods runs in another generation by now: throw it away and plan anew.
    pub fn is_stale(&self, world: &World) -> bool {
        self.based_on
            .iter()
            .any(|(mod_id, generation)| world.generation(mod_id) != *generation)
    }
}

impl Transaction {
    /// Whether a step of it is about this mod.
    pub fn has(&self, mod_id: &ModId) -> bool {
        self.steps.iter().any(|step| step.mod_id == *mod_id)
    }

    /// Whether one of its mods runs in another generation than the one it was planned for, which is in the
    /// `based_on` of its plan.
    pub fn is_stale(
        &self,
        based_on: &BTreeMap<ModId, u64>,
        generation_of: impl Fn(&ModId) -> u64,
    ) -> bool {
        let mut mods = self.steps.iter().map(|step| &step.mod_id);
        mods.any(|mod_id| {
            based_on
                .get(mod_id)
                .is_some_and(|planned| *planned != generation_of(mod_id))
        })
    }
}

/// One step a line; an empty line between transactions.
impl fmt::Display for ReloadPlan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let acting = self.transactions.iter().map(|t| t.steps.as_slice());
        let blocks = acting.chain(std::iter::once(self.idle.as_slice()));
        for (index, steps) in blocks.filter(|steps| !steps.is_empty()).enumerate() {
            if index > 0 {
                writeln!(f)?;
            }
            for step in steps {
                writeln!(f, "{step}")?;
            }
        }
        Ok(())
    }
}

/// The most reasons that are spelled out in words; the others are counted.
const REASONS_SHOWN_MAX: usize = 5;

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.mod_id, self.action)?;
        for (index, reason) in self.reasons.iter().take(REASONS_SHOWN_MAX).enumerate() {
            let link = if index == 0 { " because" } else { ";" };
            let subject = if reason.needs_subject() { " it" } else { "" };
            write!(f, "{link}{subject} {reason}")?;
        }
        match self.reasons.len().saturating_sub(REASONS_SHOWN_MAX) {
            0 => Ok(()),
            more => write!(f, "; and {more} more"),
        }
    }
}

impl fmt::Display for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Action::ApplyAssets { assets } => write!(f, "apply {}", count(assets)),
            Action::ApplyConfig { assets } if assets.is_empty() => f.write_str("apply config"),
            Action::ApplyConfig { assets } => write!(f, "apply config and {}", count(assets)),
            Action::Reload { kind } => write!(f, "reload ({})", kind_word(*kind)),
            Action::Restart => f.write_str("begin anew"),
            Action::Load => f.write_str("load"),
            Action::RollBack { to } => write!(f, "roll back to gen {to}"),
            Action::Unload => f.write_str("unload"),
            Action::Keep => f.write_str("keep"),
            Action::Nothing => f.write_str("nothing"),
        }
    }
}

fn count(assets: &[Arc<str>]) -> String {
    match assets.len() {
        1 => "1 asset".to_owned(),
        n => format!("{n} assets"),
    }
}
