//! `check`: everything that is wrong, all at once.

mod shuffle;

use std::collections::BTreeSet;
use std::io::Write;

use serde_json::json;

use super::args::CheckArgs;
use super::snippet::Snippets;
use super::{Outcome, count, load_once, print_json};
use crate::Error;

pub(super) fn check(args: &CheckArgs) -> Outcome {
    let (count_of_mods, mut problems) = match load_once(&args.mods, &args.choice) {
        Ok((_, manager, mut problems)) => {
            problems.extend(manager.syntax_errors());
            (manager.mods().len(), problems)
        }
        Err(failure) => match *failure.downcast()? {
            // What is wrong with the profile or the lock is shown like all the rest.
            Error::Chosen(problems) => (0, problems),
            other => return Err(other.into()),
        },
    };
    let mut seen = BTreeSet::new();
    problems.retain(|problem| seen.insert((problem.code, problem.to_string())));
    let shuffled = match args.shuffle {
        Some(count) => Some(shuffle::shuffle(&args.mods, count as usize, args.seed)?),
        None => None,
    };
    problems.extend(shuffled.iter().flat_map(|shuffled| shuffled.problems()));
    problems.sort_by_key(|problem| !problem.is_error());
    let errors = problems.iter().filter(|problem| problem.is_error()).count();
    let mut out = anstream::stdout().lock();
    if args.json {
        for problem in &problems {
            print_json(&mut out, problem)?;
        }
        if let Some(shuffled) = &shuffled {
            print_json(&mut out, &json!({ "shuffle": shuffled }))?;
        }
        return Ok(errors == 0);
    }
    let snippets = Snippets::of(&args.mods);
    for problem in &problems {
        writeln!(out, "{}\n", snippets.show(problem))?;
    }
    writeln!(
        out,
        "{} checked: {}, {}",
        count(count_of_mods, "mod"),
        count(errors, "error"),
        count(problems.len() - errors, "warning"),
    )?;
    if let Some(shuffled) = &shuffled {
        writeln!(out, "{shuffled}")?;
    }
    Ok(errors == 0)
}
