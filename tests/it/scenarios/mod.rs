//! Walks `tests/scenarios/**/*.toml`: each tells a story of files and edits, and the words that a user sees.
//!
//! A scenario has `[mods]` (entry scripts by mod id), `[files]` and `[[step]]`s. A step changes files and
//! waits for what comes of it, or asks the host something; `expect` is what it then prints, where `…`
//! stands for anything within a line.
//! `UPDATE_EXPECT=1` writes what was printed into the steps that expected something else.

mod step;
mod words;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use serde::Deserialize;

use crate::driver::{Host, Place};
pub(crate) use step::Step;
#[cfg(not(feature = "luajit"))]
pub(crate) use words::{Memory, reports};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Scenario {
    /// The Lua flavours that the story is about; all if there are none.
    #[serde(default)]
    flavours: Vec<String>,
    /// Entry scripts by the ids of their mods, which have plain manifests.
    #[serde(default)]
    mods: BTreeMap<String, String>,
    /// Paths from the folder that has `mods` and `config` in it.
    #[serde(default)]
    files: BTreeMap<String, String>,
    step: Vec<Step>,
}

impl Scenario {
    /// The mods folder that the story begins with.
    fn place(&self) -> Place {
        let place = Place::empty();
        for (id, script) in &self.mods {
            place.add_mod(id, "", script);
        }
        for (path, content) in &self.files {
            place.write(path, content);
        }
        place
    }

    /// The mod that the story is about, if it names just one.
    fn only_mod(&self) -> Option<&str> {
        let mut ids = self.mods.keys();
        ids.next().filter(|_| ids.next().is_none()).map(|id| &**id)
    }
}

pub(crate) const FLAVOUR: &str = if cfg!(feature = "luau") {
    "luau"
} else if cfg!(feature = "lua54") {
    "lua54"
} else {
    "luajit"
};

/// How many scenarios run at a time: each is a process that mostly waits.
const THREADS: usize = 4;

#[test]
fn every_scenario_goes_as_it_says() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/scenarios");
    walk_all(&folder, "SCENARIO", 110, walk);
}

/// Walks every file below `folder`, or those whose path has the text of the environment variable `only`,
/// and fails with what `walk` says against them. There are at least `count_min`.
pub(crate) fn walk_all(
    folder: &Path,
    only: &str,
    count_min: usize,
    walk: fn(&Path) -> Option<String>,
) {
    let mut paths = Vec::new();
    find(folder, &mut paths);
    if let Some(only) = std::env::var_os(only) {
        let only = only.to_string_lossy().into_owned();
        paths.retain(|path| path.to_string_lossy().contains(&only));
    } else {
        assert!(paths.len() >= count_min, "found only {} files", paths.len());
    }
    paths.sort();
    paths.reverse();
    let (pending, failures) = (Mutex::new(paths), Mutex::new(Vec::new()));
    let take = || pending.lock().expect("no walk panics here").pop();
    std::thread::scope(|scope| {
        for _ in 0..THREADS {
            scope.spawn(|| {
                while let Some(path) = take() {
                    let outcome = std::panic::catch_unwind(|| walk(&path));
                    let failure = outcome.unwrap_or_else(|_| Some("it panicked; see above".into()));
                    let name = path.file_name().unwrap_or_default().to_string_lossy();
                    let failure = failure.map(|failure| format!("{name}: {failure}"));
                    failures
                        .lock()
                        .expect("no walk panics here")
                        .extend(failure);
                }
            });
        }
    });
    let mut failures = failures.into_inner().expect("no walk panics here");
    failures.sort();
    assert!(
        failures.is_empty(),
        "{} of them:\n\n{}",
        failures.len(),
        failures.join("\n\n")
    );
}

/// Collects the files below a folder.
fn find(folder: &Path, paths: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("a folder can be listed") {
        let path = entry.expect("a folder can be listed").path();
        match path.is_dir() {
            true => find(&path, paths),
            false => paths.push(path),
        }
    }
}

/// Walks one scenario: why it does not go as it says.
fn walk(path: &Path) -> Option<String> {
    let text = fs::read_to_string(path).expect("a scenario can be read");
    if !text.starts_with("# ") {
        return Some("it does not begin with its story".into());
    }
    let scenario: Scenario = match toml::from_str(&text) {
        Ok(scenario) => scenario,
        Err(why) => return Some(format!("it is no scenario: {why}")),
    };
    let flavours = &scenario.flavours;
    if !flavours.is_empty() && !flavours.iter().any(|flavour| flavour == FLAVOUR) {
        return None;
    }
    let place = scenario.place();
    let mut host = Host::manual(&place);
    let mut memory = words::Memory::of(scenario.only_mod());
    let mut misses: Vec<(usize, String)> = Vec::new();
    for (index, step) in scenario.step.iter().enumerate() {
        let printed = step.take(&place, &mut host, &mut memory);
        if !is_as_expected(step.expect.as_deref().unwrap_or_default(), &printed) {
            misses.push((index, printed));
        }
    }
    if misses.is_empty() {
        return None;
    }
    if std::env::var_os("UPDATE_EXPECT").is_some() {
        fs::write(path, updated(&text, &misses)).expect("a scenario can be written");
        return None;
    }
    let tell = |(index, printed): &(usize, String)| {
        let expected = scenario.step[*index].expect.as_deref().unwrap_or_default();
        let number = index + 1;
        format!(
            "step {number} expected:\n{}\nand printed:\n{}",
            expected.trim(),
            printed.trim()
        )
    };
    Some(misses.iter().map(tell).collect::<Vec<_>>().join("\n"))
}

pub(crate) fn is_as_expected(expected: &str, printed: &str) -> bool {
    let expected: Vec<&str> = expected.trim().lines().collect();
    let printed: Vec<&str> = printed.trim().lines().collect();
    let lines = || expected.iter().zip(&printed);
    expected.len() == printed.len() && lines().all(|(pattern, line)| fits(pattern, line))
}

/// Whether `line` is `pattern`, in which `…` stands for anything.
fn fits(pattern: &str, line: &str) -> bool {
    let parts: Vec<&str> = pattern.trim_end().split('…').collect();
    let [first, middle @ .., last] = parts.as_slice() else {
        return pattern.trim_end() == line.trim_end();
    };
    let Some(mut rest) = line.trim_end().strip_prefix(first) else {
        return false;
    };
    for part in middle {
        match rest.find(part) {
            Some(at) => rest = &rest[at + part.len()..],
            None => return false,
        }
    }
    rest.ends_with(last)
}

/// The text of a scenario with what these steps have printed.
fn updated(text: &str, misses: &[(usize, String)]) -> String {
    let mut document: toml_edit::DocumentMut = text.parse().expect("a scenario is TOML");
    let steps = document["step"].as_array_of_tables_mut();
    let steps = steps.expect("the steps are an array of tables");
    for (index, printed) in misses {
        let step = steps.get_mut(*index).expect("a step that was taken");
        if printed.trim().is_empty() {
            step.remove("expect");
            continue;
        }
        let literal = format!("'''\n{}\n'''", printed.trim());
        let value = literal
            .parse()
            .unwrap_or_else(|_| toml_edit::Value::from(printed.as_str()));
        step["expect"] = toml_edit::Item::Value(value);
    }
    document.to_string()
}

#[test]
fn an_expectation_says_every_line_and_may_leave_out_parts_of_one() {
    assert!(is_as_expected("a …\nb", "a 1 2\nb\n"));
    assert!(!is_as_expected("a …", "a 1\nb"));
    assert!(!is_as_expected("", "a"));
    assert!(fits("…x…y…", "1x2y3"));
    assert!(fits("no … b", "no a b"));
    assert!(!fits("x … y", "x y z"));
    assert!(!fits("aa…aa", "aaa"));
}

#[test]
fn an_update_changes_only_what_was_expected() {
    let text = "# A story.\n[[step]]\nlist = true # all\nexpect = 'old'\n";
    let new = "# A story.\n[[step]]\nlist = true # all\nexpect = '''\na\nb\n'''\n";
    assert_eq!(updated(text, &[(0, "a\nb\n".into())]), new);
}
