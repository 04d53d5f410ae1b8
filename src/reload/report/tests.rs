//! How reports read for people, and what events follow from them.

use serde_json::json;

use super::*;
use crate::problem::{Code, Place};
use crate::reload::ModEvent;

fn micros(micros: u64) -> Duration {
    Duration::from_micros(micros)
}

fn report(mod_id: &str, outcome: Outcome, generation: u64) -> ModReport {
    let version = Version::new(1, 4, 0);
    ModReport {
        files: vec!["scripts/main.lua".into()],
        phases: Phases {
            settle: micros(400),
            stage: micros(500),
            ..Phases::default()
        },
        ..ModReport::new(
            mod_id.parse().unwrap(),
            Kind::Script,
            outcome,
            generation,
            version,
        )
    }
}

fn broken(mod_id: &str) -> ModReport {
    let problem = Problem::error(Code::LUA_SYNTAX, "has a string without an end")
        .at(Place::line(format!("{mod_id}/scripts/main.lua"), 3))
        .hint("close it with a quote");
    ModReport {
        problems: vec![problem],
        ..report(mod_id, Outcome::Kept, 3)
    }
}

#[track_caller]
fn check(mods: Vec<ModReport>, words: &str) {
    let report = ReloadReport {
        transaction: 1,
        mods,
    };
    assert_eq!(report.to_string(), words);
}

#[test]
fn a_reload_reads_as_one_line() {
    let mut report = report("economy", Outcome::Reloaded, 4);
    report.carried.entries = 312;
    check(
        vec![report],
        "✓ economy  main.lua → script  0.9 ms  gen 4  312 entries kept\n",
    );
}

#[test]
fn a_broken_edit_says_what_was_kept_and_why() {
    check(
        vec![broken("economy")],
        "✗ economy  main.lua → script  kept gen 3\n  because it has a string without an end \
         (economy/scripts/main.lua:3; hint: close it with a quote)\n",
    );
}

#[test]
fn the_columns_of_several_mods_are_aligned() {
    let mut many = report("ui", Outcome::Reloaded, 2);
    many.files.push("scripts/strings.lua".into());
    many.carried.entries = 1;
    many.carried.dropped.push("state.brain".into());
    let mut gone = report("weather", Outcome::Unloaded, 0);
    gone.files.clear();
    gone.causes.push("removed".into());
    check(
        vec![many, gone],
        "✓ ui       main.lua +1 → script  0.9 ms  gen 2  1 entry kept, 1 dropped\n  \
         dropped      state.brain\n\
         ✓ weather  removed → script      0.9 ms  unloaded\n",
    );
}

#[test]
fn a_warning_of_a_mod_that_was_reloaded_is_a_note() {
    let mut report = report("economy", Outcome::Reloaded, 4);
    let lost = Problem::warning(Code::UNCARRYABLE, "has a local that a save would lose");
    report.problems.push(lost.of(&report.mod_id));
    check(
        vec![report],
        "✓ economy  main.lua → script  0.9 ms  gen 4  0 entries kept\n  \
         note: economy: has a local that a save would lose\n",
    );
}

#[test]
fn losses_are_told_always_and_the_rest_of_the_slots_on_request() {
    let mut report = report("economy", Outcome::Reloaded, 4);
    let places = |places: &[&str]| places.iter().map(ToString::to_string).collect::<Vec<_>>();
    report.carried = Carried {
        bytes: 40,
        entries: 1,
        replaced: places(&["state.speed"]),
        added: places(&["state.lives"]),
        dropped: (1..=12).map(|n| format!("state.brains[{n}]")).collect(),
        conflicts: places(&["state.rate"]),
        not_saved: places(&["local count (scripts/main.lua:3)"]),
        ..Carried::default()
    };
    let losses = report.losses();
    assert_eq!(losses.len(), 12);
    assert_eq!(losses[9], "dropped      state.brains[10]");
    assert_eq!(losses[10], "dropped      … and 2 more");
    let conflict = "in conflict  state.rate: the game changed it too, and its value stays";
    assert_eq!(losses[11], conflict);
    let slots = report.slots();
    assert_eq!(slots[0], "1 entry kept, 40 bytes carried");
    assert_eq!(slots[1], "replaced     state.speed");
    assert_eq!(slots[2], "added        state.lives");
    assert_eq!(slots[14], "dropped      state.brains[12]");
    assert_eq!(slots[15], conflict);
    assert_eq!(
        slots[16],
        "not saved    local count (scripts/main.lua:3) is carried by a reload but not saved; keep it \
         in mod.state"
    );
}

#[test]
fn mods_wait_at_the_same_time_and_are_worked_on_one_after_the_other() {
    let report = ReloadReport {
        transaction: 1,
        mods: vec![
            report("economy", Outcome::Reloaded, 4),
            report("weather", Outcome::Reloaded, 2),
        ],
    };
    assert_eq!(report.totals().settle, micros(400));
    assert_eq!(report.totals().stage, micros(1000));
    assert_eq!(report.total(), micros(1400));
    assert!(report.meets(micros(1400)) && !report.meets(micros(1399)));
}

#[test]
fn json_has_fractional_milliseconds_and_the_totals() {
    let report = ReloadReport {
        transaction: 7,
        mods: vec![report("economy", Outcome::RolledBack, 4)],
    };
    let json = serde_json::to_value(&report).unwrap();
    assert_eq!(json["transaction"], 7);
    assert_eq!(json["total_ms"], 0.9);
    assert_eq!(json["phases"]["stage_ms"], 0.5);
    assert_eq!(json["mods"][0]["mod"], "economy");
    assert_eq!(json["mods"][0]["outcome"], "rolled-back");
    assert_eq!(json["mods"][0]["version"], "1.4.0");
    assert_eq!(json["mods"][0]["phases"]["settle_ms"], 0.4);
}

#[test]
fn a_report_stands_for_one_event_a_mod_that_came_went_or_changed() {
    let report = ReloadReport {
        transaction: 7,
        mods: vec![
            report("economy", Outcome::Reloaded, 4),
            report("ui", Outcome::Unchanged, 1),
            broken("weather"),
        ],
    };
    let events = ModEvent::of_report(&report);
    let shown = serde_json::to_value(&events).unwrap();
    assert_eq!(
        shown[0],
        json!({
            "event": "reloaded",
            "mod": "economy",
            "generation": 4,
            "kind": "script",
            "files": ["scripts/main.lua"],
            "total_ms": ms(report.total()),
        })
    );
    assert_eq!(shown[1]["event"], "kept");
    assert_eq!(shown[1]["problems"][0]["code"], "lua-syntax");
    assert_eq!(events.len(), 2);
    assert_eq!(
        (events[1].mod_id().as_str(), events[1].generation()),
        ("weather", 3)
    );
}
