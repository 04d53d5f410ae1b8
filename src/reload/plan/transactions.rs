//! Which steps switch together: the connected parts of "affects", in an order that makes sense.

use std::collections::{BTreeMap, BTreeSet};

use petgraph::unionfind::UnionFind;

use crate::change::Kind;
use crate::mod_id::ModId;

use super::draft::{Draft, Drafts, Intent};
use super::reason::Reason;
use super::world::World;
use super::{Action, ReloadPlan, Step, Transaction};

/// Splits the drafts into transactions.
///
/// Two mods whose VMs come or go switch together if they are in one group, if one depends on the
/// other, or if both reload because of the same script. What is applied in place stands alone, and so does
/// a mod that arrives: it comes after what it depends on, and if it fails, nothing else does.
pub(super) fn split(drafts: Drafts<'_>, world: &World) -> ReloadPlan {
    let mut plan = ReloadPlan {
        based_on: generations(&drafts, world),
        ..ReloadPlan::default()
    };
    let mut parts = parts(&drafts, world);
    let mut acting: BTreeMap<usize, Vec<(ModId, Draft)>> = BTreeMap::new();
    let mut alone = parts.len();
    for (mod_id, draft) in drafts.drafts {
        if !draft.acts() {
            plan.idle.push(step(mod_id, draft));
            continue;
        }
        let part = parts.remove(&mod_id).unwrap_or_else(|| {
            alone += 1;
            alone
        });
        acting.entry(part).or_default().push((mod_id, draft));
    }
    for mut part in acting.into_values() {
        part.sort_by_key(|(mod_id, draft)| turn(mod_id, draft, world));
        let held = part.iter().find(|(_, draft)| draft.is_held);
        match held.map(|(mod_id, _)| mod_id.clone()) {
            Some(held) => plan.idle.extend(kept(part, &held)),
            None => plan.transactions.push(Transaction {
                steps: part
                    .into_iter()
                    .map(|(id, draft)| step(id, draft))
                    .collect(),
            }),
        }
    }
    plan.transactions.sort_by_key(|transaction| {
        let first = transaction.steps.first();
        first.map(|step| {
            let only_unloads = step.action == Action::Unload;
            (
                only_unloads,
                world.position(&step.mod_id),
                step.mod_id.clone(),
            )
        })
    });
    let alone = plan.transactions.into_iter().map(|it| vec![it]).collect();
    plan.transactions = after_what_they_need(alone, world)
        .into_iter()
        .flatten()
        .collect();
    plan.idle
        .sort_by_key(|step| (world.position(&step.mod_id), step.mod_id.clone()));
    plan
}

/// The same switches, each after those that bring what it needs; else as they were. Where two need each
/// other, the first stays first.
pub(super) fn after_what_they_need(
    switches: Vec<Vec<Transaction>>,
    world: &World,
) -> Vec<Vec<Transaction>> {
    let mut owner: BTreeMap<&ModId, usize> = BTreeMap::new();
    for (index, switch) in switches.iter().enumerate() {
        owner.extend(steps_of(switch).map(|step| (&step.mod_id, index)));
    }
    let mut needed_by = vec![BTreeSet::new(); switches.len()];
    let mut missing = vec![0_usize; switches.len()];
    for (index, switch) in switches.iter().enumerate() {
        let staying = steps_of(switch).filter(|step| step.action != Action::Unload);
        let needs = staying.flat_map(|step| world.dependencies(&step.mod_id));
        for other in needs
            .filter_map(|id| owner.get(id))
            .filter(|other| **other != index)
        {
            missing[index] += usize::from(needed_by[*other].insert(index));
        }
    }
    let mut left: BTreeSet<usize> = (0..switches.len()).collect();
    let mut ready: BTreeSet<usize> = left.iter().copied().filter(|n| missing[*n] == 0).collect();
    let mut order = Vec::with_capacity(switches.len());
    while let Some(next) = ready.pop_first().or_else(|| left.first().copied()) {
        left.remove(&next);
        order.push(next);
        for user in &needed_by[next] {
            missing[*user] -= 1;
            if missing[*user] == 0 && left.contains(user) {
                ready.insert(*user);
            }
        }
    }
    let mut switches: Vec<Option<_>> = switches.into_iter().map(Some).collect();
    order
        .into_iter()
        .filter_map(|index| switches[index].take())
        .collect()
}

/// All steps of transactions that stand together.
fn steps_of(switch: &[Transaction]) -> impl Iterator<Item = &Step> {
    switch.iter().flat_map(|it| &it.steps)
}

impl Draft {
    fn acts(&self) -> bool {
        self.intent > Intent::Keep
    }

    fn arrives(&self) -> bool {
        self.intent == Intent::Load
    }
}

fn generations(drafts: &Drafts<'_>, world: &World) -> BTreeMap<ModId, u64> {
    let mods = drafts.drafts.keys();
    mods.map(|mod_id| (mod_id.clone(), world.generation(mod_id)))
        .collect()
}

/// For each mod whose VM comes or goes, the number of the part that it belongs to.
fn parts(drafts: &Drafts<'_>, world: &World) -> BTreeMap<ModId, usize> {
    let moving: Vec<&ModId> = drafts
        .drafts
        .iter()
        .filter(|(_, draft)| draft.intent.moves_a_vm())
        .map(|(mod_id, _)| mod_id)
        .collect();
    let number: BTreeMap<&ModId, usize> = moving.iter().copied().zip(0..).collect();
    let mut together = UnionFind::<usize>::new(moving.len());
    let mut group_first: BTreeMap<usize, usize> = BTreeMap::new();
    for (mod_id, n) in &number {
        if let Some(accepted) = world.accepted.get(*mod_id) {
            let first = *group_first.entry(accepted.group).or_insert(*n);
            together.union(first, *n);
        }
        let arrives = |id: &ModId| drafts.drafts.get(id).is_some_and(Draft::arrives);
        for dependency in world.dependencies(mod_id) {
            if arrives(mod_id) || arrives(dependency) {
                continue;
            }
            if let Some(other) = number.get(dependency) {
                together.union(*n, *other);
            }
        }
    }
    for (script, changed) in &drafts.scripts {
        let owner = number.get(&script.mod_id).into_iter();
        let users = changed.reloads.iter().filter_map(|id| number.get(id));
        let numbers: Vec<usize> = users.chain(owner).copied().collect();
        for pair in numbers.windows(2) {
            together.union(pair[0], pair[1]);
        }
    }
    let label = together.into_labeling();
    number
        .into_iter()
        .map(|(mod_id, n)| (mod_id.clone(), label[n]))
        .collect()
}

/// Within a transaction: what loads in load order, then what goes in reverse.
fn turn(mod_id: &ModId, draft: &Draft, world: &World) -> (bool, usize, ModId) {
    let position = world.position(mod_id);
    if draft.intent == Intent::Unload {
        (true, usize::MAX - position, mod_id.clone())
    } else {
        (false, position, mod_id.clone())
    }
}

/// The steps of a transaction in which one is held back.
fn kept(part: Vec<(ModId, Draft)>, held: &ModId) -> Vec<Step> {
    let keep = |(mod_id, mut draft): (ModId, Draft)| {
        if !draft.is_held {
            let mod_id = held.clone();
            draft.reasons.insert(0, Reason::HeldWith { mod_id });
        }
        Step {
            mod_id,
            action: Action::Keep,
            reasons: draft.reasons,
        }
    };
    part.into_iter().map(keep).collect()
}

fn step(mod_id: ModId, draft: Draft) -> Step {
    let assets = draft.assets;
    let action = match draft.intent {
        Intent::Nothing => Action::Nothing,
        Intent::Keep => Action::Keep,
        Intent::Apply(Kind::Asset) => Action::ApplyAssets { assets },
        Intent::Apply(_) => Action::ApplyConfig { assets },
        Intent::Restart => Action::Restart,
        Intent::Reload(kind) => Action::Reload { kind },
        Intent::Load => Action::Load,
        Intent::RollBack(to) => Action::RollBack { to },
        Intent::Unload => Action::Unload,
    };
    Step {
        mod_id,
        action,
        reasons: draft.reasons,
    }
}
