//! The audit log: one line for everything that becomes of a generation of a mod.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use lunation::{ModId, ModManager, Onto, Problem, read_audit_log};
use serde_json::Value as Json;

/// A folder with the mod `economy`, and its audit log.
struct Scene(tempfile::TempDir);

const FIRST: &str = "mod.state.coins = 1";

impl Scene {
    fn new() -> Scene {
        let scene = Scene(tempfile::tempdir().unwrap());
        scene.write("mods/economy/mod.toml", "id = 'economy'\nversion = '1.4.0'");
        scene.script(FIRST);
        scene
    }

    fn write(&self, path: &str, text: &str) {
        let path = self.0.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    fn script(&self, text: &str) {
        self.write("mods/economy/scripts/main.lua", text);
    }

    fn log(&self) -> PathBuf {
        self.0.path().join("log/audit.jsonl")
    }

    fn manager(&self) -> ModManager {
        let mods = self.0.path().join("mods");
        let manager = ModManager::builder(mods)
            .watching(false)
            .without_history_on_disk()
            .audit_log(self.log());
        manager.build().unwrap()
    }

    /// Lets `work` happen; every line of the log after it.
    fn lines(&self, work: impl FnOnce(&mut ModManager)) -> Vec<Json> {
        let mut mods = self.manager();
        mods.load();
        work(&mut mods);
        drop(mods);
        read_audit_log(&self.log()).unwrap()
    }
}

fn economy() -> ModId {
    "economy".parse().unwrap()
}

/// `created 0 -> 1`
fn short(line: &Json) -> String {
    let event = line["event"].as_str().unwrap();
    let to = line["generation"].as_u64().unwrap();
    match line["from_generation"].as_u64() {
        Some(from) => format!("{event} {from} -> {to}"),
        None => format!("{event} {to}"),
    }
}

#[track_caller]
fn check(lines: &[Json], expected: &[&str]) {
    let short: Vec<String> = lines.iter().map(short).collect();
    assert_eq!(short, expected);
}

#[test]
fn every_load_switch_refusal_and_way_back_has_a_line() {
    let scene = Scene::new();
    let lines = scene.lines(|mods| {
        scene.script("mod.state.coins = 2");
        mods.check_updates();
        scene.script("mod.state.coins = ");
        mods.check_updates();
        mods.rollback(&economy(), None, Onto::Now).unwrap();
        fs::remove_dir_all(scene.0.path().join("mods/economy")).unwrap();
        mods.check_updates();
    });
    check(
        &lines,
        &[
            "created 0 -> 1",
            "reloaded 1 -> 2",
            "kept 2",
            "rolled-back 2 -> 3",
            "removed 3 -> 0",
        ],
    );
    let seqs: Vec<u64> = lines
        .iter()
        .filter_map(|line| line["seq"].as_u64())
        .collect();
    assert_eq!(seqs, [1, 2, 3, 4, 5]);
    for line in &lines {
        assert_eq!(line["mod"], "economy");
        assert_eq!(line["version"], "1.4.0");
        assert_eq!(line["content"].as_str().map(str::len), Some(64), "{line}");
        assert!(line["time"].as_f64() > Some(1.7e9), "{line}");
        assert_eq!(line["process"], std::process::id());
    }
    let content = |index: usize| lines[index]["content"].clone();
    assert_eq!(content(0), content(3), "it went back to the same files");
    assert_ne!(
        content(1),
        content(2),
        "a refusal names the files that were refused"
    );
    assert_eq!(lines[1]["files"][0], "scripts/main.lua");
    assert!(
        lines[1]["cause"][0]
            .as_str()
            .is_some_and(|cause| cause.contains("main.lua"))
    );
    let problem = &lines[2]["problems"][0];
    assert_eq!(problem["code"], "lua-syntax");
    assert_eq!(
        problem.as_object().map(|fields| fields.len()),
        Some(2),
        "{problem}"
    );
}

#[test]
#[cfg_attr(feature = "luajit", ignore = "LuaJIT calls no hook in compiled loops")]
fn a_mod_that_is_stopped_has_a_line_with_the_reason() {
    let scene = Scene::new();
    scene.write(
        "mods/lunation.toml",
        "[limits]\nhandler_time = 10\n[hot_reload.probation]\ndispatches = 0",
    );
    scene.script("mod.on('tick', function() while true do end end)");
    let lines = scene.lines(|mods| {
        for _ in 0..10 {
            mods.dispatch("tick", &());
            mods.pump(Duration::from_secs(60));
        }
    });
    let last = lines.last().unwrap();
    assert_eq!(last["event"], "quarantined");
    assert_eq!(last["problems"][0]["code"], "time-limit");
    assert_eq!(last["generation"], 0);
    assert!(last["from_generation"].as_u64() >= Some(1));
}

#[test]
fn a_restored_save_has_a_line_for_each_mod() {
    let scene = Scene::new();
    let lines = scene.lines(|mods| {
        let save = mods.save();
        mods.restore(&save.bytes).unwrap();
    });
    check(&lines, &["created 0 -> 1", "reloaded 1 -> 2", "restored 2"]);
    assert_eq!(lines[2]["cause"], "a restored save");
}

#[test]
fn what_a_mod_says_is_cut_and_its_values_are_not_told() {
    let scene = Scene::new();
    scene.script("mod.state.secret = 'sesame'");
    let lines = scene.lines(|mods| {
        scene.script("error(string.rep('x', 3000))");
        mods.check_updates();
    });
    let text = fs::read_to_string(scene.log()).unwrap();
    assert!(!text.contains("sesame"), "{text}");
    assert!(text.lines().all(|line| line.len() < 2000), "{text}");
    assert_eq!(lines[1]["problems"][0]["code"], "lua-error");
}

#[test]
fn a_second_process_goes_on_in_the_same_file() {
    let scene = Scene::new();
    scene.lines(|_| {});
    let lines = scene.lines(|_| {});
    check(&lines, &["created 0 -> 1", "created 0 -> 1"]);
}

#[test]
fn a_torn_line_is_passed_over() {
    let scene = Scene::new();
    scene.lines(|_| {});
    let text = fs::read(scene.log()).unwrap();
    fs::write(scene.log(), &text[..text.len() / 2]).unwrap();
    let lines = scene.lines(|_| {});
    check(&lines, &["created 0 -> 1"]);
}

#[test]
fn a_full_log_is_turned_over_once() {
    let scene = Scene::new();
    scene.write("mods/lunation.toml", "[audit]\nmax_bytes = 65536");
    let mut mods = scene.manager();
    mods.load();
    for i in 0..400 {
        scene.script(&format!("mod.state.coins = {i}"));
        mods.check_updates();
    }
    drop(mods);
    let sizes =
        ["log/audit.jsonl", "log/audit.old.jsonl"].map(|path| size(&scene.0.path().join(path)));
    assert!(
        sizes.iter().all(|size| (1..=65536).contains(size)),
        "{sizes:?}"
    );
    let lines = read_audit_log(&scene.log()).unwrap();
    let seqs: Vec<u64> = lines
        .iter()
        .filter_map(|line| line["seq"].as_u64())
        .collect();
    assert_eq!(*seqs.last().unwrap(), 401);
    assert!(
        seqs.windows(2).all(|pair| pair[0] + 1 == pair[1]),
        "no gap: {seqs:?}"
    );
}

fn size(path: &Path) -> u64 {
    fs::metadata(path).map_or(0, |found| found.len())
}

fn codes(problems: &[Problem]) -> Vec<&str> {
    problems
        .iter()
        .map(|problem| problem.code.as_str())
        .collect()
}

#[test]
fn a_disk_that_refuses_is_told_once_and_holds_nothing_up() {
    let scene = Scene::new();
    // A file stands where the folder should be: so also for those whom no permission stops.
    scene.write("log", "in the way");
    let mut mods = scene.manager();
    let problems = mods.load();
    assert_eq!(codes(&problems), ["audit-unwritten"]);
    scene.script("mod.state.coins = 2");
    let reports = mods.check_updates();
    assert_eq!(reports[0].mods[0].problems, [], "those who load were told");
    assert_eq!(mods.health()[0].generation, 2);
    fs::remove_file(scene.0.path().join("log")).unwrap();
    scene.script("mod.state.coins = 3");
    mods.check_updates();
    drop(mods);
    let lines = read_audit_log(&scene.log()).unwrap();
    assert_eq!(short(lines.last().unwrap()), "reloaded 2 -> 3");
}

#[test]
fn there_is_no_log_where_none_is_wanted() {
    let scene = Scene::new();
    let mods = ModManager::builder(scene.0.path().join("mods"))
        .watching(false)
        .without_history_on_disk();
    let mut mods = mods.build().unwrap();
    mods.load();
    drop(mods);
    let names: Vec<_> = fs::read_dir(scene.0.path())
        .unwrap()
        .flatten()
        .map(|it| it.file_name())
        .collect();
    assert_eq!(names, ["mods"]);
}
