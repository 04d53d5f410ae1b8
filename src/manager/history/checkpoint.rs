//! Checkpoints: the states of all mods, written beside the history now and then, to go on from after a crash.

use crate::manager::ModManager;
use crate::mod_id::ModId;
use crate::problem::{Code, Problem};

use super::archive;

impl ModManager {
    /// Goes on from the last finished checkpoint on disk: brings its states back, as
    /// [`ModManager::restore`] does. To be called after [`ModManager::load`]. The answer is which mods the
    /// checkpoint has, or nothing if there is none.
    ///
    /// Checkpoints are written while `state_management.checkpoint_interval` is not 0.
    ///
    /// # Errors
    /// No checkpoint that is there can be read, or a mod refuses its state; then nothing has changed. Whoever
    /// goes on without it should take a copy of it before new ones take its place.
    pub fn resume(&mut self) -> Result<Option<Vec<ModId>>, Problem> {
        let store = self.history.store.clone();
        let mut first_problem = None;
        for bytes in store.iter().flat_map(|store| archive::checkpoints(store)) {
            // Where the last one can't be read, the one before is as good as it gets.
            let restored = match bytes {
                Ok(bytes) => match self.inspect_save(&bytes) {
                    Ok(_) => return self.restore(&bytes).map(Some),
                    Err(problem) => problem,
                },
                Err(why) => {
                    let because = format!("has a checkpoint that can't be read: {}", why.kind());
                    Problem::error(Code::HISTORY_DAMAGED, because)
                }
            };
            tracing::warn!(%restored, "a checkpoint is left out");
            first_problem.get_or_insert(restored);
        }
        first_problem.map_or(Ok(None), Err)
    }

    /// Whether the settings want a checkpoint now.
    pub(in crate::manager) fn is_checkpoint_due(&self) -> bool {
        let recorder = self.history.recorder.as_ref();
        recorder.is_some_and(super::Recorder::is_checkpoint_due)
    }

    /// Captures all states and has them written, if it is time.
    pub(in crate::manager) fn write_checkpoint_if_due(&mut self) {
        if !self.is_checkpoint_due() {
            return;
        }
        match self.checkpoint() {
            Ok(problems) => problems
                .iter()
                .for_each(|problem| tracing::debug!(%problem, "not in a checkpoint")),
            Err(problem) => tracing::warn!(%problem, "no checkpoint"),
        }
    }

    /// Captures all states and has them written as a checkpoint, beside. What is not in it is the answer.
    ///
    /// # Errors
    /// The disk can't be used.
    pub fn checkpoint(&mut self) -> Result<Vec<Problem>, Problem> {
        let nowhere = || {
            Problem::error(
                Code::HISTORY_UNWRITTEN,
                "has no history on disk to write it to",
            )
            .hint("let the manager have a folder for its history")
        };
        let recorder = self.history.recorder.as_ref().ok_or_else(nowhere)?;
        if let Some(problem) = recorder.problem() {
            return Err(problem);
        }
        let (states, problems) = self.states_to_save();
        if let Some(recorder) = &self.history.recorder {
            recorder.checkpoint(states);
        }
        Ok(problems)
    }
}
