//! The carry: the state of the running generation, or of a save, comes into the staged one.

use std::sync::Arc;
use std::time::Instant;

use parking_lot::Mutex;

use crate::lua::carry::{self, CaptureLimits, Captured, Uncarryable};
use crate::lua::{Hook, Vm};
use crate::problem::{Code, Problem};
use crate::settings::{HotReload, OnUncarryable};
use crate::state::{self, Image, Paths, Report};
use crate::value::Value;

use crate::manager::running::{Parked, Running};

use super::{Refusal, StagedMod, Stager};

/// The state that comes into a new generation.
struct OldState {
    /// As the old code left it right after loading.
    base: Image,
    /// As it is now.
    live: Image,
    version: semver::Version,
    reason: Reason,
}

/// Why a state is carried.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Reason {
    /// Used for new code.
    Reload,
    /// Used for the code of an earlier generation.
    Rollback,
    /// Used for the state of a save, or of a mod that did not run for a while.
    Restore,
}

impl Reason {
    /// What `on_load` and `mod_loaded` are told.
    fn name(self) -> &'static str {
        match self {
            Reason::Reload => "reload",
            Reason::Rollback => "rollback",
            Reason::Restore => "restore",
        }
    }
}

impl Stager<'_> {
    /// Brings the state of the running generation, or of a save, into the staged one.
    pub(super) fn carry(&self, staged: &mut StagedMod) -> Result<(), Box<Refusal>> {
        let started = Instant::now();
        let old = self
            .old_state(staged)
            .map_err(|problems| Refusal::new(staged.source.mod_id(), problems))?;
        staged.times.capture = started.elapsed();
        let is_running = self.manager.running.contains_key(staged.source.mod_id());
        staged.reason = match &old {
            Some(old) => old.reason.name(),
            None if is_running => Reason::Reload.name(),
            None => "start",
        };
        let started = Instant::now();
        self.bring_in(staged, old.as_ref())
            .map_err(|problem| Refusal::new(staged.source.mod_id(), vec![problem]))?;
        staged.times.restore = started.elapsed();
        Ok(())
    }

    /// The state to bring in, if there is one: asked for, parked, or of the generation that runs.
    fn old_state(&self, staged: &mut StagedMod) -> Result<Option<OldState>, Vec<Problem>> {
        let mod_id = staged.source.mod_id();
        let running = self.manager.running.get(mod_id);
        let parked = self.manager.parked.get(mod_id);
        let parked = parked.filter(|_| running.is_none());
        if let Some(parked) = self.options.restore.get(mod_id).or(parked) {
            return Ok(Some(OldState::of_parked(parked)));
        }
        let settings = self.settings_of(staged);
        match running.filter(|_| settings.state_management.preserve_state) {
            Some(running) => self.state_of(running, staged, &settings).map(Some),
            None => Ok(None),
        }
    }

    /// Captures the state of the generation that runs.
    fn state_of(
        &self,
        running: &Running,
        staged: &mut StagedMod,
        settings: &HotReload,
    ) -> Result<OldState, Vec<Problem>> {
        // One that was stopped earlier has been told of.
        let was_latched = running.vm.is_latched();
        if let Err(fault) = running.vm.run_hook(Hook::Save, &[])
            && !was_latched
        {
            let note = fault.problem(running.source.mod_id(), "in on_save");
            staged.notes.push(note);
        }
        let captured = self.capture(&running.vm).map_err(|problem| vec![problem])?;
        self.judge_uncarryable(&captured.uncarryable, staged, settings)?;
        Ok(OldState {
            base: running.base.clone(),
            live: captured.image,
            version: running.source.manifest.version.clone(),
            reason: if staged.is_rollback {
                Reason::Rollback
            } else {
                Reason::Reload
            },
        })
    }

    /// What can't be carried is dropped if the mod or somebody agrees to it; else nothing is carried.
    fn judge_uncarryable(
        &self,
        uncarryable: &[Uncarryable],
        staged: &mut StagedMod,
        settings: &HotReload,
    ) -> Result<(), Vec<Problem>> {
        let is_dropped = self.options.drop_uncarryable
            || settings.state_management.on_uncarryable == OnUncarryable::Drop;
        if is_dropped {
            let paths = uncarryable.iter().map(|what| what.path.to_string());
            staged.carried.dropped.extend(paths);
            return Ok(());
        }
        if uncarryable.is_empty() {
            return Ok(());
        }
        let mod_id = staged.source.mod_id();
        let problem = |what: &Uncarryable| {
            let because = format!("can't be carried: {} is {}", what.path, what.what);
            Problem::error(Code::UNCARRYABLE, because)
                .of(mod_id)
                .hint(what.hint)
        };
        Err(uncarryable.iter().map(problem).collect())
    }

    /// Replays the old state onto the staged VM and lets the new code object.
    fn bring_in(&self, staged: &mut StagedMod, old: Option<&OldState>) -> Result<(), Problem> {
        if let Some(old) = old {
            self.replay(staged, old)?;
        }
        let about = load_payload(staged, old);
        staged.vm.run_hook(Hook::Load, &[about]).map_err(|fault| {
            fault
                .problem(staged.source.mod_id(), "in on_load")
                .hint("on_load runs before the switch; the generation before runs on")
        })
    }

    fn replay(&self, staged: &mut StagedMod, old: &OldState) -> Result<(), Problem> {
        let new = self.capture(&staged.vm)?;
        let again = self.again(staged, old);
        let replay = state::replay(&old.base, &old.live, &new.image, again.as_ref());
        let vm = &staged.vm;
        let names = Some(vm.names_by_name());
        carry::apply(vm.lua(), &vm.slots(), names, &new, &replay, &old.live).map_err(|why| {
            Problem::error(Code::UNCARRYABLE, format!("the state {why}"))
                .of(staged.source.mod_id())
                .hint("raise limits.memory in lunation.toml")
        })?;
        staged.note_carried(&replay.report, old.live.bytes_len());
        Ok(())
    }

    /// What the old code gives when it is staged once more: made only where the defaults differ.
    fn again(&self, staged: &StagedMod, old: &OldState) -> Option<Image> {
        let running = self.manager.running.get(staged.source.mod_id())?;
        if old.reason == Reason::Restore || old.base.is_same(&staged.base) {
            return None;
        }
        let assets = Arc::new(Mutex::new(running.assets.lock().clone()));
        let vm = self
            .vm(&running.source, running.generation(), assets)
            .ok()?;
        self.run_code(&vm).ok()
    }

    pub(super) fn capture(&self, vm: &Vm) -> Result<Captured, Problem> {
        let settings = &self.manager.reading.settings.hot_reload.state_management;
        capture(vm, settings.max_state_size)
    }

    /// The settings that hold for this mod.
    fn settings_of(&self, staged: &StagedMod) -> HotReload {
        let common = &self.manager.reading.settings.hot_reload;
        staged.source.manifest.hot_reload.over(common)
    }
}

/// The state of a VM as an image.
pub(in crate::manager) fn capture(vm: &Vm, bytes_max: u64) -> Result<Captured, Problem> {
    let limits = CaptureLimits {
        bytes_max: bytes_max as usize,
        entries_max: u64::MAX,
    };
    let names = vm.names_by_value();
    carry::capture(vm.lua(), &vm.slots(), names.as_ref(), limits, 0).map_err(|why| {
        let problem = Problem::error(Code::STATE_TOO_LARGE, format!("has a state that {why}"));
        problem
            .of(vm.mod_id())
            .hint("keep less in mod.state, or raise state_management.max_state_size")
    })
}

impl OldState {
    fn of_parked(parked: &Parked) -> OldState {
        OldState {
            base: parked.base.clone(),
            live: parked.live.clone(),
            version: parked.version.clone(),
            reason: Reason::Restore,
        }
    }
}

impl StagedMod {
    /// Remembers for the report what a replay has done.
    fn note_carried(&mut self, report: &Report, bytes: usize) {
        self.state_bytes = bytes;
        let carried = &mut self.carried;
        carried.bytes = bytes as u64;
        carried.entries = report.kept;
        carried.replaced = names_of(&report.replaced);
        carried.added = names_of(&report.added);
        carried.dropped.extend(names_of(&report.dropped));
        carried.conflicts = names_of(&report.conflicts);
    }
}

fn names_of(paths: &Paths) -> Vec<String> {
    paths.names.iter().map(ToString::to_string).collect()
}

/// What `on_load` is given.
fn load_payload(staged: &StagedMod, old: Option<&OldState>) -> Value {
    let version = staged.source.manifest.version.to_string();
    let generation = Value::Integer(staged.vm.generation() as i64);
    let dropped = staged.carried.dropped.iter();
    let dropped = Value::list(dropped.map(|path| path.as_str().into()));
    let mut about: Vec<(Value, Value)> = vec![
        ("reason".into(), staged.reason.into()),
        ("to_version".into(), version.as_str().into()),
        ("generation".into(), generation),
        ("dropped".into(), dropped),
    ];
    if let Some(old) = old {
        let version = old.version.to_string();
        about.push(("from_version".into(), version.as_str().into()));
    }
    Value::Table(about)
}
