//! `diff`: what another profile makes different, or how what is there drifts from its lock.

use std::io::{self, Write};

use anstyle::{AnsiColor, Style};
use serde::Serialize;

use super::args::DiffArgs;
use crate::cli::choice::Choice;
use crate::cli::{Failure, Outcome, load_once, print_json};
use crate::config;
use crate::resolve::{self, ResolutionDiff};
use crate::{Error, ModId, ModManager, ProfileName, Value};

const ADDED: Style = AnsiColor::Green.on_default();
const REMOVED: Style = AnsiColor::Red.on_default();
const CHANGED: Style = AnsiColor::Yellow.on_default();

pub(in crate::cli) fn diff(args: &DiffArgs) -> Outcome {
    if args.lock {
        return drift(args);
    }
    let (before, after) = match &args.b {
        Some(_) => (args.a.as_ref(), args.b.as_ref()),
        None => (None, args.a.as_ref()),
    };
    let (before, after) = (loaded(args, before)?, loaded(args, after)?);
    let diff = ProfileDiff::of(&before, &after);
    let mut out = anstream::stdout().lock();
    match args.json {
        true => print_json(&mut out, &diff)?,
        false => diff.show(&mut out, &before, &after)?,
    }
    Ok(true)
}

fn loaded(args: &DiffArgs, profile: Option<&ProfileName>) -> Result<ModManager, Failure> {
    let (_, manager, _) = load_once(&args.mods, &Choice::of_profile(profile))?;
    Ok(manager)
}

fn drift(args: &DiffArgs) -> Outcome {
    let manager = loaded(args, args.a.as_ref())?;
    let drift = manager.compare_with_lock().map_err(Error::Chosen)?;
    let mut out = anstream::stdout().lock();
    for problem in &drift {
        match args.json {
            true => print_json(&mut out, problem)?,
            false => {
                let hint = problem.hint.as_ref().map(|hint| format!(" (hint: {hint})"));
                let hint = hint.unwrap_or_default();
                let because = &problem.because;
                match (&problem.mod_id, &problem.place) {
                    (Some(mod_id), Some(place)) => {
                        writeln!(out, "{mod_id}: {place} {because}{hint}")?;
                    }
                    (Some(mod_id), None) => writeln!(out, "{mod_id} {because}{hint}")?,
                    _ => writeln!(out, "the lock {because}{hint}")?,
                }
            }
        }
    }
    if drift.is_empty() && !args.json {
        writeln!(out, "all is as it is locked")?;
    }
    Ok(true)
}

/// What is different with another profile.
#[derive(Serialize)]
struct ProfileDiff {
    #[serde(flatten)]
    resolution: ResolutionDiff,
    /// The values of mods that run with both.
    config: Vec<ValueChange>,
}

#[derive(Serialize)]
struct ValueChange {
    #[serde(rename = "mod")]
    mod_id: ModId,
    key: String,
    before: Value,
    after: Value,
}

impl ProfileDiff {
    fn of(before: &ModManager, after: &ModManager) -> ProfileDiff {
        let mods = after.resolution().order.iter();
        let config = mods.flat_map(|mod_id| {
            let values = before.config(mod_id).zip(after.config(mod_id));
            let changes = values.map(|(before, after)| config::diff(before, after));
            changes
                .unwrap_or_default()
                .into_iter()
                .map(|change| ValueChange {
                    mod_id: mod_id.clone(),
                    key: change.key,
                    before: change.old,
                    after: change.new,
                })
        });
        ProfileDiff {
            resolution: resolve::diff(before.resolution(), after.resolution()),
            config: config.collect(),
        }
    }

    fn show(
        &self,
        out: &mut impl Write,
        before: &ModManager,
        after: &ModManager,
    ) -> io::Result<()> {
        let version = |manager: &ModManager, mod_id: &ModId| {
            let accepted = manager.resolution().mods.get(mod_id);
            accepted.map_or(String::new(), |accepted| accepted.version.to_string())
        };
        let diff = &self.resolution;
        let mut lines: Vec<(Style, char, &ModId, String)> = Vec::new();
        let appeared = diff.appeared.iter();
        lines.extend(appeared.map(|id| (ADDED, '+', id, version(after, id))));
        let vanished = diff.vanished.iter();
        lines.extend(vanished.map(|id| (REMOVED, '-', id, version(before, id))));
        let versions = diff.version_changed.iter();
        lines.extend(versions.map(|it| {
            let words = format!("{} -> {}", it.from, it.to);
            (CHANGED, '~', &it.id, words)
        }));
        let place = |manager: &ModManager, mod_id: &ModId| {
            let accepted = manager.resolution().mods.get(mod_id);
            accepted.map_or(0, |accepted| accepted.position + 1)
        };
        lines.extend(diff.moved.iter().map(|id| {
            let words = format!(
                "loads as number {}, before {}",
                place(after, id),
                place(before, id)
            );
            (CHANGED, '~', id, words)
        }));
        let others = diff.dependencies_changed.iter();
        lines.extend(others.map(|id| (CHANGED, '~', id, "uses other mods".to_owned())));
        lines.extend(self.config.iter().map(|it| {
            let words = format!("{} = {} -> {}", it.key, it.before, it.after);
            (CHANGED, '~', &it.mod_id, words)
        }));
        let width = lines.iter().map(|(_, _, id, _)| id.as_str().len()).max();
        let width = width.unwrap_or_default();
        for (style, sign, mod_id, words) in &lines {
            writeln!(out, "{style}{sign} {mod_id:width$}  {words}{style:#}")?;
        }
        match lines.is_empty() {
            true => writeln!(out, "nothing is different"),
            false => Ok(()),
        }
    }
}
