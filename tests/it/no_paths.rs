//! Nothing that comes back from a manager names a folder of the machine: a log that a player posts, or a page that
//! shows a problem, tells nobody where they live.

use std::fs;
use std::path::Path;
use std::time::Duration;

use lunation::change::Kind;
use lunation::{HostError, ModEvent, ModId, ModManager, Onto, Phase, Value, read_audit_log};

/// A folder in which much goes wrong, and everything that was said about it.
struct Scene {
    root: tempfile::TempDir,
    said: Vec<String>,
}

impl Scene {
    fn new() -> Scene {
        let root = tempfile::Builder::new()
            .prefix("somebodys-name")
            .tempdir()
            .unwrap();
        let scene = Scene {
            root,
            said: Vec::new(),
        };
        scene.add_mod("good", GOOD);
        scene
    }

    fn write(&self, path: &str, text: impl AsRef<[u8]>) {
        let path = self.root.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    fn folder(&self, path: &str) {
        fs::create_dir_all(self.root.path().join(path)).unwrap();
    }

    fn add_mod(&self, id: &str, script: &str) {
        self.write(
            &format!("mods/{id}/mod.toml"),
            format!("id = '{id}'\nversion = '1.0.0'"),
        );
        self.write(&format!("mods/{id}/scripts/main.lua"), script);
    }

    fn manager(&self) -> ModManager {
        let root = self.root.path().to_owned();
        let manager = ModManager::builder(root.join("mods"))
            .watching(false)
            .audit_log(root.join("log/audit.jsonl"))
            .namespace("game", |api| {
                api.function("read", Phase::Runtime, None, move |_, ()| {
                    let missing = fs::read(root.join("treasure")).expect_err("it is not there");
                    Err::<(), HostError>(missing.into())
                });
            });
        manager.build().unwrap()
    }

    /// Remembers what was said.
    fn hear(&mut self, said: &impl std::fmt::Debug) {
        self.said.push(format!("{said:?}"));
    }

    /// Everything that a manager says of itself.
    fn hear_all(&mut self, mods: &ModManager, events: &[ModEvent]) {
        self.hear(&(mods.problems(), mods.mods(), mods.health()));
        self.hear(&(mods.log(0, None), mods.resolution(), mods.syntax_errors()));
        self.hear(&events);
    }

    #[track_caller]
    fn check(&self, words: &[&str]) {
        let all = self.said.join("\n");
        for word in words {
            assert!(all.contains(word), "nothing says `{word}`:\n{all}");
        }
        let root = fs::canonicalize(self.root.path()).unwrap();
        let name = root.file_name().unwrap().to_string_lossy().into_owned();
        for said in &self.said {
            assert!(
                !said.contains(&name),
                "it names a folder of the machine:\n{said}"
            );
        }
    }
}

const GOOD: &str = "
mod.state.n = 0
mod.on('tick', function() mod.state.n = mod.state.n + 1 end)
mod.on('host', function() game.read() end)
mod.on('asset', function() return mod.asset('data.bin'):read() end)
mod.on('nested', function() local t = setmetatable({}, {__index = function() error('deep') end}) return t.x end)
mod.on('trace', function() error(debug and debug.traceback and debug.traceback() or 'no traceback') end)
";

fn good() -> ModId {
    "good".parse().unwrap()
}

fn events_of(subscription: &lunation::Subscription) -> Vec<ModEvent> {
    std::iter::from_fn(|| subscription.try_recv()).collect()
}

#[test]
fn broken_mods_and_files_are_named_relative_to_their_folder() {
    let mut scene = Scene::new();
    scene.write("mods/lunation.toml", "[limits]\nhandler_time = 'long'");
    scene.add_mod("syntax", "local x = \nreturn nil +");
    scene.add_mod("raises", "error({message = 'a table'})");
    scene.add_mod("requires", "require('not.there')");
    scene.add_mod("climbs", "require('../../../etc/passwd')");
    scene.write(
        "mods/manifest/mod.toml",
        "id = 3\n[dependencies]\nnobody = '>=nine'",
    );
    scene.write("mods/bytes/mod.toml", [0xff, 0xfe]);
    scene.folder("mods/folder/mod.toml");
    scene.folder("mods/entry/scripts/main.lua");
    scene.write("mods/entry/mod.toml", "id = 'entry'\nversion = '1.0.0'");
    scene.folder("config/good.toml");
    #[cfg(unix)]
    {
        let link = |to: &Path, at: &str| {
            std::os::unix::fs::symlink(to, scene.root.path().join(at)).unwrap();
        };
        link(&scene.root.path().join("mods/good"), "mods/linked");
        link(
            &scene.root.path().join("nowhere"),
            "mods/good/scripts/dangling.lua",
        );
    }
    let mut mods = scene.manager();
    let events = mods.subscribe();
    let problems = mods.load();
    scene.hear(&problems);
    scene.hear(&problems.iter().map(ToString::to_string).collect::<Vec<_>>());
    scene.write("mods/good/data.bin", [1, 2, 3]);
    scene.hear(&mods.check_updates());
    scene.folder("mods/good/scripts/folder.lua");
    fs::remove_file(scene.root.path().join("mods/good/data.bin")).unwrap();
    for event in ["tick", "host", "asset", "nested", "trace"] {
        let dispatched = mods.dispatch(event, &());
        scene.hear(&dispatched);
    }
    scene.hear(&mods.eval(&good(), "require('x.y')"));
    scene.hear(&mods.eval(&good(), "nil +"));
    scene.hear(&mods.call(&good(), "nothing", &[]));
    scene.hear(&mods.set_config(&good(), "speed", &Value::Boolean(true)));
    scene.add_mod("good", "error('a bad edit')");
    scene.hear(&mods.check_updates());
    scene.hear(&mods.reload(&good(), Kind::Full, true));
    scene.hear(&mods.rollback(&good(), Some(99), Onto::Then));
    scene.hear(&mods.restore(b"no save at all"));
    fs::remove_dir_all(scene.root.path().join("mods/good")).unwrap();
    fs::write(scene.root.path().join("mods/good"), "a file").unwrap();
    scene.hear(&mods.wait(Duration::from_secs(60), lunation::Until::Idle));
    let events = events_of(&events);
    scene.hear_all(&mods, &events);
    drop(mods);
    let log = scene.root.path().join("log/audit.jsonl");
    scene.hear(&read_audit_log(&log).unwrap());
    scene.check(&[
        "lua-syntax",
        "lua-error",
        "entity not found",
        "bad-call",
        "bad-image",
    ]);
}

#[test]
fn folders_that_can_not_be_used_are_not_named() {
    let mut scene = Scene::new();
    // Files stand where folders should be: that stops everybody, whatever they may do.
    scene.write(".lunation", "in the way");
    scene.write("log", "in the way");
    scene.write("config", "in the way");
    scene.write(
        "mods/good/mod.toml",
        "id = 'good'\nversion = '1.0.0'\n[config.speed]\ntype = 'int'\ndefault = 1",
    );
    let mut mods = scene.manager();
    let events = mods.subscribe();
    scene.hear(&mods.load());
    scene.hear(&mods.set_config(&good(), "speed", &Value::Integer(2)));
    scene.hear(&mods.resume());
    scene.hear(&mods.checkpoint());
    fs::remove_dir_all(scene.root.path().join("mods")).unwrap();
    scene.hear(&mods.check_updates());
    scene.write("mods", "a file");
    scene.hear(&mods.check_updates());
    let events = events_of(&events);
    scene.hear_all(&mods, &events);
    scene.check(&["history-unwritten", "audit-unwritten", "unreadable"]);
}

#[cfg(feature = "cli")]
#[test]
fn files_that_a_client_names_can_be_unusable_without_telling_where_the_host_is() {
    use crate::driver::{Host, Place};
    use serde_json::json;

    let place = Place::with_mod("good", GOOD);
    place.write("file", "in the way");
    let mut host = Host::manual(&place);
    let mut said = Vec::new();
    for path in ["file/x.save", "no/such/folder.save", "mods", "file", ""] {
        for method in ["save", "restore", "save.inspect"] {
            said.push(format!(
                "{:?}",
                host.try_call(method, json!({ "path": path }))
            ));
        }
    }
    place.write("config", "in the way");
    let set = json!({ "mod": "good", "key": "speed", "value": 3 });
    said.push(format!("{:?}", host.try_call("config.set", set)));
    said.push(format!("{:?}", host.call("problems", json!({}))));
    let name = place
        .path()
        .file_name()
        .unwrap()
        .to_string_lossy()
        .into_owned();
    for said in &said {
        assert!(!said.contains(&name), "{said}");
    }
    assert!(
        said.iter().any(|said| said.contains("unreadable")),
        "{said:#?}"
    );
}

#[cfg(target_os = "linux")]
#[test]
fn a_file_that_can_not_be_written_is_not_named_by_the_system() {
    // Nobody can make a file there, whatever they may do elsewhere.
    let error = lunation::disk::write_atomic(Path::new("/proc/some.save"), b"");
    let words = error.expect_err("it can't be written").to_string();
    assert!(!words.contains("proc"), "{words}");
}
