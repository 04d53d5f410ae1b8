//! `check --shuffle`: mods that rely on a load order which nobody declared.

use std::collections::BTreeMap;
use std::fmt;
use std::path::Path;

use serde::Serialize;

use crate::cli::{Failure, count};
use crate::demo::{self, Colony};
use crate::resolve::{LoadOrders, Misplaced};
use crate::{Code, ModId, ModManager, Problem, Resolution};

/// What came of loading mods in many orders.
#[derive(Serialize)]
pub(super) struct Shuffled {
    /// How many different orders were tried.
    orders: usize,
    /// Whether there are no others.
    all: bool,
    seed: u64,
    found: Vec<Finding>,
}

/// A mod that fails in some of the orders only.
#[derive(Serialize)]
struct Finding {
    #[serde(rename = "mod")]
    mod_id: ModId,
    /// In how many orders it fails.
    fails: usize,
    /// One of them.
    order: Vec<ModId>,
    /// What place of which mod makes the difference, if it is one.
    #[serde(flatten)]
    culprit: Option<Culprit>,
    problem: Problem,
}

#[derive(Serialize)]
struct Culprit {
    /// `before`: the mod fails when it loads before the other one.
    when: Misplaced,
    other: ModId,
}

/// Why each mod failed that did.
type Failures = BTreeMap<ModId, Problem>;

/// Loads the mods of a folder in `count` orders.
pub(super) fn shuffle(mods: &Path, count: usize, seed: u64) -> Result<Shuffled, Failure> {
    let (resolution, _) = load(mods, None)?;
    let orders = LoadOrders::of(&resolution);
    let (list, all) = orders.some(count, seed);
    let mut tried: BTreeMap<Vec<ModId>, Failures> = BTreeMap::new();
    for order in &list {
        tried.insert(order.clone(), load(mods, Some(order))?.1);
    }
    let fails = |order: &Vec<ModId>, mod_id: &ModId| tried[order].contains_key(mod_id);
    let mut found = Vec::new();
    for mod_id in &resolution.order {
        let (failing, passing): (Vec<_>, Vec<_>) =
            list.iter().partition(|order| fails(order, mod_id));
        if let ([bad, ..], [good, ..]) = (failing.as_slice(), passing.as_slice()) {
            let mut broken = None;
            let culprit =
                orders.culprit(mod_id, bad, good, |order| match load(mods, Some(order)) {
                    Ok((_, failures)) => failures.contains_key(mod_id),
                    Err(why) => {
                        broken = Some(why);
                        true
                    }
                });
            if let Some(why) = broken {
                return Err(why);
            }
            let culprit = culprit.map(|(when, other)| Culprit { when, other });
            let failure = &tried[*bad][mod_id];
            found.push(Finding {
                problem: problem(&resolution, mod_id, failure, culprit.as_ref(), bad),
                mod_id: mod_id.clone(),
                fails: failing.len(),
                order: bad.to_vec(),
                culprit,
            });
        }
    }
    Ok(Shuffled {
        orders: list.len(),
        all,
        seed,
        found,
    })
}

/// Loads the mods into a new colony; the order that the resolution has, and who fails.
fn load(mods: &Path, order: Option<&[ModId]>) -> Result<(Resolution, Failures), Failure> {
    let mut builder = demo::builder(mods.to_owned())
        .watching(false)
        .without_history_on_disk();
    if let Some(order) = order {
        builder = builder.load_order(order.to_vec());
    }
    let mut manager = builder.build()?;
    let reports = Colony::new().with(&mut manager, ModManager::check_updates);
    let told = reports.into_iter().flat_map(|report| report.mods);
    let told = told.flat_map(|one| {
        let of_mod = move |problem: Problem| match problem.mod_id {
            Some(_) => problem,
            None => problem.of(&one.mod_id),
        };
        one.problems.into_iter().map(of_mod)
    });
    let mut failures = Failures::new();
    for problem in told.chain(manager.problems()) {
        // What another mod drags along is no failure of its own.
        let is_own = !matches!(problem.code, Code::DEPENDENCY_REJECTED | Code::KEPT);
        if let (true, true, Some(mod_id)) = (problem.is_error(), is_own, &problem.mod_id) {
            failures.entry(mod_id.clone()).or_insert(problem);
        }
    }
    Ok((manager.resolution().clone(), failures))
}

fn problem(
    resolution: &Resolution,
    mod_id: &ModId,
    failure: &Problem,
    culprit: Option<&Culprit>,
    order: &[ModId],
) -> Problem {
    let why = &failure.because;
    let (because, hint) = match culprit {
        Some(Culprit { other, .. }) if resolution.group_of(mod_id).contains(other) => (
            format!("fails when it loads before `{other}`, and both require each other: it {why}"),
            format!(
                "use `{other}` in handlers, or add `after = [\"{other}\"]` to [order] in {}",
                file_of(resolution, mod_id)
            ),
        ),
        Some(Culprit {
            when: Misplaced::Before,
            other,
        }) => (
            format!(
                "fails when it loads before `{other}`, on which it declares no dependency: it {why}"
            ),
            format!(
                "add `{other} = \"*\"` to [dependencies] in {}",
                file_of(resolution, mod_id)
            ),
        ),
        Some(Culprit {
            when: Misplaced::After,
            other,
        }) => (
            format!("fails when it loads after `{other}`, and says nothing of it: it {why}"),
            format!(
                "add `before = [\"{other}\"]` to [order] in {}",
                file_of(resolution, mod_id)
            ),
        ),
        None => (
            format!("fails in the load order {}: it {why}", arrows(order)),
            "several mods make the difference together: see which ones it uses, and declare them"
                .to_owned(),
        ),
    };
    let problem = Problem::error(Code::UNDECLARED_ORDER, because).of(mod_id);
    let problem = match &failure.place {
        Some(place) => problem.at(place.clone()),
        None => problem,
    };
    problem.hint(hint)
}

/// `trade/mod.toml`
fn file_of(resolution: &Resolution, mod_id: &ModId) -> String {
    let accepted = resolution.mods.get(mod_id);
    let folder = accepted.map_or(mod_id.as_str(), |accepted| accepted.folder.as_str());
    format!("{folder}/mod.toml")
}

/// `a → b → c`
fn arrows(order: &[ModId]) -> String {
    let names: Vec<&str> = order.iter().map(ModId::as_str).collect();
    names.join(" → ")
}

impl Shuffled {
    /// What is wrong.
    pub(super) fn problems(&self) -> impl Iterator<Item = Problem> {
        self.found.iter().map(|finding| finding.problem.clone())
    }
}

/// `6 load orders tried, all that there are: 1 mod relies on an order that nobody declared`
impl fmt::Display for Shuffled {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} tried", count(self.orders, "load order"))?;
        match self.all {
            true => f.write_str(", all that there are")?,
            false => write!(f, " (seed {})", self.seed)?,
        }
        match self.found.len() {
            0 => f.write_str(": none makes a difference"),
            1 => f.write_str(": 1 mod relies on an order that nobody declared"),
            many => write!(f, ": {many} mods rely on an order that nobody declared"),
        }
    }
}
