//! The manager by itself, on real folders: load, follow, keep, carry, stop.

use std::path::Path;
use std::time::Duration;

use lunation::change::Kind;
use lunation::reload::Outcome;
use lunation::{ModId, ModManager, Onto, Status, Until, Value};

/// A mods folder of its own, gone at the end.
struct Folder(tempfile::TempDir);

impl Folder {
    fn new(files: &[(&str, &str)]) -> Folder {
        let folder = Folder(tempfile::tempdir().unwrap());
        std::fs::create_dir(folder.mods()).unwrap();
        files
            .iter()
            .for_each(|(path, text)| folder.write(path, text));
        folder
    }

    /// A folder with the mod `counter`, which counts by 1.
    fn counting() -> Folder {
        Folder::new(&[
            ("counter/mod.toml", MANIFEST),
            ("counter/scripts/main.lua", &counter(1)),
        ])
    }

    fn mods(&self) -> std::path::PathBuf {
        self.0.path().join("mods")
    }

    fn write(&self, path: &str, text: &str) {
        let path = self.mods().join(path);
        std::fs::create_dir_all(path.parent().unwrap_or(Path::new("."))).unwrap();
        std::fs::write(path, text).unwrap();
    }

    fn manager(&self) -> ModManager {
        ModManager::builder(self.mods())
            .watching(false)
            .build()
            .unwrap()
    }
}

fn id(text: &str) -> ModId {
    text.parse().unwrap()
}

const MANIFEST: &str = "id = \"counter\"\nversion = \"1.0.0\"\n";

fn counter(step: u32) -> String {
    format!(
        "mod.state.count = 0\nmod.on(\"tick\", function() mod.state.count = mod.state.count + {step} return mod.state.count end)"
    )
}

fn count(mods: &ModManager) -> Option<f64> {
    mods.state(&id("counter"), "count").unwrap().as_f64()
}

#[test]
fn an_edit_goes_live_and_the_state_is_kept() {
    let folder = Folder::counting();
    let mut mods = folder.manager();
    assert_eq!(mods.load(), []);
    for _ in 0..3 {
        let dispatched = mods.dispatch("tick", &());
        assert_eq!((dispatched.handlers, dispatched.errors.len()), (1, 0));
    }
    assert_eq!(count(&mods), Some(3.0));
    folder.write("counter/scripts/main.lua", &counter(10));
    let reports = mods.check_updates();
    assert_eq!(reports.len(), 1, "{reports:?}");
    assert_eq!(
        reports[0].mods[0].outcome,
        Outcome::Reloaded,
        "{}",
        reports[0]
    );
    assert_eq!(count(&mods), Some(3.0));
    assert_eq!(mods.dispatch("tick", &()).handlers, 1);
    assert_eq!(count(&mods), Some(13.0));
    assert_eq!(mods.mods()[0].generation, 2);
    assert_eq!(mods.check_updates(), []);
}

#[test]
fn a_broken_edit_is_kept_out_and_told_with_its_line() {
    let folder = Folder::counting();
    let mut mods = folder.manager();
    mods.load();
    mods.dispatch("tick", &());
    for broken in [
        "local = 3",
        "\nerror(\"no\")",
        "\nlocal x = nil .. 1",
        "mod.on_load(function() error(\"not now\") end)",
    ] {
        folder.write("counter/scripts/main.lua", broken);
        let reports = mods.check_updates();
        assert_eq!(reports[0].mods[0].outcome, Outcome::Kept, "{broken}");
        let problem = &reports[0].mods[0].problems[0];
        assert!(
            problem
                .place
                .as_ref()
                .is_some_and(|place| place.line.is_some()),
            "{broken}: {problem:?}"
        );
        assert_eq!(mods.dispatch("tick", &()).handlers, 1);
        assert_eq!(
            mods.check_updates(),
            [],
            "the same bad content is not tried twice"
        );
    }
    assert_eq!(count(&mods), Some(5.0));
    folder.write("counter/scripts/main.lua", &counter(1));
    assert_eq!(
        mods.check_updates(),
        [],
        "back to what runs: nothing to reload"
    );
    assert_eq!(count(&mods), Some(5.0));
}

#[test]
fn a_watched_folder_is_followed_without_asking() {
    let folder = Folder::counting();
    let mut mods = ModManager::builder(folder.mods()).build().unwrap();
    mods.load();
    folder.write("counter/scripts/main.lua", &counter(5));
    let reports = mods.wait(Duration::from_secs(20), Until::Report);
    assert_eq!(reports[0].mods[0].outcome, Outcome::Reloaded);
    assert!(reports[0].meets(Duration::from_secs(20)));
}

#[test]
fn a_mod_that_breaks_a_limit_goes_back_or_is_quarantined_with_its_state() {
    let hang = "mod.state.count = 0\nmod.on(\"tick\", function() mod.state.count = 7 while true do end end)";
    let folder = Folder::counting();
    let mut mods = folder.manager();
    mods.load();
    mods.dispatch("tick", &());
    if cfg!(feature = "luajit") {
        return; // LuaJIT calls no hook in compiled loops
    }
    folder.write("counter/scripts/main.lua", hang);
    mods.check_updates();
    let errors = mods.dispatch("tick", &()).errors;
    assert_eq!(errors[0].code.as_str(), "time-limit");
    let reports = mods.pump(Duration::from_secs(1));
    assert_eq!(
        reports[0].mods[0].outcome,
        Outcome::RolledBack,
        "{reports:?}"
    );
    assert_eq!(mods.dispatch("tick", &()).errors, []);
    assert_eq!(count(&mods), Some(8.0));

    let folder = Folder::new(&[
        ("lunation.toml", "[hot_reload.quarantine]\nstrikes = 1\n"),
        ("counter/mod.toml", MANIFEST),
        ("counter/scripts/main.lua", hang),
    ]);
    let mut mods = folder.manager();
    mods.load();
    assert_eq!(mods.dispatch("tick", &()).errors.len(), 1);
    assert_eq!(mods.mods()[0].status, Status::Quarantined);
    assert_eq!(mods.dispatch("tick", &()).handlers, 0);
    folder.write("counter/scripts/main.lua", &counter(1));
    mods.check_updates();
    assert_eq!(mods.mods()[0].status, Status::Active);
    assert_eq!(count(&mods), Some(7.0));
}

#[test]
fn history_goes_back_and_a_save_brings_the_state_back() {
    let folder = Folder::counting();
    let mut mods = folder.manager();
    mods.load();
    mods.dispatch("tick", &());
    let save = mods.save().bytes;
    folder.write("counter/scripts/main.lua", &counter(10));
    mods.check_updates();
    mods.dispatch("tick", &());
    assert_eq!(count(&mods), Some(11.0));
    let report = mods.rollback(&id("counter"), None, Onto::Now).unwrap();
    assert_eq!(report.mods[0].outcome, Outcome::RolledBack);
    mods.dispatch("tick", &());
    assert_eq!(count(&mods), Some(12.0));
    assert_eq!(mods.history(&id("counter")).len(), 3);
    assert_eq!(
        mods.check_updates(),
        [],
        "a rollback stays until the files change"
    );
    assert_eq!(mods.restore(&save).unwrap(), [id("counter")]);
    assert_eq!(count(&mods), Some(1.0));
    assert!(mods.restore(b"no save").is_err());
}

#[test]
fn mods_call_each_other_through_late_bound_imports() {
    let user = "local counter = mod.import(\"counter\")\nmod.export({ask = function(n) return counter.twice(n), counter.missing end})";
    let service =
        |factor: u32| format!("mod.export({{twice = function(n) return n * {factor} end}})");
    let folder = Folder::new(&[
        ("counter/mod.toml", MANIFEST),
        ("counter/scripts/main.lua", &service(2)),
        (
            "user/mod.toml",
            "id = \"user\"\nversion = \"1.0.0\"\n[dependencies]\ncounter = \"*\"\n",
        ),
        ("user/scripts/main.lua", user),
    ]);
    let mut mods = folder.manager();
    assert_eq!(mods.load(), []);
    let ask = |mods: &mut ModManager| {
        mods.call(&id("user"), "ask", &[Value::Number(4.0)])
            .unwrap()[0]
            .as_f64()
    };
    assert_eq!(ask(&mut mods), Some(8.0));
    folder.write("counter/scripts/main.lua", &service(3));
    let reports = mods.check_updates();
    assert_eq!(
        reports[0].mods.len(),
        1,
        "users of an import are not reloaded"
    );
    assert_eq!(ask(&mut mods), Some(12.0));
    folder.write("counter/scripts/main.lua", "mod.export({})");
    let reports = mods.check_updates();
    assert_eq!(
        reports[0].mods.len(),
        2,
        "they are when an export is taken away: {}",
        reports[0]
    );
}

#[test]
fn a_reload_on_request_reports_and_an_unknown_mod_is_an_error() {
    let folder = Folder::counting();
    let mut mods = folder.manager();
    mods.load();
    mods.dispatch("tick", &());
    let report = mods.reload(&id("counter"), Kind::Script, false).unwrap();
    assert_eq!(report.mods[0].outcome, Outcome::Reloaded);
    assert_eq!(count(&mods), Some(1.0));
    assert!(mods.reload(&id("nobody"), Kind::Script, false).is_err());
}

#[test]
fn a_pump_with_nothing_to_do_and_a_dispatch_of_a_number_allocate_nothing() {
    let listener = "mod.on(\"tick\", function(n) mod.state.last = n end)";
    let folder = Folder::new(&[
        ("counter/mod.toml", MANIFEST),
        ("counter/scripts/main.lua", listener),
    ]);
    let mut mods = folder.manager();
    mods.load();
    mods.dispatch("tick", &1.0); // the first one makes the tables
    let idle = allocation_counter::measure(|| assert_eq!(mods.pump(Duration::from_millis(2)), []));
    assert_eq!(idle.count_total, 0);
    let dispatch =
        allocation_counter::measure(|| assert_eq!(mods.dispatch("tick", &2.0).handlers, 1));
    assert_eq!(dispatch.count_total, 0);
}

#[test]
fn config_is_live_beside_code_that_was_refused_and_does_not_bring_it_in() {
    let manifest = format!("{MANIFEST}[config.rate]\ntype = \"float\"\ndefault = 1.0\n");
    let folder = Folder::new(&[
        ("counter/mod.toml", &manifest),
        ("counter/scripts/main.lua", &counter(1)),
    ]);
    let mut mods = folder.manager();
    mods.load();
    folder.write("counter/scripts/main.lua", "local = 3");
    assert_eq!(mods.check_updates()[0].mods[0].outcome, Outcome::Kept);
    folder.write("counter/config.toml", "rate = 2.5");
    let reports = mods.check_updates();
    assert_eq!(
        reports[0].mods[0].outcome,
        Outcome::Applied,
        "{}",
        reports[0]
    );
    let rate = mods.eval(&id("counter"), "mod.config.rate").unwrap();
    assert_eq!(rate[0].as_f64(), Some(2.5));
    assert_eq!(mods.problems().len(), 1, "the code is still refused");
    folder.write("counter/scripts/main.lua", &counter(1));
    assert_eq!(mods.check_updates(), []);
    assert_eq!(mods.problems(), []);

    folder.write("counter/scripts/main.lua", &counter(10));
    mods.check_updates();
    mods.rollback(&id("counter"), None, Onto::Now).unwrap();
    folder.write("counter/config.toml", "rate = 3.5");
    let reports = mods.check_updates();
    assert_eq!(
        reports[0].mods[0].outcome,
        Outcome::Applied,
        "{}",
        reports[0]
    );
    mods.dispatch("tick", &());
    assert_eq!(
        count(&mods),
        Some(1.0),
        "the code that was gone back from stays out"
    );
}
