//! The stories of the tests: lines of words become a world and requests.

use std::time::Duration;

use lunation::ModId;
use lunation::change::Kind;
use lunation::files::FileChangeKind;
use lunation::reload::{
    Absence, Accepted, Cause, ChangedFile, ReloadRequest, Running, Script, World,
};

/// A world and what is requested in it.
#[derive(Default)]
pub(super) struct Scene {
    pub(super) world: World,
    pub(super) requests: Vec<ReloadRequest>,
}

pub(super) fn id(name: &str) -> ModId {
    name.parse().unwrap()
}

fn script_path(module: &str) -> String {
    format!("scripts/{module}.lua")
}

fn script(own: &ModId, module: &str) -> Script {
    let (mod_id, module) = match module.strip_prefix('@').and_then(|m| m.split_once('/')) {
        Some((of, module)) => (id(of), module),
        None => (own.clone(), module),
    };
    let path = script_path(module).into();
    Script { mod_id, path }
}

fn kind_of(path: &str) -> Kind {
    match path {
        "mod.toml" => Kind::Full,
        _ if path.ends_with(".toml") => Kind::Config,
        _ if path.ends_with(".lua") => Kind::Script,
        _ => Kind::Asset,
    }
}

impl Scene {
    pub(super) fn tell(&mut self, line: &str) {
        let (verb, rest) = line.split_once(' ').unwrap();
        let (head, tail) = rest.split_once(" : ").unwrap_or((rest, ""));
        let mut words = head.split(' ');
        let mod_id = id(words.next().unwrap());
        let words: Vec<&str> = words.collect();
        match verb {
            "runs" | "waits" | "failed" => self.there_is(verb, &mod_id, &words, tail),
            "groups" => {
                let group = self.world.accepted[&mod_id].group;
                let mates = words.iter().map(|name| id(name));
                mates.for_each(|mate| self.accepted(&mate).group = group);
            }
            "now" => {
                self.accepted(&mod_id).dependencies =
                    words[1..].iter().map(|name| id(name)).collect();
            }
            "edit" => self.file(mod_id, words[0], FileChangeKind::Edited),
            "add" => self.file(mod_id, words[0], FileChangeKind::Added),
            "delete" => self.file(mod_id, words[0], FileChangeKind::Deleted),
            "key" => {
                let changes = self.world.changed.entry(mod_id).or_default();
                changes.reload_keys.push(words[0].into());
            }
            "removed" => self.is_absent(mod_id, Absence::Removed),
            "disabled" => self.is_absent(mod_id, Absence::Disabled),
            "rejected" => {
                let due_to = words.iter().skip(1).map(|name| id(name)).collect();
                let because = tail.into();
                self.is_absent(mod_id, Absence::Rejected { because, due_to });
            }
            _ => self.request(verb, mod_id),
        }
    }

    fn there_is(&mut self, verb: &str, mod_id: &ModId, words: &[&str], tail: &str) {
        let (dependencies, modules) = match words.first() {
            Some(&"<") => (&words[1..], tail.split_whitespace().collect()),
            _ => (&words[..0], words.to_vec()),
        };
        let position = self.world.accepted.len();
        let accepted = Accepted {
            position,
            group: position,
            dependencies: dependencies.iter().map(|name| id(name)).collect(),
            was_tried: verb == "failed",
        };
        if verb == "runs" {
            let mut running = Running {
                generation: 1,
                position,
                dependencies: accepted.dependencies.clone(),
                ..Running::default()
            };
            for module in modules {
                if let Some(missed) = module.strip_prefix('?') {
                    running.missed.insert(script(mod_id, missed));
                } else if module.starts_with('@') {
                    running.borrowed.insert(script(mod_id, module));
                } else {
                    running.scripts.insert(script_path(module).into());
                }
            }
            self.world.running.insert(mod_id.clone(), running);
        }
        self.world.accepted.insert(mod_id.clone(), accepted);
    }

    fn file(&mut self, mod_id: ModId, path: &str, change: FileChangeKind) {
        let (path, kind) = (path.into(), kind_of(path));
        let cause = Cause::FileChanged {
            path: std::sync::Arc::clone(&path),
            change,
        };
        let changes = self.world.changed.entry(mod_id.clone()).or_default();
        changes.files.push(ChangedFile { path, kind, change });
        self.ask(mod_id, kind, cause);
    }

    fn request(&mut self, verb: &str, mod_id: ModId) {
        let asked = Cause::Asked {
            by: "the host".into(),
        };
        let (kind, cause) = match verb {
            "asked" => (Kind::Script, asked),
            "asset" => (Kind::Asset, asked),
            "config" => (Kind::Config, asked),
            "rescan" => (Kind::Full, Cause::Rescan),
            "depends" => (Kind::Asset, Cause::DependencyChanged { mod_id: id("base") }),
            "rollback" => (Kind::Full, Cause::Rollback { to: 3 }),
            "quarantine" => {
                let because = "ran too long".into();
                (Kind::Full, Cause::Quarantine { because })
            }
            other => panic!("the story says {other:?}"),
        };
        self.ask(mod_id, kind, cause);
    }

    fn ask(&mut self, mod_id: ModId, kind: Kind, cause: Cause) {
        let request = ReloadRequest::new(mod_id, kind, cause, Duration::ZERO);
        match self
            .requests
            .iter_mut()
            .find(|r| r.mod_id == request.mod_id)
        {
            Some(earlier) => earlier.merge(request),
            None => self.requests.push(request),
        }
    }

    fn is_absent(&mut self, mod_id: ModId, absence: Absence) {
        self.world.accepted.remove(&mod_id);
        self.world.absent.insert(mod_id, absence);
    }

    fn accepted(&mut self, mod_id: &ModId) -> &mut Accepted {
        self.world.accepted.get_mut(mod_id).unwrap()
    }
}
