//! One step of a scenario: what it changes on disk, and what it asks the host.
//!
//! Where a path is expected, the id of a mod stands for its entry script. Without `of`, the only one of
//! `[mods]` is asked.

use std::fs;
use std::io::ErrorKind;

use serde::Deserialize;
use serde_json::{Value as Json, json};

use super::words::{self, Memory};
use crate::driver::{Host, Place};

/// Either some files change, and the host is waited for; or the host is asked something.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Step {
    // Changes
    /// A file in which `old` is replaced by `new`.
    edit: Option<String>,
    old: String,
    new: String,
    /// A file that is written: `text`, or `bytes`.
    write: Option<String>,
    text: String,
    bytes: Vec<u8>,
    /// How often the text stands there; how many folders are made, with a number behind the name.
    times: Option<usize>,
    /// A file or folder that goes.
    delete: Option<String>,
    /// A file or folder that gets the name `to`.
    rename: Option<String>,
    to: String,
    /// A folder that is made.
    folder: Option<String>,
    /// A link that is made; it leads to `to`.
    link: Option<String>,
    /// A FIFO that is made.
    fifo: Option<String>,
    /// Whether to wait for what comes of a change. The next step may change something else otherwise.
    wait: Option<bool>,

    // Questions
    /// All mods.
    list: bool,
    /// Everything that is wrong.
    problems: bool,
    /// The log since it was last asked for.
    log: bool,
    /// What was notified since it was last asked for.
    events: bool,
    /// An event to dispatch with `payload`.
    dispatch: Option<String>,
    payload: Option<toml::Value>,
    /// Ticks to go on.
    advance: Option<u64>,
    /// Code to run in the mod `of`.
    eval: Option<String>,
    of: String,
    /// An exported function of the mod `of`, with `args`.
    call: Option<String>,
    args: Vec<toml::Value>,
    /// A path in the state of the mod `of`.
    state: Option<String>,
    /// Paths that might change.
    plan: Option<Vec<String>>,
    /// A mod to explain.
    why: Option<String>,
    /// A mod to reload; `drop` lets go what can't be carried.
    reload: Option<String>,
    drop: bool,
    /// A mod to roll back, to `generation`; with its state of then, or of now.
    rollback: Option<String>,
    generation: Option<u64>,
    then: bool,
    /// A mod whose rollback is undone.
    redo: Option<String>,
    /// A mod whose generations are listed.
    history: Option<String>,
    /// The host ends, and another one with these options takes its place.
    restart: Option<Vec<String>>,
    /// A profile to put on; with an empty name, none is on.
    profile: Option<String>,
    /// Any other method, with `params`.
    request: Option<String>,
    params: Option<toml::Value>,

    /// What is printed.
    pub(super) expect: Option<String>,
}

/// A path as it stands, or that of the entry script of the mod with this id.
fn script_or_path(text: &str) -> String {
    match text.contains(['/', '.']) {
        true => text.to_owned(),
        false => format!("mods/{text}/scripts/main.lua"),
    }
}

fn to_json(value: &toml::Value) -> Json {
    serde_json::to_value(value).expect("TOML is JSON")
}

impl Step {
    /// Does it, and prints what came of it.
    pub(crate) fn take(&self, place: &Place, host: &mut Host, memory: &mut Memory) -> String {
        let has_changed = self.change(place);
        if self.wait.unwrap_or(has_changed) {
            return words::reports(&host.wait_idle());
        }
        if has_changed {
            return String::new();
        }
        self.ask(place, host, memory)
    }

    /// Whether anything was to be changed.
    fn change(&self, place: &Place) -> bool {
        if let Some(path) = &self.edit {
            place.edit(&script_or_path(path), &self.old, &self.new);
        }
        if let Some(path) = &self.write {
            let path = &script_or_path(path);
            match self.bytes.is_empty() {
                true => place.write(path, self.text.repeat(self.times.unwrap_or(1))),
                false => place.write(path, &self.bytes),
            }
        }
        if let Some(path) = &self.delete {
            let full = place.at(path);
            let delete = || match full.is_dir() {
                true => fs::remove_dir_all(&full),
                false => fs::remove_file(&full),
            };
            let mut gone = delete();
            // Somebody may write into it meanwhile, but not for ever.
            while gone
                .as_ref()
                .is_err_and(|it| it.kind() == ErrorKind::DirectoryNotEmpty)
            {
                gone = delete();
            }
            gone.expect("what is deleted was there");
        }
        if let Some(path) = &self.rename {
            fs::rename(place.at(path), place.at(&self.to)).expect("it can be renamed");
        }
        if let Some(path) = &self.folder {
            let make = |path: &str| fs::create_dir_all(place.at(path));
            match self.times {
                None => make(path).expect("a folder can be made"),
                Some(times) => (0..times)
                    .try_for_each(|n| make(&format!("{path}{n}")))
                    .expect("folders can be made"),
            }
        }
        if let Some(path) = &self.fifo {
            let mut mkfifo = std::process::Command::new("mkfifo");
            let made = mkfifo.arg(place.at(path)).status();
            assert!(made.expect("mkfifo can be run").success());
        }
        #[cfg(unix)]
        if let Some(path) = &self.link {
            std::os::unix::fs::symlink(&self.to, place.at(path)).expect("a link can be made");
        }
        let paths = [
            &self.edit,
            &self.write,
            &self.delete,
            &self.rename,
            &self.folder,
            &self.link,
            &self.fifo,
        ];
        paths.iter().any(|path| path.is_some())
    }

    fn ask(&self, place: &Place, host: &mut Host, memory: &mut Memory) -> String {
        if let Some(options) = &self.restart {
            let options: Vec<&str> = options.iter().map(String::as_str).collect();
            memory.log_seq = 0;
            host.restart(place, &options);
            return String::new();
        }
        let of = match self.of.is_empty() {
            true => &memory.only_mod,
            false => &self.of,
        };
        if self.list {
            return words::mods(&host.call("mods.list", json!({})));
        }
        if self.problems {
            return words::problems(&host.call("problems", json!({})));
        }
        if self.log {
            return memory.log(&host.call("log", json!({ "since": memory.log_seq })));
        }
        if self.events {
            // A round trip brings what is on its way.
            host.call("initialize", json!({}));
            return words::events(&std::mem::take(&mut host.events));
        }
        let mut ask = |method: &str, params: Json, print: fn(&Json) -> String| match host
            .try_call(method, params)
        {
            Ok(result) => print(&result),
            Err(error) => words::error(&error),
        };
        if let Some(event) = &self.dispatch {
            let payload = self.payload.as_ref().map(to_json);
            return ask(
                "dispatch",
                json!({ "event": event, "payload": payload }),
                words::dispatched,
            );
        }
        if let Some(ticks) = self.advance {
            return ask("advance", json!({ "ticks": ticks }), words::dispatched);
        }
        if let Some(code) = &self.eval {
            return ask("eval", json!({ "mod": of, "code": code }), words::results);
        }
        if let Some(function) = &self.call {
            let args: Vec<Json> = self.args.iter().map(to_json).collect();
            let params = json!({ "mod": of, "function": function, "args": args });
            return ask("call", params, words::results);
        }
        if let Some(path) = &self.state {
            return ask(
                "state.get",
                json!({ "mod": of, "path": path }),
                Json::to_string,
            );
        }
        if let Some(paths) = &self.plan {
            return ask("plan", json!({ "paths": paths }), words::plan);
        }
        if let Some(mod_id) = &self.why {
            return ask("why", json!({ "mod": mod_id }), words::lines);
        }
        if let Some(mod_id) = &self.reload {
            return ask(
                "reload",
                json!({ "mod": mod_id, "drop": self.drop }),
                words::report,
            );
        }
        if let Some(mod_id) = &self.rollback {
            let state = if self.then { "then" } else { "now" };
            let params = json!({ "mod": mod_id, "generation": self.generation, "state": state });
            return ask("rollback", params, words::report);
        }
        if let Some(mod_id) = &self.redo {
            return ask("redo", json!({ "mod": mod_id }), words::report);
        }
        if let Some(mod_id) = &self.history {
            return ask("history", json!({ "mod": mod_id }), words::history);
        }
        if let Some(name) = &self.profile {
            let name = Some(name).filter(|name| !name.is_empty());
            return ask(
                "profiles.set",
                json!({ "profile": name }),
                words::reports_of,
            );
        }
        let method = self.request.as_deref().expect("a step does something");
        let params = self.params.as_ref().map_or(json!({}), to_json);
        ask(method, params, Json::to_string)
    }
}
