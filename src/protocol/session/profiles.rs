//! What the methods about profiles do, and whether what is there is what is locked.

use super::Session;
use crate::protocol::messages::*;
use crate::protocol::rpc::Failure;
use crate::{Error, ModManager};

impl Session {
    pub(super) fn profiles(&self) -> Profiles {
        Profiles {
            active: self.mods.profile().cloned(),
            profiles: self.mods.profiles(),
        }
    }

    pub(super) fn set_profile(&mut self, params: &ProfileParams) -> Result<Reports, Failure> {
        let name = params.profile.as_ref();
        let set = |mods: &mut ModManager| mods.set_profile(name);
        let reports = self.colony.with(&mut self.mods, set)?;
        Ok(Reports { reports })
    }

    /// With a lock, nothing runs unless all is as it is locked.
    pub(in crate::protocol) fn nothing_drifts(&self) -> Result<(), Error> {
        match self.mods.drift() {
            [] => Ok(()),
            drift => Err(Error::Chosen(drift.to_vec())),
        }
    }
}
