//! `audit`: what became of the mods of a folder, by its audit log.

use std::io::{self, Write};

use serde_json::Value as Json;

use super::args::AuditArgs;
use super::{Outcome, folder_is_there, print_json};
use crate::problem::one_line;
use crate::{audit_log_of, read_audit_log};

pub(super) fn audit(args: &AuditArgs) -> Outcome {
    folder_is_there(&args.mods)?;
    let path = audit_log_of(&args.mods).ok_or("the folder has no name")?;
    let mut lines = read_audit_log(&path)?;
    if let Some(mod_id) = &args.mod_id {
        lines.retain(|line| text(line, "mod") == mod_id.as_str());
    }
    let surplus = lines.len().saturating_sub(args.last.unwrap_or(usize::MAX));
    let lines = &lines[surplus..];
    let mut out = anstream::stdout().lock();
    if args.json {
        lines
            .iter()
            .try_for_each(|line| print_json(&mut out, line))?;
        return Ok(true);
    }
    let widest = lines.iter().map(|line| who(line).chars().count()).max();
    for line in lines {
        print_line(&mut out, line, widest.unwrap_or_default())?;
    }
    Ok(true)
}

/// `2026-11-21T16:04:18Z  reloaded     economy 1.4.0  gen 3 -> 4  main.lua was edited`
fn print_line(out: &mut impl Write, line: &Json, widest: usize) -> io::Result<()> {
    let generation = line["generation"].as_u64().unwrap_or_default();
    let generation = match line["from_generation"].as_u64() {
        Some(from) if from > 0 => format!("gen {from} -> {generation}"),
        _ => format!("gen {generation}"),
    };
    let mut words = vec![
        time(line),
        format!("{:11}", text(line, "event")),
        format!("{:widest$}", who(line)),
        format!("{generation:12}"),
    ];
    let problems = line["problems"].as_array().into_iter().flatten();
    let because = problems.map(|problem| text(problem, "because"));
    let cause = match &line["cause"] {
        Json::Array(causes) => texts(causes),
        cause => vec![cause.as_str().unwrap_or_default().to_owned()],
    };
    let why: Vec<String> = cause.into_iter().chain(because).collect();
    words.push(one_line(&why.join("; ")));
    writeln!(out, "{}", words.join("  ").trim_end())
}

/// The second, in UTC as RFC 3339 has it.
fn time(line: &Json) -> String {
    let seconds = line["time"].as_f64().unwrap_or_default();
    jiff::Timestamp::from_second(seconds as i64).map_or_else(|_| "?".into(), |it| it.to_string())
}

/// The mod and its version.
fn who(line: &Json) -> String {
    let who = format!("{} {}", text(line, "mod"), text(line, "version"));
    who.trim_end().to_owned()
}

fn texts(list: &[Json]) -> Vec<String> {
    let texts = list.iter().filter_map(Json::as_str);
    texts.map(str::to_owned).collect()
}

/// A text of a file that anybody may have written to.
fn text(line: &Json, key: &str) -> String {
    one_line(line[key].as_str().unwrap_or_default())
}
