//! Quarantine: a mod that keeps breaking its limits is parked, those that need it stop with it, and a new save
//! or the host brings all of them back.
//!
//! There is one mechanism: to the resolution all versions of a quarantined mod are candidates with an error. So it
//! decides who stops, who goes on without, and says why; see `resolving`. No other version of it steps in: nobody
//! asked for that one, and it would begin with the state of the one that broke. As soon as something else would be
//! chosen than what broke, because of a new version, a pin, or a folder that is gone, that runs.

use std::collections::BTreeMap;

use crate::change::Kind;
use crate::mod_id::ModId;
use crate::problem::{Code, Problem};
use crate::reload::{Cause, ModEvent, ReloadReport, ReloadRequest};
use crate::resolve::Resolution;

use super::ModManager;

impl ModManager {
    /// Lets a quarantined mod run again, with its state, and the mods that stopped because they need it. A new
    /// save of its files does so by itself.
    ///
    /// # Errors
    /// There is no such mod, or it is not quarantined.
    ///
    /// ```
    /// # use lunation::{ModId, ModManager, Problem, ReloadReport};
    /// # fn again(mods: &mut ModManager, economy: &ModId) -> Result<Vec<ReloadReport>, Problem> {
    /// // The player says: give it another chance.
    /// mods.resume_mod(economy)
    /// # }
    /// ```
    pub fn resume_mod(&mut self, mod_id: &ModId) -> Result<Vec<ReloadReport>, Problem> {
        if !self.release(mod_id) {
            self.must_be_there(mod_id)?;
            let problem = Problem::error(Code::BAD_CALL, "is not quarantined").of(mod_id);
            return Err(problem.hint("`mods.list` says which mods are, and why"));
        }
        self.end_flight();
        let cause = Cause::Asked {
            by: "the host".into(),
        };
        let request = self.request(mod_id, Kind::Full, cause);
        self.batch.push(request);
        let mut reports = std::mem::take(&mut self.landed);
        reports.extend(self.serve(None));
        Ok(reports)
    }

    /// Takes a mod that broke its limits out of the game at once.
    pub(super) fn quarantine(&mut self, mod_id: &ModId, problem: Problem) {
        let running = self.running.get(mod_id);
        let Some(manifest) = running.map(|running| running.source.manifest.clone()) else {
            return;
        };
        let has_news = self.has_files_to_come(mod_id);
        self.unload(mod_id, false);
        self.queue.remove(mod_id);
        self.moved_because.remove(mod_id);
        self.give_up_flight();
        self.hub.set_down(&manifest, &is_quarantined(&problem));
        self.tell(&ModEvent::Quarantined {
            mod_id: mod_id.clone(),
            generation: 0,
            problems: vec![problem.clone()],
        });
        self.troubles.insert(mod_id.clone(), vec![problem.clone()]);
        self.quarantined.insert(mod_id.clone(), problem);
        self.mark_tried(mod_id);
        self.resolve_again();
        let stopped = self.requests_for_those_that_stop();
        self.batch.extend(stopped);
        if has_news {
            self.release(mod_id);
        }
    }

    /// Whether a running mod has files on disk that were seen, and wait for their turn.
    fn has_files_to_come(&self, mod_id: &ModId) -> bool {
        let running = self.running.get(mod_id);
        let (Some(running), Some((_, read))) = (running, self.folder_of(mod_id)) else {
            return false;
        };
        read.files.hash() != running.source.files.hash() && !self.is_looked_at(mod_id)
    }

    /// Ends the quarantine of a mod; whether there was one. It counts its strikes from the start.
    pub(super) fn release(&mut self, mod_id: &ModId) -> bool {
        if self.quarantined.remove(mod_id).is_none() {
            return false;
        }
        self.strikes.remove(mod_id);
        self.forget_refusals([mod_id]);
        self.resolve_again();
        self.ask_for_what_is_different();
        true
    }

    /// Ends the quarantine of the mods of which something else would run by now than what broke.
    pub(super) fn release_what_was_saved(&mut self) {
        if self.quarantined.is_empty() {
            return;
        }
        let free = self.resolve_unquarantined();
        let quarantined = self.quarantined.keys();
        let saved: Vec<ModId> = quarantined
            .filter(|mod_id| self.would_run_otherwise(mod_id, &free))
            .cloned()
            .collect();
        for mod_id in saved {
            self.quarantined.remove(&mod_id);
            self.strikes.remove(&mod_id);
            self.resolved.candidates.clear();
        }
    }

    /// Whether a resolution takes another content of a mod than the one that was tried last.
    fn would_run_otherwise(&self, mod_id: &ModId, resolution: &Resolution) -> bool {
        let accepted = resolution.mods.get(mod_id).map(|it| &it.folder);
        let rejected = || resolution.rejected.get(mod_id).map(|it| &it.folder);
        let folder = accepted.or_else(rejected);
        let read = folder.and_then(|folder| self.reading.mods.get(folder.as_str()));
        let look = read.map(|read| self.look_of(mod_id, read));
        look.or_else(|| self.look_at(mod_id)) != self.tried.get(mod_id).copied()
    }

    /// Whether a mod is quarantined, or stopped because it needs one that is.
    pub(super) fn is_down_for_now(&self, mod_id: &ModId) -> bool {
        let rejection = self.resolution.rejected.get(mod_id);
        self.quarantined.contains_key(mod_id)
            || rejection.is_some_and(|it| self.quarantined.contains_key(&it.root))
    }

    /// What the resolution is told of the mods that are quarantined.
    pub(super) fn errors_of_quarantined(&self) -> BTreeMap<&ModId, Problem> {
        let error = |(mod_id, problem)| {
            let because = is_quarantined(problem);
            let error = Problem {
                place: problem.place.clone(),
                ..Problem::error(Code::QUARANTINED, because).of(mod_id)
            };
            (
                mod_id,
                error.hint("save a corrected file, or resume the mod"),
            )
        };
        self.quarantined.iter().map(error).collect()
    }

    /// The running mods that can't go on without one that is quarantined.
    fn requests_for_those_that_stop(&self) -> Vec<ReloadRequest> {
        let running = self.running.keys();
        running
            .filter(|mod_id| self.resolution.rejected.contains_key(*mod_id))
            .map(|mod_id| {
                let cause = Cause::ResolutionChanged;
                self.request(mod_id, Kind::Full, cause)
            })
            .collect()
    }
}

fn is_quarantined(problem: &Problem) -> String {
    format!("is quarantined because it {}", problem.because)
}
