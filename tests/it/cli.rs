//! The program as a person or a script calls it.

use std::process::Output;

use serde_json::Value as Json;

use crate::driver::{Place, program};

/// Runs the program in `place`; its exit code, and what it printed.
fn run(place: &Place, arguments: &[&str]) -> (i32, String, String) {
    let output = program().current_dir(place.path()).args(arguments).output();
    let Output {
        status,
        stdout,
        stderr,
    } = output.expect("the program runs");
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("it prints UTF-8");
    (
        status.code().expect("it is not killed"),
        text(stdout),
        text(stderr),
    )
}

/// Runs the program: its exit code is `code`, and `words` stand in what it printed, in this order.
#[track_caller]
pub(crate) fn check(place: &Place, arguments: &[&str], code: i32, words: &[&str]) -> String {
    let (actual, out, err) = run(place, arguments);
    let all = format!("{out}\n{err}");
    assert_eq!(actual, code, "{all}");
    let mut rest = all.as_str();
    for word in words {
        match rest.find(word) {
            Some(at) => rest = &rest[at + word.len()..],
            None => panic!("no `{word}` (after the words before it) in:\n{all}"),
        }
    }
    assert!(
        !all.contains('\u{1b}'),
        "colours, where none are wanted:\n{all}"
    );
    out
}

pub(crate) fn json_lines(text: &str) -> Vec<Json> {
    let lines = text.lines();
    lines
        .map(|line| serde_json::from_str(line).expect("a line is JSON"))
        .collect()
}

pub(crate) fn two_mods() -> Place {
    let place = Place::with_mod("base", "print('base is up')");
    place.add_mod(
        "user",
        "[dependencies]\nbase = '*'\n",
        "require('@base/words')\nmod.on('tick_start', function() error('oh no') end)",
    );
    place.write("mods/base/scripts/words.lua", "return {}");
    place
}

#[test]
fn run_says_what_loaded_what_mods_log_and_what_fails_once() {
    let out = check(
        &two_mods(),
        &["run", "mods", "--ticks", "5", "--no-watch"],
        0,
        &[
            "loaded 2 mods: base, user\n",
            "[base] base is up\n",
            "oh no",
            "stopped at tick 5",
        ],
    );
    // Five ticks, five errors, one message.
    assert_eq!(out.matches("user/scripts/main.lua:2").count(), 1, "{out}");
}

#[test]
fn run_says_why_a_mod_is_not_there() {
    let place = two_mods();
    place.write("mods/base/scripts/main.lua", "local x = \nreturn nil +\n");
    check(
        &place,
        &["run", "mods", "--ticks", "1"],
        0,
        &[
            "loaded 0 mods",
            "base/scripts/main.lua:",
            "return nil +",
            "stopped at tick 1",
        ],
    );
}

#[test]
fn run_json_prints_one_value_a_line() {
    let out = check(
        &two_mods(),
        &["run", "mods", "--ticks", "2", "--json"],
        0,
        &[],
    );
    let lines = json_lines(&out);
    assert_eq!(lines[0]["loaded"], serde_json::json!(["base", "user"]));
    assert!(
        lines.iter().any(|line| line["log"]["text"] == "base is up"),
        "{out}"
    );
    assert!(
        lines
            .iter()
            .any(|line| line["problem"]["code"] == "lua-error"),
        "{out}"
    );
    assert_eq!(lines.last().expect("a line")["stopped"]["tick"], 2);
}

#[test]
fn check_finds_everything_at_once_and_exits_with_1() {
    let place = two_mods();
    check(
        &place,
        &["check", "mods"],
        0,
        &["2 mods checked: 0 errors, 0 warnings"],
    );
    place.write("mods/base/scripts/unused.lua", "return {\n");
    place.edit("mods/user/mod.toml", "version", "vresion = '1'\nversion");
    place.add_mod("lost", "[dependencies]\nnonesuch = '*'\n", "");
    let words = ["unknown-key", "missing-dependency"];
    for word in words {
        check(&place, &["check", "mods"], 1, &[word]);
    }
    check(
        &place,
        &["check", "mods"],
        1,
        &["lua-syntax", "base/scripts/unused.lua"],
    );
    let (code, out, _) = run(&place, &["check", "mods", "--json"]);
    assert_eq!(code, 1);
    let problems = json_lines(&out);
    let codes: Vec<&str> = problems.iter().filter_map(|p| p["code"].as_str()).collect();
    assert!(words.iter().all(|word| codes.contains(word)), "{codes:?}");
}

#[test]
fn a_problem_is_shown_at_its_place_with_a_mark() {
    let place = Place::with_mod("base", "");
    place.edit("mods/base/mod.toml", "version", "nmae = 'x'\nversion");
    check(
        &place,
        &["check", "mods"],
        1,
        &[
            "error[unknown-key]",
            "nmae",
            "base/mod.toml:2:1",
            "nmae = 'x'",
            "^^^^",
            "help: did you mean `name`?",
        ],
    );
}

#[test]
fn plan_says_what_a_change_would_do_and_does_nothing() {
    let place = two_mods();
    let words = ["user: reload (script) because user requires @base/words"];
    check(
        &place,
        &["plan", "mods", "mods/base/scripts/words.lua"],
        0,
        &words,
    );
    check(
        &place,
        &["plan", "mods", "base/scripts/words.lua"],
        0,
        &words,
    );
    let out = check(
        &place,
        &["plan", "mods", "base/scripts/words.lua", "--json"],
        0,
        &[],
    );
    assert!(json_lines(&out)[0]["transactions"].is_array());
    check(
        &place,
        &["plan", "mods", "../elsewhere"],
        1,
        &["is not in mods"],
    );
    check(&place, &["plan", "mods"], 2, &["FILE"]);
}

#[test]
fn new_makes_a_mod_that_runs_and_touches_nothing_that_is_there() {
    let place = Place::empty();
    check(&place, &["new", "mods/taxes"], 0, &["taxes"]);
    check(
        &place,
        &["check", "mods"],
        0,
        &["1 mod checked: 0 errors, 0 warnings"],
    );
    check(
        &place,
        &["run", "mods", "--ticks", "1"],
        0,
        &["[taxes] taxes is here (start)"],
    );
    place.write("mods/taxes/scripts/main.lua", "-- mine");
    check(&place, &["new", "mods/taxes"], 1, &["is there already"]);
    assert_eq!(
        std::fs::read(place.at("mods/taxes/scripts/main.lua")).unwrap(),
        b"-- mine"
    );
    check(
        &place,
        &["new", "mods/My Mod"],
        1,
        &["`My Mod`", "`my-mod` would do"],
    );
    assert!(!place.at("mods/My Mod").exists());
    let names: Vec<_> = std::fs::read_dir(place.mods()).unwrap().flatten().collect();
    assert_eq!(names.len(), 1, "no temporary folder is left: {names:?}");
}

#[test]
fn a_wrong_command_line_exits_with_2_and_a_missing_folder_with_1() {
    let place = Place::empty();
    check(&place, &["chekc", "mods"], 2, &["chekc", "check"]);
    check(&place, &["run"], 2, &["MODS"]);
    check(&place, &["host", "mods"], 2, &["--stdio"]);
    check(
        &place,
        &["check", "nowhere"],
        1,
        &["nowhere is not a folder"],
    );
    check(
        &place,
        &["--help"],
        0,
        &[
            "run",
            "check",
            "graph",
            "plan",
            "new",
            "host",
            "completions",
        ],
    );
    check(&place, &["--version"], 0, &["lunation"]);
}

#[test]
fn completions_are_made_for_each_shell() {
    let place = Place::empty();
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        check(&place, &["completions", shell], 0, &["lunation"]);
    }
}

/// A mod with two migrations, and a save from before them.
fn a_mod_and_an_old_save() -> Place {
    let place = Place::with_mod("shop", "mod.state.stock = 'apple'");
    let mut host = crate::driver::Host::manual(&place);
    host.call("save", serde_json::json!({ "path": "old.save" }));
    assert!(host.finish().success());
    place.write(
        "mods/shop/migrations/0001-list.lua",
        "return function(state) state.stock = { state.stock } end",
    );
    place.write(
        "mods/shop/migrations/0002-count.lua",
        "return function(state)\n    state.count = #state.stock\nend",
    );
    place.write("mods/shop/scripts/main.lua", "mod.state.open = true");
    place
}

#[test]
fn migrate_says_what_ran_and_what_became_of_the_state() {
    let place = a_mod_and_an_old_save();
    let words = [
        "shop",
        "before  version 0, 1 entry,",
        "1  migrations/0001-list.lua",
        "2  migrations/0002-count.lua",
        "after   version 2, 4 entries,",
    ];
    let arguments = ["migrate", "--check", "mods/shop", "old.save"];
    check(&place, &arguments, 0, &words);
    let json = check(&place, &[&arguments[..], &["--json"]].concat(), 0, &[]);
    let trial = &json_lines(&json)[0];
    assert_eq!(trial["before"]["version"], 0);
    assert_eq!(trial["migrations"][1]["file"], "migrations/0002-count.lua");
    assert_eq!(trial["after"]["entries"], 4);
}

#[test]
fn migrate_shows_where_a_migration_fails_and_exits_with_1() {
    let place = a_mod_and_an_old_save();
    let arguments = ["migrate", "--check", "mods/shop", "old.save"];
    place.edit(
        "mods/shop/migrations/0002-count.lua",
        "state.stock",
        "state.stokc",
    );
    let words = [
        "shop/migrations/0002-count.lua:2",
        "state.count = #state.stokc",
    ];
    check(&place, &arguments, 1, &words);
    let json = check(&place, &[&arguments[..], &["--json"]].concat(), 1, &[]);
    assert_eq!(json_lines(&json)[0]["line"], 2);
    place.write("mods/shop/migrations/2-again.lua", "return function() end");
    check(&place, &arguments, 1, &["bad-migration"]);
}

#[test]
fn migrate_wants_a_mod_and_a_save_that_has_it() {
    let place = a_mod_and_an_old_save();
    let tries = [
        ("mods/nobody", "old.save", "mods/nobody is not a folder"),
        ("mods", "old.save", "is not the folder of a mod"),
        ("mods/shop", "new.save", "new.save can't be read"),
        (
            "mods/shop",
            "mods/shop/mod.toml",
            "is not a save that can be read",
        ),
    ];
    for (folder, snapshot, word) in tries {
        let arguments = ["migrate", "--check", folder, snapshot];
        check(&place, &arguments, 1, &[word]);
    }
    check(
        &place,
        &["migrate", "mods/shop", "old.save"],
        2,
        &["--check"],
    );
}
