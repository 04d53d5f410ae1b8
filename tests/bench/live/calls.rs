//! Calls from one mod into another, beside the same by mlua alone.

use std::time::{Duration, Instant};

use mlua::{Function, Lua, Table};

use super::mods::Mods;
use super::{Run, hand, median_of};

/// Calls of one run: a handler makes them all.
const CALLS: u32 = 1_000;

const PROVIDER: &str = "mod.export({
  add = function(a, b) return a + b end,
  turn = function(t) return { x = t.y, y = t.x, z = t.z } end,
})";

const USER: &str = "local it = mod.import(\"provider\")
mod.on(\"scalars\", function(n) local f = it.add for i = 1, n do f(i, 1) end end)
mod.on(\"table\", function(n) local f = it.turn for i = 1, n do f({ x = i, y = 2, z = 3 }) end end)
mod.on(\"by_name\", function(n) for i = 1, n do it.add(i, 1) end end)";

pub(crate) fn run(run: &Run) {
    let mods = Mods::new();
    mods.put("provider", PROVIDER);
    mods.put("user", USER);
    let manifest = "id = \"user\"\nversion = \"1.0.0\"\n[dependencies]\nprovider = \"1\"\n";
    mods.write("user/mod.toml", manifest);
    let mut manager = mods.load(false);
    let (user, _provider) = by_hand();
    println!("\n| a call from mod to mod | Lunation | mlua | ratio |\n|---|---|---|---|");
    for what in ["scalars", "by_name", "table"] {
        let runs = run.samples(300) | 1;
        let ours = median_of(runs, || {
            let started = Instant::now();
            let dispatched = manager.dispatch(what, &CALLS);
            let time = started.elapsed();
            assert!(dispatched.errors.is_empty(), "{:?}", dispatched.errors);
            time / CALLS
        });
        let function: Function = user.globals().get(what).expect("a function");
        let raw = median_of(runs, || {
            let started = Instant::now();
            function.call::<()>(CALLS).expect("a call");
            started.elapsed() / CALLS
        });
        let nanos = |time: Duration| time.as_nanos();
        let ratio = ours.as_secs_f64() / raw.as_secs_f64();
        println!(
            "| {what} | {} ns | {} ns | {ratio:.2} |",
            nanos(ours),
            nanos(raw)
        );
    }
}

/// Two sandboxed VMs; the functions of the one are called by the other through a function of the host.
fn by_hand() -> (Lua, Lua) {
    let (user, provider) = (hand::sandboxed(), hand::sandboxed());
    let exports: Table = provider
        .load(PROVIDER.replacen("mod.export(", "return (", 1))
        .eval()
        .expect("exports");
    let add: Function = exports.get("add").expect("a function");
    let add = user
        .create_function(move |_, (a, b): (f64, f64)| add.call::<f64>((a, b)))
        .expect("a function");
    let turn: Function = exports.get("turn").expect("a function");
    let other = provider.clone();
    let turn = user
        .create_function(move |lua, t: Table| {
            let crossed = copy(&t, &other)?;
            copy(&turn.call(crossed)?, lua)
        })
        .expect("a function");
    let globals = user.globals();
    globals.set("add", add).expect("a global");
    globals.set("turn", turn).expect("a global");
    user.load(
        "function scalars(n) local f = add for i = 1, n do f(i, 1) end end
         local it = { add = add }
         function by_name(n) for i = 1, n do it.add(i, 1) end end
         function table(n) local f = turn for i = 1, n do f({ x = i, y = 2, z = 3 }) end end",
    )
    .exec()
    .expect("functions");
    (user, provider)
}

/// The table in another VM, by its string keys.
fn copy(table: &Table, lua: &Lua) -> mlua::Result<Table> {
    let copied = lua.create_table()?;
    for entry in table.pairs::<String, f64>() {
        let (key, value) = entry?;
        copied.raw_set(key, value)?;
    }
    Ok(copied)
}
