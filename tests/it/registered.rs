//! What is registered at run time: a reload of unchanged code changes nothing of it, whatever a mod has done.

use std::time::Duration;

use lunation::change::Kind;
use lunation::reload::Outcome;
use lunation::{ModId, ModManager, Value};
use proptest::prelude::*;

/// Registers by itself, and whatever it is told to, with functions that it has by name.
const SCRIPT: &str = "\
local handles = {}
local say = {}
for i = 1, 3 do
    say[i] = function() return i end
end
local function one() return \"one\" end
local function two() return \"two\" end
local functions = { one, two }

handles[1] = mod.on(\"tick\", one)
handles[2] = mod.on(\"tick\", function() return \"unnamed\" end)
mod.every(3, \"a\", one)
mod.after(4, \"b\", function() return \"b\" end)
mod.task(\"t\", function(data)
    data.n = data.n + 1
    mod.state.steps = (mod.state.steps or 0) + 1
    return data.n == 6
end, { n = 0 })

local function step(data)
    data.n = (data.n or 0) + 1
    mod.state.steps = (mod.state.steps or 0) + 100 * data.n
end

function on(n, m) handles[#handles + 1] = mod.on(\"tick\", functions[n], { priority = m }) end
function off(n) return handles[n] ~= nil and mod.off(handles[n]) end
function after(n, m) mod.after(m + 1, \"abc\" .. n, functions[n]) end
function every(n, m) mod.every(m + 1, n == 1 and \"a\" or \"d\", functions[n]) end
function cancel(n) return mod.cancel(({ \"a\", \"b\", \"d\", \"abc1\", \"t\", \"u\" })[n]) end
function task(n) mod.task(n == 1 and \"t\" or \"u\", step) end
";

#[derive(Clone, Debug)]
enum Act {
    /// Code for the mod.
    Code(String),
    Tick,
    Advance(u64),
    /// Only one of the two games reloads.
    Reload,
}

fn act() -> impl Strategy<Value = Act> {
    prop_oneof![
        (1..=2, 0..3).prop_map(|(n, m)| Act::Code(format!("return on({n}, {m})"))),
        (1..=6).prop_map(|n| Act::Code(format!("return off({n})"))),
        (1..=2, 0..6).prop_map(|(n, m)| Act::Code(format!("return after({n}, {m})"))),
        (1..=2, 0..4).prop_map(|(n, m)| Act::Code(format!("return every({n}, {m})"))),
        (1..=6).prop_map(|n| Act::Code(format!("return cancel({n})"))),
        (1..=2).prop_map(|n| Act::Code(format!("return task({n})"))),
        Just(Act::Tick),
        (1..5u64).prop_map(Act::Advance),
        Just(Act::Reload),
    ]
}

/// A game with this one mod.
struct Game {
    mods: ModManager,
    _folder: tempfile::TempDir,
}

fn id() -> ModId {
    "it".parse().unwrap()
}

impl Game {
    fn new(settings: &str, script: &str) -> Game {
        let folder = tempfile::tempdir().unwrap();
        let mods = folder.path().join("mods");
        std::fs::create_dir_all(mods.join("it/scripts")).unwrap();
        std::fs::write(mods.join("lunation.toml"), settings).unwrap();
        std::fs::write(mods.join("it/mod.toml"), "id = 'it'\nversion = '1.0.0'").unwrap();
        std::fs::write(mods.join("it/scripts/main.lua"), script).unwrap();
        let mut mods = ModManager::builder(mods).watching(false).build().unwrap();
        assert_eq!(mods.load(), []);
        Game {
            mods,
            _folder: folder,
        }
    }

    /// What can be seen of an act.
    fn play(&mut self, act: &Act) -> Vec<Value> {
        match act {
            Act::Code(code) => self.mods.eval(&id(), code).unwrap(),
            Act::Tick => self.mods.dispatch("tick", &()).results,
            Act::Advance(ticks) => self.mods.advance(*ticks).results,
            Act::Reload => Vec::new(),
        }
    }

    fn reload(&mut self) {
        let report = self.mods.reload(&id(), Kind::Script, false).unwrap();
        let report = &report.mods[0];
        assert_eq!(report.outcome, Outcome::Reloaded, "{:?}", report.problems);
        assert_eq!(report.carried.dropped, Vec::<String>::new());
        assert_eq!(report.carried.conflicts, Vec::<String>::new());
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn reloading_unchanged_code_changes_nothing_that_is_registered(
        acts in prop::collection::vec(act(), 1..30),
    ) {
        let (mut plain, mut reloaded) = (Game::new("", SCRIPT), Game::new("", SCRIPT));
        for act in &acts {
            if matches!(act, Act::Reload) {
                reloaded.reload();
            }
            prop_assert_eq!(plain.play(act), reloaded.play(act), "{:?} of {:?}", act, &acts);
            let steps = |game: &Game| game.mods.state(&id(), "steps").unwrap();
            prop_assert_eq!(steps(&plain), steps(&reloaded), "after {:?} of {:?}", act, &acts);
        }
    }
}

#[test]
fn a_reload_that_waits_gives_an_idle_host_nothing_to_do() {
    let mut game = Game::new(
        "[hot_reload.state_management]\non_uncarryable = 'drain'",
        "mod.state.brain = nil
        mod.on('begin', function()
            mod.state.brain = coroutine.create(function() coroutine.yield() end)
            coroutine.resume(mod.state.brain)
        end)
        mod.on('end', function() mod.state.brain = nil end)",
    );
    let frame = Duration::from_millis(100);
    game.mods.dispatch("begin", &());
    let report = game.mods.reload(&id(), Kind::Script, false).unwrap();
    assert_eq!(report.mods[0].outcome, Outcome::Kept);
    assert!(!game.mods.has_work(), "nothing has run since");
    game.mods.dispatch("nothing", &());
    assert!(game.mods.pump(frame).is_empty(), "it goes on waiting");
    game.mods.dispatch("end", &());
    // A look that took long is not repeated at once; this comes to an end all the same.
    let reports = game
        .mods
        .wait(Duration::from_secs(20), lunation::Until::Report);
    assert_eq!(reports[0].mods[0].outcome, Outcome::Reloaded);
    assert!(!game.mods.has_work());
}
