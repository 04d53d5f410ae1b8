//! A reload that fails, wherever it fails, changes nothing that the running mod could notice.

use lunation::reload::Outcome;

use super::dump::DUMP;
use super::world::{Files, World, is_outcome};

/// Small limits, so that a fault ends soon; any number of faults in a row.
const SETTINGS: &str = "
[limits]
memory = 8388608
load_time = 60
[hot_reload.breaker]
threshold = 1000
";

/// What goes wrong while code runs.
const FAULTS: [&str; 5] = [
    "error(\"fault\")",
    "local hog = {} for i = 1, 1e9 do hog[i] = { i } end",
    "while true do end",
    "local nothing = nil; nothing.field = 1",
    "mod.state = 5",
];

/// What spoils things before it fails.
const SPOIL: &str = "
for key in pairs(mod.state) do mod.state[key] = \"spoilt\" end
for name, module in pairs(package.loaded) do
    if type(module) == \"table\" then for key in pairs(module) do module[key] = \"spoilt\" end end
end
G1, G2 = \"spoilt\", \"spoilt\"
mod.on(\"act\", function() return \"spoilt\" end)
mod.every(1, \"spoilt\", function() mod.state.spoilt = true end)
";

/// Statements of entry scripts, between which something can fail. Each mod does something at `act`.
const MODS: [&[&str]; 3] = [
    &[
        "local unit = require(\"unit\")",
        "local count, list = 0, { \"a\", { deep = { 1, 2 } } }",
        "mod.state.units, G1 = { unit.new(\"Ugh\") }, { list = list }",
        "local function act() count = count + 1 list[#list + 1] = unit.new(\"unit \" .. count) end",
        "mod.on(\"act\", act)",
        "mod.on(\"dump\", function() return require(\"dump\")({ n = 5, count, list, mod.state, G1, unit }) end)",
    ],
    &[
        "local function counter() local n = 0 return function() n = n + 1 return n end end",
        "local one, two = counter(), counter()",
        "local seen = setmetatable({}, { __index = function(_, key) return key end })",
        "function G1() return one() + two() end",
        "mod.on(\"act\", function() seen[#seen + 1] = { G1(), two() } end)",
        "mod.every(1, \"tick\", function() seen.ticks = (rawget(seen, \"ticks\") or 0) + 1 end)",
        "mod.on(\"dump\", function() return require(\"dump\")({ n = 2, seen, mod.state }) end)",
    ],
    &[
        "mod.state.boss = { hp = 100 }",
        "mod.state.boss.self = mod.state.boss",
        "local boss, late = mod.state.boss, nil",
        "mod.on_save(function() boss.saved = (boss.saved or 0) + 1 boss.saved = nil end)",
        "mod.on(\"act\", function() late = late or require(\"unit\") boss.friend = late.new(\"late\") boss.hp = boss.hp - 1 end)",
        "mod.on(\"dump\", function() return require(\"dump\")({ n = 3, boss, late, mod.state }) end)",
    ],
];

const UNIT: &str = "
local made = 0
local Unit = {}
Unit.__index = Unit
function Unit.new(name)
    made = made + 1
    return setmetatable({ name = name, number = made }, Unit)
end
return Unit
";

fn files(main: String) -> Files {
    vec![
        ("dump.lua", DUMP.to_owned()),
        ("unit.lua", UNIT.to_owned()),
        ("main.lua", main),
    ]
}

/// Runs a mod, saves code that fails, and looks whether anything has changed; then saves good code.
fn check(statements: &[&str], broken: impl IntoIterator<Item = String>) {
    let good = statements.join("\n");
    let mut world = World::new(SETTINGS, &files(good.clone()));
    world.ask("act", 0);
    world.ask("act", 0);
    for main in broken {
        let was = world.ask("dump", 0);
        world.write_scripts(&files(main.clone()));
        is_outcome(&world.follow(), Outcome::Kept);
        assert_eq!(was, world.ask("dump", 0), "after\n{main}");
        world.mods.advance(1);
        world.ask("act", 0);
        assert_ne!(was, world.ask("dump", 0), "it does not act after\n{main}");
    }
    let was = world.ask("dump", 0);
    world.write_scripts(&files(format!("-- good again\n{good}")));
    is_outcome(&world.follow(), Outcome::Reloaded);
    assert_eq!(was, world.ask("dump", 0));
}

#[test]
fn nobody_notices_a_fault_at_any_statement() {
    for statements in MODS {
        let broken = FAULTS.iter().flat_map(|fault| {
            (0..=statements.len()).map(move |at| {
                let mut broken = statements.to_vec();
                broken.splice(at..at, [SPOIL, fault]);
                broken.join("\n")
            })
        });
        check(statements, broken);
    }
}

#[test]
fn nobody_notices_a_fault_in_on_load() {
    for statements in MODS {
        let broken = FAULTS.iter().map(|fault| {
            let hook = format!("mod.on_load(function() {SPOIL} {fault} end)");
            format!("{}\n{hook}", statements.join("\n"))
        });
        check(statements, broken);
    }
}

#[test]
fn nobody_notices_a_fault_in_a_module_or_a_forgotten_return() {
    let statements = MODS[0];
    let good = statements.join("\n");
    let mut world = World::new(SETTINGS, &files(good.clone()));
    world.ask("act", 0);
    let faults = FAULTS
        .map(|fault| UNIT.replace("return Unit\n", &format!("{SPOIL}\n{fault}\nreturn Unit")));
    let forgotten = UNIT.replace("return Unit\n", "");
    for unit in faults.into_iter().chain([forgotten]) {
        let was = world.ask("dump", 0);
        world.write_scripts(&vec![("unit.lua", unit)]);
        is_outcome(&world.follow(), Outcome::Kept);
        assert_eq!(was, world.ask("dump", 0));
        world.ask("act", 0);
    }
}

#[test]
fn nobody_notices_a_state_for_which_the_new_code_leaves_no_memory() {
    let mut outcomes = Vec::new();
    for kib in (0..9728).step_by(512) {
        let statements = MODS[0];
        let hog =
            format!("local hog = string.rep(\"x\", {kib} * 1024) function G2() return hog end");
        let good = statements.join("\n");
        let mut world = World::new(SETTINGS, &files(good.clone()));
        (0..200).for_each(|_| drop(world.ask("act", 0)));
        let was = world.ask("dump", 0);
        world.write_scripts(&files(format!("{good}\n{hog}")));
        outcomes.push(world.follow().mods[0].outcome);
        // What leaves itself too little to answer goes back.
        if !world.mods.dispatch("dump", &0).errors.is_empty() {
            outcomes.push(world.follow().mods[0].outcome);
        }
        assert_eq!(was, world.ask("dump", 0), "with {kib} KiB: {outcomes:?}");
    }
    if cfg!(feature = "luau") {
        assert!(outcomes.contains(&Outcome::RolledBack), "{outcomes:?}");
    }
    assert!(outcomes.contains(&Outcome::Kept), "{outcomes:?}");
    assert!(outcomes.contains(&Outcome::Reloaded), "{outcomes:?}");
}
