//! `check`: everything that is wrong, all at once.

mod shuffle;

use std::collections::BTreeSet;
use std::io::Write;
use std::path::PathBuf;

use semver::Version;
use serde_json::json;

use super::choice::Choice;
use super::snippet::Snippets;
use super::{Outcome, REPAIRS_MAX, count, load_once, print_json};
use crate::manager::ModManager;
use crate::resolve::{Change, in_words};
use crate::{Error, ModId, Problem};

const CHECK_EXAMPLES: &str = "\
Examples:
  lunation check mods                            all problems, each at its place
  lunation check mods --json > problems.jsonl    the same for a program or an editor
  lunation check mods && ./publish               only if nothing is wrong
  lunation check mods --shuffle 50               does a mod rely on a load order that nobody declared?
  lunation check --candidates index.jsonl --host 1.2.0 --wanted economy,weather
                                                 what of an index would run together";

/// Say everything that is wrong with these mods, all at once.
///
/// Reads every manifest and every config value, compiles every script, resolves what needs what, and loads
/// each mod once into a colony that stands still. Exits with 1 if there is an error; warnings are only shown.
///
/// With --shuffle, loads all mods once more in each of N load orders that their manifests allow, and names those
/// that fail in some of them only, with the mod whose place makes the difference.
///
/// With `--candidates` nothing is loaded: it reads a file with one candidate a line, says which would run, in
/// which versions and order, and why not the others.
#[derive(Debug, clap::Args)]
#[command(after_help = CHECK_EXAMPLES)]
pub(super) struct CheckArgs {
    /// The mods folder; with `--candidates` the file.
    pub(super) mods: PathBuf,
    /// Try so many load orders, or all if there are fewer.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    pub(super) shuffle: Option<u32>,
    /// Which orders are tried: the same for the same number.
    #[arg(long, value_name = "S", requires = "shuffle", default_value_t = 0)]
    pub(super) seed: u64,
    #[command(flatten)]
    pub(super) choice: Choice,
    /// Read candidates from a file, one JSON object a line, instead of a folder.
    #[arg(long)]
    pub(super) candidates: bool,
    /// The version of the game that candidates must be made for.
    #[arg(long, value_name = "VERSION", requires = "candidates")]
    pub(super) host: Option<Version>,
    /// The mods that are asked for, with a comma between; the others run only where these need them.
    #[arg(
        long,
        value_name = "IDS",
        value_delimiter = ',',
        requires = "candidates"
    )]
    pub(super) wanted: Vec<ModId>,
    /// Print one problem a line as JSON.
    #[arg(long)]
    pub(super) json: bool,
}

pub(super) fn check(args: &CheckArgs) -> Outcome {
    if args.candidates {
        return super::candidates::check(args);
    }
    let (count_of_mods, mut problems) = match load_once(&args.mods, &args.choice) {
        Ok((_, manager, mut problems)) => {
            problems.extend(manager.syntax_errors());
            hint_at_repairs(&manager, &mut problems);
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

/// Puts what has been tried out in the place of a hint, where it says more.
fn hint_at_repairs(manager: &ModManager, problems: &mut [Problem]) {
    let rejected = &manager.resolution().rejected;
    let is_cause = |problem: &&mut Problem| {
        let rejection = problem.mod_id.as_ref().and_then(|id| rejected.get(id));
        rejection.is_some_and(|it| it.code == problem.code && it.place == problem.place)
    };
    let causes = problems.iter_mut().filter(is_cause);
    for problem in causes.take(REPAIRS_MAX) {
        let Some(mod_id) = &problem.mod_id else {
            continue;
        };
        let changes = manager.repair(mod_id);
        if says_more(&changes, problem) {
            problem.hint = Some(in_words(&changes));
        }
    }
}

/// Whether changes name anything that a problem does not name yet, or are several that belong together.
fn says_more(changes: &[Change], problem: &Problem) -> bool {
    let told = format!(
        "{} {}",
        problem.because,
        problem.hint.as_deref().unwrap_or_default()
    );
    let is_told = |change: &Change| match change {
        Change::AllowDepth { .. } => false,
        Change::SwitchOff { id }
        | Change::SwitchOn { id }
        | Change::Get { id, .. }
        | Change::Unpin { id }
        | Change::Mend { id }
        | Change::Unlist { id } => {
            problem.mod_id.as_ref() == Some(id) || told.contains(&format!("`{id}`"))
        }
    };
    match changes {
        [] => false,
        [one] => !is_told(one),
        // What is missing is told for each name, with the names that come near.
        several => !several.iter().all(|it| matches!(it, Change::Get { .. })),
    }
}
