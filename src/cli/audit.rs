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
    let mut out = anstream::stdout().lock();
    for line in &lines[surplus..] {
        match args.json {
            true => print_json(&mut out, line)?,
            false => print_line(&mut out, line)?,
        }
    }
    Ok(true)
}

/// `1795273458.123  reloaded  economy 1.4.0  gen 3 -> 4  main.lua was edited`
fn print_line(out: &mut impl Write, line: &Json) -> io::Result<()> {
    let time = line["time"].as_f64().unwrap_or_default();
    let (event, mod_id) = (text(line, "event"), text(line, "mod"));
    let mut words = vec![
        format!("{time:.3}"),
        format!("{event:11}"),
        format!("{mod_id} {}", text(line, "version"))
            .trim_end()
            .to_owned(),
    ];
    let generation = line["generation"].as_u64().unwrap_or_default();
    words.push(match line["from_generation"].as_u64() {
        Some(from) => format!("gen {from} -> {generation}"),
        None => format!("gen {generation}"),
    });
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

fn texts(list: &[Json]) -> Vec<String> {
    let texts = list.iter().filter_map(Json::as_str);
    texts.map(str::to_owned).collect()
}

/// A text of a file that anybody may have written to.
fn text(line: &Json, key: &str) -> String {
    one_line(line[key].as_str().unwrap_or_default())
}
