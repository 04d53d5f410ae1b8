//! Which mods run, and in which order: from the manifests of all candidates to a [`Resolution`].
//!
//! ```text
//! candidates → possible (who could run) → choose (one per id) → accept (why not the others)
//!            → order (groups, load order) → Resolution
//!            → report (each root cause told once)
//! ```
//!
//! - `pool` gives every candidate a number and finds out who answers to what is said.
//! - `possible` bars what can't run whatever is chosen of the others.
//! - `choose` takes one candidate of each id: as many mods as can be, then the best versions. pubgrub
//!   searches where the best versions of everything do not fit together.
//! - `accept` binds each dependency to a mod, and finds the reason of each mod that does not run.
//! - `order` makes groups of the mods that require each other and puts the groups in a line. Of
//!   contradicting hints it drops the softest.
//! - `report` turns reasons into problems: each root cause once, with the mods that wait for it.
//! - [`Resolution`] answers questions: who depends on whom, [why](Resolution::why) here and not
//!   there, and [what is different](diff) from another one. [`draw`] renders it. [`repair()`] finds out
//!   what a person can do so that a rejected mod runs.
//! - [`LoadOrders`] are the other orders that the declarations allow, for those who look for what was not declared.
//!
//! The result does not depend on the order of the candidates, and nothing here recurses: a chain of
//! 10,000 mods is as good as one of ten.

mod accept;
mod choose;
mod difference;
pub mod draw;
mod edges;
mod explain;
mod lists;
mod order;
mod pool;
mod possible;
mod repair;
mod report;
mod resolution;
mod shuffle;
mod words;

use std::collections::{BTreeMap, BTreeSet};

use semver::{Version, VersionReq};

pub use difference::{ResolutionDiff, VersionChange, diff};
pub use repair::{Change, in_words, repair};
pub use resolution::{
    Accepted, Edge, EdgeKind, PASSED_OVER_MAX, PassedOver, Rejection, Resolution, Statement,
};
pub use shuffle::{LoadOrders, Misplaced};

use accept::Acceptance;
use choose::{Choice, Question};
use pool::Pool;
use possible::Bar;

use crate::manifest::Manifest;
use crate::mod_id::ModId;
use crate::problem::Problem;
use crate::settings::Dependencies;

/// A mod that was found, not yet accepted.
#[derive(Clone, Copy, Debug)]
pub struct Candidate<'a> {
    /// What it says of itself.
    pub manifest: &'a Manifest,
    /// The name of its folder in the mods folder.
    pub folder: &'a str,
    /// The first error of its manifest or files, if there is one: then it can't run, and others that
    /// wait for it hear why.
    pub error: Option<&'a Problem>,
}

/// The host's API, which mods name in `game`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HostApi {
    /// What people call the host: `colony`.
    pub name: String,
    /// The version of its API.
    pub version: Version,
}

/// What a resolution abides by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rules {
    /// Whether versions must fit the requirements in `game` and `[dependencies]`. Conflicts always
    /// compare: without that, a conflict with old versions would exclude new ones too.
    pub validate_versions: bool,
    /// The most dependencies in one chain.
    pub depth_max: usize,
    /// The mods that are switched off.
    pub disabled: BTreeSet<ModId>,
    /// The mods that are asked for; `None`: all. The others run only where one of these needs them.
    pub wanted: Option<BTreeSet<ModId>>,
    /// Whether a mod that nobody asked for may run because another one needs it.
    pub auto_resolve: bool,
    /// The versions that the user allows of some mods. These mods go before all others.
    pub pins: BTreeMap<ModId, VersionReq>,
    /// Mods that load in this order, whatever their authors wish: the user says so.
    pub order: Vec<ModId>,
}

impl Default for Rules {
    fn default() -> Self {
        Rules::from(&crate::settings::HotReload::default().dependencies)
    }
}

impl From<&Dependencies> for Rules {
    fn from(settings: &Dependencies) -> Self {
        Rules {
            validate_versions: settings.validate_versions,
            depth_max: settings.max_dependency_depth,
            disabled: BTreeSet::new(),
            wanted: None,
            auto_resolve: settings.auto_resolve,
            pins: BTreeMap::new(),
            order: Vec::new(),
        }
    }
}

/// Decides which candidates run, and in which order.
///
/// Without a `host` no `game` requirement is checked, which a warning says.
///
/// A dependency is satisfied by the mod of that id, else by the mod with the smallest id that
/// `provides` the name, in a version that fits. A mod satisfies what it provides itself. The
/// requirement `*` takes every version, pre-releases too; otherwise the rules of Cargo hold.
///
/// # Example
///
/// ```
/// use lunation::resolve::{Rules, resolve};
/// let resolution = resolve(&[], None, &Rules::default());
/// assert!(resolution.order.is_empty() && resolution.problems.is_empty());
/// ```
pub fn resolve(candidates: &[Candidate], host: Option<&HostApi>, rules: &Rules) -> Resolution {
    let mut pool = Pool::new(candidates);
    let bars = possible::bars(&mut pool, host, rules);
    let (decision, acceptance) = decide(&pool, bars, host, rules, true);
    let mut edges = edges::edges(&pool, &acceptance, &rules.order);
    let links: Vec<order::Link> = edges.iter().map(|edge| edge.link).collect();
    let mut order = order::order(acceptance.mods.len(), &links);
    order.groups.retain(|group| acceptance.runs(group[0]));
    edges::mark_cuts(&acceptance.mods, &mut edges, &order);
    let edges = edges.into_iter().map(|ordered| ordered.edge).collect();

    let mut resolution = Resolution::default();
    for group in &order.groups {
        resolution.push_group(group.iter().map(|index| acceptance.mods[*index]));
    }
    resolution.put_edges(edges);
    resolution.provided = acceptance.provided(&pool);
    report::fill(&mut resolution, &pool, &decision, &acceptance, host);
    resolution
}

/// Who could run at all, and what was chosen of that.
struct Decision<'r> {
    bars: Vec<Option<Bar>>,
    choice: Choice,
    rules: &'r Rules,
}

/// Decides who runs; see `accept` for what it `proves`.
fn decide<'r, 'a>(
    pool: &Pool<'a>,
    bars: Vec<Option<Bar>>,
    host: Option<&HostApi>,
    rules: &'r Rules,
    proves: bool,
) -> (Decision<'r>, Acceptance<'a>) {
    let question = Question {
        pool,
        bars: &bars,
        rules,
    };
    let choice = choose::choose(question);
    let acceptance = accept::accept(question, &choice, host, proves);
    let decision = Decision {
        bars,
        choice,
        rules,
    };
    (decision, acceptance)
}
