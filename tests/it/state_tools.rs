//! `lunation state`, and what the control protocol says about states.

use std::fs;

use lunation::SaveFile;
use serde_json::{Value as Json, json};

use crate::cli::{check, json_lines};
use crate::driver::{Host, Place};

const RAIDERS: &str = "\
mod.state.kills = 0
mod.state.enemies = { { kind = 'orc', hp = 10 }, { kind = 'elf', hp = 5 } }
mod.state.chief = mod.state.enemies[1]
mod.state.notes = { ['two words'] = true, [0.5] = '\\255' }
mod.on('tick_start', function() mod.state.kills = mod.state.kills + 1 end)
mod.on_load(function(about)
    if mod.state.kills == 666 then error('that is too many') end
end)
";

fn raiders() -> Place {
    let place = Place::with_mod("raiders", RAIDERS);
    place.add_mod("idle", "", "mod.state.is_idle = true");
    place
}

/// Goes on for so many ticks and saves.
fn save(host: &mut Host, ticks: u64, path: &str) {
    host.call("advance", json!({ "ticks": ticks }));
    host.call("save", json!({ "path": path }));
}

/// Two saves, `a.save` after 3 ticks and `b.save` after 5.
fn two_saves() -> Place {
    let place = raiders();
    let mut host = Host::manual(&place);
    save(&mut host, 3, "a.save");
    host.eval("raiders", "mod.state.chief.hp = 1");
    host.eval("raiders", "mod.state.notes = nil");
    host.eval("raiders", "mod.state.loot = { 'gold' }");
    save(&mut host, 2, "b.save");
    place
}

#[test]
fn show_lists_the_mods_of_a_save_and_how_much_there_is_of_each() {
    let place = two_saves();
    let words = [
        "mod      version  state  entries",
        "idle     1.0.0    v0",
        "raiders  1.0.0    v0",
        "2 mods, ",
    ];
    check(&place, &["state", "show", "a.save"], 0, &words);
    let out = check(&place, &["state", "show", "a.save", "--json"], 0, &[]);
    let lines = json_lines(&out);
    assert_eq!(lines[1]["mod"], "raiders");
    assert_eq!(lines[1]["entries"], 12);
}

#[test]
fn show_draws_a_state_as_a_tree_with_each_table_once() {
    let place = two_saves();
    let out = check(&place, &["state", "show", "a.save", "raiders"], 0, &[]);
    let expected = "\
state  4 entries
  chief    2 entries
    hp    10
    kind  \"orc\"
  enemies  2 items
    [1]  ^state.chief
    [2]  2 entries
      hp    5
      kind  \"elf\"
  kills    3
  notes    2 entries
    [0.5]          \"\\xff\"
    [\"two words\"]  true
";
    assert_eq!(out, expected);
    let out = check(
        &place,
        &["state", "show", "a.save", "raiders", "--depth", "1"],
        0,
        &[],
    );
    assert!(out.contains("enemies  2 items …\n"), "{out}");
    for path in ["enemies[2].kind", "state.enemies[2].kind"] {
        let arguments = ["state", "show", "a.save", "raiders", path];
        check(&place, &arguments, 0, &["state.enemies[2].kind  \"elf\""]);
    }
    let arguments = ["state", "show", "a.save", "raiders", "enemies", "--json"];
    let out = check(&place, &arguments, 0, &[]);
    let enemies = json!([{ "hp": 10, "kind": "orc" }, { "hp": 5, "kind": "elf" }]);
    assert_eq!(json_lines(&out), [enemies]);
    let words = ["nobody is not in this save: it has idle, raiders"];
    check(&place, &["state", "show", "a.save", "nobody"], 1, &words);
}

#[test]
fn show_cuts_what_nobody_could_read() {
    let script = "local text = ('\\n'):rep(200)
    for x = 1, 60 do
        mod.state[x] = {}
        for y = 1, 60 do mod.state[x][y] = text end
    end";
    let place = Place::with_mod("large", script);
    Host::manual(&place).call("save", json!({ "path": "a.save" }));
    let out = check(
        &place,
        &["state", "show", "a.save", "large"],
        0,
        &["    … 10 more\n"],
    );
    assert!(out.ends_with("… ask for a path\n"), "{out}");
    assert!(out.lines().count() < 2100, "{out}");
    assert!(out.lines().all(|line| line.len() < 200), "{out}");
    let arguments = ["state", "show", "a.save", "large", "--depth", "1"];
    check(
        &place,
        &arguments,
        0,
        &["state  60 items\n", "[50]  60 items …\n  … 10 more\n"],
    );
}

#[test]
fn diff_says_what_changed_between_two_saves() {
    let place = two_saves();
    let out = check(&place, &["state", "diff", "a.save", "b.save"], 0, &[]);
    let expected = "\
raiders
  ~ state.kills: 3 -> 5
  + state.loot = a table with 1 entry
  - state.notes = a table with 2 entries
  ~ state.chief.hp: 10 -> 1
";
    assert_eq!(out, expected);
    let arguments = ["state", "diff", "a.save", "b.save", "raiders", "--json"];
    let lines = json_lines(&check(&place, &arguments, 0, &[]));
    let first = json!({ "path": "state.kills", "before": "3", "after": "5" });
    assert_eq!(lines[0]["differences"][0], first);
    let words = ["the states are the same"];
    check(
        &place,
        &["state", "diff", "a.save", "b.save", "idle"],
        0,
        &words,
    );
}

#[test]
fn a_mod_that_only_one_save_has_is_told_as_a_whole() {
    let place = two_saves();
    let bytes = fs::read(place.at("b.save")).expect("a save");
    let mut save = SaveFile::read(&bytes).expect("a save");
    save.mods.retain(|saved| saved.mod_id.as_str() != "idle");
    save.mods[0].version = "1.1.0".parse().expect("a version");
    place.write("c.save", save.to_bytes());
    let words = ["- idle 1.0.0, ", "raiders 1.0.0 -> 1.1.0"];
    check(&place, &["state", "diff", "b.save", "c.save"], 0, &words);
    let words = ["+ idle 1.0.0, "];
    check(&place, &["state", "diff", "c.save", "b.save"], 0, &words);
}

/// The states of all mods in a save, the live one of each.
fn states(place: &Place, path: &str) -> SaveFile {
    let bytes = fs::read(place.at(path)).expect("a save");
    SaveFile::read(&bytes).expect("a save")
}

#[test]
fn export_and_import_give_the_same_save() {
    let place = two_saves();
    let words = [];
    check(
        &place,
        &["state", "export", "a.save", "raiders", "-o", "r.json"],
        0,
        &words,
    );
    let arguments = [
        "state", "import", "b.save", "raiders", "r.json", "-o", "c.save",
    ];
    check(
        &place,
        &arguments,
        0,
        &["wrote c.save: raiders has 12 entries now"],
    );
    let [a, b, c] = ["a.save", "b.save", "c.save"].map(|path| states(&place, path));
    let live = |save: &SaveFile, mod_id| save.get(mod_id).expect("it is there").live.clone();
    assert!(live(&c, "raiders").is_same(&live(&a, "raiders")));
    assert!(live(&c, "idle").is_same(&live(&b, "idle")));
    check(
        &place,
        &["state", "diff", "a.save", "c.save"],
        0,
        &["the states are the same"],
    );
}

#[test]
fn an_edited_state_goes_into_the_running_game() {
    let place = two_saves();
    let out = check(&place, &["state", "export", "a.save", "raiders"], 0, &[]);
    place.write("r.json", out.replace("\"kills\": 3", "\"kills\": 77"));
    check(
        &place,
        &["state", "import", "a.save", "raiders", "r.json"],
        0,
        &[],
    );
    let mut host = Host::manual(&place);
    host.call("restore", json!({ "path": "a.save" }));
    let ask = "return mod.state.kills, mod.state.chief == mod.state.enemies[1]";
    assert_eq!(host.eval("raiders", ask), json!([77, true]));
}

#[test]
fn a_single_image_is_a_file_of_states_too() {
    let place = two_saves();
    let save = states(&place, "a.save");
    place.write(
        "a.image",
        save.get("raiders").expect("it is there").live.to_bytes(),
    );
    check(
        &place,
        &["state", "show", "a.image"],
        0,
        &["state  4 entries"],
    );
    check(
        &place,
        &["state", "show", "a.image", "-", "kills"],
        0,
        &["state.kills  3"],
    );
    check(
        &place,
        &["state", "export", "a.image", "-", "-o", "r.json"],
        0,
        &[],
    );
    check(
        &place,
        &["state", "import", "a.image", "-", "r.json"],
        0,
        &["wrote a.image"],
    );
    let words = ["~ state.kills: 3 -> 5"];
    check(
        &place,
        &["state", "diff", "a.image", "b.save", "raiders"],
        0,
        &words,
    );
    let words = ["write `-` in place of raiders"];
    check(&place, &["state", "show", "a.image", "raiders"], 1, &words);
    check(
        &place,
        &["state", "diff", "a.image", "b.save"],
        1,
        &["which mod"],
    );
}

#[test]
fn what_is_no_save_and_no_state_is_refused_and_nothing_is_written() {
    let place = two_saves();
    place.write("bad.save", "LUNASAVE and then nonsense");
    place.write("bad.image", "LUNATION and then nonsense");
    place.write("deep.json", "[".repeat(100_000));
    place.write("form.json", r#"{"$nonesuch":1}"#);
    let before = fs::read(place.at("a.save")).expect("a save");
    check(
        &place,
        &["state", "show", "bad.save"],
        1,
        &["the save can't be read because it"],
    );
    check(
        &place,
        &["state", "show", "bad.image"],
        1,
        &["the state can't be read because it"],
    );
    check(&place, &["state", "show", "no.save"], 1, &["no.save: "]);
    for (file, why) in [
        ("deep.json", "recursion limit"),
        ("form.json", "`$nonesuch`"),
    ] {
        let arguments = ["state", "import", "a.save", "raiders", file];
        check(
            &place,
            &arguments,
            1,
            &[file, "the state can't be read because it", why],
        );
    }
    assert_eq!(fs::read(place.at("a.save")).expect("a save"), before);
}

#[test]
fn the_protocol_compares_a_state_with_what_its_code_began_with() {
    let place = raiders();
    let mut host = Host::manual(&place);
    let none = json!({ "differences": [], "is_cut": false });
    assert_eq!(host.call("state.diff", json!({ "mod": "raiders" })), none);
    host.call("advance", json!({ "ticks": 2 }));
    host.eval("raiders", "mod.state.enemies[2].hp = nil");
    let diff = host.call("state.diff", json!({ "mod": "raiders" }));
    let kills = json!({ "path": "state.kills", "before": "0", "after": "2" });
    let hp = json!({ "path": "state.enemies[2].hp", "before": "5" });
    assert_eq!(diff["differences"], json!([kills, hp]));
    for (path, expected) in [
        ("enemies", json!([hp])),
        ("enemies[2].hp", json!([hp])),
        ("kills", json!([kills])),
        ("nowhere", json!([])),
    ] {
        let diff = host.call("state.diff", json!({ "mod": "raiders", "path": path }));
        assert_eq!(diff["differences"], expected, "{path}");
    }
}

#[test]
fn the_protocol_exports_a_state_and_imports_it_all_or_nothing() {
    let place = raiders();
    let mut host = Host::manual(&place);
    host.call("advance", json!({ "ticks": 2 }));
    let about = json!({ "mod": "raiders" });
    let state = host.call("state.export", about.clone());
    host.call("advance", json!({ "ticks": 5 }));
    let import = |value: &Json| json!({ "mod": "raiders", "value": value });
    let report = host.call("state.import", import(&state));
    assert_eq!(
        report["report"]["mods"][0]["outcome"], "reloaded",
        "{report}"
    );
    assert_eq!(host.call("state.export", about.clone()), state);
    let mut evil = state.clone();
    evil["kills"] = json!(666);
    let error = host
        .try_call("state.import", import(&evil))
        .expect_err("on_load objects");
    assert!(
        error["message"].to_string().contains("that is too many"),
        "{error}"
    );
    let wrong = json!({ "$ref": 5 });
    let error = host
        .try_call("state.import", import(&wrong))
        .expect_err("no such table");
    assert_eq!(error["code"], -32602, "{error}");
    assert_eq!(host.call("state.export", about), state);
    let error = host.try_call("state.export", json!({ "mod": "raider" }));
    assert_eq!(error.expect_err("no such mod")["data"]["code"], "bad-call");
}
