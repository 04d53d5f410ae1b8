//! The control protocol, through the pipes of the real program.

use serde_json::{Value as Json, json};

use crate::driver::{Host, Place};
use crate::protocol_schema::methods;

const COUNTER: &str = "\
local STEP = 1
mod.state.count = 0
mod.on('tick_start', function() mod.state.count = mod.state.count + STEP end)
mod.on('ask', function(payload) return payload end)
mod.export({ add = function(a, b) return a + b end })
";

fn counter() -> Place {
    let place = Place::with_mod("counter", COUNTER);
    let manifest = "[config.rate]\ntype = 'float'\ndefault = 0.5\nmax = 1.0\n";
    let text = format!("id = 'counter'\nversion = '1.0.0'\n{manifest}");
    place.write("mods/counter/mod.toml", text);
    place
}

/// The error code, and that of the problem if there is one, of a call that fails.
#[track_caller]
fn check_fails(host: &mut Host, method: &str, params: Json, code: i64, problem: Option<&str>) {
    let error = host.try_call(method, params).expect_err("it fails");
    assert_eq!(error["code"], code, "{error}");
    assert_eq!(error["data"]["code"].as_str(), problem, "{error}");
}

#[test]
fn an_edit_is_live_with_the_old_state() {
    let place = counter();
    let mut host = Host::manual(&place);
    host.call("advance", json!({ "ticks": 3 }));
    place.edit("mods/counter/scripts/main.lua", "STEP = 1", "STEP = 10");
    let reports = host.wait_idle();
    assert_eq!(reports.len(), 1, "{reports:?}");
    assert_eq!(reports[0]["mods"][0]["outcome"], "reloaded");
    host.call("advance", json!({ "ticks": 1 }));
    let count = host.call("state.get", json!({ "mod": "counter", "path": "count" }));
    assert_eq!(count, 13);
}

#[test]
fn every_method_answers() {
    let place = counter();
    let mut host = Host::manual(&place);
    let about = host.call("initialize", json!({}));
    assert_eq!(about["name"], "lunation");
    assert_eq!(about["protocol"], 1);
    let mods = host.call("mods.list", json!({}));
    assert_eq!(mods[0]["id"], "counter");
    assert_eq!(mods[0]["status"], "active");
    assert_eq!(mods[0]["generation"], 1);
    let asked = host.call(
        "dispatch",
        json!({ "event": "ask", "payload": { "a": [1, 2.5] } }),
    );
    assert_eq!(
        asked,
        json!({ "handlers": 1, "results": [{ "a": [1, 2.5] }], "errors": [] })
    );
    let advanced = host.call("advance", json!({ "ticks": 2 }));
    assert_eq!(advanced, json!({ "results": [], "errors": [] }));
    let called = host.call(
        "call",
        json!({ "mod": "counter", "function": "add", "args": [1, 2] }),
    );
    assert_eq!(called, json!({ "results": [3] }));
    assert_eq!(
        host.eval("counter", "return mod.state.count, nil, 'x'"),
        json!([2, null, "x"])
    );
    assert_eq!(
        host.call("state.get", json!({ "mod": "counter" })),
        json!({ "count": 2 })
    );
    assert_eq!(host.call("pump", json!({})), json!({ "reports": [] }));
    assert_eq!(
        host.call("wait", json!({ "timeout_ms": 5000 })),
        json!({ "reports": [] })
    );
    let report = host.call("reload", json!({ "mod": "counter" }));
    assert_eq!(report["report"]["mods"][0]["generation"], 2, "{report}");
    let plan = host.call("plan", json!({ "paths": ["counter/scripts/main.lua"] }));
    assert_eq!(
        plan["plan"]["transactions"][0]["steps"][0]["action"], "reload",
        "{plan}"
    );
    let history = host.call("history", json!({ "mod": "counter" }));
    assert_eq!(
        history["generations"].as_array().map(Vec::len),
        Some(2),
        "{history}"
    );
    let report = host.call("rollback", json!({ "mod": "counter" }));
    assert_eq!(
        report["report"]["mods"][0]["outcome"], "rolled-back",
        "{report}"
    );
    let config = json!({ "mod": "counter" });
    assert_eq!(host.call("config.get", config), json!({ "rate": 0.5 }));
    let set = json!({ "mod": "counter", "key": "rate", "value": 0.75 });
    assert_eq!(host.call("config.set", set), json!({ "rate": 0.75 }));
    let key = json!({ "mod": "counter", "key": "rate" });
    assert_eq!(host.call("config.get", key), json!(0.75));
    let graph = host.call("graph", json!({}));
    assert_eq!(graph["nodes"][0]["id"], "counter");
    assert_eq!(graph["edges"], json!([]));
    let why = host.call("why", json!({ "mod": "counter" }));
    assert!(
        why["lines"][0]
            .as_str()
            .is_some_and(|line| line.contains("counter"))
    );
    let saved = host.call("save", json!({ "path": "state.bin" }));
    assert_eq!(saved["mods"], json!(["counter"]));
    host.call("advance", json!({ "ticks": 5 }));
    let restored = host.call("restore", json!({ "path": "state.bin" }));
    assert_eq!(restored, saved);
    assert_eq!(
        host.call("state.get", json!({ "mod": "counter", "path": "count" })),
        2
    );
    host.eval("counter", "print('hello')");
    let log = host.call("log", json!({ "mod": "counter" }));
    assert_eq!(log["lines"][0]["text"], "hello", "{log}");
    let since = json!({ "since": log["lines"][0]["seq"] });
    assert_eq!(host.call("log", since), json!({ "lines": [] }));
    assert_eq!(host.call("shutdown", json!({})), json!({}));
    assert!(host.finish().success());
}

#[test]
fn every_method_of_the_schema_is_known_and_refuses_params_that_it_does_not_have() {
    let mut host = Host::manual(&counter());
    for method in methods() {
        check_fails(&mut host, &method, json!({ "nonesuch": 1 }), -32602, None);
    }
    check_fails(&mut host, "nonesuch", json!({}), -32601, None);
}

#[test]
fn what_mods_do_not_allow_is_a_problem_and_not_a_protocol_error() {
    let mut host = Host::manual(&counter());
    let call = |function: &str| json!({ "mod": "counter", "function": function });
    check_fails(&mut host, "call", call("nonesuch"), 1, Some("bad-call"));
    check_fails(&mut host, "call", call("add"), 1, Some("lua-error"));
    let code = json!({ "mod": "counter", "code": "error('no')" });
    check_fails(&mut host, "eval", code, 1, Some("lua-error"));
    let set = json!({ "mod": "counter", "key": "rate", "value": 7 });
    check_fails(&mut host, "config.set", set, 1, Some("config-refused"));
    let get = json!({ "mod": "counter", "key": "rtae" });
    check_fails(&mut host, "config.get", get, 1, Some("unknown-key"));
    let path = json!({ "path": "no/such/file" });
    check_fails(&mut host, "restore", path, 1, Some("unreadable"));
    for method in ["history", "config.get", "reload", "rollback", "state.get"] {
        check_fails(
            &mut host,
            method,
            json!({ "mod": "absent" }),
            1,
            Some("bad-call"),
        );
    }
    check_fails(
        &mut host,
        "history",
        json!({ "mod": "../counter" }),
        -32602,
        None,
    );
}

#[test]
fn bad_input_is_answered_and_the_host_lives_on() {
    let mut host = Host::manual(&counter());
    let long = vec![b' '; 17 * 1024 * 1024];
    let deep = "[".repeat(200_000);
    let lines: [(&[u8], i64); 6] = [
        (b"{", -32700),
        (b"\xff\xfe", -32700),
        (deep.as_bytes(), -32700),
        (&long, -32700),
        (b"[]", -32600),
        (
            b"{\"jsonrpc\":\"2.0\",\"id\":{},\"method\":\"pump\"}",
            -32600,
        ),
    ];
    for (line, code) in lines {
        host.send_line(line);
        let answer = host.next_answer();
        assert_eq!(answer["error"]["code"], code, "{answer}");
        assert_eq!(answer["id"], Json::Null);
    }
    // No answer is wanted, and none comes.
    host.send_line(b"\n{\"jsonrpc\":\"2.0\",\"method\":\"advance\",\"params\":{\"ticks\":1}}");
    assert_eq!(
        host.call("state.get", json!({ "mod": "counter", "path": "count" })),
        1
    );
    assert!(host.finish().success());
}

#[test]
fn values_cross_in_both_directions() {
    let place = counter();
    let mut host = Host::manual(&place);
    let values = json!([
        { "$number": "inf" },
        { "$number": "-0" },
        { "$bytes": "/wA=" },
        { "$table": [[1, "a"], ["k", { "$table": [[2, false]] }]] },
        { "x": {}, "y": [{}, { "$ref": 2 }] },
    ]);
    assert_eq!(host.call("problems", json!({})), json!({ "problems": [] }));
    let asked = host.call("dispatch", json!({ "event": "ask", "payload": values }));
    assert_eq!(asked["results"][0], values);
    let cycle = host.eval(
        "counter",
        "local t = {}; t.me = t; return t, print, function() end",
    );
    assert_eq!(cycle[0], json!({ "me": { "$ref": 0 } }));
    assert!(cycle[2].get("$function").is_some(), "{cycle}");
}

#[test]
fn without_manual_a_save_is_live_by_itself_and_is_told() {
    let place = counter();
    let mut host = Host::start(&place, &[]);
    host.call("initialize", json!({}));
    place.edit("mods/counter/scripts/main.lua", "STEP = 1", "STEP = 10");
    let reports = host.call("wait", json!({ "timeout_ms": 30_000, "until": "report" }));
    assert_eq!(
        reports["reports"][0]["mods"][0]["generation"], 2,
        "{reports}"
    );
    let is_reloaded = |event: &Json| event["event"] == "reloaded";
    assert!(host.events.iter().any(is_reloaded), "{:?}", host.events);
}

#[test]
fn with_manual_nothing_moves_until_it_is_asked_for() {
    let place = counter();
    let mut host = Host::manual(&place);
    place.edit("mods/counter/scripts/main.lua", "STEP = 1", "STEP = 10");
    host.call("advance", json!({ "ticks": 1 }));
    assert_eq!(host.call("mods.list", json!({}))[0]["generation"], 1);
    assert_eq!(host.wait_idle().len(), 1);
    assert_eq!(host.call("mods.list", json!({}))[0]["generation"], 2);
    assert_eq!(host.wait_idle(), Vec::<Json>::new());
}

#[test]
fn the_end_of_the_input_is_the_end_of_the_host() {
    assert!(Host::manual(&counter()).finish().success());
}

/// Params that fit some method, nearly fit one, or fit none.
fn odd_params() -> Vec<Json> {
    let mut deep = json!(1);
    for _ in 0..100 {
        deep = json!([deep]);
    }
    vec![
        json!([]),
        json!([1, [2], null]),
        json!({ "mod": 1 }),
        json!({ "mod": "counter" }),
        json!({ "mod": "counter", "path": "a[[[..]1]\u{0}" }),
        json!({ "mod": "counter", "path": "[1e999].count" }),
        json!({ "mod": "counter", "code": "\u{0}return \u{202e}" }),
        json!({ "mod": "counter", "code": "return string.rep('x', 1e9)" }),
        json!({ "mod": "counter", "function": "", "args": [deep] }),
        json!({ "mod": "counter", "key": "", "value": { "$ref": 9 } }),
        json!({ "mod": "counter", "key": "rate", "value": { "$number": "nan" } }),
        json!({ "mod": "counter", "generation": u64::MAX }),
        json!({ "mod": "counter", "other": "counter" }),
        json!({ "mod": "counter", "since": u64::MAX }),
        json!({ "event": "x".repeat(100_000), "payload": deep }),
        json!({ "event": "tick_start", "payload": { "$table": [[{ "$table": [] }, 1]] } }),
        json!({ "ticks": -1 }),
        json!({ "ticks": 1e300 }),
        json!({ "ticks": u64::MAX }),
        json!({ "paths": ["", "/", "../..", "counter", "counter//x", "\u{0}"] }),
        json!({ "path": "" }),
        json!({ "path": "a\u{0}b" }),
        json!({ "timeout_ms": 0, "until": "report" }),
        json!({ "timeout_ms": u64::MAX, "until": "idle" }),
        json!({ "budget_ms": u64::MAX }),
    ]
}

#[test]
fn hostile_params_are_answered_and_the_host_lives_on() {
    let mut host = Host::manual(&counter());
    for method in methods().iter().filter(|method| *method != "shutdown") {
        for params in odd_params() {
            // Whatever the answer is, it comes.
            let _ = host.try_call(method, params);
        }
    }
    assert_eq!(host.call("mods.list", json!({}))[0]["id"], "counter");
    assert!(host.finish().success());
}
