//! Recovery where scenarios don't reach: retries and pauses that end by themselves, time, and random stories.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use lunation::reload::{Outcome, ReloadReport};
use lunation::{Builder, Kind, ModId, ModManager, Phase, Status, Until};
use proptest::prelude::*;

/// Nothing takes that long.
const LONG: Duration = Duration::from_secs(60);

/// Longer than any pause in these tests, so that to wait for its end would be to hang.
const FOR_EVER: Duration = Duration::from_secs(86_400);

struct Folder(tempfile::TempDir);

impl Folder {
    fn new(files: &[(&str, &str)]) -> Folder {
        let folder = Folder(tempfile::tempdir().unwrap());
        let write = |(path, text): &(&str, &str)| folder.write(path, text);
        files.iter().for_each(write);
        folder
    }

    fn write(&self, path: &str, text: &str) {
        let path = self.0.path().join("mods").join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }

    fn builder(&self) -> Builder {
        ModManager::builder(self.0.path().join("mods"))
            .watching(false)
            .without_history_on_disk()
    }
}

fn id(text: &str) -> ModId {
    text.parse().unwrap()
}

fn manifest(mod_id: &str, needs: &str) -> String {
    format!("id = \"{mod_id}\"\nversion = \"1.0.0\"\n[dependencies]\n{needs}\n")
}

fn outcomes(reports: &[ReloadReport]) -> Vec<(&str, Outcome)> {
    let mods = reports.iter().flat_map(|report| &report.mods);
    mods.map(|its| (its.mod_id.as_str(), its.outcome)).collect()
}

fn codes(mods: &ModManager) -> Vec<&'static str> {
    let problems = mods.problems();
    problems.iter().map(|it| it.code.as_str()).collect()
}

fn breaker(cool_down: u32) -> String {
    format!("[hot_reload.breaker]\nthreshold = 2\ncool_down = {cool_down}\n")
}

#[test]
fn an_idle_host_does_not_wait_for_the_end_of_a_pause_and_the_newest_code_goes_live_after_it() {
    let folder = Folder::new(&[
        ("shop/mod.toml", &manifest("shop", "")),
        ("shop/scripts/main.lua", "mod.state.n = 0"),
        ("lunation.toml", &breaker(86_400)),
    ]);
    let mut mods = folder.builder().build().unwrap();
    assert_eq!(mods.load(), []);
    for n in 0..2 {
        folder.write("shop/scripts/main.lua", &format!("error({n})"));
        let reports = mods.wait(FOR_EVER, Until::Idle);
        assert_eq!(outcomes(&reports), [("shop", Outcome::Kept)]);
    }
    assert!(codes(&mods).contains(&"breaker-open"), "{:?}", codes(&mods));
    for n in [3, 4] {
        folder.write("shop/scripts/main.lua", &format!("mod.state.n = {n}"));
        assert_eq!(mods.wait(FOR_EVER, Until::Idle), [], "it waits");
    }
    folder.write("lunation.toml", &breaker(1));
    let mut reports = mods.wait(FOR_EVER, Until::Idle);
    reports.extend(mods.wait(LONG, Until::Report));
    assert_eq!(outcomes(&reports), [("shop", Outcome::Reloaded)]);
    assert_eq!(mods.state(&id("shop"), "n").unwrap().as_f64(), Some(4.0));
    assert_eq!(codes(&mods), [""; 0], "the pause is over");
}

#[test]
fn a_host_that_asks_for_everything_does_not_wait_for_the_end_of_a_pause() {
    let folder = Folder::new(&[
        ("shop/mod.toml", &manifest("shop", "")),
        ("shop/scripts/main.lua", "mod.state.n = 0"),
        ("lunation.toml", &breaker(86_400)),
    ]);
    let mut mods = folder.builder().build().unwrap();
    mods.load();
    for n in 0..4 {
        folder.write("shop/scripts/main.lua", &format!("error({n})"));
        assert_eq!(outcomes(&mods.check_updates()), [("shop", Outcome::Kept)]);
    }
    folder.write("shop/scripts/main.lua", "mod.state.n = 5");
    assert_eq!(
        outcomes(&mods.check_updates()),
        [("shop", Outcome::Reloaded)]
    );
}

#[test]
fn what_can_not_be_read_is_tried_as_often_as_the_host_says_and_then_it_says_so() {
    let folder = Folder(tempfile::tempdir().unwrap());
    let tried = Arc::new(Mutex::new(Vec::new()));
    let noted = tried.clone();
    let mut mods = folder
        .builder()
        .retry(move |attempt| {
            noted.lock().unwrap().push(attempt);
            (attempt < 3).then_some(Duration::ZERO)
        })
        .build()
        .unwrap();
    mods.load();
    let started = Instant::now();
    while !codes(&mods).contains(&"retries-used-up") {
        assert!(started.elapsed() < LONG, "{:?}", mods.problems());
        mods.pump(Duration::ZERO);
        std::thread::yield_now();
    }
    assert_eq!(*tried.lock().unwrap(), [1, 2, 3]);
    let problems = mods.problems();
    let last = problems
        .iter()
        .find(|it| it.code.as_str() == "retries-used-up");
    assert_eq!(
        last.unwrap().because,
        "could not be read by 2 retries either and is not tried again by itself"
    );
    folder.write("shop/mod.toml", &manifest("shop", ""));
    folder.write("shop/scripts/main.lua", "");
    assert_eq!(outcomes(&mods.check_updates()), [("shop", Outcome::Loaded)]);
    assert_eq!(mods.problems(), []);
}

#[cfg(feature = "watch")]
#[test]
fn a_quiet_time_of_the_host_is_asked_with_the_events_of_the_mod() {
    let folder = Folder::new(&[
        ("shop/mod.toml", &manifest("shop", "")),
        ("shop/scripts/main.lua", "mod.state.n = 0"),
    ]);
    let asked = Arc::new(AtomicU32::new(0));
    let noted = asked.clone();
    let mut mods = folder
        .builder()
        .watching(true)
        .debounce(move |events| {
            assert!(
                events
                    .iter()
                    .all(|event| event.look.path.starts_with("shop"))
            );
            noted.fetch_add(1, Ordering::Relaxed);
            Duration::ZERO
        })
        .build()
        .unwrap();
    mods.load();
    folder.write("shop/scripts/main.lua", "mod.state.n = 1");
    let reports = mods.wait(LONG, Until::Report);
    assert_eq!(outcomes(&reports), [("shop", Outcome::Reloaded)]);
    assert!(asked.load(Ordering::Relaxed) > 0);
}

#[test]
fn a_transaction_that_takes_too_long_changes_nothing() {
    let slow = |n: u32| format!("game.work() mod.state.n = {n}");
    let folder = Folder::new(&[
        ("near/mod.toml", &manifest("near", "far = \"*\"")),
        ("near/scripts/main.lua", "mod.state.n = 0"),
        ("far/mod.toml", &manifest("far", "near = \"*\"")),
        ("far/scripts/main.lua", "mod.state.n = 0"),
        (
            "lunation.toml",
            "[limits]\nload_time = 60000\n[hot_reload.reload_queue]\nreload_timeout = 1\n",
        ),
    ]);
    let mut mods = folder
        .builder()
        .namespace("game", |api| {
            api.function("work", Phase::Setup, None, |_, ()| {
                let started = Instant::now();
                while started.elapsed() < Duration::from_millis(600) {
                    std::hint::spin_loop();
                }
                Ok(())
            });
        })
        .build()
        .unwrap();
    mods.load();
    for mod_id in ["near", "far"] {
        folder.write(&format!("{mod_id}/scripts/main.lua"), &slow(1));
    }
    let reports = mods.check_updates();
    let mut told = outcomes(&reports);
    told.sort_unstable_by_key(|(mod_id, _)| *mod_id);
    assert_eq!(told, [("far", Outcome::Kept), ("near", Outcome::Kept)]);
    let mut problems = reports
        .iter()
        .flat_map(|it| &it.mods)
        .flat_map(|it| &it.problems);
    assert!(problems.any(|it| it.code.as_str() == "reload-timeout"));
    for mod_id in ["near", "far"] {
        assert_eq!(mods.state(&id(mod_id), "n").unwrap().as_f64(), Some(0.0));
    }
    assert!(mods.mods().iter().all(|it| it.generation == 1));
}

/// What a save of the mod `wild` does.
#[derive(Clone, Copy, Debug)]
enum Content {
    Good,
    /// Does not load.
    Bad,
    /// Loads, and raises an error at each event.
    Flaky,
    /// Loads, and never comes back from the event `hang`.
    Hanging,
}

#[derive(Clone, Copy, Debug)]
enum Op {
    Save(Content),
    /// What was saved before the last save.
    SaveAgain,
    Go,
    Hang,
    Wait,
    Resume,
    Reload,
}

fn ops() -> impl Strategy<Value = Vec<Op>> {
    let content = prop_oneof![
        2 => Just(Content::Good),
        1 => Just(Content::Bad),
        3 => Just(Content::Flaky),
        2 => Just(Content::Hanging),
    ];
    let op = prop_oneof![
        5 => content.prop_map(Op::Save),
        1 => Just(Op::SaveAgain),
        6 => Just(Op::Go),
        2 => Just(Op::Hang),
        3 => Just(Op::Wait),
        1 => Just(Op::Resume),
        1 => Just(Op::Reload),
    ];
    proptest::collection::vec(op, 1..25)
}

/// The script of the n-th save.
fn script(content: Content, n: usize) -> String {
    let special = match content {
        Content::Good => "",
        Content::Bad => "error('bad')",
        Content::Flaky => "mod.on('go', function() error('flaky') end)",
        // LuaJIT calls no hook in compiled loops.
        Content::Hanging if cfg!(feature = "luajit") => "",
        Content::Hanging => "mod.on('hang', function() while true do end end)",
    };
    format!("mod.on('who', function() return {n} end)\n{special}\n")
}

/// A game with the mod `wild`, one that needs it, and one that does not.
struct Story {
    folder: Folder,
    mods: ModManager,
    /// Every save so far; the last one is on disk.
    saves: Vec<usize>,
    contents: Vec<Content>,
    /// The contents that failed their probation, and were not saved since.
    failed: BTreeSet<usize>,
}

impl Story {
    fn new() -> Story {
        let folder = Folder::new(&[
            ("wild/mod.toml", &manifest("wild", "")),
            ("wild/scripts/main.lua", &script(Content::Good, 0)),
            ("user/mod.toml", &manifest("user", "wild = \"*\"")),
            ("user/scripts/main.lua", "mod.state.kept = 7"),
            ("other/mod.toml", &manifest("other", "")),
            (
                "other/scripts/main.lua",
                "mod.on('other', function() return mod.generation end)",
            ),
            (
                "lunation.toml",
                "[hot_reload.probation]\ndispatches = 4\nmax_errors = 2\n[limits]\nhandler_time = 20\n",
            ),
        ]);
        let mut mods = folder.builder().build().unwrap();
        assert_eq!(mods.load(), []);
        Story {
            folder,
            mods,
            saves: vec![0],
            contents: vec![Content::Good],
            failed: BTreeSet::new(),
        }
    }

    fn save(&mut self, n: usize) {
        let text = script(self.contents[n], n);
        self.folder.write("wild/scripts/main.lua", &text);
        self.saves.push(n);
        self.failed.remove(&n);
    }

    fn take(&mut self, op: Op) {
        match op {
            Op::Save(content) => {
                self.contents.push(content);
                self.save(self.contents.len() - 1);
            }
            Op::SaveAgain => {
                let before = self.saves[self.saves.len().saturating_sub(2)];
                self.save(before);
            }
            Op::Go => drop(self.mods.dispatch("go", &())),
            Op::Hang => drop(self.mods.dispatch("hang", &())),
            Op::Wait => self.settle(),
            Op::Resume => drop(self.mods.resume_mod(&id("wild"))),
            Op::Reload => {
                // Who asks for it gets it, whatever it did before.
                self.failed.clear();
                drop(self.mods.reload(&id("wild"), Kind::Script, false));
            }
        }
        let other = self.mods.dispatch("other", &());
        assert_eq!(other.results.len(), 1, "nobody else is affected: {other:?}");
        assert_eq!(other.results[0].as_f64(), Some(1.0));
    }

    /// The number of the save that runs.
    fn runs(&mut self) -> Option<usize> {
        let who = self.mods.eval(&id("wild"), "return mod.state.who");
        who.is_ok().then_some(())?;
        let answers = self.mods.dispatch("who", &()).results;
        answers.first()?.as_f64().map(|n| n as usize)
    }

    /// Lets everything that is to happen happen: a few transactions, no endless back and forth.
    fn settle(&mut self) {
        let before = self.runs();
        let reports = self.mods.wait(LONG, Until::Idle);
        assert!(reports.len() < 12, "{reports:?}");
        let told = outcomes(&reports);
        let is_back = told.contains(&("wild", Outcome::RolledBack));
        if is_back {
            self.failed.extend(before);
        }
        assert!(self.mods.wait(LONG, Until::Idle).is_empty(), "it rests");
        if let Some(now) = self.runs() {
            assert!(!self.failed.contains(&now), "{now} failed its probation");
        }
        let status = |mod_id: &str| {
            let mods = self.mods.mods();
            let found = mods.into_iter().find(|it| it.id.as_str() == mod_id);
            found.map(|it| it.status)
        };
        let wild = status("wild");
        assert_eq!(
            status("user") == Some(Status::Active),
            wild == Some(Status::Active),
            "who needs it runs exactly if it does: {:?}",
            self.mods.mods()
        );
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn whatever_is_saved_and_breaks_nothing_that_failed_comes_back_and_the_files_win(ops in ops()) {
        let mut story = Story::new();
        for op in ops {
            story.take(op);
        }
        story.settle();
        story.contents.push(Content::Good);
        let last = story.contents.len() - 1;
        story.save(last);
        // It may pause; somebody asks.
        story.mods.check_updates();
        story.settle();
        prop_assert_eq!(story.runs(), Some(last));
        let kept = story.mods.state(&id("user"), "kept").unwrap();
        prop_assert_eq!(kept.as_f64(), Some(7.0));
    }
}
