//! [`candidates`]: many manifests in one text, one JSON object a line, as an index of mods gives them.

use std::sync::Arc;

use semver::{Version, VersionReq};
use serde_json::{Map, Value};

use super::{
    Capabilities, Conflict, Dependency, HotReloadOverrides, Manifest, Order, Provided, Requirement,
};
use crate::mod_id::ModId;
use crate::near::near;
use crate::problem::{Code, PROBLEMS_MAX, Place, Problem};
use crate::toml_reader::shown;

/// The largest file of candidates, in bytes. 64 MiB: the largest public indexes of mods have some 20.
pub const CANDIDATES_BYTES_MAX: u64 = 64 * 1024 * 1024;

/// The longest line, in bytes. 1 MiB: some 30,000 dependencies of one mod.
const LINE_BYTES_MAX: usize = 1024 * 1024;

/// The most candidates in one file. 500,000: a line of that has room for an id and a version.
const CANDIDATES_MAX: usize = 500_000;

const KEYS: [&str; 7] = [
    "id",
    "version",
    "game",
    "dependencies",
    "optional",
    "conflicts",
    "provides",
];

/// Reads `text`, the content of `file`: one candidate a line, empty lines between them as you like.
///
/// ```json
/// {"id": "economy", "version": "1.4.0", "game": ">=1.0", "dependencies": {"base": "^1.2"}, "optional": {"weather": "*"}, "conflicts": {"inflation": "<3"}, "provides": {"price-api": "1.0.0"}}
/// ```
///
/// As with [`parse`](super::parse()), a manifest is there whenever its id can be read, and one is good only
/// if **no error stands at its line**. The lines after a bad one are read all the same.
///
/// ```
/// use lunation::manifest;
/// let text = b"{\"id\": \"base\", \"version\": \"1.0.0\"}\n{\"id\": \"shop\", \"verison\": \"1.0.0\"}";
/// let (manifests, problems) = manifest::candidates(text, "index.jsonl");
/// assert_eq!(manifests.len(), 2);
/// let said: Vec<String> = problems.iter().map(|problem| problem.to_string()).collect();
/// assert!(said[0].starts_with("index.jsonl:2: has no `version`"));
/// assert!(said[1].starts_with("index.jsonl:2: has the unknown key `verison` (hint: did you mean `version`?"));
/// ```
pub fn candidates(text: &[u8], file: &str) -> (Vec<Manifest>, Vec<Problem>) {
    let file: Arc<str> = file.into();
    let mut manifests = Vec::new();
    let mut told = Told::default();
    if text.len() as u64 > CANDIDATES_BYTES_MAX {
        let because = format!("is larger than {CANDIDATES_BYTES_MAX} bytes");
        let problem = Problem::error(Code::TOO_LARGE, because).at(Place::file(file));
        return (manifests, vec![problem.hint("split the file")]);
    }
    for (number, line) in (1..).zip(text.split(|byte| *byte == b'\n')) {
        let line = line.trim_ascii();
        if line.is_empty() {
            continue;
        }
        let place = Place::line(file.clone(), number);
        if manifests.len() == CANDIDATES_MAX {
            let because = format!("has more than {CANDIDATES_MAX} candidates");
            let problem = Problem::error(Code::TOO_LARGE, because);
            told.push(
                problem
                    .at(place)
                    .hint("split the file; from here on nothing is read"),
            );
            break;
        }
        let mut reader = Line {
            place,
            id: None,
            problems: Vec::new(),
        };
        manifests.extend(reader.manifest(line));
        for mut problem in reader.problems {
            problem.mod_id = reader.id.clone();
            told.push(problem);
        }
    }
    (manifests, told.finish(&file))
}

/// The first problems, and how many more there are.
#[derive(Default)]
struct Told {
    problems: Vec<Problem>,
    more: usize,
}

impl Told {
    fn push(&mut self, problem: Problem) {
        match self.problems.len() < PROBLEMS_MAX {
            true => self.problems.push(problem),
            false => self.more += 1,
        }
    }

    fn finish(mut self, file: &Arc<str>) -> Vec<Problem> {
        if self.more > 0 {
            let because = format!("has {} more problems than are shown", self.more);
            let rest = Problem::error(Code::LIMIT, because).at(Place::file(file.clone()));
            self.problems.push(rest.hint("mend the first ones"));
        }
        self.problems
    }
}

/// One line that is being read.
struct Line {
    place: Place,
    id: Option<ModId>,
    problems: Vec<Problem>,
}

impl Line {
    fn manifest(&mut self, line: &[u8]) -> Option<Manifest> {
        let mut keys = self.object(line)?;
        let id = self.required(&mut keys, "id", "my-mod");
        let id = id.and_then(|text| self.id("id", &text))?;
        self.id = Some(id.clone());
        let version = self.required(&mut keys, "version", "1.4.0");
        let version = version.and_then(|text| self.version("version", &text));
        let game = keys.remove("game").and_then(|game| self.text("game", game));
        let game = game.and_then(|text| self.versions("game", &text));
        let mut dependencies = self.dependencies(&mut keys, "dependencies", &id);
        let optional = self.dependencies(&mut keys, "optional", &id);
        dependencies.extend(optional.into_iter().map(|dependency| Dependency {
            optional: true,
            ..dependency
        }));
        let conflicts = self.entries(&mut keys, "conflicts", &id, Line::versions);
        let provides = self.entries(&mut keys, "provides", &id, Line::version);
        for key in keys.keys() {
            let legal = format!("the keys here are {}", KEYS.join(", "));
            let hint = match near(key, KEYS) {
                Some(meant) => format!("did you mean `{meant}`? {legal}"),
                None => legal,
            };
            let because = format!("has the unknown key `{}`", shown(key));
            self.report(Code::UNKNOWN_KEY, because, &hint);
        }
        let place = &self.place;
        Some(Manifest {
            name: id.to_string(),
            version: version.unwrap_or(Version::new(0, 0, 0)),
            description: String::new(),
            authors: Vec::new(),
            license: None,
            entry: super::parse::ENTRY.into(),
            game: game.map(|versions| Requirement {
                versions,
                place: place.clone(),
            }),
            provides: provides
                .into_iter()
                .map(|(id, version)| Provided {
                    id,
                    version,
                    place: place.clone(),
                })
                .collect(),
            dependencies,
            conflicts: conflicts
                .into_iter()
                .map(|(id, versions)| Conflict {
                    id,
                    versions,
                    reason: None,
                    place: place.clone(),
                })
                .collect(),
            order: Order::default(),
            capabilities: Capabilities::default(),
            config: Vec::new(),
            assets: Vec::new(),
            hot_reload: HotReloadOverrides::default(),
            place: place.clone(),
            id,
        })
    }

    fn object(&mut self, line: &[u8]) -> Option<Map<String, Value>> {
        if line.len() > LINE_BYTES_MAX {
            let because = format!("is longer than {LINE_BYTES_MAX} bytes");
            self.report(
                Code::TOO_LARGE,
                because,
                "one line is one version of one mod",
            );
            return None;
        }
        match serde_json::from_slice(line) {
            Ok(Value::Object(keys)) => Some(keys),
            Ok(other) => {
                let because = format!("is {}, but a candidate is an object", kind(&other));
                let hint = "write {\"id\": \"my-mod\", \"version\": \"1.0.0\"}";
                self.report(Code::WRONG_TYPE, because, hint);
                None
            }
            Err(why) => {
                let because = format!("is no JSON: {why}");
                self.place.column = u32::try_from(why.column()).ok();
                self.report(Code::JSON_SYNTAX, because, "one object stands on one line");
                None
            }
        }
    }

    fn report(&mut self, code: Code, because: String, hint: &str) {
        let problem = Problem::error(code, because).at(self.place.clone());
        self.problems.push(problem.hint(hint));
    }

    fn required(
        &mut self,
        keys: &mut Map<String, Value>,
        key: &str,
        example: &str,
    ) -> Option<String> {
        let Some(value) = keys.remove(key) else {
            let hint = format!("add \"{key}\": \"{example}\"");
            self.report(Code::MISSING_KEY, format!("has no `{key}`"), &hint);
            return None;
        };
        self.text(key, value)
    }

    fn text(&mut self, key: &str, value: Value) -> Option<String> {
        match value {
            Value::String(text) => Some(text),
            other => {
                let because = format!(
                    "sets `{}` to {}, but it takes a string",
                    shown(key),
                    kind(&other)
                );
                self.report(Code::WRONG_TYPE, because, "put it in quotes");
                None
            }
        }
    }

    fn id(&mut self, key: &str, text: &str) -> Option<ModId> {
        let id = text.parse();
        if let Err(why) = &id {
            let because = format!("names in `{key}` \"{}\", which {why}", shown(text));
            self.report(Code::BAD_ID, because, &super::parse::id_hint(text));
        }
        id.ok()
    }

    fn version(&mut self, key: &str, text: &str) -> Option<Version> {
        let version = Version::parse(text);
        if let Err(why) = &version {
            let because = format!(
                "sets `{key}` to \"{}\", which is not a version: {why}",
                shown(text)
            );
            self.report(
                Code::BAD_VERSION,
                because,
                &super::parse::version_hint(text),
            );
        }
        version.ok()
    }

    fn versions(&mut self, key: &str, text: &str) -> Option<VersionReq> {
        let versions = VersionReq::parse(text);
        if let Err(why) = &versions {
            let because = format!(
                "sets `{key}` to \"{}\", which is not a version requirement: {why}",
                shown(text)
            );
            self.report(Code::BAD_VERSION, because, super::parse::VERSIONS_HINT);
        }
        versions.ok()
    }

    fn dependencies(
        &mut self,
        keys: &mut Map<String, Value>,
        key: &str,
        own: &ModId,
    ) -> Vec<Dependency> {
        let entries = self.entries(keys, key, own, Line::versions);
        let dependency = |(id, versions)| Dependency {
            id,
            versions,
            optional: false,
            reason: None,
            place: self.place.clone(),
        };
        entries.into_iter().map(dependency).collect()
    }

    /// The entries of an object whose keys are ids and whose values are texts that `read` understands.
    fn entries<T>(
        &mut self,
        keys: &mut Map<String, Value>,
        key: &str,
        own: &ModId,
        read: fn(&mut Line, &str, &str) -> Option<T>,
    ) -> Vec<(ModId, T)> {
        let entries = match keys.remove(key) {
            None => return Vec::new(),
            Some(Value::Object(entries)) => entries,
            Some(other) => {
                let because = format!("sets `{key}` to {}, but it takes an object", kind(&other));
                let hint = format!("write \"{key}\": {{\"base\": \"1.0.0\"}}");
                self.report(Code::WRONG_TYPE, because, &hint);
                return Vec::new();
            }
        };
        let mut read_all = Vec::with_capacity(entries.len());
        for (name, value) in entries {
            let Some(id) = self.id(key, &name) else {
                continue;
            };
            let path = format!("{key}.{id}");
            if id == *own {
                let because = format!("names itself in `{key}`");
                self.report(Code::SELF_REFERENCE, because, "remove it");
                continue;
            }
            let text = self.text(&path, value);
            let value = text.and_then(|text| read(self, &path, &text));
            read_all.extend(value.map(|value| (id, value)));
        }
        read_all
    }
}

fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "true or false",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}
