//! The replay: the old state comes into the staged VM, and the new code may object.

use std::sync::Arc;

use parking_lot::Mutex;

use crate::lua::carry::{Captured, Uncarryable};
use crate::lua::{Gone, Hook, Vm};
use crate::problem::{Code, Place, Problem};
use crate::reload::Carried;
use crate::state::{self, Image, LostReturn};

use crate::manager::beside::Beside;
use crate::manager::running::{Running, Source};

use super::carry::{OldState, Reason, capture, state_problem};
use super::registered::{is_of_registration, take_over};
use super::staging::refuse;
use super::told::{carried_by, load_payload};
use super::{Attempt, Refusal, StagedMod, Stager, Way, is_large};

/// Images that are larger take a while to replay: 64 KiB are some 0.3 ms.
const IMAGE_LARGE_BYTES: usize = 64 * 1024;

/// What a replay has done.
pub(super) struct Filled {
    carried: Carried,
    unmade: Vec<Uncarryable>,
    gone: Vec<Gone>,
    bytes: usize,
}

impl Stager<'_> {
    /// Loads the modules that the old code has loaded while it ran. Runs the old code once more where new and
    /// old may differ: at the same time as the new, so that clocks tell both the same.
    pub(super) fn follow_modules(&self, staged: &mut StagedMod) -> Result<(), Box<Refusal>> {
        let mod_id = staged.source.mod_id();
        let Some(running) = self.manager.running.get(mod_id) else {
            return Ok(());
        };
        let is_parked = self.parked_state(mod_id).is_some();
        if !is_parked && !self.settings_of(staged).state_management.preserve_state {
            return Ok(());
        }
        let has_more = staged
            .vm
            .load_as(&running.vm)
            .map_err(|problem| refuse(staged, vec![problem]))?;
        if let Some(again) = staged.again.take() {
            // What fails here only makes more of the difference count as the edit.
            staged.again = again.load_as(&running.vm).is_ok().then_some(again);
        } else if !is_parked && (has_more || !staged.is_as_before) {
            staged.again = self.run_again(staged, running);
        }
        Ok(())
    }

    /// The old code, loaded once more.
    fn run_again(&self, staged: &StagedMod, running: &Running) -> Option<Arc<Vm>> {
        let assets = Arc::new(Mutex::new(running.assets.lock().clone()));
        // What was taken over from the disk since then never ran.
        let source = Source {
            scripts: running.vm.scripts(),
            ..running.source.clone()
        };
        // The generation is an input of the host, as the time is: both see the same.
        let vm = self.vm(&source, staged.vm.generation(), assets);
        let vm = vm.take().ok()?;
        vm.run_entry().ok()?;
        vm.load_as(&running.vm).ok()?;
        Some(Arc::new(vm))
    }

    /// Begins to capture what the new code has, unless that is known.
    pub(super) fn capture_new(&self, staged: &mut StagedMod) -> Attempt<Captured> {
        if let Some((captured, calls)) = staged.loaded.take()
            && calls == staged.vm.calls()
        {
            return Beside::Here(Ok(captured));
        }
        let settings = self.manager.reading.settings.clone();
        let loan = staged.vm.lend_to_capture();
        self.beside(is_large(&staged.vm), move || capture(&loan, &settings))
    }

    /// Begins to replay the old state onto the new VM.
    pub(super) fn fill(
        &self,
        staged: &mut StagedMod,
        old: OldState,
        new: Captured,
    ) -> Beside<Result<Filled, Vec<Problem>>> {
        let sizes = [&old.base, &old.live, &new.image].map(Image::bytes_len);
        let again = staged.again.take();
        let is_long = sizes.iter().any(|bytes| *bytes > IMAGE_LARGE_BYTES)
            || again.as_deref().is_some_and(is_large);
        let again = again.map(|vm| vm.lend_to_capture());
        staged.vm.ask_objects([&old.live, &new.image]);
        // It is the same code: where it begins otherwise, that is no edit.
        let is_same_code =
            staged.way == Way::Again || old.reason == Reason::Restore && staged.way == Way::Back;
        let settings = self.manager.reading.settings.clone();
        let running = self.manager.running.get(staged.source.mod_id());
        let before = running.map(|running| running.vm.lend());
        let (loan, source) = (staged.vm.lend(), staged.source.clone());
        self.beside(is_long, move || {
            if let Some(lost) = state::lost_return(&old.live, &new.image) {
                return Err(vec![return_problem(&source, lost)]);
            }
            let again = match again {
                _ if is_same_code => Some(new.image.clone()),
                Some(vm) => capture(&vm, &settings).ok().map(|again| again.image),
                None => None,
            };
            replay(&loan, &old, &new, again.as_ref(), before.as_deref())
                .map_err(|problem| vec![problem])
        })
    }

    /// Refuses a replay in which functions could not be made, unless somebody agreed to drop them.
    pub(super) fn judge_filled(
        &self,
        staged: &mut StagedMod,
        filled: Filled,
    ) -> Result<(), Vec<Problem>> {
        let settings = self.settings_of(staged);
        self.judge_uncarryable(&filled.unmade, staged, &settings)?;
        let already = std::mem::replace(&mut staged.carried, filled.carried);
        staged.carried.dropped.splice(..0, already.dropped);
        staged.carried.migrated = already.migrated;
        staged.gone = filled.gone;
        staged.state_bytes = filled.bytes;
        Ok(())
    }

    /// Lets the new code object.
    pub(super) fn ask_new_code(
        &self,
        staged: &mut StagedMod,
        from: Option<&semver::Version>,
    ) -> Result<(), Box<Refusal>> {
        staged.vm.end_loading();
        let about = load_payload(staged, from);
        let asked = staged.vm.run_hook(Hook::Load, &[about]);
        staged.times.restore = staged.since.elapsed();
        asked.map_err(|fault| {
            let problem = fault
                .problem(staged.source.mod_id(), "in on_load")
                .hint("on_load runs before the switch; the generation before runs on");
            refuse(staged, vec![problem])
        })
    }
}

/// Decides what becomes of each value, and does it to the VM that `new` is of. `before` is the generation that
/// ran until now.
fn replay(
    vm: &Vm,
    old: &OldState,
    new: &Captured,
    again: Option<&Image>,
    before: Option<&Vm>,
) -> Result<Filled, Problem> {
    let decide = match old.is_migrated {
        true => state::replay_migrated,
        false => state::replay,
    };
    let replay = decide(&old.base, &old.live, &new.image, again, &vm.new_code());
    let applied = vm
        .apply(new, &replay, &old.live, before)
        .map_err(|why| state_problem(vm, &why))?;
    let mut unmade = applied.unmade;
    // A registration whose function can't come over is dropped and named.
    unmade.retain(|what| !is_of_registration(what.path.as_str()));
    let mut carried = carried_by(vm, &replay.report, old);
    let lost = applied.gone.iter().map(ToString::to_string);
    let lost = lost.filter(|path| !is_of_registration(path));
    carried.dropped.splice(..0, lost.chain(applied.lost));
    let gone = take_over(vm, before, old, new)?;
    carried
        .dropped
        .extend(gone.iter().map(|gone| gone.words.clone()));
    Ok(Filled {
        carried,
        unmade,
        gone,
        bytes: old.live.bytes_len(),
    })
}

/// The problem of a file whose edit has lost what it returned.
fn return_problem(source: &Source, lost: LostReturn<'_>) -> Problem {
    let of_another = lost.file.strip_prefix('@').map(Arc::from);
    let file = of_another.unwrap_or_else(|| source.files.display_path(lost.file));
    let because = format!("returned {} and now returns nothing", lost.what);
    Problem::error(Code::MODULE_RETURN, because)
        .of(source.mod_id())
        .at(Place::file(file))
        .hint("is `return M` missing at its end?")
}
