//! Trying migrations: the state of a save is brought up to date in a staged VM, which is then dropped.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use serde::Serialize;

use crate::mod_id::ModId;
use crate::problem::{Code, Problem};
use crate::reload::{Action, Cause, Reason, Step, Transaction, as_ms};
use crate::state::{Builder, Image};

use super::ModManager;
use super::running::Parked;
use super::saves::{decode, unreadable};
use super::stage::{StageOptions, StagedMod, stage};

/// What the migrations of a mod make of a state, and how long they take.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct MigrationTrial {
    /// The mod.
    #[serde(rename = "mod")]
    pub mod_id: ModId,
    /// The migrations that the state had not had, in order.
    pub migrations: Vec<MigrationRun>,
    /// The state as it was.
    pub before: StateSize,
    /// The state as the new code would go on with it: after the migrations and the replay.
    pub after: StateSize,
}

/// One migration that was run.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct MigrationRun {
    /// The state version that it leads to.
    pub number: u32,
    /// The file, relative to the mod.
    pub file: Arc<str>,
    /// How long it took.
    #[serde(rename = "time_ms", serialize_with = "as_ms")]
    pub time: Duration,
}

/// How large a state is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct StateSize {
    /// The number of the newest migration that it has had, 0 for none.
    pub version: u32,
    /// Entries of all its tables together.
    pub entries: u64,
    /// Bytes of its image.
    pub bytes: usize,
}

impl StateSize {
    fn of(image: &Image) -> StateSize {
        StateSize {
            version: image.state_version(),
            entries: image.entries(),
            bytes: image.bytes_len(),
        }
    }
}

impl ModManager {
    /// Tries what restoring the state of a mod from `snapshot` would do: loads the code beside the running
    /// one, runs the missing migrations, replays the state, asks `on_load`; then drops it all. Nothing that
    /// runs changes. `snapshot` is a save ([`ModManager::save`]) or a single image ([`Image::to_bytes`]).
    ///
    /// # Errors
    /// The bytes can't be read or don't have the mod, or it would refuse the state: everything that is wrong.
    pub fn try_migrations(
        &self,
        mod_id: &ModId,
        snapshot: &[u8],
    ) -> Result<MigrationTrial, Vec<Problem>> {
        let parked = self
            .state_in(mod_id, snapshot)
            .map_err(|problem| vec![problem.of(mod_id)])?;
        let before = StateSize::of(&parked.live);
        let options = StageOptions {
            restore: BTreeMap::from([(mod_id.clone(), parked)]),
            ..StageOptions::default()
        };
        let cause = Cause::Asked {
            by: "a trial".into(),
        };
        let transaction = Transaction {
            steps: vec![Step {
                mod_id: mod_id.clone(),
                action: Action::Load,
                reasons: vec![Reason::Cause { cause }],
            }],
        };
        let staged =
            stage(self, &transaction, &options).map_err(|refusal| refusal.final_one().problems)?;
        let staged = staged.mods.into_iter().next().ok_or_else(Vec::new)?;
        self.tell_trial(staged, before)
    }

    fn tell_trial(
        &self,
        staged: StagedMod,
        before: StateSize,
    ) -> Result<MigrationTrial, Vec<Problem>> {
        let after = super::stage::capture(&staged.vm, &self.reading.settings)
            .map_err(|problem| vec![problem])?;
        let runs = staged.migrated.into_iter();
        let runs = runs.map(|(migration, time)| MigrationRun {
            number: migration.number,
            file: migration.path,
            time,
        });
        Ok(MigrationTrial {
            mod_id: staged.source.mod_id().clone(),
            migrations: runs.collect(),
            before,
            after: StateSize::of(&after.image.saved().image),
        })
    }

    /// The state of a mod in a save, or the one state that an image is.
    fn state_in(&self, mod_id: &ModId, snapshot: &[u8]) -> Result<Parked, Problem> {
        if let Ok(live) = Image::from_bytes(snapshot) {
            let version = self.version_on_disk(mod_id);
            // What the old code began with is not known: all of it counts as changed at run time.
            return Ok(Parked {
                base: Builder::new(live.state_version()).finish(),
                live,
                version,
            });
        }
        let states = decode(snapshot).map_err(|why| unreadable(&why))?;
        let mut own = states.into_iter().filter(|(id, _)| id == mod_id);
        own.next().map(|(_, parked)| parked).ok_or_else(|| {
            Problem::error(Code::BAD_IMAGE, "has no state in this save")
                .hint("take a save that was made while the mod was loaded")
        })
    }

    fn version_on_disk(&self, mod_id: &ModId) -> semver::Version {
        let read = self.folder_of(mod_id).map(|(_, read)| read);
        let manifest = read.and_then(|read| read.manifest.as_ref());
        manifest.map_or(semver::Version::new(0, 0, 0), |it| it.version.clone())
    }
}
