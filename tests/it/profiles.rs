//! Profiles and locks as a player has them: on the command line, and in a game that is locked.

use std::fs;
use std::time::Duration;

use lunation::{Code, Error, ModManager, Problem, ProfileName, Until};
use serde_json::json;

use crate::cli::{check, json_lines};
use crate::driver::{Host, Place};

fn town() -> Place {
    let place = Place::with_mod("noise", "");
    place.add_mod(
        "town",
        "[config.tax]\ntype = 'float'\ndefault = 0.1\n[config.name]\ntype = 'string'\ndefault = ''\n",
        "mod.on('ask', function() return 'as locked' end)",
    );
    place.add_mod(
        "echo",
        "[dependencies]\nnoise = { version = '*', optional = true }\n",
        "",
    );
    place.write(
        "profiles/quiet.toml",
        "disabled = ['noise'] # too loud\n[config.town]\ntax = 0.5\n",
    );
    place
}

fn name(text: &str) -> ProfileName {
    text.parse().unwrap()
}

#[test]
fn every_command_that_loads_mods_takes_a_profile() {
    let place = town();
    let quiet = ["--profile", "quiet"];
    let with = |arguments: &[&str], words: &[&str]| {
        check(&place, &[arguments, &quiet].concat(), 0, words);
    };
    with(
        &["run", "mods", "--ticks", "1"],
        &["loaded 2 mods: echo, town\n"],
    );
    with(&["check", "mods"], &["0 errors, 0 warnings"]);
    with(
        &["plan", "mods", "noise/scripts/main.lua"],
        &["nothing would happen"],
    );
    with(&["graph", "mods", "--json"], &["town"]);
    with(&["top", "mods", "--ticks", "1"], &["echo", "town"]);
    check(
        &place,
        &["run", "mods", "--ticks", "1", "--profile", "queit"],
        1,
        &["the profile `queit`, which is not there (hint: did you mean `quiet`?)"],
    );
    check(
        &place,
        &["run", "mods", "--profile", "../x"],
        2,
        &["can't be the name of a profile"],
    );
}

#[test]
fn check_shows_all_that_is_wrong_with_a_profile() {
    let place = town();
    place.write("profiles/bad.toml", "disbled = []\nmods = [1]\n");
    let words = [
        "profiles/bad.toml:1:1",
        "disbled",
        "profiles/bad.toml:2:9",
        "2 errors",
    ];
    check(&place, &["check", "mods", "--profile", "bad"], 1, &words);
    place.write(
        "profiles/bad.toml",
        "mods = ['twon']\n[config.town]\ntax = 'much'\n",
    );
    let words = ["names `twon`", "did you mean `town`?"];
    check(&place, &["check", "mods", "--profile", "bad"], 1, &words);
}

#[test]
fn profiles_are_started_listed_and_switched() {
    let place = town();
    let on_quiet = |command: &str, id: &str, code: i32, words: &[&str]| {
        check(
            &place,
            &[command, "mods", id, "--profile", "quiet"],
            code,
            words,
        );
    };
    let text = || fs::read_to_string(place.at("profiles/quiet.toml")).unwrap();
    check(
        &place,
        &["profile", "new", "mods", "loud"],
        0,
        &["made profiles/loud.toml"],
    );
    check(
        &place,
        &["profile", "new", "mods", "loud"],
        1,
        &["is there already"],
    );
    check(&place, &["profile", "list", "mods"], 0, &["loud\nquiet\n"]);
    check(
        &place,
        &["check", "mods", "--profile", "loud"],
        0,
        &["0 errors, 0 warnings"],
    );
    on_quiet(
        "enable",
        "noise",
        0,
        &["noise is switched on in profiles/quiet.toml"],
    );
    assert!(
        text().starts_with("disabled = [] # too loud\n"),
        "{}",
        text()
    );
    on_quiet("disable", "town", 0, &["town is switched off"]);
    assert!(
        text().starts_with("disabled = [\"town\"] # too loud\n"),
        "{}",
        text()
    );
    on_quiet(
        "disable",
        "twon",
        1,
        &["`twon` is no mod of mods; did you mean `town`?"],
    );
    let nowhere = ["disable", "mods", "town", "--profile", "q"];
    check(
        &place,
        &nowhere,
        1,
        &["the profile `q`, which is not there"],
    );
}

#[test]
fn two_profiles_are_compared() {
    let place = town();
    place.write("profiles/loud.toml", "disabled = ['town']\n");
    check(
        &place,
        &["diff", "mods", "quiet"],
        0,
        &[
            "- noise  1.0.0\n",
            "~ echo   uses other mods\n",
            "~ town   tax = 0.1 -> 0.5\n",
        ],
    );
    check(
        &place,
        &["diff", "mods", "quiet", "loud"],
        0,
        &["+ noise  1.0.0\n", "- town   1.0.0\n"],
    );
    check(
        &place,
        &["diff", "mods", "quiet", "quiet"],
        0,
        &["nothing is different"],
    );
    let out = check(&place, &["diff", "mods", "quiet", "--json"], 0, &[]);
    let diff = &json_lines(&out)[0];
    assert_eq!(diff["vanished"], json!(["noise"]));
    assert_eq!(
        diff["config"],
        json!([{ "mod": "town", "key": "tax", "before": 0.1, "after": 0.5 }])
    );
    check(&place, &["diff", "mods"], 2, &["required"]);
}

#[test]
fn what_is_locked_runs_and_nothing_else_does() {
    let place = town();
    let run = ["run", "mods", "--ticks", "1", "--locked"];
    check(
        &place,
        &run,
        1,
        &["lunation.lock: is to be what is locked, and there is no lock"],
    );
    check(
        &place,
        &["lock", "mods"],
        0,
        &["locked 3 mods in lunation.lock"],
    );
    let first = fs::read_to_string(place.at("mods/lunation.lock")).unwrap();
    check(&place, &["lock", "mods"], 0, &[]);
    let second = fs::read_to_string(place.at("mods/lunation.lock")).unwrap();
    assert_eq!(first, second, "a lock is written the same each time");
    check(&place, &run, 0, &["loaded 3 mods"]);

    place.edit("mods/town/mod.toml", "1.0.0", "1.1.0");
    place.edit("mods/echo/mod.toml", "optional", "optional ");
    place.write("mods/echo/scripts/more.lua", "");
    place.add_mod("new", "", "");
    fs::remove_dir_all(place.at("mods/noise")).unwrap();
    let drift = [
        "echo/mod.toml: changed since it was locked",
        "echo/scripts/more.lua: is not locked",
        "noise: is gone",
        "town: is 1.1.0, locked 1.0.0",
        "new: is not locked",
    ];
    check(&place, &run, 1, &drift);
    check(&place, &["host", "mods", "--stdio", "--locked"], 1, &drift);
    let out = check(&place, &["check", "mods", "--locked", "--json"], 1, &[]);
    let codes = json_lines(&out)
        .into_iter()
        .map(|line| line["code"].clone());
    assert_eq!(
        codes.filter(|code| code == "lock-drift").count(),
        drift.len()
    );
    check(
        &place,
        &["diff", "mods", "--lock"],
        0,
        &["echo: echo/mod.toml changed", "noise is gone"],
    );
    check(&place, &["lock", "mods"], 0, &["locked 3 mods"]);
    check(&place, &run, 0, &["loaded 3 mods: echo, new, town"]);
}

#[test]
fn a_profile_has_its_own_lock() {
    let place = town();
    let quiet = ["--profile", "quiet"];
    check(
        &place,
        &[&["lock", "mods"][..], &quiet].concat(),
        0,
        &["locked 2 mods in profiles/quiet.lock"],
    );
    let run = ["run", "mods", "--ticks", "1", "--locked"];
    check(&place, &[&run[..], &quiet].concat(), 0, &["loaded 2 mods"]);
    check(&place, &run, 1, &["there is no lock"]);
    place.write("profiles/quiet.lock", "version = 1\nmods = []\n");
    check(
        &place,
        &[&run[..], &quiet].concat(),
        1,
        &["profiles/quiet.lock:2:8"],
    );
    place.write("profiles/quiet.lock", vec![b'x'; 2 << 20]);
    check(&place, &[&run[..], &quiet].concat(), 1, &["larger than"]);
}

#[test]
fn a_lock_leaves_out_what_can_not_run_and_says_so() {
    let place = town();
    place.add_mod("lost", "[dependencies]\nnonesuch = '*'\n", "");
    let words = ["locked 3 mods", "missing-dependency"];
    check(&place, &["lock", "mods"], 1, &words);
    let text = fs::read_to_string(place.at("mods/lunation.lock")).unwrap();
    assert!(!text.contains("mods.lost"), "{text}");
}

#[test]
fn a_game_that_is_locked_takes_nothing_over_until_all_is_as_it_is_locked() {
    let place = town();
    check(&place, &["lock", "mods"], 0, &[]);
    let mut host = Host::start(&place, &["--manual", "--no-watch", "--locked"]);
    let ask = |host: &mut Host| host.call("dispatch", json!({ "event": "ask" }))["results"].take();
    place.edit("mods/town/scripts/main.lua", "as locked", "otherwise");
    place.add_mod("new", "", "");
    assert_eq!(host.wait_idle(), [] as [serde_json::Value; 0]);
    assert_eq!(ask(&mut host), json!(["as locked"]));
    let problems = host.call("problems", json!({}))["problems"].take();
    let told: Vec<&str> = problems
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|it| it["because"].as_str())
        .collect();
    assert_eq!(told, ["changed since it was locked", "is not locked"]);
    // No way around it, and what is no part of a mod is followed.
    host.call("reload", json!({ "mod": "town" }));
    assert_eq!(ask(&mut host), json!(["as locked"]));
    place.write("config/town.toml", "tax = 0.9");
    assert_eq!(host.wait_idle().len(), 1);
    assert_eq!(
        host.call("config.get", json!({ "mod": "town", "key": "tax" })),
        0.9
    );

    place.edit("mods/town/scripts/main.lua", "otherwise", "as locked");
    fs::remove_dir_all(place.at("mods/new")).unwrap();
    host.wait_idle();
    assert_eq!(host.call("problems", json!({}))["problems"], json!([]));
    let refused = host
        .try_call("profiles.set", json!({ "profile": "quiet" }))
        .unwrap_err();
    assert_eq!(refused["data"]["code"], "no-lock");
}

#[test]
fn an_edit_of_the_profile_of_a_game_that_is_locked_is_drift_too() {
    let place = town();
    place.write("profiles/all.toml", "");
    check(&place, &["lock", "mods", "--profile", "all"], 0, &[]);
    let options = ["--manual", "--no-watch", "--locked", "--profile", "all"];
    let mut host = Host::start(&place, &options);
    place.write("profiles/all.toml", "disabled = ['noise']");
    assert_eq!(host.wait_idle().len(), 0);
    let problems = host.call("problems", json!({}))["problems"].take();
    assert_eq!(
        problems[0]["because"],
        "does not run, because it is switched off"
    );
    assert_eq!(host.call("mods.list", json!({}))[1]["status"], "active");
    place.write("profiles/all.toml", "# as before");
    host.wait_idle();
    assert_eq!(host.call("problems", json!({}))["problems"], json!([]));
}

fn manager(place: &Place, profile: &str) -> Result<ModManager, Error> {
    ModManager::builder(place.mods())
        .watching(false)
        .without_history_on_disk()
        .profile(name(profile))
        .build()
}

#[test]
fn a_game_puts_profiles_on_and_takes_them_off() {
    let place = town();
    let mut mods = manager(&place, "quiet").unwrap();
    assert_eq!(mods.load(), []);
    assert_eq!(mods.resolution().order.len(), 2);
    let reports = mods.set_profile(None).unwrap();
    assert_eq!(mods.resolution().order.len(), 3);
    assert!(!reports.is_empty());
    let error = mods.set_profile(Some(&name("queit"))).unwrap_err();
    assert_eq!(error.code, Code::UNKNOWN_PROFILE);
    assert_eq!(mods.profile(), None);
    mods.set_profile(Some(&name("quiet"))).unwrap();
    assert_eq!(mods.profile(), Some(&name("quiet")));
    assert_eq!(mods.set_profile(Some(&name("quiet"))).unwrap().len(), 0);
    assert_eq!(mods.profiles(), [name("quiet")]);
}

#[test]
fn a_profile_that_is_not_there_is_an_error_when_a_game_is_set_up() {
    let error = manager(&town(), "quite-other")
        .err()
        .expect("there is no such profile");
    let Error::Chosen(problems) = &error else {
        panic!("{error}");
    };
    assert_eq!(problems[0].code, Code::UNKNOWN_PROFILE);
    assert!(error.to_string().contains("there is quiet"), "{error}");
}

#[cfg(feature = "watch")]
#[test]
fn a_watched_profile_is_followed_by_itself() {
    let place = town();
    let mut mods = ModManager::builder(place.mods())
        .without_history_on_disk()
        .profile(name("quiet"))
        .build()
        .unwrap();
    mods.load();
    place.write("profiles/quiet.toml", "");
    let reports = mods.wait(Duration::from_secs(30), Until::Report);
    assert!(!reports.is_empty());
    assert_eq!(mods.resolution().order.len(), 3);
    assert_eq!(mods.problems(), [] as [Problem; 0]);
}
