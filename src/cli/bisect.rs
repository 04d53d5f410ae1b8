//! `bisect`: the first generation of a mod for which an expression fails.

use std::io::Write;

use super::args::BisectArgs;
use super::{Outcome, folder_is_there, print_json};
use crate::demo::{self, Colony};
use crate::{Bisection, ModManager, Trial, TrialVerdict};

pub(super) fn bisect(args: &BisectArgs) -> Outcome {
    folder_is_there(&args.mods)?;
    let mut manager = demo::builder(args.mods.clone())
        .watching(false)
        .reading_history_only()
        .build()?;
    let mut colony = Colony::new();
    colony.with(&mut manager, ModManager::load);
    let count = args.last.unwrap_or(usize::MAX);
    let found = colony.with(&mut manager, |mods| {
        mods.bisect(&args.mod_id, &args.expression, count)
    })?;
    let mut out = anstream::stdout().lock();
    if args.json {
        print_json(&mut out, &found)?;
        return Ok(found.first_failing.is_none());
    }
    for trial in &found.tried {
        writeln!(out, "{}", line(trial))?;
    }
    match found.first_failing {
        Some(_) if found.tried.last().is_some_and(is_first_failing(&found)) => {
            writeln!(out, "it fails with the files of now, and not before")?;
        }
        Some(generation) => writeln!(out, "generation {generation} is the first that fails")?,
        None => writeln!(out, "no generation fails")?,
    }
    Ok(found.first_failing.is_none())
}

/// Whether a trial is the first that fails, and is of the files of now.
fn is_first_failing(found: &Bisection) -> impl Fn(&Trial) -> bool {
    |trial| trial.is_running && found.first_failing == Some(trial.generation)
}

/// `generation 3  1.4.0  failed: …`
fn line(trial: &Trial) -> String {
    let verdict = match trial.verdict {
        TrialVerdict::Passed => "passed",
        TrialVerdict::Failed => "failed",
        TrialVerdict::Unknown => "can't be tried",
    };
    let state = match trial.has_state {
        true => "",
        false => ", with the state that it begins with",
    };
    let why = trial.problem.as_ref();
    let why = why.map_or(String::new(), |problem| format!(": {}", problem.because));
    let what = match trial.is_running {
        true => "the files of now".to_owned(),
        false => format!("generation {}", trial.generation),
    };
    format!("{what}  {}  {verdict}{state}{why}", trial.version)
}
