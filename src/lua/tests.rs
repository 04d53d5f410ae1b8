//! One VM by itself: what a mod can reach, and how it is stopped.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use super::alone::Alone;
use super::*;
use crate::files::{ModFile, ModFiles};
use crate::mod_id::ModId;
use crate::problem::Problem;
use crate::settings::Limits;
use crate::value::Value;

pub(super) fn vm_of(files: &[(&str, &str)], limits: Limits) -> (Vm, Arc<Alone>) {
    vm_in(HostRegistry::default(), files, limits)
}

pub(super) fn vm_in(
    host: HostRegistry,
    files: &[(&str, &str)],
    limits: Limits,
) -> (Vm, Arc<Alone>) {
    let id: ModId = "test".parse().unwrap();
    let mut mod_files = ModFiles::new("test");
    for (path, text) in files {
        mod_files.insert(*path, ModFile::text(text.as_bytes().to_vec()));
    }
    let scripts = compile(&mod_files, &id, &Cache::default());
    let birth = Birth {
        mod_id: id.clone(),
        version: semver::Version::new(1, 0, 0),
        generation: 1,
        entry: "scripts/main.lua".into(),
        scripts: BTreeMap::from([(id, Arc::new(scripts))]),
        dependencies: BTreeSet::new(),
        config: vec![("rate".into(), Value::Number(0.5))],
        assets: Arc::default(),
        granted: BTreeSet::new(),
        denied: BTreeSet::new(),
        limits,
        random_seed: 0,
        state_version: 0,
        state_room: (0, 0),
    };
    let world = Arc::new(Alone::default());
    let vm = Engine::new(host).unwrap().vm(birth, world.clone()).unwrap();
    (vm, world)
}

fn loaded(main: &str) -> Vm {
    let (vm, _) = vm_of(&[("scripts/main.lua", main)], Limits::default());
    vm.run_entry().unwrap();
    vm
}

fn refused(main: &str) -> Problem {
    let limits = Limits {
        load_time: 100,
        memory: 8 * 1024 * 1024,
        ..Limits::default()
    };
    let (vm, _) = vm_of(&[("scripts/main.lua", main)], limits);
    vm.run_entry().unwrap_err()
}

fn eval(vm: &Vm, code: &str) -> Value {
    vm.eval(code)
        .unwrap()
        .into_iter()
        .next()
        .unwrap_or_default()
}

#[test]
fn a_mod_sees_its_id_state_and_config() {
    let vm = loaded("mod.state.count = 3");
    assert_eq!(eval(&vm, "mod.id"), "test".into());
    assert_eq!(eval(&vm, "mod.state.count").as_f64(), Some(3.0));
    assert_eq!(eval(&vm, "mod.config.rate").as_f64(), Some(0.5));
    assert_eq!(vm.state_at("count").unwrap().as_f64(), Some(3.0));
}

#[test]
fn only_the_allow_list_can_be_reached() {
    let vm = loaded("");
    let seen = eval(
        &vm,
        "(function() local n = {} for k in pairs(_G) do n[#n + 1] = k end table.sort(n) return table.concat(n, ' ') end)()",
    );
    let mut allowed: Vec<&str> = sandbox::BUILTINS.to_vec();
    allowed.extend(sandbox::LIBRARIES.iter().map(|(library, _)| *library));
    allowed.extend(["_G", "_VERSION", "mod", "package", "print", "require"]);
    for name in seen.as_str().unwrap().split(' ') {
        assert!(allowed.contains(&name), "{name} can be reached");
    }
    for gone in [
        "load",
        "loadstring",
        "dofile",
        "io",
        "os",
        "debug",
        "getfenv",
        "setfenv",
        "collectgarbage",
        "newproxy",
        "gcinfo",
    ] {
        assert_eq!(eval(&vm, gone), Value::Nil, "{gone}");
    }
}

#[test]
fn the_fields_of_mod_can_not_be_assigned_but_state_can() {
    let vm = loaded("mod.state = {a = 1}");
    assert_eq!(vm.state_at("a").unwrap().as_f64(), Some(1.0));
    let fault = vm.eval("(function() mod.id = 'x' end)()").unwrap_err();
    assert!(
        fault.message.contains("mod.id can't be assigned"),
        "{}",
        fault.message
    );
    assert!(vm.eval("(function() mod.state = 3 end)()").is_err());
    if cfg!(feature = "luau") {
        assert!(vm.eval("(function() mod.config.rate = 3 end)()").is_err());
        assert!(vm.eval("(function() string.rep = 3 end)()").is_err());
        assert!(
            vm.eval("(function() getmetatable('').__index = 3 end)()")
                .is_err()
        );
    }
}

#[test]
fn an_error_names_file_and_line_also_through_the_api() {
    let problem = refused("local x = 1\nlocal y = x.a.b\n");
    assert_eq!(
        problem.place.unwrap().to_string(),
        "test/scripts/main.lua:2"
    );
    let problem = refused("\n\nmod.on(3, 4)");
    assert_eq!(
        problem.place.as_ref().unwrap().to_string(),
        "test/scripts/main.lua:3",
        "{problem}"
    );
    assert!(
        problem
            .because
            .contains("mod.on: argument 1 must be the name of an event"),
        "{problem}"
    );
}

#[test]
fn error_values_that_are_no_text_are_told_in_words_without_running_the_mod() {
    for (raised, words) in [
        ("{message = 'lost'}", "lost"),
        ("nil", "nil"),
        ("{}", "a table"),
        (
            "setmetatable({}, {__tostring = function() error('ha') end})",
            "a table",
        ),
        ("function() end", "function"),
    ] {
        let problem = refused(&format!("\nerror({raised})"));
        assert!(problem.because.contains(words), "{raised}: {problem}");
        if cfg!(feature = "luau") {
            assert_eq!(problem.place.unwrap().line, Some(2), "{raised}");
        }
    }
}

#[test]
fn require_loads_once_and_finds_only_files_of_the_mod() {
    let files = [
        (
            "scripts/main.lua",
            "A = require('lib.a'); B = require('lib/a')",
        ),
        (
            "scripts/lib/a.lua",
            "local name = ...\nN = (N or 0) + 1\nreturn {name = name}",
        ),
    ];
    let (vm, _) = vm_of(&files, Limits::default());
    vm.run_entry().unwrap();
    assert_eq!(eval(&vm, "A == B"), true.into());
    assert_eq!(eval(&vm, "N").as_f64(), Some(1.0));
    assert_eq!(eval(&vm, "A.name"), "lib.a".into());
    for bad in ["../x", "/etc/passwd", "", "a..b", "nothing", "@base/x"] {
        let fault = vm.eval(&format!("require({bad:?})")).unwrap_err();
        assert!(
            fault.message.contains("require") || fault.message.contains("module"),
            "{}",
            fault.message
        );
    }
    let modules = vm.loaded_modules();
    assert_eq!(modules.loaded.len(), 2);
    assert!(
        modules
            .missing
            .iter()
            .any(|(_, path)| &**path == "scripts/nothing.lua")
    );
}

#[test]
fn a_circle_of_requires_is_named() {
    let files = [
        ("scripts/main.lua", "require('a')"),
        ("scripts/a.lua", "require('b')"),
        ("scripts/b.lua", "require('a')"),
    ];
    let (vm, _) = vm_of(&files, Limits::default());
    let problem = vm.run_entry().unwrap_err();
    let circle = "a.lua:1 → b.lua:1 → a.lua; without require(\"a\") at b.lua:1 there is none";
    let said = problem.because.replace("test/scripts/", "");
    assert!(said.contains(circle), "{problem}");
}

#[test]
fn a_long_circle_of_requires_is_named_by_its_beginning_and_its_end() {
    let name = |n: usize| format!("scripts/f{n}.lua");
    let mut files = vec![("scripts/main.lua".to_owned(), "require('f0')".to_owned())];
    files.extend((0..40).map(|n| (name(n), format!("require('f{}')", (n + 1) % 40))));
    let files: Vec<(&str, &str)> = files.iter().map(|(a, b)| (&**a, &**b)).collect();
    let (vm, _) = vm_of(&files, Limits::default());
    let problem = vm.run_entry().unwrap_err();
    assert_eq!(problem.because.matches(" → ").count(), 25, "{problem}");
    assert!(problem.because.contains("f11.lua:1 → … → "), "{problem}");
    assert!(problem.because.contains("f28.lua:1 → "), "{problem}");
}

#[test]
fn a_global_that_changes_later_is_seen_by_every_file() {
    let files = [
        (
            "scripts/main.lua",
            "G = {x = 1}\nlocal read = require('read')\nG.x = 2\nG = {x = 3}\nseen = read()",
        ),
        ("scripts/read.lua", "return function() return G.x end"),
    ];
    let (vm, _) = vm_of(&files, Limits::default());
    vm.run_entry().unwrap();
    assert_eq!(eval(&vm, "seen").as_f64(), Some(3.0));
}

#[test]
#[cfg_attr(feature = "luajit", ignore = "LuaJIT calls no hook in compiled loops")]
fn an_endless_loop_is_stopped_and_the_vm_is_latched() {
    let loops = [
        "while true do end",
        "while true do pcall(function() while true do end end) end",
        "local co = coroutine.wrap(function() while true do end end) while true do co() end",
        "local t = setmetatable({}, {__index = function(t, k) return t[k .. 'x'] end}) while true do pcall(function() return t.a end) end",
    ];
    for code in loops {
        if cfg!(feature = "luajit") {
            continue;
        }
        let limits = Limits {
            load_time: 50,
            ..Limits::default()
        };
        let (vm, _) = vm_of(&[("scripts/main.lua", code)], limits);
        let problem = vm.run_entry().unwrap_err();
        assert_eq!(problem.code.as_str(), "time-limit", "{code}: {problem}");
        assert!(vm.is_latched());
        assert!(matches!(vm.eval("1").unwrap_err().kind, FaultKind::Stopped));
    }
}

#[test]
fn a_memory_bomb_is_a_problem_of_the_mod() {
    for code in [
        "local t = {} for i = 1, 1e9 do t[i] = i end",
        "local s = 'x' while true do s = s .. s end",
    ] {
        let problem = refused(code);
        assert!(
            ["memory-limit", "lua-error", "time-limit"].contains(&problem.code.as_str()),
            "{problem}"
        );
    }
}

#[test]
fn values_cross_with_shared_tables_and_cycles() {
    let vm = loaded(
        "mod.export({is_whole = function(v) return v.self == v and v.list == v.again and #v.list end, knot = function() local t = {} t.self = t return t end})",
    );
    let exported = |name: &str| vm.ledger().exports[name];
    let shared = Value::Table(vec![
        ("self".into(), Value::Ref(0)),
        ("list".into(), Value::Table(vec![(1.0.into(), 5.0.into())])),
        ("again".into(), Value::Ref(1)),
    ]);
    let limit = Duration::from_secs(1);
    let results = vm.call(exported("is_whole"), &[shared], limit).unwrap();
    assert_eq!(results[0].as_f64(), Some(1.0));
    let knot = vm.call(exported("knot"), &[], limit).unwrap();
    assert_eq!(knot, [Value::Table(vec![("self".into(), Value::Ref(0))])]);
}

#[test]
fn handlers_timers_and_exports_are_recorded_in_the_ledger() {
    let vm = loaded(
        "local h = mod.on('tick', function() end, {priority = 3})\nmod.on('tock', function() end)\nmod.off(h)\nmod.every(5, 'beat', function() end)\nmod.export({ping = function() return 'pong' end})",
    );
    let ledger = vm.ledger();
    assert_eq!(ledger.listeners.len(), 1);
    assert_eq!(&*ledger.listeners[0].event, "tock");
    assert_eq!(ledger.timers["beat"].every, Some(5));
    assert!(ledger.exports.contains_key("ping"));
}

#[test]
fn effects_are_refused_while_the_mod_loads() {
    let problem = refused("mod.emit('x')");
    assert!(
        problem
            .because
            .contains("can't be used while the mod loads"),
        "{problem}"
    );
}

#[test]
fn print_and_log_carry_mod_file_and_line() {
    let (vm, world) = vm_of(
        &[("scripts/main.lua", "\nprint('a', 1)\nmod.log.warn('b\\nc')")],
        Limits::default(),
    );
    vm.run_entry().unwrap();
    let log = world.log.lock();
    assert_eq!(log[0].text, "a 1");
    assert_eq!(
        log[0].place.as_ref().unwrap().to_string(),
        "test/scripts/main.lua:2"
    );
    assert_eq!(
        (log[1].level, log[1].text.as_str()),
        (LogLevel::Warn, "b c")
    );
}
