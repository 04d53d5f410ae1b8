//! Taking the old state: of the generation that runs, or of a save.

use std::time::Instant;

use crate::lua::carry::{ApplyError, CaptureError, CaptureLimits, Captured, Uncarryable};
use crate::lua::{Hook, OVERHEAD_BYTES, Vm};
use crate::mod_id::ModId;
use crate::problem::{Code, Problem};
use crate::settings::{Carry, HotReload, Settings};
use crate::state::Image;

use crate::manager::beside::Beside;
use crate::manager::running::{Parked, Running};

use super::{StagedMod, Stager, Way, is_large};

/// The state that comes into a new generation.
pub(super) struct OldState {
    /// As the old code left it right after loading.
    pub(super) base: Image,
    /// As it is now; after migrations, as they left it.
    pub(super) live: Image,
    /// Whether migrations have changed it.
    pub(super) is_migrated: bool,
    pub(super) version: semver::Version,
    pub(super) reason: Reason,
}

/// Why a state is carried.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Reason {
    /// Used for new code.
    Reload,
    /// Used for the code of an earlier generation.
    Rollback,
    /// Used for the code that runs, in a new VM because the old one was stopped.
    Restart,
    /// Used for the state of a save, or of a mod that did not run for a while.
    Restore,
}

impl Reason {
    /// What `on_load` and `mod_loaded` are told.
    fn name(self) -> &'static str {
        match self {
            Reason::Reload => "reload",
            Reason::Rollback => "rollback",
            Reason::Restart => "restart",
            Reason::Restore => "restore",
        }
    }
}

/// A state that was captured.
#[derive(Default)]
pub(super) struct Taken {
    /// What is to come in, and what of it can't cross.
    old: Option<(OldState, Vec<Uncarryable>)>,
    /// The state of the generation that is left, for the history.
    left: Option<Parked>,
}

impl Stager<'_> {
    /// Begins to take the state that is to come in, if there is one: asked for, parked, or of the generation
    /// that runs.
    pub(super) fn take_state(&self, staged: &mut StagedMod) -> Beside<Result<Taken, Vec<Problem>>> {
        staged.since = Instant::now();
        let mod_id = staged.source.mod_id();
        let running = self.manager.running.get(mod_id);
        let parked = self.parked_state(mod_id).map(OldState::of_parked);
        let settings = self.settings_of(staged).state_management;
        match running {
            Some(running) if parked.is_none() && settings.preserve_state => {
                self.state_of(running, staged, settings.carry)
            }
            Some(running) => self.leave(running, parked),
            None => Beside::Here(Ok(Taken {
                old: parked.map(|old| (old, Vec::new())),
                left: None,
            })),
        }
    }

    /// The state that was asked for, or that was parked.
    pub(super) fn parked_state(&self, mod_id: &ModId) -> Option<&Parked> {
        let is_running = self.manager.running.contains_key(mod_id);
        let parked = self.manager.parked.get(mod_id).filter(|_| !is_running);
        self.options.restore.get(mod_id).or(parked)
    }

    /// Begins to capture the state of a generation that is left without carrying it, for the history.
    fn leave(
        &self,
        running: &Running,
        parked: Option<OldState>,
    ) -> Beside<Result<Taken, Vec<Problem>>> {
        // What fails here costs nobody anything: that generation is kept without its state.
        let _ = running.vm.run_hook(Hook::Save, &[]);
        let parking = running.parked(running.base.clone());
        let settings = self.manager.reading.settings.clone();
        let loan = running.vm.lend_to_capture();
        self.beside(is_large(&running.vm), move || {
            let captured = capture(&loan, &settings).ok();
            let live = captured.map(|captured| captured.image);
            Ok(Taken {
                old: parked.map(|old| (old, Vec::new())),
                left: live.map(|live| Parked { live, ..parking }),
            })
        })
    }

    /// Begins to capture the state of the generation that runs.
    fn state_of(
        &self,
        running: &Running,
        staged: &mut StagedMod,
        carry: Carry,
    ) -> Beside<Result<Taken, Vec<Problem>>> {
        // One that was stopped earlier has been told of.
        let was_latched = running.vm.is_latched();
        if let Err(fault) = running.vm.run_hook(Hook::Save, &[])
            && !was_latched
        {
            let note = fault.problem(running.source.mod_id(), "in on_save");
            staged.notes.push(note);
        }
        let reason = match staged.way {
            Way::Back => Reason::Rollback,
            Way::Again => Reason::Restart,
            Way::Forward => Reason::Reload,
        };
        let parking = running.parked(running.base.clone());
        let came_with = running.uncarryable.clone();
        let settings = self.manager.reading.settings.clone();
        let loan = running.vm.lend_to_capture();
        self.beside(is_large(&running.vm), move || {
            let captured = capture(&loan, &settings).map_err(|problem| vec![problem])?;
            let left = Parked {
                live: captured.image.clone(),
                ..parking
            };
            let mut uncarryable = captured.uncarryable;
            uncarryable.retain(|what| !what.comes_with(&came_with));
            let live = match carry {
                Carry::All => captured.image,
                Carry::State => {
                    let saved = captured.image.saved();
                    uncarryable.retain(Uncarryable::is_of_state);
                    uncarryable.extend(saved.left_out.into_iter().map(Uncarryable::function));
                    saved.image
                }
            };
            let old = OldState {
                live,
                reason,
                ..OldState::of_parked(&left)
            };
            Ok(Taken {
                old: Some((old, uncarryable)),
                left: Some(left),
            })
        })
    }

    /// Refuses a state of which something can't be carried, unless somebody agreed to drop that.
    pub(super) fn judge_taken(
        &self,
        staged: &mut StagedMod,
        taken: Taken,
    ) -> Result<Option<OldState>, Vec<Problem>> {
        staged.times.capture = staged.since.elapsed();
        staged.since = Instant::now();
        staged.left = taken.left;
        let is_running = self.manager.running.contains_key(staged.source.mod_id());
        staged.reason = match &taken.old {
            Some(_) if staged.way == Way::Back => Reason::Rollback.name(),
            Some((old, _)) => old.reason.name(),
            None if is_running => Reason::Reload.name(),
            None => "start",
        };
        let Some((old, uncarryable)) = taken.old else {
            return Ok(None);
        };
        let settings = self.settings_of(staged);
        self.judge_uncarryable(&uncarryable, staged, &settings)?;
        Ok(Some(old))
    }

    /// The settings that hold for this mod.
    pub(super) fn settings_of(&self, staged: &StagedMod) -> HotReload {
        let common = &self.manager.reading.settings.hot_reload;
        staged.source.manifest.hot_reload.over(common)
    }
}

/// Everything that the mod of a VM keeps, as an image.
pub(in crate::manager) fn capture(vm: &Vm, settings: &Settings) -> Result<Captured, Problem> {
    let captured = vm
        .capture(limits(settings))
        .map_err(|why| too_large(vm, &why))?;
    check_size(vm, &captured.image, settings)?;
    Ok(captured)
}

/// What is not saved is bounded by what the VM of the mod may hold at all: one that is full can be mended.
pub(super) fn limits(settings: &Settings) -> CaptureLimits {
    CaptureLimits {
        bytes_max: settings.limits.memory.saturating_add(OVERHEAD_BYTES),
        entries_max: u64::MAX,
    }
}

/// What is saved has a limit of its own.
pub(super) fn check_size(vm: &Vm, image: &Image, settings: &Settings) -> Result<(), Problem> {
    let bytes_max = settings.hot_reload.state_management.max_state_size as usize;
    let is_small = image.bytes_len() <= bytes_max;
    if is_small || image.saved().image.bytes_len() <= bytes_max {
        return Ok(());
    }
    let limits = CaptureLimits {
        bytes_max,
        entries_max: u64::MAX,
    };
    Err(too_large(vm, &CaptureError::TooLarge(limits)))
}

/// Why there is no image of a state.
pub(super) fn too_large(vm: &Vm, why: &CaptureError) -> Problem {
    Problem::error(Code::STATE_TOO_LARGE, format!("has a state that {why}"))
        .of(vm.mod_id())
        .hint("keep less in mod.state, or raise state_management.max_state_size")
}

/// Why a state could not be filled in.
pub(super) fn state_problem(vm: &Vm, why: &ApplyError) -> Problem {
    Problem::error(Code::UNCARRYABLE, format!("the state {why}"))
        .of(vm.mod_id())
        .hint("raise limits.memory in lunation.toml")
}

impl OldState {
    pub(super) fn of_parked(parked: &Parked) -> OldState {
        OldState {
            base: parked.base.clone(),
            live: parked.live.clone(),
            is_migrated: false,
            version: parked.version.clone(),
            reason: Reason::Restore,
        }
    }

    /// The same, with `live` as migrations left it.
    pub(super) fn migrated(self, live: Image) -> OldState {
        OldState {
            live,
            is_migrated: true,
            ..self
        }
    }
}
