//! What a host answers, in words that do not depend on the time or the machine.

use std::fmt::Write;

use serde_json::Value as Json;

/// What a story remembers from step to step.
pub(crate) struct Memory {
    /// The log lines up to this one were printed already.
    pub(super) log_seq: u64,
    /// The mod that is meant where a step names none.
    pub(super) only_mod: String,
}

fn text(json: &Json) -> String {
    match json {
        Json::String(text) => text.clone(),
        Json::Null => String::new(),
        other => other.to_string(),
    }
}

fn list(json: &Json) -> &[Json] {
    json.as_array().map(Vec::as_slice).unwrap_or_default()
}

fn joined(json: &Json) -> String {
    list(json).iter().map(text).collect::<Vec<_>>().join(", ")
}

macro_rules! line {
    ($out:expr, $($format:tt)*) => {
        writeln!($out, $($format)*).expect("a String can be written")
    };
}

impl Memory {
    pub(crate) fn of(only_mod: Option<&str>) -> Memory {
        Memory {
            log_seq: 0,
            only_mod: only_mod.unwrap_or_default().to_owned(),
        }
    }

    /// `info economy: text (economy/scripts/main.lua:3)`
    pub(crate) fn log(&mut self, result: &Json) -> String {
        let mut out = String::new();
        for line in list(&result["lines"]) {
            self.log_seq = self.log_seq.max(line["seq"].as_u64().unwrap_or(0));
            let (level, mod_id, said) = (
                text(&line["level"]),
                text(&line["mod"]),
                text(&line["text"]),
            );
            line!(out, "{level} {mod_id}: {said}{}", place(line));
        }
        out
    }
}

fn place(json: &Json) -> String {
    let (file, line) = (text(&json["file"]), text(&json["line"]));
    match (file.is_empty(), line.is_empty()) {
        (true, _) => String::new(),
        (false, true) => format!(" ({file})"),
        (false, false) => format!(" ({file}:{line})"),
    }
}

/// `error lua-syntax economy (economy/scripts/main.lua:3): expected …`, and the hint below.
fn problem(out: &mut String, problem: &Json) {
    let (severity, code) = (text(&problem["severity"]), text(&problem["code"]));
    let (because, mod_id) = (text(&problem["because"]), text(&problem["mod"]));
    let space = if mod_id.is_empty() { "" } else { " " };
    line!(
        out,
        "  {severity} {code}{space}{mod_id}{}: {because}{}",
        place(problem),
        problem["times"]
            .as_u64()
            .map_or(String::new(), |times| format!(" (×{times})"))
    );
    if let Some(hint) = problem["hint"].as_str() {
        line!(out, "    hint: {hint}");
    }
}

pub(super) fn problems(result: &Json) -> String {
    let mut out = String::new();
    let all = list(&result["problems"]).iter();
    all.for_each(|it| problem(&mut out, it));
    if out.is_empty() {
        "no problem\n".to_owned()
    } else {
        out
    }
}

/// The reports of an answer that has some.
pub(super) fn reports_of(result: &Json) -> String {
    reports(list(&result["reports"]))
}

pub(crate) fn reports(reports: &[Json]) -> String {
    match reports {
        [] => "nothing\n".to_owned(),
        _ => reports.iter().map(one_report).collect(),
    }
}

pub(super) fn report(result: &Json) -> String {
    one_report(&result["report"])
}

/// `reloaded economy gen 2, script: scripts/main.lua`, and below what was carried and what went wrong.
fn one_report(report: &Json) -> String {
    let mut out = String::new();
    for one in list(&report["mods"]) {
        let (outcome, mod_id) = (text(&one["outcome"]), text(&one["mod"]));
        let (generation, kind) = (text(&one["generation"]), text(&one["kind"]));
        let files = joined(&one["files"]);
        let colon = if files.is_empty() { "" } else { ": " };
        line!(
            out,
            "{outcome} {mod_id} gen {generation}, {kind}{colon}{files}"
        );
        // What was kept goes without saying: `tests/it/reload` has a test for it.
        for what in ["migrated", "replaced", "added", "dropped", "conflicts"] {
            let slots = joined(&one["carried"][what]);
            if !slots.is_empty() {
                line!(out, "  {what}: {slots}");
            }
        }
        list(&one["problems"])
            .iter()
            .for_each(|it| problem(&mut out, it));
    }
    out
}

/// `economy 1.4.0 active gen 2`, and why it is not active.
pub(super) fn mods(result: &Json) -> String {
    let mut out = String::new();
    for one in list(result) {
        let because = match one["because"].as_str() {
            Some(because) => format!(" because it {because}"),
            None => String::new(),
        };
        let (id, version) = (text(&one["id"]), text(&one["version"]));
        let (status, generation) = (text(&one["status"]), text(&one["generation"]));
        line!(out, "{id} {version} {status} gen {generation}{because}");
    }
    out
}

/// `gen 1 1.0.0, state 0, from tick 0 to 3: reload`, and which code it is, if that ran before.
pub(super) fn history(result: &Json) -> String {
    let mut out = String::new();
    for one in list(&result["generations"]) {
        let (generation, version) = (text(&one["generation"]), text(&one["version"]));
        let (state, from) = (text(&one["state_version"]), text(&one["committed_tick"]));
        let code = match text(&one["code_of"]) {
            code if code == generation => String::new(),
            code => format!(", code of {code}"),
        };
        let end = match one["left"].as_object() {
            None => ": runs".to_owned(),
            Some(left) => format!(" to {}: {}", text(&left["tick"]), text(&left["because"])),
        };
        line!(
            out,
            "gen {generation} {version}{code}, state {state}, from tick {from}{end}"
        );
    }
    out
}

/// The results, one a line; then the problems. Nothing for handlers that returned nothing.
pub(super) fn dispatched(result: &Json) -> String {
    let mut out = results(result);
    list(&result["errors"])
        .iter()
        .for_each(|it| problem(&mut out, it));
    out
}

pub(super) fn results(result: &Json) -> String {
    let each = list(&result["results"]).iter();
    each.map(|value| format!("{value}\n")).collect()
}

pub(super) fn lines(result: &Json) -> String {
    let each = list(&result["lines"]).iter();
    each.map(|line| text(line) + "\n").collect()
}

/// `economy: reload (loaded, …)`: the action and the names of its reasons, a blank between transactions.
pub(super) fn plan(result: &Json) -> String {
    let plan = &result["plan"];
    let mut out = String::new();
    let transactions = list(&plan["transactions"]).iter();
    for (index, transaction) in transactions.enumerate() {
        if index > 0 {
            line!(out, "then");
        }
        list(&transaction["steps"])
            .iter()
            .for_each(|it| step(&mut out, it));
    }
    list(&plan["idle"]).iter().for_each(|it| step(&mut out, it));
    out
}

fn step(out: &mut String, step: &Json) {
    let reasons = list(&step["reasons"]).iter();
    let reasons: Vec<String> = reasons.map(|reason| text(&reason["reason"])).collect();
    let (mod_id, action) = (text(&step["mod"]), text(&step["action"]));
    line!(out, "{mod_id}: {action} ({})", reasons.join(", "));
}

/// `kept economy gen 1`, with the capabilities that it is about, and the problems.
pub(super) fn events(events: &[Json]) -> String {
    let mut out = String::new();
    for event in events {
        let (name, mod_id) = (text(&event["event"]), text(&event["mod"]));
        line!(out, "{name} {mod_id} gen {}", text(&event["generation"]));
        for what in ["granted", "denied", "asks"] {
            let capabilities = joined(&event[what]);
            if !capabilities.is_empty() {
                line!(out, "  {what}: {capabilities}");
            }
        }
        list(&event["problems"])
            .iter()
            .for_each(|it| problem(&mut out, it));
        if event["problem"].is_object() {
            problem(&mut out, &event["problem"]);
        }
    }
    out
}

pub(super) fn error(error: &Json) -> String {
    let mut out = format!("refused ({})\n", text(&error["code"]));
    match error["data"].is_object() {
        true => problem(&mut out, &error["data"]),
        false => line!(out, "  {}", text(&error["message"])),
    }
    out
}
