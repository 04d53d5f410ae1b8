//! What a game decides about capabilities, and when it is asked.

use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use lunation::{
    Builder, Code, Grant, ModEvent, ModGrants, ModId, ModManager, Outcome, Phase, Until,
};

/// A mods folder with one mod, `shop`, in a game with the capabilities `game.money` and `game.doors`.
struct Game(tempfile::TempDir);

impl Game {
    fn new(required: &str, optional: &str, script: &str) -> Game {
        let game = Game(tempfile::tempdir().unwrap());
        game.asks(required, optional);
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

    /// Saves a manifest that asks for these.
    fn asks(&self, required: &str, optional: &str) {
        let list = |names: &str| {
            let names = names.split_whitespace().map(|name| format!("\"{name}\""));
            names.collect::<Vec<_>>().join(", ")
        };
        let (required, optional) = (list(required), list(optional));
        let lists = format!("required = [{required}]\noptional = [{optional}]");
        let manifest = format!("id = \"shop\"\nversion = \"1.0.0\"\n[capabilities]\n{lists}\n");
        self.write("mod.toml", &manifest);
    }

    fn builder(&self) -> Builder {
        ModManager::builder(self.mods())
            .watching(false)
            .without_history_on_disk()
            .namespace("game", |api| {
                api.function("pay", Phase::Setup, "game.money", |_, ()| Ok("paid"));
                api.function("open", Phase::Setup, "game.doors", |_, ()| Ok("open"));
            })
    }
}

fn shop() -> ModId {
    "shop".parse().unwrap()
}

/// `granted | denied | asks`.
fn told(grants: &[ModGrants]) -> String {
    let one = |it: &ModGrants| {
        let parts = [&it.granted, &it.denied, &it.asks].map(|names| names.join(" "));
        parts.join(" | ")
    };
    grants.iter().map(one).collect::<Vec<_>>().join("; ")
}

fn outcomes(mods: &mut ModManager) -> Vec<Outcome> {
    let reports = mods.check_updates().into_iter();
    reports
        .flat_map(|report| report.mods)
        .map(|it| it.outcome)
        .collect()
}

#[test]
fn the_rule_is_asked_until_the_mod_has_come_up_and_then_no_more() {
    let game = Game::new("game.money", "", "error('not yet')");
    let asked = Arc::new(AtomicUsize::new(0));
    let count = asked.clone();
    let rule = move |manifest: &lunation::Manifest| {
        count.fetch_add(1, Ordering::Relaxed);
        Grant::requested(manifest)
    };
    let mut mods = game.builder().grant(rule).build().unwrap();
    mods.load();
    assert_eq!(asked.load(Ordering::Relaxed), 1);
    // It never ran, so what it asks for by now is what it asks for at first.
    game.asks("game.money game.doors", "");
    assert_eq!(outcomes(&mut mods), [Outcome::Kept]);
    game.write("scripts/main.lua", "");
    assert_eq!(outcomes(&mut mods), [Outcome::Loaded]);
    let until_then = asked.load(Ordering::Relaxed);
    game.write("scripts/main.lua", "x = 1");
    assert_eq!(outcomes(&mut mods), [Outcome::Reloaded]);
    game.asks("game.money", "");
    assert_eq!(outcomes(&mut mods), [Outcome::Reloaded]);
    assert_eq!(asked.load(Ordering::Relaxed), until_then);
    assert_eq!(told(&mods.grants()), "game.money |  | ");
}

#[test]
fn what_the_rule_denied_can_be_granted_later_and_a_mod_that_did_not_load_then_does() {
    let game = Game::new("game.money", "game.doors", "");
    let mut mods = game.builder().grant(|_| Grant::none()).build().unwrap();
    let problems = mods.load();
    assert_eq!(problems[0].code, Code::CAPABILITY_REFUSED);
    assert_eq!(
        problems[0].place.as_ref().unwrap().to_string(),
        "shop/mod.toml:4:13"
    );
    assert_eq!(told(&mods.grants()), " | game.doors game.money | ");
    assert_eq!(mods.held(), []);
    mods.answer(&shop(), Grant::only(["game.money"])).unwrap();
    assert!(mods.has_work(), "it happens by itself");
    let reports = mods.pump(Duration::from_secs(60));
    assert_eq!(reports[0].mods[0].outcome, Outcome::Loaded);
    let why = mods.eval(&shop(), "game.open()").unwrap_err().because;
    assert!(why.contains("which the game did not grant"), "{why}");
    // An optional one comes with a reload, although no file is another one.
    mods.answer(&shop(), Grant::only(["game.doors"])).unwrap();
    let reports = mods.wait(Duration::from_secs(60), Until::Idle);
    assert_eq!(reports[0].mods[0].outcome, Outcome::Reloaded);
    assert_eq!(mods.eval(&shop(), "game.open()").unwrap()[0], "open".into());
    let refused = mods.answer(&shop(), Grant::none()).unwrap_err();
    assert_eq!(refused.code, Code::BAD_CALL);
}

#[test]
fn an_answer_neither_gives_more_than_is_asked_nor_takes_what_was_granted() {
    let game = Game::new("game.money", "", "");
    let mut mods = game.builder().build().unwrap();
    assert_eq!(mods.load(), []);
    game.asks("game.money", "game.doors");
    assert_eq!(outcomes(&mut mods), [Outcome::Kept]);
    assert_eq!(told(&mods.held()), "game.money |  | game.doors");
    mods.answer(&shop(), Grant::none()).unwrap();
    assert_eq!(outcomes(&mut mods), [Outcome::Reloaded]);
    assert_eq!(told(&mods.grants()), "game.money | game.doors | ");
    assert_eq!(mods.eval(&shop(), "game.pay()").unwrap()[0], "paid".into());
    mods.answer(&shop(), Grant::only(["game.doors", "game.moon"]))
        .unwrap();
    assert_eq!(told(&mods.grants()), "game.doors game.money |  | ");
}

#[test]
fn a_rule_for_what_is_asked_later_may_decide_or_leave_it_to_the_game() {
    let game = Game::new("", "", "");
    let seen = Arc::new(Mutex::new(Vec::new()));
    let heard = seen.clone();
    let rule = move |mods: &ModGrants| {
        heard.lock().unwrap().push(told(std::slice::from_ref(mods)));
        let is_money = mods.asks == ["game.money"];
        is_money.then(|| Grant::only(mods.asks.iter()))
    };
    let mut mods = game.builder().grant_more(rule).build().unwrap();
    let events = mods.subscribe();
    assert_eq!(mods.load(), []);
    assert_eq!(*seen.lock().unwrap(), [""; 0]);
    game.asks("game.money", "");
    assert_eq!(outcomes(&mut mods), [Outcome::Reloaded]);
    game.asks("game.money", "game.doors");
    assert_eq!(outcomes(&mut mods), [Outcome::Kept]);
    assert_eq!(told(&mods.held()), "game.money |  | game.doors");
    assert!(
        seen.lock()
            .unwrap()
            .contains(&" |  | game.money".to_owned())
    );
    let events = std::iter::from_fn(|| events.try_recv());
    let told: Vec<String> = events
        .filter_map(|event| match event {
            ModEvent::Granted {
                granted, denied, ..
            } => Some(format!("{granted:?} {denied:?}")),
            ModEvent::Held { granted, asks, .. } => Some(format!("held {granted:?} {asks:?}")),
            _ => None,
        })
        .collect();
    assert_eq!(
        told,
        [
            "[\"game.money\"] []",
            "held [\"game.money\"] [\"game.doors\"]"
        ]
    );
}

#[test]
fn a_mod_that_was_stopped_does_not_come_back_with_more_than_it_had() {
    let game = Game::new("", "", "mod.on('go', function() while true do end end)");
    let settings = "[hot_reload.quarantine]\nstrikes = 1";
    game.write("../lunation.toml", settings);
    let mut mods = game.builder().build().unwrap();
    assert_eq!(mods.load(), []);
    mods.dispatch("go", &());
    mods.check_updates();
    game.asks("game.money", "");
    game.write("scripts/main.lua", "print(game.pay())");
    assert_eq!(outcomes(&mut mods), [Outcome::Kept]);
    assert_eq!(told(&mods.held()), " |  | game.money");
    mods.answer(&shop(), Grant::only(["game.money"])).unwrap();
    assert_eq!(outcomes(&mut mods), [Outcome::Loaded]);
}
