//! A mod comes up: it gets a VM and runs its code, exactly as at a first start.

use std::sync::Arc;
use std::time::Instant;

use crate::lua::Vm;
use crate::lua::carry::Captured;
use crate::problem::{Code, Problem};
use crate::reload::{Action, Carried, Step};

use crate::manager::history::Past;
use crate::manager::running::{Assets, Source};

use super::carry::capture;
use super::{Attempt, Refusal, StageTimes, StagedMod, Stager, Way, is_large};

/// A mod on its way to have a VM.
pub(super) struct Newborn {
    source: Source,
    assets: Assets,
    /// The generation that had its code first.
    code_of: u64,
    way: Way,
    /// Whether the other VMs that are staged see it.
    is_seen: bool,
    notes: Vec<Problem>,
    started: Instant,
}

/// What the code of a new VM left.
pub(super) struct Base {
    captured: Captured,
    /// How many calls into the VM there were until then.
    calls: u64,
    /// Whether the code that runs had left the very same.
    is_as_before: bool,
}

impl Stager<'_> {
    /// Begins to make the VM of one mod.
    pub(super) fn birth(&self, step: &Step) -> Result<(Newborn, Attempt<Vm>), Box<Refusal>> {
        let (source, notes) = self
            .source_of(step)
            .map_err(|problems| Refusal::new(&step.mod_id, problems))?;
        let generation = self.next_generation(&step.mod_id);
        let (newborn, vm) = self.birth_from(source, generation);
        let newborn = Newborn {
            code_of: self.code_of(step, generation),
            way: Way::of(&step.action),
            is_seen: true,
            notes,
            ..newborn
        };
        Ok((newborn, vm))
    }

    /// Begins to make a VM that nobody sees.
    pub(super) fn birth_from(&self, source: Source, generation: u64) -> (Newborn, Attempt<Vm>) {
        let started = Instant::now();
        let assets = self.assets_of(&source);
        let vm = self.vm(&source, generation, assets.clone());
        let newborn = Newborn {
            source,
            assets,
            code_of: generation,
            way: Way::Back,
            is_seen: false,
            notes: Vec::new(),
            started,
        };
        (newborn, vm)
    }

    /// Runs a mod's top-level code, exactly as at a first start, and begins to capture what that leaves.
    pub(super) fn run_code(
        &self,
        newborn: &Newborn,
        vm: Result<Vm, Problem>,
    ) -> Result<(Arc<Vm>, Attempt<Base>), Box<Refusal>> {
        let refuse = |problem: Problem| Refusal::new(newborn.source.mod_id(), vec![problem]);
        let vm = Arc::new(vm.map_err(refuse)?);
        if newborn.is_seen {
            self.manager.hub.put_staged(vm.clone());
        }
        vm.run_entry().map_err(|problem| {
            refuse(self.explained(problem, &newborn.source)).with_modules_of(&vm)
        })?;
        let running = self.manager.running.get(newborn.source.mod_id());
        let before = running.map(|running| running.base.clone());
        let settings = self.manager.reading.settings.clone();
        let calls = vm.calls();
        let loan = vm.lend_to_capture();
        let base = self.beside(is_large(&vm), move || {
            let captured = capture(&loan, &settings)?;
            loan.remember(&captured);
            Ok(Base {
                calls,
                is_as_before: before.is_some_and(|before| captured.image.is_same(&before)),
                captured,
            })
        });
        Ok((vm, base))
    }

    /// The mod has run its code.
    pub(super) fn has_run(
        &self,
        newborn: Newborn,
        vm: Arc<Vm>,
        base: Result<Base, Problem>,
    ) -> Result<StagedMod, Box<Refusal>> {
        let mod_id = newborn.source.mod_id();
        let base =
            base.map_err(|problem| Refusal::new(mod_id, vec![problem]).with_modules_of(&vm))?;
        Ok(StagedMod {
            way: newborn.way,
            code_of: newborn.code_of,
            left: None,
            player: self.manager.player_values(mod_id),
            vm,
            source: newborn.source,
            base: base.captured.image.clone(),
            is_as_before: base.is_as_before,
            again: None,
            uncarryable: base.captured.uncarryable.clone(),
            loaded: Some((base.captured, base.calls)),
            assets: newborn.assets,
            carried: Carried::default(),
            gone: Vec::new(),
            notes: newborn.notes,
            times: StageTimes {
                stage: newborn.started.elapsed(),
                ..StageTimes::default()
            },
            since: newborn.started,
            state_bytes: 0,
            migrated: Vec::new(),
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

    /// The generation that had the code of this step first.
    fn code_of(&self, step: &Step, generation: u64) -> u64 {
        let mod_id = &step.mod_id;
        let known = match step.action {
            Action::RollBack { to } => self.manager.history.get(mod_id, to).map(Past::code_of),
            Action::Restart => {
                let running = self.manager.running.get(mod_id);
                running.map(|running| running.code_of)
            }
            _ => None,
        };
        known.unwrap_or(generation)
    }
}
