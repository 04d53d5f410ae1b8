//! How the mods are: those that run in load order, then the others with the reason why they do not.

use crate::mod_id::ModId;
use crate::problem::Problem;

use super::ModManager;
use super::running::Running;
use super::words::{ModStatus, Status};

impl ModManager {
    pub(super) fn statuses(&self) -> Vec<ModStatus> {
        let mut running: Vec<&Running> = self.running.values().collect();
        running.sort_by_key(|running| running.position);
        let mut statuses: Vec<ModStatus> = running.into_iter().map(active).collect();
        let named = self
            .reading
            .mods
            .values()
            .filter_map(|read| read.mod_id.as_ref());
        let mut others: Vec<&ModId> = named.chain(self.quarantined.keys()).collect();
        others.sort_unstable();
        others.dedup();
        others.retain(|mod_id| !self.running.contains_key(*mod_id));
        statuses.extend(others.into_iter().map(|mod_id| self.idle(mod_id)));
        statuses
    }

    fn idle(&self, mod_id: &ModId) -> ModStatus {
        let read = self.folder_of(mod_id).map(|(_, read)| read);
        let rejection = self.resolution.rejected.get(mod_id);
        let version = read
            .and_then(|read| read.version())
            .or_else(|| rejection.map(|rejection| &rejection.version))
            .cloned()
            .unwrap_or_else(|| semver::Version::new(0, 0, 0));
        let quarantined = self.quarantined.get(mod_id);
        let left_out = self.left_out(mod_id);
        let status = match quarantined {
            _ if left_out.is_some() => Status::Disabled,
            Some(_) => Status::Quarantined,
            None => Status::Rejected,
        };
        let because = left_out
            .or_else(|| Some(quarantined?.because.clone()))
            .or_else(|| Some(read?.error()?.because.clone()))
            .or_else(|| rejection.map(|rejection| rejection.because.clone()))
            .or_else(|| self.held_for(mod_id))
            .or_else(|| first_error(self.troubles.get(mod_id)?));
        ModStatus {
            id: mod_id.clone(),
            version,
            status,
            generation: 0,
            because,
            memory: 0,
            handlers: 0,
        }
    }

    /// For which running mod an accepted one is held back, if it is so; completes "because it …".
    fn held_for(&self, mod_id: &ModId) -> Option<String> {
        let rejected = self.resolution.rejected.iter();
        let mut running = rejected.filter(|(id, _)| self.running.contains_key(*id));
        let (other, _) =
            running.find(|(_, it)| it.derivation.iter().any(|said| said.by == *mod_id))?;
        Some(format!(
            "waits, because `{other}` runs and can't run beside it"
        ))
    }
}

fn active(running: &Running) -> ModStatus {
    ModStatus {
        id: running.source.mod_id().clone(),
        version: running.source.manifest.version.clone(),
        status: Status::Active,
        generation: running.generation(),
        because: None,
        memory: running.vm.memory_bytes(),
        handlers: running.vm.ledger().listeners.len(),
    }
}

fn first_error(problems: &[Problem]) -> Option<String> {
    problems
        .iter()
        .find(|problem| problem.is_error())
        .map(|problem| problem.because.clone())
}
