//! The stories in `tests/resolve/*.toml`. `UPDATE_EXPECT=1` rewrites what they expect.
//!
//! A story is a comment, the `host` and `rules`, a table for each mod, questions (`why`), and under
//! `[expect]` what a user would see.

use std::path::{Path, PathBuf};

use lunation::resolve::{Resolution, Rules};
use lunation::{ModId, Problem};
use toml::{Table, Value};

use super::manifests::{Found, id, read, resolved};

const KEYS: &[&str] = &["expect", "host", "mods", "rules", "why"];

#[test]
fn every_story_ends_as_it_says() {
    let stories = stories();
    assert!(stories.len() >= 90, "only {} stories", stories.len());
    let mut failed = Vec::new();
    for path in stories {
        let text = std::fs::read_to_string(&path).unwrap();
        let told = text.split("[expect]").next().unwrap().trim_end();
        let now = format!("{told}\n\n[expect]\n{}", outcome(&path, &text));
        if now == text {
            continue;
        }
        if std::env::var_os("UPDATE_EXPECT").is_some() {
            std::fs::write(&path, now).unwrap();
        } else {
            failed.push(format!("{}\n{now}", path.display()));
        }
    }
    assert!(
        failed.is_empty(),
        "UPDATE_EXPECT=1 rewrites these:\n{}",
        failed.join("\n\n")
    );
}

fn stories() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/resolve");
    let entries = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path());
    let mut stories: Vec<_> = entries
        .filter(|path| path.extension().is_some_and(|e| e == "toml"))
        .collect();
    stories.sort();
    stories
}

/// What the story's `[expect]` should say.
fn outcome(path: &Path, text: &str) -> String {
    assert!(
        text.starts_with("# "),
        "{}: a story starts with a comment",
        path.display()
    );
    let story: Table = text
        .parse()
        .unwrap_or_else(|why| panic!("{}: {why}", path.display()));
    for key in story.keys() {
        assert!(
            KEYS.contains(&key.as_str()),
            "{}: unknown key {key}",
            path.display()
        );
    }
    let mods = story["mods"].as_table().unwrap();
    let found: Vec<_> = mods
        .iter()
        .map(|(folder, table)| read(folder, table.as_table().unwrap()))
        .collect();
    let host = story.get("host").map(|host| host.as_str().unwrap());
    let resolution = resolved(&found, host, &rules(story.get("rules")));
    let mut lines = vec![order(&found, &resolution)];
    lines.push(list(
        "rejected",
        resolution.rejected.values().map(|rejection| {
            format!(
                "{} ({}): {}",
                rejection.id, rejection.root, rejection.because
            )
        }),
    ));
    lines.push(list("problems", resolution.problems.iter().map(problem)));
    for question in story
        .get("why")
        .into_iter()
        .flat_map(|why| why.as_array().unwrap())
    {
        let ids: Vec<_> = question
            .as_array()
            .unwrap()
            .iter()
            .map(|q| id(q.as_str().unwrap()))
            .collect();
        let (name, answer) = match ids.as_slice() {
            [one] => (format!("why-{one}"), resolution.why(one)),
            [one, other] => (
                format!("why-{one}-{other}"),
                resolution.why_before(one, other),
            ),
            _ => panic!("{}: a question has one or two mods", path.display()),
        };
        lines.push(list(&name, answer.into_iter()));
    }
    lines.retain(|line| line.starts_with("order") || !line.ends_with("= []\n"));
    lines.concat()
}

fn rules(table: Option<&Value>) -> Rules {
    let mut rules = Rules::default();
    let ids = |value: &Value| -> Vec<ModId> {
        let names = value.as_array().unwrap().iter();
        names.map(|name| id(name.as_str().unwrap())).collect()
    };
    for (key, value) in table
        .into_iter()
        .flat_map(|table| table.as_table().unwrap())
    {
        match key.as_str() {
            "validate_versions" => rules.validate_versions = value.as_bool().unwrap(),
            "auto_resolve" => rules.auto_resolve = value.as_bool().unwrap(),
            "depth_max" => rules.depth_max = value.as_integer().unwrap().try_into().unwrap(),
            "disabled" => rules.disabled = ids(value).into_iter().collect(),
            "wanted" => rules.wanted = Some(ids(value).into_iter().collect()),
            "order" => rules.order = ids(value),
            "pins" => {
                let pins = value.as_table().unwrap().iter();
                let pin = |(name, versions): (&String, &Value)| {
                    (id(name), versions.as_str().unwrap().parse().unwrap())
                };
                rules.pins = pins.map(pin).collect();
            }
            _ => panic!("unknown rule {key}"),
        }
    }
    rules
}

/// The groups in order; a mod of which there are several candidates has its version beside it.
fn order(found: &[Found], resolution: &Resolution) -> String {
    let shown = |id: &ModId| {
        let candidates = found.iter().filter(|it| it.manifest.id == *id);
        match candidates.count() {
            1 => format!("\"{id}\""),
            _ => format!("\"{id} {}\"", resolution.mods[id].version),
        }
    };
    let groups = resolution.groups.iter().map(|group| {
        let ids: Vec<_> = group.iter().map(shown).collect();
        if ids.len() == 1 {
            ids.concat()
        } else {
            format!("[{}]", ids.join(", "))
        }
    });
    format!("order = [{}]\n", groups.collect::<Vec<_>>().join(", "))
}

fn problem(problem: &Problem) -> String {
    let place = problem
        .place
        .as_ref()
        .map(|place| place.to_string())
        .unwrap_or_default();
    let mod_id = problem
        .mod_id
        .as_ref()
        .map(|id| id.to_string())
        .unwrap_or_default();
    let hint = problem
        .hint
        .as_deref()
        .expect("every problem of a resolution has a hint");
    let severity = if problem.is_error() {
        "error"
    } else {
        "warning"
    };
    format!(
        "{severity} {} {place}: {mod_id} {} (hint: {hint})",
        problem.code, problem.because
    )
}

/// `key = [` with one literal string a line.
fn list(key: &str, items: impl Iterator<Item = String>) -> String {
    let items: Vec<_> = items.map(|item| format!("    {}", quoted(&item))).collect();
    if items.is_empty() {
        format!("{key} = []\n")
    } else {
        format!("{key} = [\n{},\n]\n", items.join(",\n"))
    }
}

fn quoted(text: &str) -> String {
    if text.contains('\'') {
        Value::from(text).to_string()
    } else {
        format!("'{text}'")
    }
}
