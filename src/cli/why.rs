//! `why`: why a mod is where it is, why it is not there, and what would help.

use std::io::Write;
use std::path::PathBuf;

use serde::Serialize;

use super::choice::Choice;
use super::{Outcome, REPAIRS_MAX, load_once, print_json};
use crate::manager::ModManager;
use crate::mod_id::ModId;
use crate::resolve::{Change, Rejection, in_words};

const WHY_EXAMPLES: &str = "\
Examples:
  lunation why mods                     why each rejected mod does not run, and what would help
  lunation why mods economy             why this place, this version, or why not at all
  lunation why mods economy weather     why one of the two loads before the other";

/// Explain why a mod is where it is in the load order, or why it does not run and what would help.
#[derive(Debug, clap::Args)]
#[command(after_help = WHY_EXAMPLES)]
pub(super) struct WhyArgs {
    /// The mods folder.
    mods: PathBuf,
    /// The mod; if left out, every mod that is rejected.
    #[arg(value_name = "MOD")]
    mod_id: Option<ModId>,
    /// Another one: why does one of the two load before the other?
    #[arg(value_name = "OTHER")]
    other: Option<ModId>,
    #[command(flatten)]
    choice: Choice,
    /// Print the answer as JSON, one mod a line.
    #[arg(long)]
    json: bool,
}

/// An answer for programs.
#[derive(Serialize)]
struct Answer<'a> {
    #[serde(rename = "mod")]
    mod_id: &'a ModId,
    lines: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    rejection: Option<&'a Rejection>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    repair: Vec<Change>,
}

pub(super) fn why(args: &WhyArgs) -> Outcome {
    let (_, manager, _) = load_once(&args.mods, &args.choice)?;
    let resolution = manager.resolution();
    let answers: Vec<Answer> = match (&args.mod_id, &args.other) {
        (Some(mod_id), Some(other)) => vec![Answer {
            mod_id,
            lines: resolution.why_before(mod_id, other),
            rejection: None,
            repair: Vec::new(),
        }],
        (Some(mod_id), None) => vec![about(&manager, mod_id, true)],
        (None, _) => {
            let rejected = resolution.rejected.keys().enumerate();
            rejected
                .map(|(place, mod_id)| about(&manager, mod_id, place < REPAIRS_MAX))
                .collect()
        }
    };
    let mut out = anstream::stdout().lock();
    for answer in &answers {
        if args.json {
            print_json(&mut out, answer)?;
            continue;
        }
        for line in &answer.lines {
            writeln!(out, "{line}")?;
        }
        if !answer.repair.is_empty() {
            writeln!(out, "  repair: {}", in_words(&answer.repair))?;
        }
    }
    if answers.is_empty() && !args.json {
        writeln!(out, "every mod runs")?;
    }
    let named = [args.mod_id.as_ref(), args.other.as_ref()];
    Ok(named.into_iter().flatten().all(|mod_id| {
        resolution.accepts(mod_id)
            || resolution.rejected.contains_key(mod_id)
            || resolution.provided.contains_key(mod_id)
    }))
}

fn about<'a>(manager: &'a ModManager, mod_id: &'a ModId, repairs: bool) -> Answer<'a> {
    let resolution = manager.resolution();
    let rejection = resolution.rejected.get(mod_id);
    Answer {
        mod_id,
        lines: resolution.why(mod_id),
        rejection,
        repair: match rejection {
            Some(_) if repairs => manager.repair(mod_id),
            _ => Vec::new(),
        },
    }
}
