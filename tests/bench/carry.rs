//! Carry of `mod.state` from one VM to another, beside mlua's own serde path in the same run.
//!
//! `cargo bench --bench carry` prints a table; a part of a case's name as an argument picks cases.

use std::time::{Duration, Instant};

use lunation::lua::carry::{CaptureLimits, Slot, apply, capture, room};
use lunation::state;
use mlua::serde::Serializer;
use mlua::{Lua, LuaSerdeExt, Table, Value};
use serde::Serialize;

const LIMITS: CaptureLimits = CaptureLimits {
    bytes_max: usize::MAX,
    entries_max: u64::MAX,
};

/// Name, entries, and the code that makes the state.
const CASES: [(&str, u32, &str); 6] = [
    (
        "1k numbers",
        1_000,
        "local s = mod.state for i = 1, 1000 do s[i] = i * 1.5 end",
    ),
    (
        "100k numbers",
        100_000,
        "local s = mod.state for i = 1, 100000 do s[i] = i * 1.5 end",
    ),
    (
        "1M numbers",
        1_000_000,
        "local s = mod.state for i = 1, 1000000 do s[i] = i * 1.5 end",
    ),
    (
        "1k by name",
        1_000,
        "local s = mod.state for i = 1, 1000 do s['k' .. i] = i * 1.5 end",
    ),
    (
        "100k by name",
        100_000,
        "local s = mod.state for i = 1, 100000 do s['k' .. i] = i * 1.5 end",
    ),
    (
        "100k records",
        600_000,
        "local l = {} mod.state.l = l for i = 1, 100000 do
           l[i] = { id = i, x = i * 0.5, y = -i, name = 'colonist', alive = true } end",
    ),
];

fn main() {
    let wanted: Vec<String> = std::env::args()
        .skip(1)
        .filter(|arg| !arg.starts_with('-'))
        .collect();
    println!(
        "| case | capture | decide | apply | all | p99 | entries/s | serde direct | p99 | ratio | serde by value | p99 | ratio |"
    );
    println!("|---|---|---|---|---|---|---|---|---|---|---|---|---|");
    for (name, entries, source) in CASES {
        if !wanted.is_empty() && !wanted.iter().any(|wanted| name.contains(&**wanted)) {
            continue;
        }
        let [capture, decide, apply, all] = carry(source);
        let rate = f64::from(entries) / all.median.as_secs_f64() / 1e6;
        print!(
            "| {name} | {:.1?} | {:.1?} | {:.1?} | {:.1?} | {:.1?} | {rate:.1} M |",
            capture.median, decide.median, apply.median, all.median, all.p99
        );
        for copy in [serde_direct, serde_by_value] {
            let serde = serde(source, copy);
            let ratio = serde.median.as_secs_f64() / all.median.as_secs_f64();
            print!(" {:.1?} | {:.1?} | {ratio:.1} × |", serde.median, serde.p99);
        }
        println!();
    }
}

struct Times {
    median: Duration,
    p99: Duration,
}

/// A VM with an empty `mod.state` that has room for so many entries, and its slots.
fn vm((items, entries): (usize, usize)) -> (Lua, [Slot; 1]) {
    let lua = Lua::new();
    let holder = lua.create_table().unwrap();
    let state = lua.create_table_with_capacity(items, entries).unwrap();
    holder.set("state", state).unwrap();
    lua.globals().set("mod", &holder).unwrap();
    let slot = Slot {
        name: "state".into(),
        label: None,
        holder,
        key: "state".into(),
    };
    (lua, [slot])
}

/// Times `run`, which gives the times of the parts of one go.
fn times<const N: usize>(mut run: impl FnMut() -> [Duration; N]) -> [Times; N] {
    let begin = Instant::now();
    let mut all = Vec::new();
    while all.len() < 20 || (begin.elapsed() < Duration::from_secs(3) && all.len() < 2000) {
        all.push(run());
    }
    std::array::from_fn(|part| {
        let mut part: Vec<_> = all.iter().map(|go| go[part]).collect();
        part.sort();
        Times {
            median: part[part.len() / 2],
            p99: part[part.len() * 99 / 100],
        }
    })
}

fn carry(source: &str) -> [Times; 4] {
    let (old, old_slots) = vm((0, 0));
    let base = capture(&old, &old_slots, None, LIMITS, 0).unwrap().image;
    old.load(source).exec().unwrap();
    old.gc_collect().unwrap();
    times(|| {
        let start = Instant::now();
        let size = room(&old, &old_slots[0]).unwrap();
        let measured = start.elapsed();
        let (new, new_slots) = vm(size);
        let start = Instant::now();
        let fresh = capture(&new, &new_slots, None, LIMITS, 0).unwrap();
        let live = capture(&old, &old_slots, None, LIMITS, 0).unwrap().image;
        let captured = start.elapsed();
        let replay = state::replay(&base, &live, &fresh.image, None, &());
        let decided = start.elapsed();
        apply(&new, None, &fresh, &replay, &live).unwrap();
        let all = start.elapsed();
        [
            measured + captured,
            decided - captured,
            all - decided,
            measured + all,
        ]
    })
}

/// The same by mlua's own means, from VM to VM with `copy`.
fn serde(source: &str, copy: fn(&Value, &Lua, &Lua) -> Value) -> Times {
    let (old, _) = vm((0, 0));
    old.load(source).exec().unwrap();
    old.gc_collect().unwrap();
    let [all] = times(|| {
        let (new, _) = vm((0, 0));
        let start = Instant::now();
        let state: Value = old
            .globals()
            .get::<Table>("mod")
            .unwrap()
            .get("state")
            .unwrap();
        let copy = copy(&state, &old, &new);
        new.globals()
            .get::<Table>("mod")
            .unwrap()
            .set("state", copy)
            .unwrap();
        [start.elapsed()]
    });
    all
}

/// Serialised straight into the other VM: nothing is left that could be kept or compared.
fn serde_direct(state: &Value, _: &Lua, new: &Lua) -> Value {
    state.serialize(Serializer::new(new)).unwrap()
}

/// Through a value that belongs to no VM, as an image does.
fn serde_by_value(state: &Value, old: &Lua, new: &Lua) -> Value {
    let value: serde_json::Value = old.from_value(state.clone()).unwrap();
    new.to_value(&value).unwrap()
}
