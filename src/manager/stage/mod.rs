//! Staging: building the new generations of one transaction beside the running ones.
//!
//! Everything that can fail happens here, and nothing here changes a running mod: the manager is only
//! borrowed. Dropping a [`Staged`] is the rollback.
//!
//! 1. Every mod gets a VM from its `source` and runs its code, exactly as at a first start.
//! 2. An export that is gone makes its users come along: the transaction is refused and tried wider.
//! 3. `carry` brings the state over, and `on_load` may object.

mod carry;
mod source;

use std::collections::BTreeMap;
use std::hash::BuildHasher;
use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::files::ContentHash;
use crate::lua::{Birth, LoadedModules, Vm};
use crate::mod_id::ModId;
use crate::problem::{Code, Problem};
use crate::reload::{Action, Carried, Step, Transaction};
use crate::state::Image;

use super::ModManager;
use super::running::{Assets, Parked, Source};

pub(super) use self::carry::capture;

/// The new generations of one transaction, ready to be switched to.
pub(super) struct Staged {
    pub(super) mods: Vec<StagedMod>,
}

/// One new generation.
pub(super) struct StagedMod {
    pub(super) vm: Arc<Vm>,
    pub(super) source: Source,
    pub(super) base: Image,
    pub(super) assets: Assets,
    pub(super) player_config: Option<ContentHash>,
    pub(super) carried: Carried,
    /// What does not keep the mod from running.
    pub(super) notes: Vec<Problem>,
    pub(super) times: StageTimes,
    pub(super) state_bytes: usize,
    pub(super) is_rollback: bool,
    /// Why it is made, as `on_load` and `mod_loaded` are told.
    pub(super) reason: &'static str,
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
    /// Mods that have to come along; then the transaction is tried again with them.
    pub(super) widened_by: Vec<ModId>,
}

impl Refusal {
    fn new(mod_id: &ModId, problems: Vec<Problem>) -> Box<Refusal> {
        Box::new(Refusal {
            mod_id: mod_id.clone(),
            problems,
            modules: LoadedModules::default(),
            widened_by: Vec::new(),
        })
    }

    /// Whether it is worth a try with more mods.
    pub(super) fn is_to_be_widened(&self) -> bool {
        !self.widened_by.is_empty()
    }

    /// The same, when no more mods may come along: then there is a problem to tell.
    pub(super) fn final_one(self: Box<Self>) -> Box<Refusal> {
        if !self.is_to_be_widened() {
            return self;
        }
        let problem = Problem::error(Code::KEPT, "affects too many mods at once");
        Refusal::new(&self.mod_id, vec![problem.of(&self.mod_id)])
    }

    /// The same, with what a VM had loaded and looked for until then.
    fn with_modules_of(mut self: Box<Self>, vm: &Vm) -> Box<Refusal> {
        self.modules = vm.loaded_modules();
        self
    }
}

/// How a transaction is staged, beside what the plan says.
#[derive(Clone, Debug, Default)]
pub(super) struct StageOptions {
    /// Whether what can't be carried is dropped, whatever the settings say.
    pub(super) drop_uncarryable: bool,
    /// States to restore, in place of those of the running mods.
    pub(super) restore: BTreeMap<ModId, Parked>,
}

/// Builds the new generation of every mod of `transaction`.
///
/// # Errors
/// The first mod that can't come up, and why.
pub(super) fn stage(
    manager: &ModManager,
    transaction: &Transaction,
    options: &StageOptions,
) -> Result<Staged, Box<Refusal>> {
    let staged = Stager {
        manager,
        options,
        transaction,
    }
    .run();
    manager.hub.clear_staged();
    staged
}

struct Stager<'a> {
    manager: &'a ModManager,
    options: &'a StageOptions,
    transaction: &'a Transaction,
}

impl Stager<'_> {
    fn run(&self) -> Result<Staged, Box<Refusal>> {
        let steps = self.transaction.steps.iter();
        let mut mods = steps
            .filter(|step| makes_a_vm(&step.action))
            .map(|step| self.cold(step))
            .collect::<Result<Vec<StagedMod>, _>>()?;
        self.check_exports(&mods)?;
        for staged in &mut mods {
            self.carry(staged)
                .map_err(|refusal| refusal.with_modules_of(&staged.vm))?;
        }
        Ok(Staged { mods })
    }

    /// Makes the VM of one mod and runs its code, exactly as at a first start.
    fn cold(&self, step: &Step) -> Result<StagedMod, Box<Refusal>> {
        let started = Instant::now();
        let mod_id = &step.mod_id;
        let refuse = |problem: Problem| Refusal::new(mod_id, vec![problem]);
        let (source, notes) = self
            .source_of(step)
            .map_err(|problems| Refusal::new(mod_id, problems))?;
        let assets = self.assets_of(&source);
        let generation = self.next_generation(mod_id);
        let vm = self.vm(&source, generation, assets.clone());
        let vm = Arc::new(vm.map_err(refuse)?);
        self.manager.hub.put_staged(vm.clone());
        let base = self
            .run_code(&vm)
            .map_err(|problem| refuse(self.explained(problem, &source)).with_modules_of(&vm))?;
        Ok(StagedMod {
            vm,
            source,
            base,
            assets,
            player_config: self.manager.reading.player_hash(mod_id),
            carried: Carried::default(),
            notes,
            times: StageTimes {
                stage: started.elapsed(),
                ..StageTimes::default()
            },
            state_bytes: 0,
            is_rollback: matches!(step.action, Action::RollBack { .. }),
            reason: "start",
        })
    }

    /// An entry script that is missing may be there and unreadable, which says more.
    fn explained(&self, problem: Problem, source: &Source) -> Problem {
        if problem.code != Code::MISSING_ENTRY {
            return problem;
        }
        let entry = source.files.display_path(&source.manifest.entry);
        let is_about_entry = |known: &&Problem| {
            let place = known.place.as_ref();
            place.is_some_and(|place| place.file == entry)
        };
        let unreadable = self.manager.reading.problems.iter().find(is_about_entry);
        match unreadable {
            Some(unreadable) => unreadable.clone().of(source.mod_id()),
            // It has no line to point at: the manifest that names it stands in.
            None => problem.at(source.manifest.place.clone()),
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

    fn vm(&self, source: &Source, generation: u64, assets: Assets) -> Result<Vm, Problem> {
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
            capabilities: self.manager.granted(&source.manifest),
            limits: self.manager.reading.settings.limits.clone(),
            random_seed: self.random_seed(source.mod_id()),
            state_room: running
                .map(|running| running.vm.state_room())
                .unwrap_or_default(),
        };
        self.manager.engine.vm(birth, self.manager.hub.clone())
    }

    /// Runs a mod's top-level code; the state that it leaves.
    fn run_code(&self, vm: &Vm) -> Result<Image, Problem> {
        vm.run_entry()?;
        Ok(self.capture(vm)?.image)
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

/// Whether an action makes a new generation.
fn makes_a_vm(action: &Action) -> bool {
    matches!(
        action,
        Action::Load | Action::Reload { .. } | Action::RollBack { .. }
    )
}
