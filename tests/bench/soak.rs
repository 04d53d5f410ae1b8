//! Reloads a mod over and over: does the process stay as it is?
//!
//! `cargo bench --bench soak -- --reloads 100000` alternates two versions of a mod that registers everything that a
//! mod can register, and prints what the process holds after each tenth; then what a registration costs. Without
//! a number it takes less than a minute. On Linux, whose `/proc` says what a process holds.

use std::hint::black_box;
use std::path::Path;
use std::time::{Duration, Instant};

use lunation::reload::Outcome;
use lunation::{Holding, ModId, ModManager};

/// Reloads without a number: some twenty seconds.
const RELOADS: usize = 10_000;

/// Registrations of one round, and rounds.
const REGISTRATIONS: usize = 1_000;
const ROUNDS: usize = 200;

fn main() {
    let mut arguments = std::env::args().skip_while(|argument| argument != "--reloads");
    let reloads = arguments.nth(1).and_then(|number| number.parse().ok());
    soak(reloads.unwrap_or(RELOADS));
    registrations();
}

/// The script of the mod; both versions carry the state of the other.
fn script(version: usize) -> String {
    format!(
        "mod.state.units = mod.state.units or {{}}
        local base, count = mod.import(\"base\"), 0
        local sign = mod.asset(\"assets/sign.txt\")
        local function heard() count = count + {version} return count end
        mod.on(\"probe\", heard)
        mod.on(\"base:said\", function(n) mod.state.heard = n end)
        mod.every(3, \"beat\", function() mod.emit(\"beat\", {{ n = count }}) end)
        mod.task(\"work\", function(job) job.n = job.n + 1 return false end, {{ n = 0 }})
        mod.export({{ version = function() return {version} end }})
        mod.register(\"heard\", heard)
        mod.on_save(function() mod.state.count = count end)
        mod.on_unload(function() mod.emit(\"gone\") end)
        mod.on(\"mod_loaded\", function()
            mod.state.units[count % 100 + 1] = {{ x = count, name = \"unit \" .. count, size = sign.size }}
            mod.on(\"probe\", heard, {{ priority = {version} }})
            mod.after(5, \"late\", heard)
            base.say(base.count() + 1)
        end)"
    )
}

const BASE: &str = "
local said = 0
mod.export({
    say = function(n) said = n mod.emit(\"said\", n) end,
    count = function() return said end,
})
mod.on(\"soak:beat\", function() end)
mod.on(\"soak:gone\", function() end)";

fn write(root: &Path, path: &str, text: &str) {
    let path = root.join(path);
    std::fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
    std::fs::write(path, text).expect("a file");
}

fn add_mod(mods: &Path, id: &str, manifest: &str, script: &str) {
    let manifest = format!("id = \"{id}\"\nversion = \"1.0.0\"\n{manifest}");
    write(mods, &format!("{id}/mod.toml"), &manifest);
    write(mods, &format!("{id}/scripts/main.lua"), script);
}

/// What the process holds: KiB of resident memory, open descriptors, threads.
fn held() -> (usize, usize, usize) {
    let count = |path: &str| std::fs::read_dir(path).map_or(0, Iterator::count);
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let resident = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let resident = resident.and_then(|rest| rest.split_whitespace().next()?.parse().ok());
    (
        resident.unwrap_or(0),
        count("/proc/self/fd"),
        count("/proc/self/task"),
    )
}

fn soak(reloads: usize) {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let mods_folder = folder.path().join("mods");
    add_mod(&mods_folder, "base", "", BASE);
    add_mod(
        &mods_folder,
        "soak",
        "[dependencies]\nbase = \"*\"\n",
        &script(1),
    );
    write(&mods_folder, "soak/assets/sign.txt", "open");
    let mut mods = ModManager::builder(&mods_folder)
        .watching(false)
        .build()
        .expect("a manager");
    assert_eq!(mods.load(), []);
    println!("| reloads | time of one | resident | descriptors | threads | ledger |");
    println!("|---|---|---|---|---|---|");
    let mut started = Instant::now();
    for n in 0..=reloads {
        let tenth = (reloads / 10).max(1);
        if n % tenth == 0 {
            let (resident, descriptors, threads) = held();
            let each = started.elapsed() / tenth as u32;
            let each = if n == 0 { Duration::ZERO } else { each };
            let entries = mods.ledger(None).len();
            println!(
                "| {n} | {each:.1?} | {resident} KiB | {descriptors} | {threads} | {entries} |"
            );
            started = Instant::now();
        }
        write(
            &mods_folder,
            "soak/scripts/main.lua",
            &script(1 + n % 2 * 2),
        );
        let reports = mods.check_updates();
        if n > 0 {
            let report = &reports[0].mods[0];
            assert_eq!(report.outcome, Outcome::Reloaded, "{:?}", report.problems);
        }
        let dispatched = mods.dispatch("probe", &());
        assert_eq!(dispatched.errors, []);
        assert_eq!(mods.advance(3).errors, []);
    }
    let entries = mods.ledger(None);
    let is_held = entries.iter().any(|entry| entry.kind == Holding::Vm);
    println!("\na VM that should be gone is held: {is_held}");
}

/// What one `mod.on` costs, beside what a list of listeners costs without any ledger.
fn registrations() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let mods_folder = folder.path().join("mods");
    let script = format!(
        "local function heard() end
        local handles = {{}}
        mod.on(\"empty\", function() for i = 1, {REGISTRATIONS} do handles[i] = i end end)
        mod.on(\"register\", function()
            for i = 1, {REGISTRATIONS} do handles[i] = mod.on(\"tick\", heard) end
        end)
        mod.on(\"forget\", function() for i = {REGISTRATIONS}, 1, -1 do mod.off(handles[i]) end end)
        mod.on(\"set\", function() for i = 1, {REGISTRATIONS} do mod.after(9, \"same\", heard) end end)"
    );
    add_mod(&mods_folder, "many", "", &script);
    let mut mods = ModManager::builder(&mods_folder)
        .watching(false)
        .build()
        .expect("a manager");
    assert_eq!(mods.load(), []);
    let mut median = |event: &str, after: &str| {
        let mut times: Vec<Duration> = (0..ROUNDS)
            .map(|_| {
                let started = Instant::now();
                assert_eq!(mods.dispatch(event, &()).errors, []);
                let time = started.elapsed();
                assert_eq!(mods.dispatch(after, &()).errors, []);
                time
            })
            .collect();
        times.sort_unstable();
        times[ROUNDS / 2].as_nanos() as usize / REGISTRATIONS
    };
    println!("\n| one of {REGISTRATIONS} registrations | median |\n|---|---|");
    println!("| the loop alone | {} ns |", median("empty", "empty"));
    println!("| `mod.on` | {} ns |", median("register", "forget"));
    println!(
        "| `mod.after`, the same timer | {} ns |",
        median("set", "empty")
    );
    println!("| a push on a `Vec` | {} ns |", plain());
    let id: ModId = "many".parse().expect("an id");
    assert_eq!(mods.ledger(Some(&id)).len(), 5);
}

/// What a list without any ledger costs.
fn plain() -> usize {
    let mut times: Vec<Duration> = (0..ROUNDS)
        .map(|_| {
            let started = Instant::now();
            let mut list: Vec<(u64, String, i32)> = Vec::new();
            for n in 0..REGISTRATIONS {
                list.push((n as u64, "tick".to_owned(), 0));
            }
            black_box(&list);
            started.elapsed()
        })
        .collect();
    times.sort_unstable();
    times[ROUNDS / 2].as_nanos() as usize / REGISTRATIONS
}
