//! Taking a reading in: settings, resolution, and requests for what is different from what runs.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use crate::change::{Kind, changes};
use crate::mod_id::ModId;
use crate::problem::Code;
use crate::reload::{Absence, Cause, ReloadQueue, ReloadRequest};

use super::ModManager;
use super::follow::{ReadMod, Reading, Times};
use super::suspects::News;
use super::world::widest_kind;

impl ModManager {
    /// Takes a reading over and asks for the mods that are different.
    pub(super) fn take_in(&mut self, mut reading: Reading) {
        self.answered = self.answered.max(reading.ticket);
        if !self.asked_for(reading.ticket) {
            self.leave_unwatched_as_they_are(&mut reading);
        }
        self.times = Times {
            detect: reading
                .times
                .finished
                .map_or(Duration::ZERO, |finished| finished.elapsed()),
            ..reading.times
        };
        let has_other_settings = *self.reading.settings != *reading.settings;
        let news = News::between(&self.reading, &reading);
        let before = std::mem::replace(&mut self.reading, reading);
        self.suspect_news(&news, &before);
        let undrifted = self.undrifted(before.mods);
        self.follow_profile();
        if self.reading.attempt > 0 {
            self.tell_retry(self.reading.attempt);
        }
        if has_other_settings || !self.is_loaded {
            self.take_settings();
        }
        self.release_what_was_saved();
        let in_the_way = self.running_and_rejected();
        self.resolve_reading(&news);
        self.hold_what_drifts(undrifted);
        self.look_again_at_what_was_held(&in_the_way);
        if news.has_other_manifests || !self.is_loaded {
            self.set_delays();
        }
        self.forget_mods_that_are_gone();
        self.forget_refusals_that_are_over();
        self.free_those_that_were_kept_with_others();
        self.note_paused_with_news();
        self.forget_what_was_mended();
        self.ask_for_what_is_different();
    }

    /// A mod that was stopped, or refused, and whose folder is gone, is like one that never was there.
    fn forget_mods_that_are_gone(&mut self) {
        let known = self.quarantined.keys().chain(self.refused.keys());
        let known = known.chain(self.tried.keys()).chain(self.troubles.keys());
        let is_gone = |mod_id: &&ModId| {
            !self.running.contains_key(*mod_id) && self.folder_of(mod_id).is_none()
        };
        let gone: BTreeSet<ModId> = known.filter(is_gone).cloned().collect();
        self.forget_refusals(&gone);
        self.quarantined.retain(|mod_id, _| !gone.contains(mod_id));
    }

    fn running_and_rejected(&self) -> Vec<ModId> {
        let rejected = self.resolution.rejected.keys();
        let running = rejected.filter(|mod_id| self.running.contains_key(*mod_id));
        running.cloned().collect()
    }

    /// What was held back for the sake of running mods is asked for again, once one of them is in the way no more.
    fn look_again_at_what_was_held(&mut self, in_the_way: &[ModId]) {
        if in_the_way
            .iter()
            .all(|mod_id| self.resolution.rejected.contains_key(mod_id))
        {
            return;
        }
        let is_held = |mod_id: &&ModId| {
            self.resolution.accepts(mod_id)
                && self.is_looked_at(mod_id)
                && !self.refused.contains_key(*mod_id)
                && !self.tried.contains_key(*mod_id)
        };
        let held: Vec<ModId> = self.running.keys().filter(is_held).cloned().collect();
        for mod_id in &held {
            self.looked.remove(mod_id);
        }
    }

    /// Code that was refused and is again what runs is no trouble any more.
    fn forget_refusals_that_are_over(&mut self) {
        let is_over = |mod_id: &ModId| {
            let (Some(running), Some((_, read))) =
                (self.running.get(mod_id), self.folder_of(mod_id))
            else {
                return false;
            };
            let source = &running.source;
            let left = changes(&source.files, &read.files, &source.manifest.assets);
            left.iter().all(|change| change.kind <= Kind::Config)
        };
        let is_alone =
            |mod_id: &ModId| !self.kept_together.iter().any(|mods| mods.contains(mod_id));
        let refused = self.refused.keys().filter(|mod_id| is_alone(mod_id));
        let over: Vec<ModId> = refused.filter(|mod_id| is_over(mod_id)).cloned().collect();
        self.forget_refusals(&over);
    }

    pub(super) fn forget_refusals<'a>(&mut self, mods: impl IntoIterator<Item = &'a ModId>) {
        for mod_id in mods {
            self.looked.remove(mod_id);
            self.tried.remove(mod_id);
            self.refused.remove(mod_id);
            self.troubles.remove(mod_id);
        }
    }

    /// Mods that were kept together are looked at again together, once the code of one of them is another:
    /// the fix may be in any of them.
    fn free_those_that_were_kept_with_others(&mut self) {
        let kept_together = std::mem::take(&mut self.kept_together);
        let (waiting, freed): (Vec<_>, Vec<_>) = kept_together
            .into_iter()
            .partition(|mods| mods.iter().all(|mod_id| self.is_code_as_refused(mod_id)));
        self.kept_together = waiting;
        self.forget_refusals(freed.iter().flatten());
    }

    /// Mods that were kept may be tried again as they are: this one, and those that were kept with it.
    pub(super) fn forget_refusals_with(&mut self, mod_id: &ModId) {
        let all = std::mem::take(&mut self.kept_together);
        let (freed, waiting): (Vec<_>, Vec<_>) =
            all.into_iter().partition(|mods| mods.contains(mod_id));
        self.kept_together = waiting;
        self.forget_refusals(freed.iter().flatten().chain([mod_id]));
    }

    fn is_code_as_refused(&self, mod_id: &ModId) -> bool {
        self.folder_of(mod_id).is_some_and(|(_, read)| {
            let manifest = read.manifest.as_ref();
            let assets = manifest.map_or(&[][..], |manifest| &manifest.assets);
            self.has_refused_code(mod_id, read, assets)
        })
    }

    fn take_settings(&mut self) {
        let settings = &self.reading.settings;
        self.hub.set_settings(settings);
        self.history.set(&settings.hot_reload.state_management);
        if let Some(audit) = &self.audit {
            audit.set(&settings.audit);
        }
        let waiting = self.queue.take_all();
        self.queue = ReloadQueue::new(&settings.hot_reload.reload_queue);
        for request in waiting {
            self.queue.push(request);
        }
    }

    /// Whether somebody asked for the reading with this ticket, so that nothing is left out of it.
    fn asked_for(&self, ticket: u64) -> bool {
        ticket > 0 && ticket >= self.asked_ticket
    }

    /// Mods that are not followed stay in the reading as they were.
    fn leave_unwatched_as_they_are(&self, reading: &mut Reading) {
        if !reading.settings.hot_reload.enabled {
            reading.mods.clone_from(&self.reading.mods);
            reading
                .player_config
                .clone_from(&self.reading.player_config);
            reading.profiles.clone_from(&self.reading.profiles);
            return;
        }
        let switched_off = self.switched_off_in(&News::between(&self.reading, reading));
        for mod_id in self.unwatched.iter().chain(&switched_off) {
            let Some((folder, known)) = self.folder_of(mod_id) else {
                continue;
            };
            if reading
                .mods
                .get(folder)
                .is_none_or(|read| !Arc::ptr_eq(read, known))
            {
                Arc::make_mut(&mut reading.mods).insert(folder.clone(), known.clone());
            }
        }
    }

    /// Tells the host which running mods have files that are tried again.
    fn tell_retry(&mut self, attempt: u32) {
        if self.hooks.on_retry.is_none() {
            return;
        }
        // What is wrong with files says the place, not the mod.
        let problems = self.reading.problems.iter();
        let broken: BTreeSet<ModId> = problems
            .filter(|problem| problem.code == Code::UNREADABLE)
            .filter_map(|problem| self.of_its_mod(problem).mod_id)
            .filter(|mod_id| self.running.contains_key(mod_id))
            .collect();
        if let Some(hook) = &mut self.hooks.on_retry {
            broken.iter().for_each(|mod_id| hook(mod_id, attempt));
        }
    }

    /// Mods may have a quiet time of their own.
    fn set_delays(&mut self) {
        let delay_of = |read: &ReadMod| read.manifest.as_ref()?.hot_reload.debounce_delay;
        let mods = self.reading.mods.iter();
        let delays: BTreeMap<Arc<str>, Duration> = mods
            .filter_map(|(folder, read)| {
                Some((folder.clone(), Duration::from_millis(delay_of(read)?)))
            })
            .collect();
        if delays != self.delays {
            self.follower.set_delays(delays.clone());
            self.delays = delays;
        }
    }

    pub(super) fn ask_for_what_is_different(&mut self) {
        debug_assert!(self.is_nobody_overlooked());
        let mut requests = self.requests_for_changes();
        requests.extend(self.requests_for_arrivals());
        requests.extend(self.requests_for_departures());
        // Requests of one reading are one batch, however many: they go past the limit of the queue, which
        // is there against piling up.
        self.batch.extend(requests);
    }

    /// Running mods whose files are different.
    pub(super) fn requests_for_changes(&self) -> Vec<ReloadRequest> {
        let mut requests = Vec::new();
        for (mod_id, changes) in self.changed(&self.suspects) {
            let kind = widest_kind(&changes);
            requests.extend(changes.files.into_iter().map(|file| {
                let cause = Cause::FileChanged {
                    path: file.path,
                    change: file.change,
                };
                self.request(&mod_id, kind, cause)
            }));
        }
        requests
    }

    /// Mods that are accepted and do not run, unless they were tried in vain as they are.
    fn requests_for_arrivals(&self) -> impl Iterator<Item = ReloadRequest> {
        let mut accepted: Vec<_> = self.suspects.among(&self.resolution.mods).collect();
        accepted.sort_by_key(|(_, accepted)| accepted.position);
        accepted
            .into_iter()
            .map(|(mod_id, _)| mod_id)
            .filter(|mod_id| !self.running.contains_key(*mod_id) && !self.is_left_alone(mod_id))
            .map(|mod_id| self.request(mod_id, Kind::Full, Cause::ResolutionChanged))
    }

    /// Running mods that are gone or switched off. One that is rejected as its files are now is neither: it runs on.
    fn requests_for_departures(&self) -> impl Iterator<Item = ReloadRequest> {
        let running = self.suspects.among(&self.running).map(|(mod_id, _)| mod_id);
        running
            .filter(|mod_id| !self.resolution.accepts(mod_id))
            .filter(|mod_id| matches!(self.absence(mod_id), None | Some(Absence::Disabled)))
            .map(|mod_id| self.request(mod_id, Kind::Full, Cause::Removed))
    }
}
