//! Where game and mods meet: what a mod leaves behind, what the game sends, and what fails in between.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use lunation::change::Kind;
use lunation::reload::Outcome;
use lunation::{Builder, Holding, LedgerEntry, ModId, ModManager, Phase, Status, Value};

/// Far longer than anything takes on a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);

/// A mods folder.
struct Game(tempfile::TempDir);

impl Game {
    fn new(mods: &[(&str, &str, &str)]) -> Game {
        let game = Game(tempfile::tempdir().unwrap());
        // A panic may take its time to print where it happened.
        game.write(
            "lunation.toml",
            "[limits]\nhandler_time = 10000\nmemory = 4194304",
        );
        for (id, manifest, script) in mods {
            let manifest = format!("id = \"{id}\"\nversion = \"1.0.0\"\n{manifest}");
            game.write(&format!("{id}/mod.toml"), &manifest);
            game.write(&format!("{id}/scripts/main.lua"), script);
        }
        game
    }

    fn write(&self, path: &str, text: &str) {
        let path = self.0.path().join("mods").join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }

    fn builder(&self) -> Builder {
        ModManager::builder(self.0.path().join("mods")).watching(false)
    }

    fn load(&self) -> ModManager {
        loaded(self.builder())
    }
}

fn loaded(builder: Builder) -> ModManager {
    let mut mods = builder.build().unwrap();
    assert_eq!(mods.load(), []);
    mods
}

fn id(text: &str) -> ModId {
    text.parse().unwrap()
}

fn is_active(mods: &ModManager, mod_id: &str) -> bool {
    let statuses = mods.mods();
    let mut its = statuses.iter().filter(|status| status.id == id(mod_id));
    its.any(|status| status.status == Status::Active && status.generation == 1)
}

/// How much a ledger has of each kind, whatever the names and generations.
fn kinds(entries: &[LedgerEntry]) -> Vec<(String, Holding, usize)> {
    let kinds = entries.iter();
    let kinds = kinds.map(|it| (it.mod_id.to_string(), it.kind, it.count));
    kinds.collect()
}

/// The entries of a folder of `/proc/self`; nothing where there is none.
fn count_of_process(what: &str) -> usize {
    let folder = Path::new("/proc/self").join(what);
    std::fs::read_dir(folder).map_or(0, Iterator::count)
}

/// Waits until every VM that was replaced is free.
#[track_caller]
fn wait_until_free(mods: &ModManager) {
    let deadline = Instant::now() + PATIENCE;
    while mods.ledger(None).iter().any(|it| it.kind == Holding::Vm) {
        assert!(Instant::now() < deadline, "{:?}", mods.ledger(None));
        std::thread::yield_now();
    }
}

const EVERYTHING: &str = r#"
local n = VERSION
local function heard() return n end
mod.on("probe", heard)
mod.every(2, "beat", function() mod.emit("beat", n) end)
mod.task("work", function() return false end)
mod.export({ version = heard })
mod.register("heard", heard)
mod.on_save(function() mod.state.n = n end)
local base = mod.import("base")
local sign = mod.asset("assets/sign.txt")
mod.on("mod_loaded", function()
    mod.on("probe", heard)
    mod.after(1000000, "late", heard)
    mod.state.said = base.say(sign:read())
end)
"#;

#[test]
fn three_hundred_reloads_leave_neither_descriptors_nor_threads_nor_registrations() {
    let base = "mod.export({ say = function(words) return words end }) mod.on('soak:beat', print)";
    let game = Game::new(&[
        ("base", "", base),
        (
            "soak",
            "[dependencies]\nbase = \"*\"\n",
            &EVERYTHING.replace("VERSION", "0"),
        ),
    ]);
    game.write("soak/assets/sign.txt", "open");
    let mut mods = game.load();
    let mut before = None;
    for version in 1..=300 {
        let script = EVERYTHING.replace("VERSION", &version.to_string());
        game.write("soak/scripts/main.lua", &script);
        let reports = mods.check_updates();
        assert_eq!(reports[0].mods[0].outcome, Outcome::Reloaded);
        let results = mods.dispatch("probe", &()).results;
        let heard: Vec<_> = results.iter().map(Value::as_f64).collect();
        assert_eq!(heard, [Some(f64::from(version)); 2]);
        assert_eq!(mods.advance(2).errors, []);
        if version == 20 || version == 300 {
            wait_until_free(&mods);
            let held = (
                kinds(&mods.ledger(None)),
                ["fd", "task"].map(count_of_process),
            );
            let (ledger, of_process) = before.get_or_insert_with(|| held.clone());
            assert_eq!(held.0, *ledger);
            // Other tests run beside: they have some of their own.
            assert!(held.1[0] < of_process[0] + 250 && held.1[1] < of_process[1] + 250);
        }
    }
}

#[test]
fn a_payload_that_finds_no_memory_is_the_fault_of_the_game_and_stops_no_mod() {
    let echo = "mod.on('data', function(data) return #data end) mod.export({ size = function(data) return #data end })";
    let game = Game::new(&[
        ("small", "", echo),
        ("other", "", "mod.on('data', function() return 1 end)"),
    ]);
    let mut mods = game.load();
    let large = Value::String(vec![b'x'; 8 << 20].into());
    for _ in 0..10 {
        let dispatched = mods.dispatch_value("data", &large);
        assert_eq!(dispatched.handlers, 2);
        for problem in &dispatched.errors {
            assert_eq!(problem.code.as_str(), "bad-call", "{problem}");
            assert!(
                problem
                    .because
                    .contains("no memory left for what it is sent in a handler of `data`")
            );
        }
        assert_eq!(dispatched.errors.len(), 2);
    }
    let problem = mods.call(&id("small"), "size", &[large]).unwrap_err();
    assert_eq!(problem.code.as_str(), "bad-call", "{problem}");
    mods.check_updates();
    assert!(is_active(&mods, "small") && is_active(&mods, "other"));
    let dispatched = mods.dispatch("data", "12345");
    assert_eq!(dispatched.errors, []);
    let sizes: Vec<_> = dispatched.results.iter().map(Value::as_f64).collect();
    assert_eq!(sizes, [Some(1.0), Some(5.0)]);
}

/// A table in a table, so many times.
fn nested(depth: usize) -> Value {
    (0..depth).fold(Value::Nil, |inner, _| Value::list([inner]))
}

fn hostile(which: &str) -> Value {
    match which {
        "deep" => nested(100_000),
        "nan" => Value::Table(vec![(f64::NAN.into(), true.into())]),
        "wide" => Value::list((0..2_000_000).map(|_| Value::Nil)),
        "large" => Value::String(vec![0; 64 << 20].into()),
        "circle" => Value::list([Value::Ref(0)]),
        _ => Value::list([Value::Ref(7)]),
    }
}

#[test]
fn values_that_a_host_makes_without_end_are_refused_whichever_way_they_come() {
    let game = Game::new(&[("it", "", "mod.on('data', function(data) return data end)")]);
    let mut mods = loaded(game.builder().namespace("game", |api| {
        api.function("make", Phase::Setup, None, |_, (which,): (String,)| {
            Ok(hostile(&which))
        });
    }));
    let why = |mods: &mut ModManager, which: &str| {
        let code = format!("select(2, pcall(game.make, '{which}'))");
        mods.eval(&id("it"), &code)
            .unwrap()
            .pop()
            .unwrap()
            .to_string()
    };
    assert!(
        why(&mut mods, "deep")
            .contains("game.make: the game's answer can't cross because it is nested")
    );
    assert!(why(&mut mods, "nan").contains("has a key that is not a number"));
    assert!(why(&mut mods, "wide").contains("entries"));
    assert!(why(&mut mods, "large").contains("not enough memory"));
    let circle = mods.eval(
        &id("it"),
        "(function() local t = game.make('circle') return t[1] == t end)()",
    );
    assert_eq!(circle, Ok(vec![true.into()]));
    assert_eq!(
        mods.eval(&id("it"), "#game.make('astray')").unwrap()[0].as_f64(),
        Some(0.0)
    );
    for (payload, words) in [(nested(200), "nested"), (hostile("nan"), "not a number")] {
        let dispatched = mods.dispatch_value("data", &payload);
        assert_eq!(dispatched.errors[0].code.as_str(), "bad-call");
        assert!(dispatched.errors[0].because.contains(words));
        let problem = mods.call(&id("it"), "none", &[payload]).unwrap_err();
        assert!(problem.because.contains(words), "{problem}");
    }
    assert!(is_active(&mods, "it"));
}

struct World {
    calls: u32,
}

#[test]
fn a_panic_deep_in_calls_from_mod_to_mod_gives_everything_back() {
    let inner = "mod.export({ crash = function() game.count() game.crash() end })";
    let outer = "local inner = mod.import('inner')
        mod.on('go', function()
            game.count()
            local ok, why = pcall(inner.crash)
            game.count()
            return why
        end)
        mod.on('go', function() inner.crash() end)";
    let game = Game::new(&[
        ("inner", "", inner),
        ("outer", "[dependencies]\ninner = \"*\"\n", outer),
    ]);
    let mut mods = loaded(game.builder().namespace("game", |api| {
        api.function("count", Phase::Runtime, None, |call, ()| {
            call.host::<World>()?.calls += 1;
            Ok(())
        });
        api.function("crash", Phase::Runtime, None, |call, ()| -> Result<(), _> {
            let _borrowed = call.host::<World>()?;
            // As `panic!`, without the words on the screen.
            std::panic::resume_unwind(Box::new("a bug of the game"))
        });
    }));
    let mut world = World { calls: 0 };
    for _ in 0..20 {
        let dispatched = mods.with(&mut world, |mods| mods.dispatch("go", &()));
        let told = dispatched.results[0].to_string();
        assert!(
            told.contains("game.crash failed inside the game (it panicked)"),
            "{told}"
        );
        assert_eq!(dispatched.errors.len(), 1, "{:?}", dispatched.errors);
    }
    assert_eq!(
        world.calls,
        20 * 4,
        "the game can be borrowed after each panic"
    );
    assert!(is_active(&mods, "inner"));
}

/// A host function can't reach the manager, which is borrowed while mods run: it notes what is asked of it.
#[test]
fn a_mod_that_asks_for_its_own_reload_gets_it_when_its_call_has_ended() {
    let script = "mod.state.n = 0
        mod.on('go', function()
            mod.state.n = mod.state.n + 1
            game.reload()
            mod.state.n = mod.state.n + 1
            return mod.generation
        end)";
    let game = Game::new(&[("it", "", script)]);
    let asked = Arc::new(AtomicBool::new(false));
    let note = asked.clone();
    let mut mods = loaded(game.builder().namespace("game", move |api| {
        api.function("reload", Phase::Runtime, None, move |_, ()| {
            note.store(true, Ordering::Release);
            Ok(())
        });
    }));
    for generation in 1..=3 {
        let dispatched = mods.dispatch("go", &());
        assert_eq!(dispatched.results[0].as_f64(), Some(f64::from(generation)));
        assert!(asked.swap(false, Ordering::AcqRel));
        let report = mods.reload(&id("it"), Kind::Script, false).unwrap();
        assert_eq!(report.mods[0].outcome, Outcome::Reloaded);
        let n = mods.state(&id("it"), "n").unwrap().as_f64();
        assert_eq!(
            n,
            Some(f64::from(2 * generation)),
            "the whole call is in the state"
        );
    }
}

#[test]
fn a_mod_that_is_stopped_while_it_is_called_is_freed_when_the_event_is_over() {
    let game = Game::new(&[
        ("loud", "", "mod.on('go', function() while true do end end)"),
        ("quiet", "", "mod.on('go', function() return 'quiet' end)"),
    ]);
    let settings = "[limits]\nhandler_time = 20\n[hot_reload.quarantine]\nstrikes = 1";
    game.write("lunation.toml", settings);
    let mut mods = game.load();
    let dispatched = mods.dispatch("go", &());
    assert_eq!(dispatched.errors[0].code.as_str(), "time-limit");
    assert_eq!(dispatched.results, ["quiet".into()]);
    wait_until_free(&mods);
    assert_eq!(kinds(&mods.ledger(Some(&id("loud")))), []);
}

#[test]
fn an_event_arrives_even_when_the_generation_that_emitted_it_is_gone() {
    let game = Game::new(&[
        (
            "herald",
            "",
            "mod.on_unload(function() mod.emit('farewell', mod.generation) end)",
        ),
        (
            "listener",
            "",
            "mod.on('herald:farewell', function(n) mod.state.heard = n end)",
        ),
    ]);
    let mut mods = game.load();
    mods.reload(&id("herald"), Kind::Script, false).unwrap();
    mods.dispatch("nothing", &());
    assert_eq!(
        mods.state(&id("listener"), "heard").unwrap().as_f64(),
        Some(1.0)
    );
    assert!(mods.ledger(None).iter().all(|it| it.kind != Holding::Event));
}
