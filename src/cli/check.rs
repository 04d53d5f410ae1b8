//! `check`: everything that is wrong, all at once.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;
use std::path::Path;

use super::args::CheckArgs;
use super::snippet::Snippets;
use super::{Outcome, count, load_once, print_json};
use crate::disk::{FolderReader, ReadRules};
use crate::{ModId, ModManager, Problem, lua};

pub(super) fn check(args: &CheckArgs) -> Outcome {
    let (_, manager, mut problems) = load_once(&args.mods)?;
    problems.extend(syntax_errors(&args.mods, &manager));
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

/// The scripts that can't be compiled, those too that no mod has loaded yet.
fn syntax_errors(mods: &Path, manager: &ModManager) -> Vec<Problem> {
    let (rules, _) = ReadRules::from_settings(&manager.settings().hot_reload);
    let reading = FolderReader::new(mods.to_owned(), mods.join("../config"), rules).read_all();
    let resolution = manager.resolution();
    let accepted = resolution.mods.iter();
    let accepted = accepted.map(|(mod_id, accepted)| (accepted.folder.as_str(), mod_id));
    let rejected = resolution.rejected.values();
    let rejected = rejected.map(|rejection| (rejection.folder.as_str(), &rejection.id));
    let owners: BTreeMap<&str, &ModId> = accepted.chain(rejected).collect();

    let mut problems = Vec::new();
    for files in reading.mods.values() {
        let owner = owners.get(&**files.folder());
        for (path, file) in files.iter().filter(|(path, _)| lua::is_script(path)) {
            let Some(content) = &file.content else {
                continue;
            };
            if let Err(problem) = lua::check_syntax(content, &files.display_path(path)) {
                problems.push(match owner {
                    Some(mod_id) => problem.of(mod_id),
                    None => problem,
                });
            }
        }
    }
    problems
}
