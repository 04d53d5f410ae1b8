//! Staging: building the new generations of one transaction beside the running ones.
//!
//! Everything that can fail happens here, and nothing here changes a running mod: the manager is only
//! borrowed. Dropping a [`Staged`] is the rollback.
//!
//! 1. Every mod gets a VM from its `source` and runs its code (`cold`), exactly as at a first start.
//! 2. An export that is gone makes its users come along: the transaction is refused and tried wider.
//! 3. `carry` takes the state of the old generation; `migrate` brings an older one up to date; `replay` fills
//!    it in, and `on_load` may object.
//!
//! `staging` does these steps in one go, or over several calls of [`ModManager::pump`]: what takes long and
//! runs no code of mods is done beside then.

mod carry;
mod cold;
mod migrate;
mod registered;
mod replay;
mod source;
mod staging;
mod told;
mod uncarryable;

use std::collections::BTreeMap;
use std::hash::BuildHasher;
use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::lua::carry::{Captured, Uncarryable};
use crate::lua::{Birth, Gone, LoadedModules, Vm};
use crate::mod_id::ModId;
use crate::problem::{Code, Problem};
use crate::reload::{Action, Carried, Step, Transaction};
use crate::state::{Image, Migration};

use super::ModManager;
use super::beside::Beside;
use super::running::{Assets, Parked, PlayerValues, Source};

pub(super) use self::carry::capture;
pub(super) use self::staging::Staging;

/// The new generations of one transaction, ready to be switched to.
pub(super) struct Staged {
    pub(super) mods: Vec<StagedMod>,
}

/// One new generation.
pub(super) struct StagedMod {
    pub(super) vm: Arc<Vm>,
    pub(super) source: Source,
    pub(super) base: Image,
    /// Whether the code that runs had left the very same.
    is_as_before: bool,
    /// The old code, run once more beside the new, where the two may differ by the edit alone.
    again: Option<Arc<Vm>>,
    /// What of it can't be carried.
    pub(super) uncarryable: Vec<Uncarryable>,
    /// The capture right after the code was loaded, after so many calls: while none follows, another one would find
    /// the same.
    loaded: Option<(Captured, u64)>,
    pub(super) assets: Assets,
    pub(super) player: PlayerValues,
    pub(super) carried: Carried,
    /// What was registered at run time and could not come over.
    pub(super) gone: Vec<Gone>,
    /// What does not keep the mod from running.
    pub(super) notes: Vec<Problem>,
    pub(super) times: StageTimes,
    /// When the part that is being timed began.
    since: Instant,
    pub(super) state_bytes: usize,
    /// The migrations that have run, and how long each took.
    pub(super) migrated: Vec<(Migration, Duration)>,
    pub(super) way: Way,
    /// The generation that had its code first.
    pub(super) code_of: u64,
    /// The state of the generation that it takes the place of, as that is left.
    pub(super) left: Option<Parked>,
    /// Why it is made, as `on_load` and `mod_loaded` are told.
    pub(super) reason: &'static str,
}

/// Where a new generation comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Way {
    /// Used for the code on disk.
    Forward,
    /// Used for the code of an earlier generation.
    Back,
    /// Used for the code that runs, in a new VM.
    Again,
}

impl Way {
    fn of(action: &Action) -> Way {
        match action {
            Action::RollBack { .. } => Way::Back,
            Action::Restart => Way::Again,
            _ => Way::Forward,
        }
    }
}

/// How long staging one mod took.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct StageTimes {
    pub(super) stage: Duration,
    pub(super) capture: Duration,
    pub(super) restore: Duration,
}

/// Why a transaction was not staged.
pub(super) struct Refusal {
    /// The mod that is the reason.
    pub(super) mod_id: ModId,
    pub(super) problems: Vec<Problem>,
    /// What its VM had loaded and looked for until then.
    pub(super) modules: LoadedModules,
    /// The time that was lost in calls of it which were stopped.
    pub(super) lost: Duration,
    /// Mods that have to come along; then the transaction is tried again with them.
    pub(super) widened_by: Vec<ModId>,
}

impl Refusal {
    fn new(mod_id: &ModId, problems: Vec<Problem>) -> Box<Refusal> {
        Box::new(Refusal {
            mod_id: mod_id.clone(),
            problems,
            modules: LoadedModules::default(),
            lost: Duration::ZERO,
            widened_by: Vec::new(),
        })
    }

    /// Whether it is worth a try with more mods.
    pub(super) fn is_to_be_widened(&self) -> bool {
        !self.widened_by.is_empty()
    }

    /// Whether nothing is in the way but coroutines that may end.
    pub(super) fn may_pass(&self) -> bool {
        let mut problems = self.problems.iter();
        !self.problems.is_empty() && problems.all(|problem| problem.code == Code::WAITING)
    }

    /// Whether it waits for the host to answer what a mod asks for.
    pub(super) fn is_hold(&self) -> bool {
        let mut problems = self.problems.iter();
        problems.any(|problem| problem.code == Code::CAPABILITY_HELD)
    }

    /// The same, when no more mods may come along: then there is a problem to tell.
    pub(super) fn final_one(self: Box<Self>) -> Box<Refusal> {
        if !self.is_to_be_widened() {
            return self;
        }
        let problem = Problem::error(Code::KEPT, "affects too many mods at once");
        Refusal::new(&self.mod_id, vec![problem.of(&self.mod_id)])
    }

    /// The same, with what a VM had loaded and looked for until then, and lost.
    fn with_modules_of(mut self: Box<Self>, vm: &Vm) -> Box<Refusal> {
        self.modules = vm.loaded_modules();
        self.lost = vm.call_counts().lost;
        self
    }
}

/// A VM that holds more may have so much to carry that a frame would notice: 1 MiB, of which an idle one has
/// half.
const VM_LARGE_BYTES: usize = 1024 * 1024;

/// Room for more items and entries takes a while to make: 10,000 are 0.1 ms.
const ROOM_LARGE: usize = 10_000;

/// How a transaction is staged, beside what the plan says.
#[derive(Clone, Debug, Default)]
pub(super) struct StageOptions {
    /// Whether what can't be carried is dropped, whatever the settings say.
    pub(super) drop_uncarryable: bool,
    /// States to restore, in place of those of the running mods.
    pub(super) restore: BTreeMap<ModId, Parked>,
}

/// Builds the new generation of every mod of `transaction`, in one go.
///
/// # Errors
/// The first mod that can't come up, and why.
pub(super) fn stage(
    manager: &ModManager,
    transaction: &Transaction,
    options: &StageOptions,
) -> Result<Staged, Box<Refusal>> {
    let mut staging = Staging::default();
    let queue = &manager.reading.settings.hot_reload.reload_queue;
    let overdue_at = Instant::now() + Duration::from_secs(queue.reload_timeout);
    let transactions = std::slice::from_ref(transaction);
    staging.advance(manager, transactions, options, None, overdue_at)?;
    Ok(staging.finish())
}

/// A generation that is brought up by itself, with this state, and never switched to.
///
/// # Errors
/// It can't come up with this state.
pub(super) fn rehearse(
    manager: &ModManager,
    source: &Source,
    generation: u64,
    state: Option<Parked>,
) -> Result<Arc<Vm>, Problem> {
    let mut options = StageOptions {
        drop_uncarryable: true,
        ..StageOptions::default()
    };
    let state = state.map(|state| (source.mod_id().clone(), state));
    options.restore.extend(state);
    let stager = Stager {
        manager,
        options: &options,
        transactions: &[],
        is_sliced: false,
    };
    stager
        .rehearsed(source.clone(), generation)
        .map_err(|refusal| {
            let unknown = || Problem::error(Code::KEPT, "can't be brought up").of(&refusal.mod_id);
            let mut problems = refusal.problems.iter();
            problems.next().cloned().unwrap_or_else(unknown)
        })
}

/// A result that may still be made beside.
type Attempt<T> = Beside<Result<T, Problem>>;

struct Stager<'a> {
    manager: &'a ModManager,
    options: &'a StageOptions,
    /// What is staged; none of them needs another one.
    transactions: &'a [Transaction],
    /// Whether what takes long runs beside.
    is_sliced: bool,
}

impl Stager<'_> {
    fn steps(&self) -> impl Iterator<Item = &Step> {
        self.transactions.iter().flat_map(|it| &it.steps)
    }

    /// Does work that runs no code of mods: beside, if it takes long and no frame may wait for it.
    fn beside<T: Send + 'static>(
        &self,
        is_long: bool,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Beside<T> {
        match is_long && self.is_sliced {
            true => self.manager.worker.run(work),
            false => Beside::Here(work()),
        }
    }

    fn next_generation(&self, mod_id: &ModId) -> u64 {
        self.manager.generations.get(mod_id).copied().unwrap_or(0) + 1
    }

    /// The same for every VM that is made for one new generation: old code that is staged once more beside
    /// it then differs from it by the edit alone.
    fn random_seed(&self, mod_id: &ModId) -> i32 {
        let generation = self.next_generation(mod_id);
        self.manager.random.hash_one((mod_id, generation)) as i32
    }

    /// Makes a VM.
    fn vm(&self, source: &Source, generation: u64, assets: Assets) -> Beside<Result<Vm, Problem>> {
        let config = source.config.iter();
        let listed = source.manifest.dependencies.iter();
        let running = self.manager.running.get(source.mod_id());
        let birth = Birth {
            mod_id: source.mod_id().clone(),
            version: source.manifest.version.clone(),
            generation,
            entry: source.manifest.entry.clone(),
            scripts: source.scripts.clone(),
            dependencies: listed.map(|dependency| dependency.id.clone()).collect(),
            config: config
                .map(|entry| (entry.key.clone(), entry.value.clone()))
                .collect(),
            assets,
            granted: source.granted.clone(),
            denied: source.denied.clone(),
            limits: self.manager.reading.settings.limits.clone(),
            random_seed: self.random_seed(source.mod_id()),
            state_version: source.migrations().state_version(),
            state_room: running
                .map(|running| running.vm.state_room())
                .unwrap_or_default(),
        };
        let (engine, hub) = (self.manager.engine.clone(), self.manager.hub.clone());
        let (items, entries) = birth.state_room;
        self.beside(items + entries > ROOM_LARGE, move || engine.vm(birth, hub))
    }

    /// Dependents that use an export which the new code lacks have to come along.
    fn check_exports(&self, mods: &[StagedMod]) -> Result<(), Box<Refusal>> {
        for staged in mods.iter().filter(|staged| self.lacks_an_export(staged)) {
            let mod_id = staged.source.mod_id();
            let joining = self.dependents_not_among(mods, mod_id);
            if !joining.is_empty() {
                return Err(Box::new(Refusal {
                    widened_by: joining,
                    ..*Refusal::new(mod_id, Vec::new())
                }));
            }
        }
        Ok(())
    }

    /// Whether the running generation exports something that the staged one does not.
    fn lacks_an_export(&self, staged: &StagedMod) -> bool {
        let Some(running) = self.manager.running.get(staged.source.mod_id()) else {
            return false;
        };
        let (new, old) = (staged.vm.ledger(), running.vm.ledger());
        let mut names = old.exports.keys();
        names.any(|name| !new.exports.contains_key(name))
    }

    fn dependents_not_among(&self, mods: &[StagedMod], mod_id: &ModId) -> Vec<ModId> {
        let is_among = |id: &ModId| mods.iter().any(|staged| staged.source.mod_id() == id);
        let dependents = self.manager.resolution.dependents_of(mod_id);
        dependents
            .into_iter()
            .filter(|id| self.manager.running.contains_key(*id) && !is_among(id))
            .cloned()
            .collect()
    }
}

/// Whether a capture of the VM may take long.
fn is_large(vm: &Vm) -> bool {
    vm.memory_bytes() > VM_LARGE_BYTES
}

/// Whether an action makes a new generation.
pub(super) fn makes_a_vm(action: &Action) -> bool {
    matches!(
        action,
        Action::Load | Action::Reload { .. } | Action::Restart | Action::RollBack { .. }
    )
}
