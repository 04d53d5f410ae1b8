//! Drives the real program: a temporary mods folder, and a host that speaks the control protocol.

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::Duration;

use serde_json::{Value as Json, json};

/// Far longer than anything takes on a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);

/// The program that was built with these tests.
pub(crate) fn program() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_lunation"));
    command.env_remove("LUNATION_LOG").env("NO_COLOR", "1");
    // What is kept for later runs is kept for those of tests alone.
    command.env(
        "XDG_CACHE_HOME",
        concat!(env!("CARGO_TARGET_TMPDIR"), "/cache"),
    );
    command
}

/// A temporary folder with `mods` and, beside it, `config`.
pub(crate) struct Place {
    root: tempfile::TempDir,
}

impl Place {
    /// Only an empty mods folder.
    pub(crate) fn empty() -> Place {
        let root = tempfile::tempdir().expect("a temporary folder can be made");
        fs::create_dir(root.path().join("mods")).expect("a folder can be made");
        Place { root }
    }

    /// With one mod, `id`, that has this script.
    pub(crate) fn with_mod(id: &str, script: &str) -> Place {
        let place = Place::empty();
        place.add_mod(id, "", script);
        place
    }

    /// Adds the mod `id`; `manifest` is what its manifest has beside id and version.
    pub(crate) fn add_mod(&self, id: &str, manifest: &str, script: &str) {
        let manifest = format!("id = \"{id}\"\nversion = \"1.0.0\"\n{manifest}");
        self.write(&format!("mods/{id}/mod.toml"), manifest);
        self.write(&format!("mods/{id}/scripts/main.lua"), script);
    }

    pub(crate) fn path(&self) -> &Path {
        self.root.path()
    }

    pub(crate) fn mods(&self) -> PathBuf {
        self.at("mods")
    }

    /// The path of a file here.
    pub(crate) fn at(&self, path: &str) -> PathBuf {
        self.root.path().join(path)
    }

    /// Writes a file, and makes the folders above it.
    pub(crate) fn write(&self, path: &str, content: impl AsRef<[u8]>) {
        let full = self.at(path);
        let folder = full.parent().expect("a file is in a folder");
        fs::create_dir_all(folder).expect("a folder can be made");
        fs::write(full, content).expect("a file can be written");
    }

    /// Replaces the one place where `old` stands in a file.
    #[track_caller]
    pub(crate) fn edit(&self, path: &str, old: &str, new: &str) {
        let text = fs::read_to_string(self.at(path)).expect("a file can be read");
        assert_eq!(text.matches(old).count(), 1, "{path} has `{old}` once");
        self.write(path, text.replace(old, new));
    }
}

/// A headless host of the mods in a [`Place`].
pub(crate) struct Host {
    child: Child,
    /// `None` when its input was closed.
    input: Option<ChildStdin>,
    messages: Receiver<Json>,
    last_id: u64,
    /// The notifications that came so far.
    pub(crate) events: Vec<Json>,
}

impl Host {
    /// A host in which nothing moves by itself.
    pub(crate) fn manual(place: &Place) -> Host {
        Host::start(place, &["--manual", "--no-watch"])
    }

    pub(crate) fn start(place: &Place, options: &[&str]) -> Host {
        Host::start_by(program(), place, options)
    }

    /// The same, by a command that ends with the name of the program.
    pub(crate) fn start_by(mut command: Command, place: &Place, options: &[&str]) -> Host {
        let mut child = command
            .current_dir(place.path())
            .args(["host", "mods", "--stdio"])
            .args(options)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::inherit())
            .spawn()
            .expect("the program starts");
        let output = child.stdout.take().expect("its output is a pipe");
        let (send, messages) = channel();
        std::thread::spawn(move || {
            for line in BufReader::new(output).lines().map_while(Result::ok) {
                let message = serde_json::from_str(&line);
                let message = message.unwrap_or_else(|why| panic!("not JSON ({why}): {line}"));
                if send.send(message).is_err() {
                    return;
                }
            }
        });
        let mut host = Host {
            input: child.stdin.take(),
            child,
            messages,
            last_id: 0,
            events: Vec::new(),
        };
        // It answers as soon as the mods are loaded.
        host.call("initialize", json!({}));
        host
    }

    /// Sends these bytes as a line.
    pub(crate) fn send_line(&mut self, line: &[u8]) {
        let input = self.input.as_mut().expect("its input is open");
        input.write_all(line).expect("the host reads");
        input.write_all(b"\n").expect("the host reads");
        input.flush().expect("the host reads");
    }

    /// The next message that is not a notification.
    #[track_caller]
    pub(crate) fn next_answer(&mut self) -> Json {
        loop {
            let message = match self.messages.recv_timeout(PATIENCE) {
                Ok(message) => message,
                Err(RecvTimeoutError::Timeout) => panic!("no answer"),
                Err(RecvTimeoutError::Disconnected) => {
                    panic!("the host has gone: {:?}", self.child.wait())
                }
            };
            match message.get("method") {
                Some(_) => self.events.push(message["params"].clone()),
                None => return message,
            }
        }
    }

    /// Calls a method: its result, or the error object.
    #[track_caller]
    pub(crate) fn try_call(&mut self, method: &str, params: Json) -> Result<Json, Json> {
        self.last_id += 1;
        let id = self.last_id;
        let request = json!({ "jsonrpc": "2.0", "id": id, "method": method, "params": params });
        self.send_line(request.to_string().as_bytes());
        let mut answer = self.next_answer();
        assert_eq!(answer["id"], id, "{answer}");
        match answer.get("error") {
            Some(error) => Err(error.clone()),
            None => Ok(answer["result"].take()),
        }
    }

    /// Calls a method that succeeds.
    #[track_caller]
    pub(crate) fn call(&mut self, method: &str, params: Json) -> Json {
        self.try_call(method, params.clone())
            .unwrap_or_else(|error| panic!("{method} {params}: {error}"))
    }

    /// The reports until nothing is left to do.
    #[track_caller]
    pub(crate) fn wait_idle(&mut self) -> Vec<Json> {
        let params = json!({ "timeout_ms": 30_000, "until": "idle" });
        let reports = self.call("wait", params)["reports"].take();
        reports.as_array().expect("reports are a list").clone()
    }

    /// What code returns in the environment of a mod.
    #[track_caller]
    pub(crate) fn eval(&mut self, mod_id: &str, code: &str) -> Json {
        self.call("eval", json!({ "mod": mod_id, "code": code }))["results"].take()
    }

    /// Closes the input; how the program ends then.
    pub(crate) fn finish(mut self) -> ExitStatus {
        self.end()
    }

    fn end(&mut self) -> ExitStatus {
        self.input = None;
        while self.messages.recv_timeout(PATIENCE).is_ok() {}
        self.child.wait().expect("the program ends")
    }

    /// Ends, and another host in which nothing moves by itself takes its place.
    pub(crate) fn restart(&mut self, place: &Place, options: &[&str]) {
        self.end();
        let manual = ["--manual", "--no-watch"];
        *self = Host::start(place, &[&manual, options].concat());
    }
}

impl Drop for Host {
    fn drop(&mut self) {
        self.input = None;
        // It may have gone already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
