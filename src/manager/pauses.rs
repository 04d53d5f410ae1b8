//! Pauses: a mod whose reloads keep failing is left alone for a while, so that it costs no frame of the game.
//!
//! Only what follows files by itself pauses, and only code: config and assets come through, and whoever asks for
//! a reload gets it. A mod that never ran pauses like one that runs: its saves cost the game the same.

use std::time::{Duration, Instant};

use crate::mod_id::ModId;
use crate::problem::{Code, Problem};
use crate::reload::{Action, Step};

use super::ModManager;
use super::stage::Refusal;

impl ModManager {
    /// Counts a reload that was refused because of this mod's own code: what to tell when it pauses by that.
    pub(super) fn count_failed_reload(
        &mut self,
        step: &Step,
        refusal: &Refusal,
    ) -> Option<Problem> {
        // What the code is not to blame for.
        let others = [
            Code::DEPENDENCY_REJECTED,
            Code::RELOAD_TIMEOUT,
            Code::CAPABILITY_HELD,
            Code::CAPABILITY_REFUSED,
        ];
        let is_own = |problem: &Problem| !others.contains(&problem.code);
        let is_of_code = matches!(step.action, Action::Reload { .. } | Action::Load);
        let is_its = step.mod_id == refusal.mod_id && refusal.problems.iter().any(is_own);
        if !is_of_code || !is_its {
            return None;
        }
        let now = self.start.elapsed();
        let settings = &self.reading.settings.hot_reload.breaker;
        let breaker = self.breakers.entry(step.mod_id.clone()).or_default();
        breaker.failure(now, settings).then(|| {
            let because = format!(
                "failed {} reloads in a row; automatic reloads pause for {} s",
                breaker.failures(),
                settings.cool_down
            );
            Problem::warning(Code::BREAKER_OPEN, because)
                .of(&step.mod_id)
                .hint("`reload` it by hand to try at once; a reload that succeeds ends the pause")
        })
    }

    /// Whether new code of a mod waits for the end of its pause.
    pub(super) fn is_paused(&self, mod_id: &ModId) -> bool {
        if self.breakers.is_empty() || self.is_asking {
            return false;
        }
        let settings = &self.reading.settings.hot_reload.breaker;
        let breaker = self.breakers.get(mod_id);
        breaker.is_some_and(|breaker| breaker.is_open(self.start.elapsed(), settings))
    }

    /// Whether a pause is over, and new code has waited for that.
    pub(super) fn has_pause_ended(&self) -> bool {
        self.end_of_pauses().is_some_and(|at| at <= Instant::now())
    }

    /// When the next pause is over of a mod that has new code.
    pub(super) fn end_of_pauses(&self) -> Option<Instant> {
        let waiting = self.paused_with_news.iter();
        let ends = waiting.filter_map(|mod_id| self.end_of_pause(mod_id));
        ends.min().map(|end| self.start + end)
    }

    /// Asks for the new code of the mods whose pause is over.
    pub(super) fn end_pauses(&mut self) {
        if !self.has_pause_ended() {
            return;
        }
        let waiting = std::mem::take(&mut self.paused_with_news);
        for mod_id in waiting {
            if self.is_paused(&mod_id) {
                self.paused_with_news.insert(mod_id);
            } else {
                // Config may have been taken over meanwhile, and the code with it was looked at.
                self.looked.remove(&mod_id);
            }
        }
        self.ask_for_what_is_different();
    }

    /// Notes which mods have new code that waits.
    pub(super) fn note_paused_with_news(&mut self) {
        let paused = self.breakers.keys();
        let paused = paused.filter(|mod_id| self.is_paused(mod_id) && !self.was_tried(mod_id));
        self.paused_with_news = paused.cloned().collect();
    }

    fn end_of_pause(&self, mod_id: &ModId) -> Option<Duration> {
        let settings = &self.reading.settings.hot_reload.breaker;
        self.breakers.get(mod_id)?.allows_next_at(settings)
    }
}
