//! `migrate --check`: whether the migrations of a mod bring an old state up to date.

use std::io::Write;
use std::path::{Path, absolute};

use super::args::MigrateArgs;
use super::choice::Choice;
use super::snippet::Snippets;
use super::{Failure, Outcome, folder_is_there, load_once, print_json};
use crate::{MigrationTrial, ModId, ModManager, Problem, StateSize, disk};

/// Larger files are no saves.
const SNAPSHOT_BYTES_MAX: u64 = 1 << 30;

pub(super) fn migrate(args: &MigrateArgs) -> Outcome {
    folder_is_there(&args.folder)?;
    let folder = absolute(&args.folder)?;
    let (mods, name) = split(&folder)
        .ok_or_else(|| format!("{} is not the folder of a mod", args.folder.display()))?;
    let snapshot = disk::read_file_limited(&args.snapshot, SNAPSHOT_BYTES_MAX)
        .map_err(|why| format!("{} can't be read: {why}", args.snapshot.display()))?;
    let (mut colony, mut manager, problems) = load_once(mods, &Choice::default())?;
    let trial = match mod_in(&manager, name) {
        Some(mod_id) => colony.with(&mut manager, |mods: &mut ModManager| {
            mods.try_migrations(&mod_id, &snapshot)
        }),
        None => Err(problems_in(problems, name)?),
    };
    let mut out = anstream::stdout().lock();
    match &trial {
        Ok(trial) if args.json => print_json(&mut out, trial)?,
        Ok(trial) => show(&mut out, trial)?,
        Err(problems) => {
            let snippets = Snippets::of(mods);
            for problem in problems {
                match args.json {
                    true => print_json(&mut out, problem)?,
                    false => writeln!(out, "{}\n", snippets.show(problem))?,
                }
            }
        }
    }
    Ok(trial.is_ok())
}

/// The mods folder, and the name of the mod's folder in it.
fn split(folder: &Path) -> Option<(&Path, &str)> {
    Some((folder.parent()?, folder.file_name()?.to_str()?))
}

/// The mod in a folder, if it is one that can run.
fn mod_in(manager: &ModManager, folder: &str) -> Option<ModId> {
    let mut mods = manager.resolution().mods.iter();
    let found = mods.find(|(_, accepted)| accepted.folder.as_str() == folder);
    found.map(|(mod_id, _)| mod_id.clone())
}

/// Why there is no mod in a folder.
fn problems_in(mut problems: Vec<Problem>, folder: &str) -> Result<Vec<Problem>, Failure> {
    let inside = format!("{folder}/");
    problems.retain(|problem| {
        let place = problem.place.as_ref();
        problem.is_error() && place.is_some_and(|place| place.file.starts_with(&inside))
    });
    match problems.is_empty() {
        true => Err(format!("{folder} is not the folder of a mod that can run").into()),
        false => Ok(problems),
    }
}

fn show(out: &mut impl Write, trial: &MigrationTrial) -> std::io::Result<()> {
    writeln!(out, "{}", trial.mod_id)?;
    writeln!(out, "  before  {}", size(&trial.before))?;
    for run in &trial.migrations {
        let ms = run.time.as_secs_f64() * 1000.0;
        writeln!(out, "  {:>6}  {}  {ms:.1} ms", run.number, run.file)?;
    }
    if trial.migrations.is_empty() {
        writeln!(out, "  nothing to migrate")?;
    }
    writeln!(out, "  after   {}", size(&trial.after))
}

/// `version 2, 1 entry, 96 bytes`
fn size(state: &StateSize) -> String {
    let noun = match state.entries {
        1 => "entry",
        _ => "entries",
    };
    let StateSize {
        version,
        entries,
        bytes,
    } = state;
    format!("version {version}, {entries} {noun}, {bytes} bytes")
}
