//! The state of one running mod: as an image, compared with what its code began with, and replaced.

use std::collections::BTreeMap;

use crate::manager::ModManager;
use crate::manager::running::Running;
use crate::manager::stage::{StageOptions, capture};
use crate::mod_id::ModId;
use crate::problem::{Code, Problem};
use crate::reload::ReloadReport;
use crate::state::{Difference, Image, diff_below};

impl ModManager {
    /// All that a reload would carry of a mod now, as an image: its state, and what its code keeps beside it.
    /// None of its code runs.
    ///
    /// # Errors
    /// The mod does not run, or its state is larger than `max_state_size`.
    pub fn image(&self, mod_id: &ModId) -> Result<Image, Problem> {
        Ok(capture(&*self.vm_of(mod_id)?, &self.reading.settings)?.image)
    }

    /// What a save would keep of a mod now, as an image, without running any of its code.
    ///
    /// # Errors
    /// The mod does not run, or its state is larger than `max_state_size`.
    pub fn state_image(&self, mod_id: &ModId) -> Result<Image, Problem> {
        Ok(self.image(mod_id)?.saved().image)
    }

    /// Where the state of a mod differs from the one that its code began with, at and below `path`: the
    /// first `most` places, shallow ones first.
    ///
    /// # Errors
    /// The mod does not run, or its state is larger than `max_state_size`.
    pub fn state_changes(
        &self,
        mod_id: &ModId,
        path: &str,
        most: usize,
    ) -> Result<Vec<Difference>, Problem> {
        let live = self.image(mod_id)?;
        let base = &self.running_one(mod_id)?.base;
        Ok(diff_below(base, &live, "state", path, most))
    }

    /// Replaces the state of a mod, as restoring a save does: the code loads cold, the state is replayed,
    /// and `on_load` may object. Either all of it is replaced, or nothing.
    ///
    /// # Errors
    /// The mod does not run, refuses the state, or the state is larger than `max_state_size`.
    pub fn replace_state(&mut self, mod_id: &ModId, state: Image) -> Result<ReloadReport, Problem> {
        let settings = &self.reading.settings.hot_reload.state_management;
        let bytes_max = settings.max_state_size;
        if state.bytes_len() as u64 > bytes_max {
            let because = format!("gets a state that is larger than {bytes_max} bytes");
            return Err(Problem::error(Code::STATE_TOO_LARGE, because)
                .of(mod_id)
                .hint("raise state_management.max_state_size"));
        }
        self.end_flight();
        let parked = self.running_one(mod_id)?.parked(state);
        let options = StageOptions {
            restore: BTreeMap::from([(mod_id.clone(), parked)]),
            ..StageOptions::default()
        };
        self.restore_running(options, "an imported state")
    }

    fn running_one(&self, mod_id: &ModId) -> Result<&Running, Problem> {
        self.vm_of(mod_id)?;
        Ok(&self.running[mod_id])
    }
}
