//! Which transactions of a plan switch at one moment: all of a checkout, and each still fails by itself.

use std::collections::BTreeSet;

use crate::mod_id::ModId;

use super::reason::Reason;
use super::transactions::after_what_they_need;
use super::world::World;
use super::{Action, ReloadPlan, Step, Transaction};

/// The most mods that switch at one moment without having to. 128: each of them has two VMs until then, and is
/// paused until the last of them is ready.
const TOGETHER_MAX: usize = 128;

impl ReloadPlan {
    /// Takes the transactions out: those that stand together switch at one moment, without those of them that
    /// fail.
    ///
    /// What reloads, is applied in place or goes stands together, as one change of the files has brought it. What
    /// arrives comes after what it needs and before what needs it; what goes back or begins anew does not wait
    /// for others; and config that others need while they load is there before them.
    pub fn take_switches(&mut self, world: &World) -> Vec<Vec<Transaction>> {
        let transactions = std::mem::take(&mut self.transactions);
        let arriving = mods_of(&transactions, |step| step.action == Action::Load);
        let needed: BTreeSet<ModId> = transactions
            .iter()
            .flat_map(|transaction| needs(transaction, world))
            .cloned()
            .collect();
        let joins = |transaction: &Transaction| {
            transaction.steps.iter().all(|step| match step.action {
                Action::Reload { .. } => true,
                Action::ApplyAssets { .. } | Action::ApplyConfig { .. } => {
                    !needed.contains(&step.mod_id)
                }
                Action::Unload => !is_demanded(step),
                _ => false,
            }) && !needs(transaction, world).any(|id| arriving.contains(id))
        };
        let mut switches: Vec<Vec<Transaction>> = Vec::new();
        let (mut open, mut mods) = (None, 0);
        for transaction in transactions {
            let count = transaction.steps.len();
            if !joins(&transaction) {
                switches.push(vec![transaction]);
                continue;
            }
            match open {
                Some(index) if mods + count <= TOGETHER_MAX => {
                    let together: &mut Vec<Transaction> = &mut switches[index];
                    together.push(transaction);
                    mods += count;
                }
                _ => {
                    (open, mods) = (Some(switches.len()), count);
                    switches.push(vec![transaction]);
                }
            }
        }
        after_what_they_need(switches, world)
    }
}

/// The other mods that must be as the files say before a transaction.
fn needs<'a>(transaction: &'a Transaction, world: &'a World) -> impl Iterator<Item = &'a ModId> {
    let own: BTreeSet<&ModId> = transaction.steps.iter().map(|step| &step.mod_id).collect();
    let staying = transaction
        .steps
        .iter()
        .filter(|step| step.action != Action::Unload);
    staying
        .flat_map(|step| world.dependencies(&step.mod_id))
        .filter(move |id| !own.contains(id))
}

/// Whether more than the files says that a mod must go.
fn is_demanded(step: &Step) -> bool {
    let mut reasons = step.reasons.iter();
    reasons.any(|reason| matches!(reason, Reason::Cause { .. }))
}

fn mods_of(transactions: &[Transaction], is_one: impl Fn(&Step) -> bool) -> BTreeSet<ModId> {
    let steps = transactions.iter().flat_map(|it| &it.steps);
    let steps = steps.filter(|step| is_one(step));
    steps.map(|step| step.mod_id.clone()).collect()
}
