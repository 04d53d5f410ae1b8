//! Which mods run, and in which order: from the manifests of all candidates to a [`Resolution`].
//!
//! ```text
//! candidates → select (one per id) → accept (who can run) → order (groups, load order) → Resolution
//!                                        └ reasons → report (each root cause told once)
//! ```
//!
//! - `select` keeps one candidate of each id. Choosing among versions by need belongs there.
//! - `accept` finds the largest set of mods whose requirements hold, and the reason of each other mod.
//! - `order` makes groups of the mods that require each other and puts the groups in a line. Of
//!   contradicting hints it drops the softest.
//! - `report` turns reasons into problems: each root cause once, with the mods that wait for it.
//! - [`Resolution`] answers questions: who depends on whom, [why](Resolution::why) here and not
//!   there, and [what is different](diff) from another one. [`draw`] renders it.
//! - [`LoadOrders`] are the other orders that the declarations allow, for those who look for what was not declared.
//!
//! The result does not depend on the order of the candidates, and nothing here recurses: a chain of
//! 10,000 mods is as good as one of ten.

mod accept;
mod difference;
pub mod draw;
mod edges;
mod explain;
mod order;
mod report;
mod resolution;
mod select;
mod shuffle;
mod words;

use std::collections::{BTreeMap, BTreeSet};

use semver::{Version, VersionReq};

pub use difference::{ResolutionDiff, VersionChange, diff};
pub use resolution::{Accepted, Edge, EdgeKind, Rejection, Resolution};
pub use shuffle::{LoadOrders, Misplaced};

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
    let selection = select::select(candidates);
    let acceptance = accept::accept(&selection.mods, host, rules);
    let mut edges = edges::edges(&selection.mods, &acceptance);
    let links: Vec<order::Link> = edges.iter().map(|edge| edge.link).collect();
    let mut order = order::order(selection.mods.len(), &links);
    order.groups.retain(|group| acceptance.runs(group[0]));
    edges::mark_cuts(&selection.mods, &mut edges, &order);
    let edges = edges.into_iter().map(|ordered| ordered.edge).collect();

    let mut resolution = Resolution::default();
    for group in &order.groups {
        resolution.push_group(group.iter().map(|index| selection.mods[*index]));
    }
    resolution.put_edges(edges);
    resolution.provided = acceptance.provided(&selection.mods);
    report::fill(&mut resolution, &selection, &acceptance, host);
    resolution
}
