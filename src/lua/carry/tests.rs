//! Stories of the carry: a mod is loaded, runs, is edited, and the new code has its state.

use mlua::{Lua, Table};

use super::*;
use crate::state::{self, Report};

const LIMITS: CaptureLimits = CaptureLimits {
    bytes_max: 1 << 28,
    entries_max: 1 << 24,
};

/// A mod that is loaded: its VM, and the state it began with.
struct Loaded {
    lua: Lua,
    slots: Vec<Slot>,
    base: Captured,
}

fn slots(lua: &Lua) -> Vec<Slot> {
    let holder = lua.globals().get::<Table>("mod").unwrap();
    let names = ["state", "other"].into_iter();
    let slot = |name: &str| Slot {
        name: name.into(),
        label: None,
        holder: holder.clone(),
        key: name.into(),
    };
    names.map(slot).collect()
}

fn take(lua: &Lua) -> Captured {
    let names = lua.globals().get::<Option<Table>>("NAMES").unwrap();
    capture(lua, &slots(lua), names.as_ref(), LIMITS, 0).unwrap()
}

fn load(source: &str) -> Loaded {
    let lua = Lua::new();
    lua.load("mod = { state = {} }").exec().unwrap();
    lua.load(source).exec().unwrap();
    Loaded {
        slots: slots(&lua),
        base: take(&lua),
        lua,
    }
}

/// Loads `old`, runs `play` in it, edits it to `new`, and reloads. What `old` gives for the clock is 1
/// at its first load, and 2 afterwards.
fn reload(old: &str, play: &str, new: &str) -> (Loaded, Report) {
    let at =
        |time: u32, source: &str| load(&format!("function clock() return {time} end {source}"));
    let running = at(1, old);
    running.lua.load(play).exec().unwrap();
    let live = take(&running.lua).image;
    let (fresh, again) = (at(2, new), at(2, old));
    let (base, again) = (&running.base.image, &again.base.image);
    let replay = state::replay(base, &live, &fresh.base.image, Some(again), &());
    let names = fresh.lua.globals().get::<Option<Table>>("VALUES").unwrap();
    apply(&fresh.lua, names.as_ref(), &fresh.base, &replay, &live).unwrap();
    (fresh, replay.report)
}

/// Checks that after a reload every line of `claims` is true.
#[track_caller]
fn check(old: &str, play: &str, new: &str, claims: &str) -> Report {
    let (fresh, report) = reload(old, play, new);
    for claim in claims
        .lines()
        .map(str::trim)
        .filter(|claim| !claim.is_empty())
    {
        let holds = fresh.lua.load(format!("return {claim}")).eval::<bool>();
        assert!(
            holds.as_ref().is_ok_and(|holds| *holds),
            "{claim}: {holds:?}"
        );
    }
    report
}

fn texts(paths: &crate::state::Paths) -> Vec<&str> {
    assert_eq!(paths.count, paths.names.len() as u64);
    paths
        .names
        .iter()
        .map(crate::state::KeyPath::as_str)
        .collect()
}

#[test]
fn the_table_of_the_rule_holds_line_by_line() {
    let report = check(
        "mod.state = { kills = 0, speed = 5, both = 1, started = clock(), gone = 1, list = {1, 2},
                       still = {1, 2}, stays = 'x', deep = { a = 1, b = 1 } }",
        "local s = mod.state
         s.kills = 312; s.both = 2; s.gone = nil; s.list[3] = 3; s.made = 'at run time'; s.deep.a = 7",
        "mod.state = { kills = 0, speed = 7, both = 3, started = clock(), gone = 1, list = {9},
                       still = {9}, deep = { a = 1, b = 2, c = 3 }, fresh = true }",
        "mod.state.kills == 312
         mod.state.speed == 7
         mod.state.both == 2
         mod.state.started == 1
         mod.state.gone == nil
         #mod.state.list == 3 and mod.state.list[3] == 3 and mod.state.list[1] == 1
         #mod.state.still == 1 and mod.state.still[1] == 9
         mod.state.stays == nil
         mod.state.made == 'at run time'
         mod.state.deep.a == 7 and mod.state.deep.b == 2 and mod.state.deep.c == 3
         mod.state.fresh == true",
    );
    assert_eq!(
        texts(&report.replaced),
        ["state.speed", "state.stays", "state.deep.b", "state.still"]
    );
    assert_eq!(texts(&report.added), ["state.fresh", "state.deep.c"]);
    assert_eq!(texts(&report.conflicts), ["state.both", "state.list"]);
    assert_eq!(texts(&report.dropped), [""; 0]);
    assert_eq!(report.kept, 11);
}

#[test]
fn tables_stay_the_tables_they_are() {
    check(
        "mod.state.enemies = {}",
        "mod.state.enemies[1] = { hp = 3 }; mod.state = { enemies = mod.state.enemies, n = 1 }",
        "mod.state.enemies = {}; s = mod.state; e = mod.state.enemies",
        "s == mod.state
         e == mod.state.enemies
         e[1].hp == 3 and s.n == 1",
    );
}

#[test]
fn sharing_and_cycles_stay_also_across_slots() {
    let play = "local t = { name = 't' }; t.me = t
                mod.state.a = t; mod.state.b = { t }; mod.other = { [t] = 'key', t = t }
                mod.state.a2 = {}; mod.state.b2 = mod.state.a2";
    check(
        "mod.state.a2 = {}; mod.state.b2 = {}",
        play,
        "mod.state.a2 = {}; mod.state.b2 = {}; first = mod.state.a2",
        "mod.state.a.me == mod.state.a
         mod.state.b[1] == mod.state.a
         mod.other.t == mod.state.a
         mod.other[mod.state.a] == 'key'
         mod.state.a2 == mod.state.b2 and mod.state.a2 == first",
    );
}

#[test]
fn every_scalar_crosses_exactly() {
    check(
        "",
        "mod.state = { nan = 0/0, inf = 1/0, ninf = -1/0, nzero = -0.0, tenth = 0.1, big = 2^53, bytes = '\\0\\255',
          [1.5] = 'float', [true] = false, [2^60] = 'far', ints = { 0, 127, 128, -1, -32768, 32768, 1e9, 1e10, 0.5 } }
         longs = {} for i = 1, 300 do longs[i] = ('x'):rep(i) end mod.state.longs = longs",
        "",
        "mod.state.nan ~= mod.state.nan
         mod.state.inf == math.huge and mod.state.ninf == -math.huge
         1 / mod.state.nzero == -math.huge
         mod.state.tenth == 0.1 and mod.state.big == 2^53
         mod.state.bytes == '\\0\\255'
         mod.state[1.5] == 'float' and mod.state[true] == false and mod.state[2^60] == 'far'
         table.concat(mod.state.ints, ' ') == table.concat({ 0, 127, 128, -1, -32768, 32768, 1e9, 1e10, 0.5 }, ' ')
         #mod.state.longs[300] == 300 and #mod.state.longs[255] == 255",
    );
}

#[test]
#[cfg(feature = "luau")]
fn vectors_buffers_and_frozen_tables_cross() {
    check(
        "mod.state.kept = buffer.create(2); mod.state.cold = table.freeze({ 1 })",
        "buffer.writeu8(mod.state.kept, 0, 42)
         mod.state.v = vector.create(1, 2, 3); mod.state.b = buffer.fromstring('bytes'); mod.state.c = mod.state.b
         mod.state.ice = table.freeze({ n = 1 })",
        "mod.state.kept = buffer.create(2); alias = mod.state.kept; mod.state.cold = table.freeze({ 1 })",
        "mod.state.v == vector.create(1, 2, 3)
         buffer.tostring(mod.state.b) == 'bytes' and mod.state.b == mod.state.c
         buffer.readu8(alias, 0) == 42 and alias == mod.state.kept
         table.isfrozen(mod.state.ice) and mod.state.ice.n == 1
         table.isfrozen(mod.state.cold) and not table.isfrozen(mod.state)",
    );
}

#[test]
fn an_array_that_lies_scattered_is_still_an_array() {
    check(
        "mod.state.list = { 1, 2 }",
        "local t = {} for i = 9, 1, -1 do t[i] = i end t.x = 'x' t[11] = 11 mod.state.list = t",
        "mod.state.list = { 1, 2, 3 }",
        "mod.state.list[1] == 1 and mod.state.list[9] == 9 and mod.state.list[10] == nil
         mod.state.list.x == 'x' and mod.state.list[11] == 11",
    );
}

#[test]
fn a_default_of_another_type_takes_the_place_of_the_live_value() {
    let report = check(
        "mod.state.target = 0; mod.state.kept = 0",
        "mod.state.target = 5; mod.state.kept = { 1 }",
        "mod.state.target = { 7 }; mod.state.kept = {}",
        "mod.state.target[1] == 7
         mod.state.kept[1] == 1",
    );
    assert_eq!(texts(&report.dropped), ["state.target"]);
}

#[test]
fn what_cannot_cross_is_named_and_the_new_code_keeps_its_own() {
    let code = "mod.state.on_hit = function() return 'new' end; mod.state.list = { print, 1 }";
    let play = "mod.state.enemies = { {}, {}, { brain = coroutine.create(coroutine.yield) } }
                coroutine.resume(mod.state.enemies[3].brain) mod.state.unbegun = coroutine.create(print)
                mod.state.obj = setmetatable({}, { __index = error, __pairs = error, __len = error })
                mod.state[print] = 1; mod.state['odd key'] = coroutine.wrap(print)
                local co = coroutine.create(function() end) coroutine.resume(co) mod.state.done = co";
    let running = load(code);
    running.lua.load(play).exec().unwrap();
    let found = take(&running.lua);
    let mut told: Vec<_> = found
        .uncarryable
        .iter()
        .map(|hole| format!("{} is {}", hole.path, hole.what))
        .collect();
    told.sort();
    assert_eq!(
        told,
        [
            "state.done is a finished coroutine",
            "state.enemies[3].brain is a running coroutine",
            "state.list[1] is a function",
            "state.obj(metatable).__index is a function",
            "state.obj(metatable).__len is a function",
            "state.obj(metatable).__pairs is a function",
            "state.on_hit is a function",
            "state.unbegun is a running coroutine",
            "state[\"odd key\"] is a function",
            "state[a function] is an entry with a function as its key",
        ]
    );
    check(
        code,
        play,
        code,
        "mod.state.on_hit() == 'new'
         mod.state.list[1] == print and mod.state.list[2] == 1
         #mod.state.enemies == 3 and next(mod.state.enemies[3]) == nil",
    );
}

#[test]
fn functions_and_classes_cross_by_name() {
    let code = |version: u32| {
        format!(
            "Orc = {{}}; Orc.__index = Orc; function Orc.roar() return {version} end
             function tick() return {version} end
             NAMES = {{ [Orc] = 'Orc', [Orc.roar] = 'Orc.roar', [tick] = 'tick' }}
             VALUES = {{ Orc = Orc, ['Orc.roar'] = Orc.roar, tick = tick }}
             mod.state.default = tick"
        )
    };
    check(
        &code(1),
        "function gone() end NAMES[gone] = 'gone'
         mod.state.hero = setmetatable({ hp = 3 }, Orc)
         mod.state.class = Orc; mod.state.cb = tick; mod.state[tick] = Orc.roar; mod.state.gone = gone",
        &code(2),
        "mod.state.hero.hp == 3 and mod.state.hero.roar() == 2
         getmetatable(mod.state.hero) == Orc and mod.state.class == Orc
         mod.state.cb() == 2 and mod.state[tick]() == 2 and mod.state.default == tick
         mod.state.gone == nil",
    );
}

#[test]
fn a_slot_that_the_new_code_lacks_is_dropped_and_named_if_it_was_changed() {
    let running = load("mod.state.n = 1; mod.other = { 1 }");
    let base = running.base.image.clone();
    let only_state = slots(&running.lua).into_iter().take(1);
    let new = capture(
        &running.lua,
        &only_state.collect::<Vec<_>>(),
        None,
        LIMITS,
        0,
    )
    .unwrap();
    let decide = |live: &Image| state::replay(&base, live, &new.image, None, &()).report;
    assert_eq!(texts(&decide(&base).dropped), [""; 0]);
    running.lua.load("mod.other[1] = 2").exec().unwrap();
    let report = decide(&take(&running.lua).image);
    assert_eq!((texts(&report.dropped), report.kept), (vec!["other"], 1));
}

#[test]
fn one_new_table_stands_for_one_live_table() {
    check(
        "local d = { hp = 1 } mod.state.a = d; mod.state.b = d",
        "mod.state.b = { hp = 2 }; mod.state.a.hp = 3",
        "local d = { hp = 1 } mod.state.a = d; mod.state.b = d; first = d",
        "mod.state.a == first and mod.state.a.hp == 3
         mod.state.b ~= first and mod.state.b.hp == 2",
    );
}

#[test]
fn many_places_are_counted_and_a_hundred_are_named() {
    let code = |n: u32| format!("for i = 1, 5000 do mod.state['k' .. i] = i * {n} end");
    let (_, report) = reload(&code(1), "", &code(2));
    assert_eq!(
        (report.replaced.count, report.replaced.names.len()),
        (5000, 100)
    );
}

#[test]
fn depth_has_no_limit() {
    let deep = "local t = mod.state for i = 1, 200000 do t.next = { i } t = t.next end
                local r = mod.state for i = 1, 200000 do r[1] = r[1] or {} r = r[1] end";
    let count =
        "depth = function(t, k) local n = 0 while t[k] do t = t[k] n = n + 1 end return n end";
    let (fresh, report) = reload("", deep, count);
    let depth = |key: &str| {
        let count = format!("return depth(mod.state, {key})");
        fresh.lua.load(count).eval::<u32>().unwrap()
    };
    assert_eq!((depth("'next'"), depth("1")), (200_000, 200_000));
    assert_eq!(report.kept, 600_000);
    let (live, base) = (take(&fresh.lua).image, fresh.base.image);
    assert!(live.is_same(&Image::from_bytes(&live.to_bytes()).unwrap()));
    assert!(!live.is_same(&base));
}

#[test]
fn sharing_costs_no_more_than_the_tables_there_are() {
    let laughs = "local t = {} for i = 1, 64 do t = { t, t, a = t } end mod.state.t = t";
    let report = check(laughs, "", laughs, "mod.state.t[1] == mod.state.t[2]");
    assert_eq!(report.kept, 64 * 3 + 1);
}

#[test]
fn a_state_over_the_limits_is_refused() {
    let full = load("for i = 1, 1000 do mod.state[i] = { text = ('x'):rep(i) } end");
    let try_with = |bytes_max, entries_max| {
        let limits = CaptureLimits {
            bytes_max,
            entries_max,
        };
        capture(&full.lua, &full.slots, None, limits, 0)
    };
    assert!(try_with(1 << 20, 1 << 20).is_ok());
    assert!(matches!(
        try_with(10_000, 1 << 20),
        Err(CaptureError::TooLarge(_))
    ));
    assert!(matches!(
        try_with(1 << 20, 1_999),
        Err(CaptureError::TooLarge(_))
    ));
}

#[test]
fn a_vm_without_memory_is_an_error_and_not_an_abort() {
    let running = load("");
    let fill = "for i = 1, 50000 do mod.state[i] = { i } end";
    running.lua.load(fill).exec().unwrap();
    let live = take(&running.lua).image;
    for extra in [1 << 10, 1 << 16, 1 << 18, 1 << 20, 1 << 21] {
        let fresh = load("");
        let replay = state::replay(&running.base.image, &live, &fresh.base.image, None, &());
        fresh
            .lua
            .set_memory_limit(fresh.lua.used_memory() + extra)
            .unwrap();
        let outcome = apply(&fresh.lua, None, &fresh.base, &replay, &live);
        assert!(
            matches!(outcome, Err(ApplyError::Memory)),
            "{extra}: {outcome:?}"
        );
    }
    running.lua.gc_collect().unwrap();
    running
        .lua
        .set_memory_limit(running.lua.used_memory() + 1000)
        .unwrap();
    let outcome = capture(&running.lua, &running.slots, None, LIMITS, 0);
    assert!(matches!(outcome, Err(CaptureError::Memory)), "{outcome:?}");
}
