//! The history on disk, between processes: who has it, what a disk that refuses leads to, checkpoints.

use std::fs;
use std::path::PathBuf;

use serde_json::{Value as Json, json};

use crate::driver::{Host, Place, program};

const COUNTER: &str = "
local STEP = 1
mod.state.count = 0
mod.on('tick_start', function() mod.state.count = mod.state.count + STEP end)
";

fn counter() -> Place {
    Place::with_mod("counter", COUNTER)
}

fn edit(place: &Place, host: &mut Host, old: u32, new: u32) -> Vec<Json> {
    let (old, new) = (format!("STEP = {old}"), format!("STEP = {new}"));
    place.edit("mods/counter/scripts/main.lua", &old, &new);
    host.wait_idle()
}

fn advance(host: &mut Host, ticks: u32) {
    host.call("advance", json!({ "ticks": ticks }));
}

fn count(host: &mut Host) -> Json {
    host.call("state.get", json!({ "mod": "counter", "path": "count" }))
}

/// The codes of all problems, and of all in these reports.
fn codes(problems: &Json) -> Vec<String> {
    let list = problems.as_array().into_iter().flatten();
    list.map(|problem| problem["code"].as_str().unwrap_or_default().to_owned())
        .collect()
}

fn problems(host: &mut Host) -> Vec<String> {
    codes(&host.call("problems", json!({}))["problems"])
}

/// Asks again and again until it is so.
#[track_caller]
fn wait_for(host: &mut Host, mut is_so: impl FnMut(&mut Host) -> bool) {
    for _ in 0..2000 {
        if is_so(host) {
            return;
        }
        host.call("wait", json!({ "timeout_ms": 10, "until": "report" }));
    }
    panic!("it did not come to that");
}

fn generations(host: &mut Host) -> Vec<u64> {
    let history = host.call("history", json!({ "mod": "counter" }));
    let list = history["generations"].as_array().expect("a list").iter();
    list.filter_map(|one| one["generation"].as_u64()).collect()
}

fn checkpoints(place: &Place) -> Vec<PathBuf> {
    let entries = fs::read_dir(place.at(".lunation/mods/checkpoints"));
    let names = entries.into_iter().flatten().flatten();
    let mut paths: Vec<PathBuf> = names.map(|entry| entry.path()).collect();
    paths.retain(|path| !path.to_string_lossy().contains(".lunation-"));
    paths.sort();
    paths
}

#[test]
fn a_second_process_on_one_folder_is_told_and_mixes_nothing() {
    let place = counter();
    let mut first = Host::manual(&place);
    edit(&place, &mut first, 1, 2);
    let mut second = Host::manual(&place);
    assert_eq!(problems(&mut second), ["history-locked"]);
    assert_eq!(problems(&mut first), Vec::<String>::new());
    assert_eq!(generations(&mut second), [1], "it begins anew");
    edit(&place, &mut second, 2, 3);
    second.call("rollback", json!({ "mod": "counter" }));
    assert_eq!(generations(&mut second), [1, 2, 3]);
    second.restart(&place, &[]);
    assert_eq!(generations(&mut second), [1]);
    assert!(second.finish().success());
    first.restart(&place, &[]);
    assert_eq!(problems(&mut first), Vec::<String>::new());
    assert_eq!(generations(&mut first), [1, 2, 3]);
}

#[test]
fn a_disk_that_refuses_is_told_once_and_what_it_missed_is_written_when_it_works_again() {
    let place = counter();
    let mut host = Host::manual(&place);
    let is_written = |host: &mut Host| {
        let history = host.call("history", json!({ "mod": "counter" }));
        let list = history["generations"].as_array().expect("a list").clone();
        list.iter().all(|one| one["is_on_disk"] == true)
    };
    wait_for(&mut host, is_written);
    let objects = place.at(".lunation/mods/objects");
    fs::remove_dir_all(&objects).unwrap();
    fs::write(&objects, "in the way").unwrap();
    // The disk is slow: the report of the edit itself may come too early to tell.
    let mut reports = edit(&place, &mut host, 1, 2);
    wait_for(&mut host, |host| problems(host) == ["history-unwritten"]);
    reports.extend(edit(&place, &mut host, 2, 3));
    reports.extend(edit(&place, &mut host, 3, 4));
    let of_report = |report: &Json| codes(&report["mods"][0]["problems"]);
    let told: Vec<String> = reports.iter().flat_map(of_report).collect();
    assert_eq!(told, ["history-unwritten"], "once");
    let refused = host.try_call("checkpoint", json!({})).unwrap_err();
    assert_eq!(refused["data"]["code"], "history-unwritten");

    fs::remove_file(&objects).unwrap();
    edit(&place, &mut host, 4, 5);
    wait_for(&mut host, |host| problems(host).is_empty());
    wait_for(&mut host, is_written);
    host.restart(&place, &[]);
    let params = json!({ "mod": "counter", "generation": 4 });
    let report = host.call("rollback", params);
    assert_eq!(report["report"]["mods"][0]["outcome"], "rolled-back");
}

#[test]
fn a_folder_for_the_history_that_can_not_be_made_is_no_reason_to_stop() {
    let place = counter();
    place.write(".lunation", "a file");
    let mut host = Host::manual(&place);
    let both = ["history-unwritten", "audit-unwritten"];
    assert_eq!(problems(&mut host), both);
    edit(&place, &mut host, 1, 2);
    let report = host.call("rollback", json!({ "mod": "counter" }));
    assert_eq!(report["report"]["mods"][0]["outcome"], "rolled-back");
    assert!(host.finish().success());
}

#[test]
fn after_a_crash_everything_goes_on_from_the_last_finished_checkpoint() {
    let place = counter();
    let settings = "[hot_reload.state_management]\ncheckpoint_interval = 1\n";
    place.write("mods/lunation.toml", settings);
    let mut host = Host::manual(&place);
    advance(&mut host, 5);
    wait_for(&mut host, |_| !checkpoints(&place).is_empty());
    advance(&mut host, 100);
    drop(host); // It is killed.

    // The newest is damaged: the one before is as good as it gets.
    let mut next = checkpoints(&place);
    let last = next.pop().expect("there is one");
    fs::copy(&last, last.with_file_name("0000000098")).unwrap();
    fs::write(last.with_file_name("0000000099"), "half").unwrap();
    let mut host = Host::start(&place, &["--manual", "--no-watch", "--resume"]);
    assert_eq!(count(&mut host), 5);

    host.call("checkpoint", json!({}));
    wait_for(&mut host, |_| checkpoints(&place).len() == 2);
    assert!(host.finish().success());
    let output = program()
        .current_dir(place.path())
        .args(["run", "mods", "--ticks", "1", "--resume", "--no-watch"])
        .output()
        .unwrap();
    let out = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(out.contains("went on with 1 state"), "{out}");
}

#[test]
fn a_checkpoint_that_is_refused_stops_the_start_so_that_nothing_takes_its_place() {
    let place = counter();
    let mut host = Host::manual(&place);
    host.call("checkpoint", json!({}));
    assert!(host.finish().success());
    for path in checkpoints(&place) {
        fs::write(path, "half").unwrap();
    }
    let run = |options: &[&str]| {
        let mut command = program();
        command.current_dir(place.path()).args(options);
        command.output().unwrap()
    };
    let output = run(&["run", "mods", "--ticks", "1", "--resume", "--no-watch"]);
    assert_eq!(output.status.code(), Some(1));
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(said.contains("is not a save"), "{said}");
}

#[test]
fn bisect_asks_the_history_on_disk_without_changing_it() {
    let place = counter();
    let mut host = Host::manual(&place);
    advance(&mut host, 3);
    edit(&place, &mut host, 1, 10);
    advance(&mut host, 1);
    edit(&place, &mut host, 10, 20);
    advance(&mut host, 1);
    host.restart(&place, &[]);
    let before = generations(&mut host);
    let bisect = |expression: &str| {
        let mut command = program();
        command.current_dir(place.path());
        command.args(["bisect", "mods", "counter", expression]);
        let output = command.output().unwrap();
        let out = String::from_utf8_lossy(&output.stdout).into_owned();
        (output.status.code(), out)
    };
    let (code, out) = bisect("mod.state.count < 10");
    assert_eq!(code, Some(1));
    assert!(out.contains("generation 1  1.0.0  passed"), "{out}");
    assert!(
        out.contains("generation 2 is the first that fails"),
        "{out}"
    );
    let (code, out) = bisect("mod.state.count");
    assert_eq!(code, Some(0), "{out}");
    assert_eq!(generations(&mut host), before);
}
