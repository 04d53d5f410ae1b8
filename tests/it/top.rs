//! How the mods are doing, and what became of them, as a person or a program asks.

use serde_json::json;

use crate::cli::{check, json_lines};
use crate::driver::{Host, Place};

fn place() -> Place {
    let place = Place::with_mod("busy", "mod.on('tick_start', function() end)");
    place.add_mod(
        "failing",
        "",
        "mod.on('tick_end', function() error('oh no') end)",
    );
    place.add_mod("broken", "", "return nil +");
    place
}

#[test]
fn top_shows_one_table_where_nobody_looks_on() {
    let out = check(
        &place(),
        &["top", "mods", "--ticks", "100"],
        0,
        &[
            "mod", "status", "calls/s", "p99", "lost", "busy", "active", "20.0", "broken",
            "rejected",
        ],
    );
    assert_eq!(out.lines().count(), 4, "{out}");
    let starts = |word: &str| {
        out.lines()
            .filter_map(|line| line.find(word))
            .collect::<Vec<_>>()
    };
    assert_eq!(
        starts("active"),
        [starts("status")[0]; 2],
        "the columns are aligned:\n{out}"
    );
    let ends = |word: &str| {
        out.lines()
            .next()
            .and_then(|head| head.find(word))
            .map(|at| at + word.len())
    };
    let failing = out
        .lines()
        .find(|line| line.starts_with("failing"))
        .expect("a line");
    let errors = ends("errors").map(|end| failing[..end].ends_with(" 100"));
    assert_eq!(errors, Some(true), "numbers end below each other:\n{out}");
}

#[test]
fn top_gives_a_program_an_object_a_second() {
    let out = check(
        &place(),
        &["top", "mods", "--ticks", "60", "--json"],
        0,
        &[],
    );
    let lines = json_lines(&out);
    let ticks: Vec<u64> = lines
        .iter()
        .filter_map(|line| line["tick"].as_u64())
        .collect();
    assert_eq!(ticks, [20, 40, 60]);
    let failing = &lines[2]["health"].as_array().expect("a list")[1];
    assert_eq!(
        (&failing["id"], &failing["errors"]),
        (&json!("failing"), &json!(60))
    );
}

#[test]
fn the_protocol_tells_how_mods_are_doing() {
    let mut host = Host::manual(&place());
    host.call("advance", json!({ "ticks": 500 }));
    let health = host.call("health", json!({}));
    let busy = &health[0];
    assert_eq!(
        (&busy["id"], &busy["calls"], &busy["reloads"]),
        (&json!("busy"), &json!(500), &json!(0))
    );
    assert!(busy["timed"].as_u64() > Some(0), "{busy}");
    assert!(busy["p50_ms"].as_f64() > Some(0.0), "{busy}");
}

#[test]
fn audit_shows_what_became_of_the_mods() {
    let place = Place::with_mod("busy", "mod.state.n = 1");
    place.add_mod("other", "", "");
    check(&place, &["audit", "mods"], 0, &[]);
    let mut host = Host::manual(&place);
    place.write("mods/busy/scripts/main.lua", "mod.state.n = 2");
    host.wait_idle();
    place.write("mods/busy/scripts/main.lua", "mod.state.n = ");
    host.wait_idle();
    assert!(host.finish().success());
    let words = [
        "created",
        "busy 1.0.0   gen 1",
        "other",
        "reloaded",
        "gen 1 -> 2    scripts/main.lua changed",
        "kept",
    ];
    check(&place, &["audit", "mods"], 0, &words);
    let last = check(
        &place,
        &["audit", "mods", "--mod", "busy", "--last", "1"],
        0,
        &["kept"],
    );
    assert_eq!(last.lines().count(), 1, "{last}");
    let out = check(
        &place,
        &["audit", "mods", "--mod", "other", "--json"],
        0,
        &[],
    );
    let lines = json_lines(&out);
    assert_eq!((lines.len(), &lines[0]["event"]), (1, &json!("created")));
}
