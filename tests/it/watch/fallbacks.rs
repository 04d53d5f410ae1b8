//! Where the system can't tell what happens: it is compared instead, and that is said once, with the remedy.

use std::process::Command;

use serde_json::{Value as Json, json};

use super::scene::{Scene, manifest, rounds, script};
use crate::driver::{Host, Place, program};

/// The program in a world of its own in which the system allows only so much of `what`; `None` where nobody may
/// make such a world.
fn limited(what: &str, most: u32) -> Option<Command> {
    let limit = format!("echo {most} > /proc/sys/user/{what}");
    let unshare = |script: &str| {
        let mut command = Command::new("unshare");
        command.args(["-Ur", "sh", "-euc", script]);
        command
    };
    let is_allowed = unshare(&limit)
        .output()
        .is_ok_and(|output| output.status.success());
    if !is_allowed {
        eprintln!("not tested: this machine does not allow `unshare -Ur`");
        return None;
    }
    let mut command = unshare(&format!("{limit}; exec \"$0\" \"$@\""));
    command.arg(program().get_program()).env("NO_COLOR", "1");
    Some(command)
}

fn problems(host: &mut Host) -> Vec<Json> {
    let problems = host.call("problems", json!({}))["problems"].take();
    let problems = problems.as_array().expect("a list").iter();
    let degraded = problems.filter(|problem| problem["code"] == "watch-degraded");
    degraded.cloned().collect()
}

/// Everything that happens is noticed, and why that takes longer is said once, with this remedy.
fn check(what: &str, most: u32, remedy: &str) {
    let Some(command) = limited(what, most) else {
        return;
    };
    let place = Place::with_mod("economy", &script(0));
    for folder in 0..20 {
        place.write(
            &format!("mods/economy/scripts/deep{folder}/a.lua"),
            "return 1",
        );
    }
    let mut host = Host::start_by(command, &place, &["--manual"]);
    for version in 1..4 {
        let script = script(version);
        let deep = format!("mods/economy/new{version}/er/part.lua");
        place.write(&deep, "return 1");
        place.write("mods/economy/scripts/main.lua", script);
        let mut reports = 0;
        while host.call("call", json!({ "mod": "economy", "function": "version" }))["results"]
            != json!([version])
        {
            let report = json!({ "timeout_ms": 30_000, "until": "report" });
            let found = host.call("wait", report)["reports"].take();
            reports += found.as_array().map_or(0, Vec::len);
            assert!(reports < 20, "{version} is never seen");
        }
    }
    let problems = problems(&mut host);
    assert_eq!(problems.len(), 1, "{problems:?}");
    let hint = problems[0]["hint"].as_str().unwrap_or_default();
    assert!(hint.contains(remedy), "{hint}");
}

#[test]
fn with_too_few_watches_everything_is_compared() {
    check("max_inotify_watches", 5, "max_user_watches");
}

#[test]
fn without_a_watcher_everything_is_compared() {
    check("max_inotify_instances", 0, "max_user_instances");
}

#[test]
fn what_is_polled_is_never_read_half_whoever_saves_it() {
    let every = std::time::Duration::from_millis(10);
    let mut scene = Scene::with("", |builder| builder.polling(every));
    let mut version = 0;
    for round in 0..rounds() {
        version = scene.save_in_every_way(version, round);
        scene.write("mods/weather/scripts/main.lua", &script(version));
        scene.write("mods/weather/mod.toml", &manifest("weather"));
        scene.until_version("weather", version);
        std::fs::remove_dir_all(scene.path("mods/weather")).unwrap();
        scene.until_gone("weather");
    }
}

#[test]
fn the_program_polls_when_it_is_told_to() {
    let place = Place::with_mod("economy", &script(0));
    let mut host = Host::start(&place, &["--manual", "--poll", "20"]);
    place.write("mods/economy/scripts/main.lua", script(1));
    let report = json!({ "timeout_ms": 30_000, "until": "report" });
    let reports = host.call("wait", report)["reports"].take();
    assert_eq!(reports[0]["mods"][0]["outcome"], "reloaded", "{reports}");
    assert_eq!(problems(&mut host), Vec::<Json>::new());
}
