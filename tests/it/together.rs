//! One change of many mods: they switch at one moment, and each still fails by itself.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use lunation::reload::{Outcome, ReloadReport};
use lunation::{ModId, ModManager, Until};

/// Nothing takes that long.
const LONG: Duration = Duration::from_secs(60);

/// A mods folder, and the manager that runs it.
struct Game {
    folder: tempfile::TempDir,
    mods: ModManager,
}

impl Game {
    /// A game of mods that need nothing, each with this script.
    fn of(count: usize, script: &str) -> Game {
        let game: Vec<String> = (0..count).map(|n| format!("m{n:02}")).collect();
        let mods: Vec<_> = game.iter().map(|id| (id.as_str(), "", script)).collect();
        Game::new(&mods)
    }

    /// A game of these mods: the id, what it needs, and its script.
    fn new(mods: &[(&str, &str, &str)]) -> Game {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("mods");
        for (mod_id, needs, script) in mods {
            let manifest = format!(
                "id = \"{mod_id}\"\nversion = \"1.0.0\"\n[config.rate]\ntype = \"int\"\ndefault = 1\n[dependencies]\n{needs}"
            );
            std::fs::create_dir_all(path.join(mod_id).join("scripts")).unwrap();
            std::fs::write(path.join(mod_id).join("mod.toml"), manifest).unwrap();
            std::fs::write(path.join(mod_id).join("scripts/main.lua"), script).unwrap();
        }
        let mut mods = ModManager::builder(path).watching(false).build().unwrap();
        assert_eq!(mods.load(), []);
        Game { folder, mods }
    }

    fn write(&self, path: &str, text: &str) {
        std::fs::write(self.folder.path().join("mods").join(path), text).unwrap();
    }

    fn edit(&self, mod_id: &str, script: &str) {
        self.write(&format!("{mod_id}/scripts/main.lua"), script);
    }

    /// Lets the manager see what was written.
    fn see(&mut self) {
        self.mods.watch(&id("none"));
        let started = Instant::now();
        while !self.mods.has_work() {
            assert!(started.elapsed() < LONG, "there is something to do");
            std::thread::yield_now();
        }
    }

    /// Pumps without time until there is a report, and does `between` after each.
    fn land(&mut self, mut between: impl FnMut(&mut ModManager)) -> Vec<ReloadReport> {
        let started = Instant::now();
        loop {
            let reports = self.mods.pump(Duration::ZERO);
            between(&mut self.mods);
            if !reports.is_empty() {
                return reports;
            }
            assert!(started.elapsed() < LONG, "nothing is told");
            std::thread::yield_now();
        }
    }

    /// What every mod that is not paused answers.
    fn versions(mods: &mut ModManager) -> Vec<f64> {
        let said = mods.dispatch("version", &());
        assert_eq!(said.errors, []);
        said.results.iter().filter_map(|it| it.as_f64()).collect()
    }
}

fn id(text: &str) -> ModId {
    text.parse().unwrap()
}

fn version(n: u32) -> String {
    format!("mod.state.units = {{}}\nmod.on('version', function() return {n} end)\n")
}

/// How each mod of a report fared.
fn outcomes(report: &ReloadReport) -> BTreeMap<&str, Outcome> {
    let mods = report.mods.iter();
    mods.map(|its| (its.mod_id.as_str(), its.outcome)).collect()
}

#[test]
fn mods_that_one_change_edits_switch_at_one_moment() {
    let mut game = Game::of(40, &version(1));
    (0..40).for_each(|n| game.edit(&format!("m{n:02}"), &version(2)));
    let reports = game.mods.check_updates();
    assert_eq!(reports.len(), 1, "{reports:?}");
    let all = outcomes(&reports[0]);
    assert!(all.len() == 40 && all.values().all(|it| *it == Outcome::Reloaded));
    assert_eq!(Game::versions(&mut game.mods), [2.0; 40]);
}

#[test]
fn over_many_pumps_nobody_meets_a_mixture() {
    let mut game = Game::of(40, &version(1));
    (0..40).for_each(|n| game.edit(&format!("m{n:02}"), &version(2)));
    game.see();
    let mut pumps = 0;
    let reports = game.land(|mods| {
        pumps += 1;
        let versions = Game::versions(mods);
        assert!(
            versions.windows(2).all(|pair| pair[0] == pair[1]),
            "{versions:?}"
        );
    });
    assert_eq!((reports.len(), reports[0].mods.len()), (1, 40));
    assert!(pumps > 40, "no pump does more than one mod: {pumps}");
    assert_eq!(Game::versions(&mut game.mods), [2.0; 40]);
}

#[test]
fn one_that_fails_at_any_point_stays_and_the_others_switch() {
    let fails = ["error('no')", "mod.on_load(function() error('no') end)"];
    for (n, fails) in fails.iter().enumerate() {
        for broken in ["m00", "m01", "m02"] {
            let mut game = Game::of(3, &version(1));
            (0..3).for_each(|n| game.edit(&format!("m{n:02}"), &version(2)));
            game.edit(broken, &format!("{}{fails}\n", version(2)));
            game.see();
            let first = game.land(|_| ());
            let first = outcomes(&first[0]);
            assert!(first.len() == 2 && !first.contains_key(broken), "{first:?}");
            let second = game.land(|_| ());
            assert_eq!(outcomes(&second[0]), [(broken, Outcome::Kept)].into());
            let mut versions = Game::versions(&mut game.mods);
            versions.sort_by(f64::total_cmp);
            assert_eq!(versions, [1.0, 2.0, 2.0], "{n} {broken}");
            game.edit(broken, &version(3));
            let mended = game.mods.check_updates();
            assert_eq!(outcomes(&mended[0]), [(broken, Outcome::Reloaded)].into());
        }
    }
}

#[test]
fn what_is_mended_while_the_others_are_on_their_way_is_not_told() {
    let mut game = Game::of(3, &version(1));
    (0..3).for_each(|n| game.edit(&format!("m{n:02}"), &version(2)));
    game.edit("m00", "error('no')");
    game.see();
    assert_eq!(game.mods.pump(Duration::ZERO), []);
    game.edit("m00", &version(2));
    let reports = game.mods.check_updates();
    let told = reports.iter().flat_map(|report| &report.mods);
    assert!(
        told.clone().all(|it| it.outcome == Outcome::Reloaded),
        "{reports:?}"
    );
    assert_eq!(told.count(), 3);
    assert_eq!(Game::versions(&mut game.mods), [2.0; 3]);
    assert_eq!(game.mods.wait(LONG, Until::Idle), []);
}

#[test]
fn one_that_goes_back_takes_no_other_along() {
    let mut game = Game::of(3, &version(1));
    (0..3).for_each(|n| game.edit(&format!("m{n:02}"), &version(2)));
    let fails = "mod.on('fail', function() error('no') end)";
    game.edit("m01", &format!("{}{fails}\n", version(2)));
    assert_eq!(game.mods.check_updates().len(), 1);
    (0..3).for_each(|_| drop(game.mods.dispatch("fail", &())));
    let reports = game.mods.pump(LONG);
    assert_eq!(outcomes(&reports[0]), [("m01", Outcome::RolledBack)].into());
    assert_eq!(Game::versions(&mut game.mods), [2.0, 1.0, 2.0]);
}

#[test]
fn users_that_have_to_come_along_switch_at_that_moment_too() {
    let exports = |names: &str| format!("{}mod.export({{ {names} }})\n", version(1));
    let one = exports("rate = function() end");
    let mut game = Game::new(&[
        ("alone", "", &version(1)),
        ("base", "", &one),
        ("user", "base = \"*\"\n", &version(1)),
    ]);
    game.edit("alone", &version(2));
    game.edit("base", &exports(""));
    let reports = game.mods.check_updates();
    let reloaded = ["alone", "base", "user"].map(|id| (id, Outcome::Reloaded));
    assert_eq!((reports.len(), outcomes(&reports[0])), (1, reloaded.into()));
}

#[test]
fn config_that_others_need_while_they_load_is_there_before_them() {
    let rate = "mod.export({ rate = function() return mod.config.rate end })\n";
    let user = |n| format!("assert(mod.import('base').rate() == {n})\n{}", version(n));
    let mut game = Game::new(&[("base", "", rate), ("user", "base = \"*\"\n", &user(1))]);
    game.write("base/config.toml", "rate = 2\n");
    game.edit("user", &user(2));
    game.mods.check_updates();
    assert_eq!(Game::versions(&mut game.mods), [2.0]);
}

#[test]
fn a_hundred_and_twenty_nine_mods_take_two_moments() {
    let mut game = Game::of(129, &version(1));
    (0..129).for_each(|n| game.edit(&format!("m{n:02}"), &version(2)));
    let sizes: Vec<usize> = game
        .mods
        .check_updates()
        .iter()
        .map(|it| it.mods.len())
        .collect();
    assert_eq!(sizes, [128, 1]);
}
