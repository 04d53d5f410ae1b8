//! Recovery where scenarios don't reach: retries and pauses that end by themselves, time; `stories` are random.

mod stories;

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use lunation::reload::{Outcome, ReloadReport};
use lunation::{Builder, ModId, ModManager, Phase, Until};

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

#[cfg(unix)]
#[test]
fn a_file_that_can_not_be_read_is_retried_for_its_mod_and_taken_when_it_can() {
    use std::os::unix::fs::PermissionsExt;
    let folder = Folder::new(&[
        ("shop/mod.toml", &manifest("shop", "")),
        ("shop/scripts/main.lua", "mod.state.n = 0"),
    ]);
    let main = folder.0.path().join("mods/shop/scripts/main.lua");
    let allow = |mode| {
        std::fs::set_permissions(&main, std::fs::Permissions::from_mode(mode)).unwrap();
    };
    allow(0o000);
    if std::fs::read(&main).is_ok() {
        eprintln!("skipped: permissions do not bind this user (root)");
        return;
    }
    allow(0o644);
    let told = Arc::new(Mutex::new(Vec::new()));
    let noted = told.clone();
    let mut mods = folder
        .builder()
        .retry(|_| Some(Duration::ZERO))
        .on_retry(move |mod_id, attempt| noted.lock().unwrap().push((mod_id.clone(), attempt)))
        .build()
        .unwrap();
    mods.load();
    std::fs::write(&main, "mod.state.n = 1").unwrap();
    allow(0o000);
    assert_eq!(mods.wait(LONG, Until::Idle), [], "the mod runs on as it is");
    let started = Instant::now();
    while !codes(&mods).contains(&"retries-used-up") {
        assert!(started.elapsed() < LONG, "{:?}", mods.problems());
        mods.pump(Duration::ZERO);
        std::thread::yield_now();
    }
    assert!(
        told.lock()
            .unwrap()
            .iter()
            .any(|(mod_id, _)| *mod_id == id("shop"))
    );
    assert_eq!(mods.state(&id("shop"), "n").unwrap().as_f64(), Some(0.0));
    allow(0o644);
    assert_eq!(
        outcomes(&mods.check_updates()),
        [("shop", Outcome::Reloaded)]
    );
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
fn a_fix_that_waits_for_its_turn_when_a_mod_is_quarantined_goes_live() {
    if cfg!(feature = "luajit") {
        return; // LuaJIT calls no hook in compiled loops
    }
    let folder = Folder::new(&[
        ("first/mod.toml", &manifest("first", "")),
        ("first/scripts/main.lua", ""),
        ("second/mod.toml", &manifest("second", "")),
        (
            "second/scripts/main.lua",
            "mod.on('hang', function() while true do end end)",
        ),
        ("lunation.toml", "[hot_reload.quarantine]\nstrikes = 1\n"),
    ]);
    let mut mods = folder.builder().build().unwrap();
    assert_eq!(mods.load(), []);
    folder.write("first/scripts/main.lua", "local new = 1");
    folder.write("second/scripts/main.lua", "mod.state.n = 5");
    mods.watch(&id("none"));
    let started = Instant::now();
    while !mods.has_work() {
        assert!(started.elapsed() < LONG);
        std::thread::yield_now();
    }
    assert_eq!(mods.pump(Duration::ZERO), [], "both switch at one moment");
    assert_eq!(mods.dispatch("hang", &()).errors.len(), 1);
    let reports = mods.wait(LONG, Until::Idle);
    let both = [("first", Outcome::Reloaded), ("second", Outcome::Loaded)];
    assert_eq!(outcomes(&reports), both);
    assert_eq!(mods.state(&id("second"), "n").unwrap().as_f64(), Some(5.0));
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
