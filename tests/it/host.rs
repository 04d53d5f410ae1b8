//! What a game sees: its functions in the hands of mods, its own state lent to them, and what it is told.

use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use lunation::{Builder, Grant, ModEvent, ModId, ModManager, Phase, Until, Value};

struct World {
    coins: f64,
}

/// A mods folder with one mod, `shop`.
struct Game(tempfile::TempDir);

impl Game {
    fn new(manifest: &str, script: &str) -> Game {
        let game = Game(tempfile::tempdir().unwrap());
        game.write(
            "mod.toml",
            &format!("id = \"shop\"\nversion = \"1.0.0\"\n{manifest}"),
        );
        game.write("scripts/main.lua", script);
        game
    }

    fn mods(&self) -> PathBuf {
        self.0.path().join("mods")
    }

    fn write(&self, path: &str, text: &str) {
        let path = self.mods().join("shop").join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }

    fn builder(&self) -> Builder {
        ModManager::builder(self.mods())
            .watching(false)
            .namespace("game", |api| {
                api.function("coins", Phase::Setup, None, |call, ()| {
                    Ok(call.host::<World>().map_or(-1.0, |world| world.coins))
                });
                api.function(
                    "pay",
                    Phase::Runtime,
                    "game.money",
                    |call, (amount,): (f64,)| {
                        let mut world = call.host::<World>()?;
                        if amount < 0.0 {
                            return Err("the amount is negative".into());
                        }
                        world.coins += amount;
                        Ok(())
                    },
                );
                api.function("echo", Phase::Setup, None, |_, (value,): (Value,)| {
                    Ok(value)
                });
                api.function("crash", Phase::Setup, None, |_, ()| -> Result<(), _> {
                    // As `panic!`, without the backtrace, which takes longer than a handler may.
                    std::panic::resume_unwind(Box::new("a bug of the game"))
                });
                api.alias("events.register", "on");
            })
    }
}

fn shop() -> ModId {
    "shop".parse().unwrap()
}

fn error_of(mods: &mut ModManager, code: &str) -> String {
    mods.eval(&shop(), code).unwrap_err().because
}

const ASKS: &str = "[capabilities]\nrequired = [\"game.money\"]\n";

#[test]
fn the_game_is_lent_for_a_call_and_can_not_be_reached_outside_of_it() {
    let game = Game::new(
        ASKS,
        "game.events.register(\"sale\", function(n) game.pay(n) return game.coins() end)",
    );
    let mut mods = game.builder().build().unwrap();
    assert_eq!(mods.load(), []);
    let mut world = World { coins: 1.0 };
    let dispatched = mods.with(&mut world, |mods| mods.dispatch("sale", &2.5));
    assert_eq!(dispatched.results[0].as_f64(), Some(3.5));
    assert_eq!(world.coins, 3.5);
    assert_eq!(
        mods.eval(&shop(), "game.coins()").unwrap()[0].as_f64(),
        Some(-1.0)
    );
    assert!(error_of(&mut mods, "game.pay(1)").contains("can't be reached at this moment"));
}

#[test]
fn a_function_that_changes_the_game_is_refused_while_a_mod_loads() {
    let game = Game::new(ASKS, "game.pay(1)");
    let mut mods = game.builder().build().unwrap();
    let problems = mods.load();
    assert!(
        problems[0]
            .because
            .contains("can't be used while the mod loads"),
        "{problems:?}"
    );
    assert_eq!(
        problems[0].place.as_ref().unwrap().to_string(),
        "shop/scripts/main.lua:1"
    );
}

#[test]
fn a_capability_must_be_asked_for_and_granted() {
    let game = Game::new("", "");
    let mut mods = game.builder().build().unwrap();
    assert_eq!(mods.load(), []);
    assert!(error_of(&mut mods, "game.pay(1)").contains("needs the capability \"game.money\""));

    let game = Game::new(ASKS, "");
    let mut mods = game.builder().grant(|_| Grant::none()).build().unwrap();
    let problems = mods.load();
    assert_eq!(problems[0].code.as_str(), "capability-refused");
    assert!(mods.eval(&shop(), "1").is_err());
}

#[test]
fn what_goes_wrong_in_a_host_function_is_an_error_of_the_call() {
    let game = Game::new(ASKS, "");
    // A panic may take its time to print where it happened.
    let settings = "[limits]\nhandler_time = 10000\n";
    std::fs::write(game.mods().join("lunation.toml"), settings).unwrap();
    let mut mods = game.builder().build().unwrap();
    mods.load();
    let mut world = World { coins: 0.0 };
    let told = mods.with(&mut world, |mods| error_of(mods, "game.pay(-1)"));
    assert!(told.contains("game.pay: the amount is negative"), "{told}");
    let told = mods.with(&mut world, |mods| error_of(mods, "game.pay('much')"));
    assert!(told.contains("argument 1"), "{told}");
    assert!(error_of(&mut mods, "game.crash()").contains("failed inside the game"));
    assert_eq!(
        mods.eval(&shop(), "(pcall(game.crash))").unwrap(),
        [Value::Boolean(false)]
    );
}

#[test]
fn values_go_through_a_host_function_with_their_sharing() {
    let game = Game::new("", "");
    let mut mods = game.builder().build().unwrap();
    mods.load();
    let code = "(function() local t = {} local v = game.echo({a = t, b = t, [3] = 'x\\0y'}) return v.a == v.b and v[3] == 'x\\0y' end)()";
    assert_eq!(mods.eval(&shop(), code).unwrap(), [Value::Boolean(true)]);
}

#[test]
fn subscribers_and_hooks_hear_what_happens_in_order() {
    let game = Game::new(
        "[config.price]\ntype = \"float\"\ndefault = 1.0\n",
        "mod.state.n = 0",
    );
    let told = Arc::new(Mutex::new(Vec::new()));
    let (before, after) = (told.clone(), told.clone());
    let mut mods = game
        .builder()
        .on_before_reload(move |step| {
            before
                .lock()
                .unwrap()
                .push(format!("before {}", step.mod_id))
        })
        .on_after_reload(move |report| {
            after
                .lock()
                .unwrap()
                .push(format!("after {}", report.mods[0].mod_id))
        })
        .build()
        .unwrap();
    let events = mods.subscribe();
    mods.load();
    game.write("scripts/main.lua", "mod.state.n = 1");
    mods.check_updates();
    game.write("scripts/main.lua", "mod.state.n = ");
    mods.check_updates();
    game.write("scripts/main.lua", "mod.state.n = 1");
    mods.check_updates();
    mods.set_config(&shop(), "price", &Value::Number(2.0))
        .unwrap();
    game.write("assets/sign.txt", "open");
    mods.check_updates();
    std::fs::remove_dir_all(game.mods().join("shop")).unwrap();
    mods.check_updates();
    let mut kinds = Vec::new();
    while let Some(event) = events.try_recv() {
        let name = format!("{event:?}");
        kinds.push(name.split([' ', '{']).next().unwrap().to_owned());
    }
    let expected = [
        "Created",
        "Modified",
        "Reloaded",
        "Modified",
        "Kept",
        "Modified",
        "ConfigChanged",
        "Modified",
        "AssetChanged",
        "Removed",
    ];
    assert_eq!(kinds, expected);
    assert_eq!(events.dropped(), 0);
    let told = told.lock().unwrap();
    assert_eq!(told[..2], ["before shop", "after shop"]);
}

#[test]
fn a_subscription_is_heard_from_another_thread_and_drops_the_oldest_when_it_is_slow() {
    let script = "local n = 0 mod.on(\"fail\", function() n = n + 1 error(n) end)";
    let game = Game::new("", script);
    let settings = "[limits]\nproblems = 10000\n";
    std::fs::write(game.mods().join("lunation.toml"), settings).unwrap();
    let mut mods = game.builder().build().unwrap();
    mods.load();
    let slow = mods.subscribe();
    let listener = mods.subscribe();
    let heard = std::thread::spawn(move || listener.recv_timeout(Duration::from_secs(20)));
    for _ in 0..5_000 {
        mods.dispatch("fail", &());
    }
    assert!(matches!(
        heard.join().unwrap(),
        Some(ModEvent::Error { .. })
    ));
    assert!(slow.dropped() > 0);
    assert!(slow.try_recv().is_some());
}

#[test]
fn a_mod_that_is_not_watched_stays_as_it_runs_until_somebody_asks() {
    let game = Game::new("", "version = 1");
    let mut mods = game.builder().build().unwrap();
    mods.load();
    mods.unwatch(&shop());
    game.write("scripts/main.lua", "version = 2");
    assert_eq!(mods.wait(Duration::from_secs(20), Until::Idle), []);
    assert_eq!(
        mods.eval(&shop(), "version").unwrap()[0].as_f64(),
        Some(1.0)
    );
    assert_eq!(mods.check_updates().len(), 1);
    assert_eq!(
        mods.eval(&shop(), "version").unwrap()[0].as_f64(),
        Some(2.0)
    );
}

#[test]
fn the_version_policy_keeps_an_older_version_out() {
    let game = Game::new("", "");
    std::fs::write(
        game.mods().join("lunation.toml"),
        "[hot_reload]\nversion_policy = \"newer\"\n",
    )
    .unwrap();
    let mut mods = game.builder().build().unwrap();
    mods.load();
    game.write("mod.toml", "id = \"shop\"\nversion = \"0.9.0\"\n");
    let reports = mods.check_updates();
    assert_eq!(
        reports[0].mods[0].problems[0].code.as_str(),
        "version-policy"
    );
    assert_eq!(mods.mods()[0].version.to_string(), "1.0.0");
    game.write("mod.toml", "id = \"shop\"\nversion = \"1.1.0\"\n");
    mods.check_updates();
    assert_eq!(mods.mods()[0].version.to_string(), "1.1.0");
}

#[test]
fn a_wrong_host_version_is_an_error_at_the_start() {
    let game = Game::new("", "");
    let error = game.builder().host_version("one").build().err().unwrap();
    assert!(error.to_string().contains("semver"));
}

#[test]
fn at_the_end_every_mod_is_told_and_every_vm_is_freed() {
    let told = Arc::new(Mutex::new(Vec::new()));
    let heard = told.clone();
    let game = Game::new(
        "",
        "local keep = game.echo\nmod.on_unload(function() told.add(mod.id) end)\nmod.on(\"mod_unloaded\", function() told.add(\"event\") end)",
    );
    let add = |api: &mut lunation::ApiBuilder<'_>| {
        api.function("add", Phase::Runtime, None, move |_, (what,): (String,)| {
            heard.lock().unwrap().push(what);
            Ok(())
        });
    };
    let mut mods = game.builder().namespace("told", add).build().unwrap();
    assert_eq!(mods.load(), []);
    mods.dispatch("tick", &());
    drop(mods);
    assert_eq!(*told.lock().unwrap(), ["event", "shop"]);
    // Each VM holds the functions of the game, so this is the last holder only if all VMs are gone.
    assert_eq!(Arc::strong_count(&told), 1);
}

#[test]
fn a_manager_can_be_sent_to_another_thread() {
    fn can_be_sent(_: impl Send) {}
    let game = Game::new("", "mod.state.n = 1");
    let mut mods = game.builder().build().unwrap();
    mods.load();
    let there = std::thread::spawn(move || mods.state(&shop(), "n").unwrap().as_f64());
    assert_eq!(there.join().unwrap(), Some(1.0));
    can_be_sent(game.builder().build().unwrap());
}
