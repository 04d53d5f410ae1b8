//! Transactions that take longer than one pump: who pauses, where the events go, what ends them.

use std::time::{Duration, Instant};

use lunation::change::Kind;
use lunation::reload::{Outcome, ReloadReport};
use lunation::{Dispatched, ModId, ModManager, Until, Value};

/// Nothing takes that long.
const LONG: Duration = Duration::from_secs(60);

/// Room for large states.
const SETTINGS: &str = "[hot_reload.state_management]\nmax_state_size = 200000000\n\n[limits]\nmemory = 400000000\nhandler_time = 5000\n";

/// A mod that keeps as much as takes a while, and writes down which generation heard what.
const LARGE: &str = "
mod.state.units = {}
mod.state.heard = {}
local function note(what)
    table.insert(mod.state.heard, mod.generation .. ':' .. what)
end
mod.on('grow', function(n)
    for i = 1, n do mod.state.units[i] = { hp = i } end
end)
mod.on('hit', function(n) note(n) end)
mod.on('heard', function() return table.concat(mod.state.heard, ' ') end)
mod.export({ note = note, count = function() return #mod.state.units end })
";

/// A mods folder, and the manager that runs it.
struct Game {
    folder: tempfile::TempDir,
    mods: ModManager,
}

impl Game {
    /// A game with these scripts, each the only one of a mod, and `grow`n to states that take a while.
    fn new(scripts: &[(&str, &str)]) -> Game {
        let folder = tempfile::tempdir().unwrap();
        let mods = ModManager::builder(folder.path().join("mods"))
            .watching(false)
            .build()
            .unwrap();
        let mut game = Game { folder, mods };
        game.write("lunation.toml", SETTINGS);
        for (mod_id, script) in scripts {
            let others = scripts.iter().map(|(other, _)| *other);
            let others: String = others
                .take_while(|other| other != mod_id)
                .map(|other| format!("{other} = \"*\"\n"))
                .collect();
            let manifest =
                format!("id = \"{mod_id}\"\nversion = \"1.0.0\"\n[dependencies]\n{others}");
            game.write(&format!("{mod_id}/mod.toml"), &manifest);
            game.edit(mod_id, script);
        }
        assert_eq!(game.mods.load(), []);
        assert_eq!(game.mods.dispatch("grow", &50_000).errors, []);
        game
    }

    fn write(&self, path: &str, text: &str) {
        let path = self.folder.path().join("mods").join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }

    fn edit(&self, mod_id: &str, script: &str) {
        self.write(&format!("{mod_id}/scripts/main.lua"), script);
    }

    /// Lets the manager see what was written, and pumps once without time: what takes a while is under way
    /// afterwards.
    fn take_off(&mut self) {
        self.see();
        assert_eq!(self.mods.pump(Duration::ZERO), [], "it takes longer");
    }

    /// Waits until the manager could see what was written.
    fn see(&mut self) {
        self.mods.watch(&id("none"));
        self.wait_for_work();
    }

    fn wait_for_work(&mut self) {
        let started = Instant::now();
        while !self.mods.has_work() {
            assert!(started.elapsed() < LONG, "there is something to do");
            std::thread::yield_now();
        }
    }

    /// Pumps without time until there is a report.
    fn land(&mut self) -> ReloadReport {
        let started = Instant::now();
        loop {
            let reports = self.mods.pump(Duration::ZERO);
            if let Some(report) = reports.into_iter().next() {
                return report;
            }
            assert!(
                started.elapsed() < LONG,
                "no pump without time gets further"
            );
            std::thread::yield_now();
        }
    }

    fn hit(&mut self, n: u32) -> Dispatched {
        self.mods.dispatch("hit", &n)
    }

    fn generation(&self, mod_id: &str) -> u64 {
        let mods = self.mods.mods();
        let found = mods.iter().find(|status| status.id.as_str() == mod_id);
        found.map_or(0, |status| status.generation)
    }

    /// Which generation of a mod heard what; its units are all there.
    #[track_caller]
    fn check(&mut self, mod_id: &str, heard: &str) {
        let units = self.mods.call(&id(mod_id), "count", &[]).unwrap();
        assert_eq!(units[0].as_f64(), Some(50_000.0), "nothing is lost");
        let all = self
            .mods
            .eval(&id(mod_id), "table.concat(mod.state.heard, ' ')");
        assert_eq!(all.unwrap(), [Value::from(heard)]);
    }
}

fn id(text: &str) -> ModId {
    text.parse().unwrap()
}

/// The same code, edited.
fn edited() -> String {
    format!("{LARGE}-- edited\n")
}

#[track_caller]
fn check_outcome(report: &ReloadReport, mod_id: &str, outcome: Outcome) {
    let found = report.mods.iter().find(|its| its.mod_id.as_str() == mod_id);
    let found = found.unwrap_or_else(|| panic!("no {mod_id} in {report}"));
    assert_eq!(found.outcome, outcome, "{report}");
}

#[test]
fn events_reach_the_new_generation_once_and_in_order() {
    let mut game = Game::new(&[("large", LARGE)]);
    assert_eq!(game.hit(1).handlers, 1);
    game.edit("large", &edited());
    game.take_off();
    assert_eq!(game.generation("large"), 1);
    assert_eq!(game.hit(2).handlers, 0, "it is paused");
    assert_eq!(game.hit(3).handlers, 0);
    let report = game.land();
    check_outcome(&report, "large", Outcome::Reloaded);
    assert_eq!(report.mods[0].problems, []);
    assert_eq!(game.hit(4).handlers, 1);
    game.check("large", "1:1 2:2 2:3 2:4");
}

#[test]
fn events_reach_the_old_generation_where_the_new_one_refuses() {
    let mut game = Game::new(&[("large", LARGE)]);
    let refusing = format!("{LARGE}mod.on_load(function() error('no') end)");
    game.edit("large", &refusing);
    game.take_off();
    game.hit(1);
    game.hit(2);
    check_outcome(&game.land(), "large", Outcome::Kept);
    game.hit(3);
    game.check("large", "1:1 1:2 1:3");
}

#[test]
fn an_event_that_only_the_new_code_hears_waits_too() {
    let mut game = Game::new(&[("large", LARGE)]);
    let hears_more = format!("{LARGE}mod.on('new', function(n) note('new ' .. n) end)");
    game.edit("large", &hears_more);
    game.take_off();
    game.mods.dispatch("new", &0);
    // The new code listens as soon as it has run, which it has: its state is on its way.
    game.hit(1);
    game.mods.dispatch("new", &2);
    check_outcome(&game.land(), "large", Outcome::Reloaded);
    game.check("large", "2:new 0 2:1 2:new 2");
}

#[test]
fn a_newer_edit_starts_over_with_the_newest() {
    let mut game = Game::new(&[("large", LARGE)]);
    game.edit("large", &edited());
    game.take_off();
    game.hit(1);
    game.edit("large", &format!("{LARGE}\nmod.export({{ newest = function() return 'yes' end, count = function() return #mod.state.units end }})"));
    let reports = game.mods.check_updates();
    check_outcome(&reports[0], "large", Outcome::Reloaded);
    assert_eq!(game.generation("large"), 2, "the one between never ran");
    let newest = game.mods.call(&id("large"), "newest", &[]).unwrap();
    assert_eq!(newest, [Value::from("yes")]);
    game.check("large", "1:1");
    assert_eq!(game.mods.wait(LONG, Until::Idle), []);
}

#[test]
fn an_edit_that_is_taken_back_leaves_the_mod_as_it_runs() {
    let mut game = Game::new(&[("large", LARGE)]);
    game.edit("large", &edited());
    game.take_off();
    game.hit(1);
    game.edit("large", LARGE);
    assert_eq!(game.mods.check_updates(), []);
    game.hit(2);
    assert_eq!(game.generation("large"), 1);
    game.check("large", "1:1 1:2");
}

#[test]
fn a_save_brings_it_to_its_end_first() {
    let mut game = Game::new(&[("large", LARGE)]);
    game.edit("large", &edited());
    game.take_off();
    game.hit(1);
    let save = game.mods.save();
    assert_eq!(save.problems, []);
    assert_eq!(game.generation("large"), 2);
    check_outcome(&game.land(), "large", Outcome::Reloaded);
    game.hit(2);
    game.mods.restore(&save.bytes).unwrap();
    game.check("large", "2:1");
}

#[test]
fn what_the_host_asks_of_a_paused_mod_brings_it_to_its_end_first() {
    let asks: [fn(&mut ModManager); 4] = [
        |mods| drop(mods.call(&id("large"), "count", &[]).unwrap()),
        |mods| drop(mods.eval(&id("large"), "1 + 1").unwrap()),
        |mods| drop(mods.reload(&id("large"), Kind::Script, false).unwrap()),
        |mods| drop(mods.check_updates()),
    ];
    let mut game = Game::new(&[("large", LARGE)]);
    for ask in asks {
        let before = game.generation("large");
        let text = std::fs::read_to_string(game.folder.path().join("mods/large/scripts/main.lua"));
        game.edit("large", &format!("{}--", text.unwrap()));
        game.take_off();
        ask(&mut game.mods);
        assert!(game.generation("large") > before);
        game.mods.wait(LONG, Until::Idle);
    }
    game.check("large", "");
}

#[test]
fn other_mods_run_on() {
    let mut game = Game::new(&[("large", LARGE), ("other", LARGE)]);
    game.edit("large", &edited());
    game.take_off();
    assert_eq!(game.hit(1).handlers, 1);
    game.check("other", "1:1");
    check_outcome(&game.land(), "large", Outcome::Reloaded);
    game.hit(2);
    game.check("other", "1:1 1:2");
    game.check("large", "2:1 2:2");
}

#[test]
fn mods_that_switch_together_pause_together() {
    let user = format!("require('@large/shared')\n{LARGE}");
    let provider = format!("require('shared')\n{LARGE}");
    let mut game = Game::new(&[("large", LARGE), ("user", LARGE)]);
    game.write("large/scripts/shared.lua", "return 1");
    game.edit("large", &provider);
    game.edit("user", &user);
    assert_eq!(game.mods.check_updates().len(), 1);
    game.write("large/scripts/shared.lua", "return 2");
    game.take_off();
    assert_eq!(game.hit(1).handlers, 0);
    let report = game.land();
    check_outcome(&report, "large", Outcome::Reloaded);
    check_outcome(&report, "user", Outcome::Reloaded);
    game.hit(2);
    game.check("large", "3:1 3:2");
    game.check("user", "3:1 3:2");
}

#[test]
fn a_call_from_another_mod_is_answered_and_is_not_lost() {
    let caller = "local large = mod.import('large')\nmod.on('call', function(n) large.note('call ' .. n) end)";
    let mut game = Game::new(&[("large", LARGE), ("caller", caller)]);
    game.edit("large", &edited());
    game.take_off();
    // However often it is called, the reload comes.
    let mut calls = String::new();
    for n in 1..=10 {
        let dispatched = game.mods.dispatch("call", &n);
        assert_eq!((dispatched.handlers, dispatched.errors.len()), (1, 0));
        calls += &format!(" {}:call {n}", game.generation("large"));
        if game.generation("large") == 1 {
            game.wait_for_work();
            game.mods.pump(Duration::ZERO);
        }
    }
    assert_eq!(game.generation("large"), 2);
    game.check("large", calls.trim_start());
}

#[test]
fn a_timer_of_a_paused_mod_runs_late_and_once() {
    let timed = format!(
        "{LARGE}mod.every(10, 'tick', function() note('tick') end)\nmod.after(15, 'once', function() note('once') end)"
    );
    let mut game = Game::new(&[
        ("large", &timed),
        ("other", "mod.every(10, 't', function() end)"),
    ]);
    game.edit("large", &format!("{timed} --"));
    game.take_off();
    assert_eq!(game.mods.advance(35).handlers, 3, "those of the other mod");
    check_outcome(&game.land(), "large", Outcome::Reloaded);
    game.mods.advance(1);
    game.check("large", "2:once 2:tick");
}

#[test]
fn too_many_events_bring_it_to_its_end() {
    let mut game = Game::new(&[("large", LARGE)]);
    let counting = format!(
        "{LARGE}mod.state.hits = 0\nmod.on('many', function() mod.state.hits = mod.state.hits + 1 end)"
    );
    game.edit("large", &counting);
    game.take_off();
    for _ in 0..20_000 {
        assert_eq!(game.mods.dispatch("many", &()).errors, []);
    }
    assert_eq!(game.generation("large"), 2);
    let hits = game.mods.eval(&id("large"), "mod.state.hits").unwrap();
    assert_eq!(hits[0].as_f64(), Some(20_000.0));
}

#[test]
fn a_mod_that_goes_away_meanwhile_goes() {
    let mut game = Game::new(&[("large", LARGE)]);
    game.edit("large", &edited());
    game.take_off();
    game.hit(1);
    std::fs::remove_dir_all(game.folder.path().join("mods/large")).unwrap();
    let reports = game.mods.check_updates();
    check_outcome(&reports[0], "large", Outcome::Unloaded);
    assert_eq!(game.generation("large"), 0);
}

#[test]
fn a_manager_can_be_dropped_at_any_time() {
    let mut game = Game::new(&[("large", LARGE)]);
    game.edit("large", &edited());
    game.take_off();
    game.hit(1);
    drop(game.mods);
}

#[test]
fn a_memory_size_can_be_asked_for_at_any_time() {
    let mut game = Game::new(&[("large", LARGE)]);
    let before = game.mods.mods()[0].memory;
    game.edit("large", &edited());
    game.take_off();
    assert!(game.mods.mods()[0].memory >= before / 2);
    assert_eq!(
        game.mods
            .state(&id("large"), "units[3].hp")
            .unwrap()
            .as_f64(),
        Some(3.0),
        "the old generation's"
    );
}
