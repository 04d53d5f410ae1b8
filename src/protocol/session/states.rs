//! What the methods about the state of a mod, and about what it owns, do.

use serde_json::Value as Json;

use super::Session;
use crate::ModManager;
use crate::protocol::messages::*;
use crate::protocol::rpc::Failure;
use crate::protocol::{state_from_json, state_to_json, to_json};

/// The most differences of one answer.
const DIFFERENCES_MAX: usize = 1000;

impl Session {
    pub(super) fn state(&self, params: &StateParams) -> Result<Json, Failure> {
        Ok(to_json(&self.mods.state(&params.mod_id, &params.path)?))
    }

    pub(super) fn state_diff(&mut self, params: &StateParams) -> Result<Differences, Failure> {
        let (mod_id, path) = (&params.mod_id, &params.path);
        let changes = |mods: &mut ModManager| mods.state_changes(mod_id, path, DIFFERENCES_MAX + 1);
        let mut found = self.colony.with(&mut self.mods, changes)?;
        let is_cut = found.len() > DIFFERENCES_MAX;
        found.truncate(DIFFERENCES_MAX);
        Ok(Differences {
            differences: found.into_iter().map(OneDifference::from).collect(),
            is_cut,
        })
    }

    pub(super) fn export(&mut self, params: &ModParams) -> Result<Json, Failure> {
        let image = |mods: &mut ModManager| mods.state_image(&params.mod_id);
        let image = self.colony.with(&mut self.mods, image)?;
        Ok(state_to_json(&image))
    }

    pub(super) fn import(&mut self, params: &StateImportParams) -> Result<Report, Failure> {
        let mod_id = &params.mod_id;
        let now = self.mods.state_image(mod_id)?;
        let state = state_from_json(&params.value, now.state_version())?;
        let replace = |mods: &mut ModManager| mods.replace_state(mod_id, state);
        let report = self.colony.with(&mut self.mods, replace)?;
        Ok(Report { report })
    }

    pub(super) fn ledger(&self, params: &LedgerParams) -> Result<Ledger, Failure> {
        if let Some(mod_id) = &params.mod_id {
            self.known(mod_id)?;
        }
        let entries = self.mods.ledger(params.mod_id.as_ref());
        Ok(Ledger { entries })
    }
}
