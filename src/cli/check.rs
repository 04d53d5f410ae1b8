//! `check`: everything that is wrong, all at once.

use std::collections::BTreeSet;
use std::io::Write;

use super::args::CheckArgs;
use super::snippet::Snippets;
use super::{Outcome, count, load_once, print_json};

pub(super) fn check(args: &CheckArgs) -> Outcome {
    if args.candidates {
        return super::candidates::check(args);
    }
    let (_, manager, mut problems) = load_once(&args.mods)?;
    problems.extend(manager.syntax_errors());
    let mut seen = BTreeSet::new();
    problems.retain(|problem| seen.insert((problem.code, problem.to_string())));
    problems.sort_by_key(|problem| !problem.is_error());
    let errors = problems.iter().filter(|problem| problem.is_error()).count();
    let mut out = anstream::stdout().lock();
    if args.json {
        for problem in &problems {
            print_json(&mut out, problem)?;
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
        count(manager.mods().len(), "mod"),
        count(errors, "error"),
        count(problems.len() - errors, "warning"),
    )?;
    Ok(errors == 0)
}
