//! `why`: why a mod is where it is, why it is not there, and what would help.

use std::io::Write;

use serde::Serialize;

use super::args::WhyArgs;
use super::{Outcome, load_once, print_json};
use crate::manager::ModManager;
use crate::mod_id::ModId;
use crate::resolve::{Change, Rejection, in_words};

/// The most rejected mods for which one call looks for repairs.
const REPAIRS_MAX: usize = 32;

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
    let (_, manager, _) = load_once(&args.mods)?;
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
