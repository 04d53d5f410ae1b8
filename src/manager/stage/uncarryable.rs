//! What becomes of a reload when something can't be carried: it is dropped, waited for, or the reload is refused.

use crate::lua::carry::Uncarryable;
use crate::problem::{Code, Problem};
use crate::settings::{HotReload, OnUncarryable};

use super::{StagedMod, Stager, Way};

impl Stager<'_> {
    /// What can't be carried is dropped if the mod or somebody agrees to it; else nothing is carried.
    pub(super) fn judge_uncarryable(
        &self,
        uncarryable: &[Uncarryable],
        staged: &mut StagedMod,
        settings: &HotReload,
    ) -> Result<(), Vec<Problem>> {
        // The engine has the keys of a table in no order that holds from run to run.
        let mut uncarryable: Vec<_> = uncarryable
            .iter()
            .map(|it| (it.path.to_string(), it))
            .collect();
        uncarryable.sort_by(|(one, _), (other, _)| one.cmp(other));
        // A VM that was stopped can't go on: whatever it can't give is lost in any case.
        let running = self.manager.running.get(staged.source.mod_id());
        let is_stopped = running.is_some_and(|running| running.vm.is_latched());
        let is_dropped = is_stopped
            || self.options.drop_uncarryable
            || settings.state_management.on_uncarryable == OnUncarryable::Drop;
        if is_dropped {
            let paths = uncarryable.into_iter().map(|(path, _)| path);
            staged.carried.dropped.extend(paths);
            return Ok(());
        }
        if uncarryable.is_empty() {
            return Ok(());
        }
        let mod_id = staged.source.mod_id();
        let queue = &self.manager.reading.settings.hot_reload.reload_queue;
        let waits = settings.state_management.on_uncarryable == OnUncarryable::Drain
            && uncarryable.iter().all(|(_, what)| what.is_coroutine())
            && staged.way != Way::Back
            && self.manager.may_wait(mod_id);
        let problem = |(path, what): &(String, &Uncarryable)| {
            if waits {
                return waiting_for(what, queue.reload_timeout).of(mod_id);
            }
            let because = format!("can't be carried: {path} is {}", what.what);
            Problem::error(Code::UNCARRYABLE, because)
                .of(mod_id)
                .hint(what.hint)
        };
        Err(uncarryable.iter().map(problem).collect())
    }
}

/// What a reload waits for.
fn waiting_for(what: &Uncarryable, longest_s: u64) -> Problem {
    let because = format!("waits for {} to end, which is {}", what.path, what.what);
    Problem::warning(Code::WAITING, because).hint(format!(
        "it is tried again as the game goes on, for {longest_s} s; to reload at once and drop it, use `reload` with `drop`"
    ))
}
