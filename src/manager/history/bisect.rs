//! Bisect: which generation was the first for which an expression fails. Each is staged by itself, with the
//! state that it was left with; the running mods are not touched.

use serde::Serialize;

use crate::lua::Fault;
use crate::manager::ModManager;
use crate::manager::running::Running;
use crate::manager::stage::{capture, rehearse};
use crate::mod_id::ModId;
use crate::problem::{Code, Problem};
use crate::value::Value;

use super::past::Past;

/// How an expression went through the generations of a mod.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Bisection {
    /// Each generation that was tried, oldest first.
    pub tried: Vec<Trial>,
    /// The first that failed, if any did.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub first_failing: Option<u64>,
}

/// How an expression went in one generation.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Trial {
    /// The generation.
    pub generation: u64,
    /// Its version.
    pub version: semver::Version,
    /// Whether it is the one that runs.
    pub is_running: bool,
    /// Whether it was tried with the state that it was left with; otherwise with the one that it begins with.
    pub has_state: bool,
    /// How it went.
    pub verdict: TrialVerdict,
    /// What went wrong, where it did not just say no.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub problem: Option<Problem>,
}

/// How an expression went.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum TrialVerdict {
    /// Used when it gave anything but nil and false.
    Passed,
    /// Used when it gave nil or false, or raised an error.
    Failed,
    /// Used when the generation could not be brought up, so that nothing is known.
    Unknown,
}

impl ModManager {
    /// Walks the last `count` generations of a mod, the running one included, to the first for which
    /// `expression` fails: it gives nil or false, or raises an error. Each is loaded beside, with the state that
    /// it was left with, within the limits; functions that change the game are refused. Nothing that runs is
    /// touched.
    ///
    /// # Errors
    /// No generation of such a mod is kept.
    ///
    /// ```
    /// # use lunation::{ModId, ModManager, Problem};
    /// # fn since_when(mods: &ModManager, economy: &ModId) -> Result<(), Problem> {
    /// let found = mods.bisect(economy, "mod.state.coins >= 0", 20)?;
    /// if let Some(generation) = found.first_failing {
    ///     println!("coins are negative since generation {generation}");
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn bisect(
        &self,
        mod_id: &ModId,
        expression: &str,
        count: usize,
    ) -> Result<Bisection, Problem> {
        let mut tried = Vec::new();
        let pasts: Vec<&Past> = self.history.of(mod_id).collect();
        let running = self.running.get(mod_id);
        let room = count.saturating_sub(usize::from(running.is_some()));
        for past in &pasts[pasts.len().saturating_sub(room)..] {
            tried.push(self.try_past(mod_id, past, expression));
        }
        if let Some(running) = running.filter(|_| count > 0) {
            tried.push(self.try_running(mod_id, running, expression));
        }
        if tried.is_empty() {
            let problem = Problem::error(Code::KEPT, "has no generation to try").of(mod_id);
            return Err(problem.hint("`history` says which mods have some, and how many"));
        }
        Ok(Bisection {
            first_failing: first_failing(&tried),
            tried,
        })
    }

    fn try_past(&self, mod_id: &ModId, past: &Past, expression: &str) -> Trial {
        let state = self.state_of_past(mod_id, past);
        let has_state = matches!(state, Ok(Some(_)));
        let answer = state.and_then(|state| {
            let source = self.source_of_past(mod_id, past)?;
            let vm = rehearse(self, &source, past.generation(), state)?;
            Ok(vm.eval(expression))
        });
        Trial {
            has_state,
            ..Trial::of(past.generation(), past.version(), mod_id, answer)
        }
    }

    /// The running generation is tried beside itself, too: its expression may change things.
    fn try_running(&self, mod_id: &ModId, running: &Running, expression: &str) -> Trial {
        let state = capture(&running.vm, &self.reading.settings);
        let answer = state.and_then(|captured| {
            let state = running.parked(captured.image);
            let vm = rehearse(self, &running.source, running.generation(), Some(state))?;
            Ok(vm.eval(expression))
        });
        let version = running.source.manifest.version.clone();
        Trial {
            is_running: true,
            has_state: true,
            ..Trial::of(running.generation(), version, mod_id, answer)
        }
    }
}

impl Trial {
    fn of(
        generation: u64,
        version: semver::Version,
        mod_id: &ModId,
        answer: Result<Result<Vec<Value>, Fault>, Problem>,
    ) -> Trial {
        let (verdict, problem) = match answer {
            Err(problem) => (TrialVerdict::Unknown, Some(problem)),
            Ok(Ok(values)) if values.first().is_some_and(is_true) => (TrialVerdict::Passed, None),
            Ok(Ok(_)) => (TrialVerdict::Failed, None),
            Ok(Err(fault)) => {
                let problem = fault.problem(mod_id, "in the expression");
                (TrialVerdict::Failed, Some(problem))
            }
        };
        Trial {
            generation,
            version,
            is_running: false,
            has_state: false,
            verdict,
            problem,
        }
    }
}

fn is_true(value: &Value) -> bool {
    !matches!(value, Value::Nil | Value::Boolean(false))
}

/// Later ones may be all right again; the first is what was asked for.
fn first_failing(tried: &[Trial]) -> Option<u64> {
    let mut tried = tried.iter();
    let failing = tried.find(|trial| trial.verdict == TrialVerdict::Failed);
    failing.map(|trial| trial.generation)
}
