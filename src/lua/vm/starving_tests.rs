//! Memory that runs out at each allocation in turn: what is asked for fails, and nothing else.

use std::time::Duration;

use super::*;
use crate::lua::carry::CaptureLimits;
use crate::lua::tests::vm_of;
use crate::settings::Limits;
use crate::state::{self, Migrations};

const LIMITS: CaptureLimits = CaptureLimits {
    bytes_max: 1 << 24,
    entries_max: u64::MAX,
};

/// A mod that has something of everything that is carried.
const MOD: &str = r#"
local Unit = {}
Unit.__index = Unit
function Unit.grow(self) self.size = self.size + 1 end
local count, units = 0, {}
local function add(size)
    local unit = setmetatable({size = size}, Unit)
    units[#units + 1] = unit
    mod.state.last = unit
    return function() count = count + size end
end
mod.state.list = {1, 2, {3, "four"}}
mod.state[mod.state.list] = "shared"
mod.register("grow", Unit.grow)
mod.on("probe", function(payload)
    add(#payload.name)
    mod.on("late " .. count, add(2))
    mod.after(5, "later", add(3))
    mod.task("task", function() return true end, {step = 1})
    count = count + 1
    return {count = count, text = ("ab"):rep(100), echo = payload}
end)
mod.on_asset(function(path, handle) mod.state.asset = path end)
mod.on_config(function(changes) mod.state.rate = mod.config.rate end)
mod.export({add = function(a, b) return a + b end})
require("helper").helped = true
function is_whole() return #units >= 0 and count >= 0 and mod.state.list[3][2] == "four" end
"#;

const FILES: &[(&str, &str)] = &[
    ("scripts/main.lua", MOD),
    (
        "scripts/helper.lua",
        "local M = {} function M.help() return M end return M",
    ),
    (
        "migrations/0001-more.lua",
        "return function(state) state.more = {1, 2, {state.list}} end",
    ),
];

/// Room for a growing number of bytes: each allocation of a small piece of work is met by one of them.
fn rooms() -> impl Iterator<Item = usize> {
    std::iter::successors(Some(0), |room| Some(room + 16 + room / 16))
}

fn cold() -> Vm {
    vm_of(FILES, Limits::default()).0
}

fn loaded() -> Vm {
    let vm = cold();
    vm.run_entry().unwrap();
    vm.set_running(true);
    vm
}

/// A VM whose mod has changed all that it keeps.
fn used() -> Vm {
    let vm = loaded();
    probe(&vm).unwrap();
    vm
}

fn probe(vm: &Vm) -> Result<Vec<Value>, Fault> {
    let function = vm.ledger().listeners[0].function;
    let entry = |key: &str, value| (Value::from(key), value);
    let more = Value::Table(vec![entry("x", 1.0.into()), entry("y", Value::from("z"))]);
    let payload = Value::Table(vec![
        entry("name", Value::from("probe")),
        entry("more", more),
    ]);
    vm.call(function, &[payload], Duration::from_secs(5))
}

/// Takes up room in the pages of the engine, another amount for each `seed`: what then fails first is something
/// else each time.
fn ballast(vm: &Vm, seed: usize) -> Vec<mlua::Value> {
    let mut random = seed as u64;
    let mut next = |below: u64| {
        random = random
            .wrapping_mul(6364136223846793005)
            .wrapping_add(1442695040888963407);
        (random >> 33) % below
    };
    (0..next(400))
        .map(|n| match next(3) {
            0 => {
                let mut text = vec![b'x'; 8 + next(500) as usize];
                text[..8].copy_from_slice(&n.to_le_bytes());
                mlua::Value::String(vm.lua.create_string(text).unwrap())
            }
            1 => {
                let size = next(40) as usize;
                mlua::Value::Table(vm.lua.create_table_with_capacity(size, 0).unwrap())
            }
            _ => {
                let size = next(20) as usize;
                mlua::Value::Table(vm.lua.create_table_with_capacity(0, size).unwrap())
            }
        })
        .collect()
}

/// Does `work`, with memory for `room` more bytes than the VM has.
fn starved<R>(vm: &Vm, room: usize, work: impl FnOnce(&Vm) -> R) -> R {
    let _ballast = ballast(vm, room);
    vm.lua.gc_collect().unwrap();
    vm.lua.gc_collect().unwrap();
    let limit = vm.lua.used_memory() + room;
    let before = vm.lua.set_memory_limit(limit).unwrap();
    let result = work(vm);
    vm.lua.set_memory_limit(before).unwrap();
    result
}

/// Tries `work`, which says whether it succeeded, in VMs with more and more room, until it always does.
fn sweep(vm: impl Fn() -> Vm, work: impl Fn(&Vm) -> bool) {
    let (mut failures, mut successes) = (0, 0);
    for room in rooms() {
        if successes == 50 {
            break;
        }
        let vm = vm();
        if starved(&vm, room, &work) {
            successes += 1;
            continue;
        }
        assert!(room < 16 << 20, "it never succeeds");
        (failures, successes) = (failures + 1, 0);
        // Whatever happened: the state can be read, and what was not stopped for good runs on.
        vm.capture(LIMITS).unwrap();
        if !vm.is_latched() {
            let is_whole = vm.eval("not is_whole or is_whole()").unwrap();
            let truth = [Value::Boolean(true)];
            assert_eq!(is_whole, truth, "with room for {room} bytes");
        }
    }
    assert!(failures > 0, "it needs no memory: there is nothing to try");
}

#[test]
fn loading_meets_the_end_of_memory() {
    sweep(cold, |vm| vm.run_entry().is_ok());
}

#[test]
fn a_call_meets_the_end_of_memory() {
    sweep(loaded, |vm| probe(vm).is_ok());
}

#[test]
fn typed_code_meets_the_end_of_memory() {
    // A text that is larger than what the engine may have in its pages.
    let code = "{mod.state.list, is_whole, ('x'):rep(40000)}";
    sweep(loaded, |vm| vm.eval(code).is_ok());
}

#[test]
fn a_look_at_the_state_meets_the_end_of_memory() {
    let vm = used();
    for room in [0, 64, 4096] {
        assert!(starved(&vm, room, |vm| vm.state_at("list[3]")).is_ok());
    }
}

#[test]
fn an_asset_meets_the_end_of_memory() {
    let view = AssetView {
        version: 2,
        size: 10,
    };
    sweep(
        || {
            let vm = loaded();
            let assets = &vm.inner.assets;
            assets.lock().insert("assets/a.txt".into(), view);
            vm
        },
        |vm| {
            vm.touch_asset("assets/a.txt", view);
            vm.run_asset_hook("assets/a.txt").is_ok()
        },
    );
}

#[test]
fn a_capture_meets_the_end_of_memory() {
    sweep(used, |vm| vm.capture_within(LIMITS).is_ok());
}

#[test]
fn what_lunation_does_by_itself_has_memory_of_its_own() {
    let vm = used();
    let image = vm.capture(LIMITS).unwrap().image;
    let again = starved(&vm, 0, |vm| vm.capture(LIMITS)).unwrap();
    assert!(again.image.is_same(&image));
    let text = Value::from("a text that is not there yet");
    starved(&vm, 0, |vm| vm.set_config("rate", &text)).unwrap();
    assert_eq!(vm.eval("mod.config.rate").unwrap(), [text]);
}

#[test]
fn a_replay_meets_the_end_of_memory() {
    let old = used();
    let base = loaded().capture(LIMITS).unwrap().image;
    let live = old.capture(LIMITS).unwrap().image;
    sweep(loaded, |vm| {
        let Ok(new) = vm.capture_within(LIMITS) else {
            return false;
        };
        let replay = state::replay(&base, &live, &new.image, None, &vm.new_code());
        let is_applied = vm.apply(&new, &replay, &live, Some(&old)).is_ok();
        is_applied && vm.take_over(&new, Some(&old)).is_ok()
    });
}

#[test]
fn a_migration_meets_the_end_of_memory() {
    let mut files = crate::files::ModFiles::new("test");
    for (path, text) in FILES {
        files.insert(*path, crate::files::ModFile::text(text.as_bytes().to_vec()));
    }
    let (migrations, _) = Migrations::of(&files);
    let live = used().capture(LIMITS).unwrap().image;
    sweep(loaded, |vm| {
        vm.migrate(&live, migrations.missing(0), LIMITS).is_ok()
    });
}

#[test]
fn failures_leave_nothing_behind() {
    let vm = used();
    let hold = |vm: &Vm| {
        vm.lua.gc_collect().unwrap();
        vm.lua.gc_collect().unwrap();
        vm.lua.used_memory()
    };
    let fail = |vm: &Vm| {
        for room in rooms().take_while(|room| *room < 2048) {
            let _ = starved(vm, room, |vm| vm.capture_within(LIMITS).map(drop));
            let _ = starved(vm, room, |vm| vm.state_at("list"));
        }
    };
    fail(&vm);
    let before = hold(&vm);
    for _ in 0..5 {
        fail(&vm);
    }
    let after = hold(&vm);
    assert!(after <= before + 512, "{before} bytes have become {after}");
}
