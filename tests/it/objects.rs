//! Objects of a game in the hands of mods: what a host sees of them, and that a large state asks the game, too.

use std::time::Duration;

use lunation::{HostObject, ModManager, Object, ObjectId, Phase, Until, Value};

/// Room for a large state.
const SETTINGS: &str =
    "[hot_reload.state_management]\nmax_state_size = 200000000\n\n[limits]\nhandler_time = 5000\n";

const SCRIPT: &str = "
mod.state.target = nil
mod.on('choose', function(who) mod.state.target = who end)
mod.on('grow', function(n)
    mod.state.units = {}
    for i = 1, n do mod.state.units[i] = { hp = i } end
end)
mod.on('who', function() return mod.state.target:name() end)
";

struct World {
    names: Vec<&'static str>,
    saved: usize,
}

struct Unit;

impl HostObject for Unit {
    const KIND: &'static str = "game.unit";
}

struct Game {
    folder: tempfile::TempDir,
    world: World,
    mods: ModManager,
}

impl Game {
    fn new() -> Game {
        let folder = tempfile::tempdir().unwrap();
        let mods = ModManager::builder(folder.path().join("mods"))
            .watching(false)
            .namespace("game", |api| {
                api.object::<Unit>(|unit| {
                    unit.method("name", Phase::Setup, None, |call, id, ()| {
                        let world = call.host::<World>()?;
                        let name = world.names.get(id as usize).copied();
                        name.ok_or_else(|| "this unit is gone".into())
                    })
                    .codec(
                        |call, id| {
                            let mut world = call.host::<World>().ok()?;
                            world.saved += 1;
                            Some(world.names.get(id as usize)?.as_bytes().to_vec())
                        },
                        |call, name| {
                            let world = call.host::<World>().ok()?;
                            let mut names = world.names.iter();
                            Some(names.position(|known| known.as_bytes() == name)? as u64)
                        },
                    );
                });
            })
            .build()
            .unwrap();
        let world = World {
            names: vec!["Ada", "Bela"],
            saved: 0,
        };
        let mut game = Game {
            folder,
            world,
            mods,
        };
        game.write("lunation.toml", SETTINGS);
        game.write("squad/mod.toml", "id = \"squad\"\nversion = \"1.0.0\"\n");
        game.write("squad/scripts/main.lua", SCRIPT);
        assert_eq!(game.mods.load(), []);
        game
    }

    fn write(&self, path: &str, text: &str) {
        let path = self.folder.path().join("mods").join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }

    fn with<R>(&mut self, work: impl FnOnce(&mut ModManager) -> R) -> R {
        self.mods.with(&mut self.world, work)
    }

    fn choose(&mut self, id: u64) {
        let who = ObjectId::<Unit>::new(id);
        let dispatched = self.with(|mods| mods.dispatch("choose", &who));
        assert_eq!(dispatched.errors, []);
    }

    fn who(&mut self) -> Value {
        let mut dispatched = self.with(|mods| mods.dispatch("who", &()));
        assert_eq!(dispatched.errors, []);
        dispatched.results.remove(0)
    }
}

#[test]
fn objects_in_a_state_that_is_carried_beside_the_game_are_asked_for_before() {
    let mut game = Game::new();
    game.choose(1);
    let grown = game.with(|mods| mods.dispatch("grow", &50_000));
    assert_eq!(grown.errors, []);
    game.write("squad/scripts/main.lua", &format!("{SCRIPT}-- edited"));
    let reports = game.with(|mods| mods.wait(Duration::from_secs(60), Until::Idle));
    assert_eq!(reports.len(), 1);
    let problems: Vec<_> = reports.iter().flat_map(|report| &report.mods).collect();
    assert!(
        problems.iter().all(|one| one.problems.is_empty()),
        "{problems:?}"
    );
    assert!(game.world.saved > 0);
    assert_eq!(game.who(), "Bela".into());
}

#[test]
fn a_save_finds_an_object_by_what_the_codec_said_whatever_its_number_is() {
    let mut game = Game::new();
    game.choose(1);
    let save = game.with(ModManager::save);
    game.world.names = vec!["Bela", "Cyan"];
    game.choose(1);
    assert_eq!(game.who(), "Cyan".into());
    let restored = game.with(|mods| mods.restore(&save.bytes));
    restored.unwrap();
    assert_eq!(game.who(), "Bela".into());
}

#[test]
fn an_object_of_a_kind_that_nobody_declared_is_refused_before_a_mod_sees_it() {
    let mut game = Game::new();
    let ghost = Object {
        kind: "game.ghost".into(),
        id: 1,
    };
    let dispatched = game.mods.dispatch("choose", &vec![ghost]);
    assert_eq!(dispatched.handlers, 0);
    assert_eq!(
        dispatched.errors[0].because,
        "sends a payload with `choose` that can't cross because it has an object of the kind \"game.ghost\", which the game has not declared"
    );
}

#[test]
fn without_the_game_an_object_can_not_be_saved_and_the_reload_says_so() {
    let mut game = Game::new();
    game.choose(0);
    game.write("squad/scripts/main.lua", &format!("{SCRIPT}-- edited"));
    let reports = game.mods.check_updates();
    assert_eq!(
        reports[0].mods[0].problems[0].because,
        "can't be carried: state.target is a game.unit, which the game can't save"
    );
    assert_eq!(game.who(), "Ada".into());
    assert_eq!(game.mods.mods()[0].generation, 1);
}
