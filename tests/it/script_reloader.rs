//! [`lunation::ScriptReloader`] on real files: load, reload, keep, carry, watch, call.

use std::path::PathBuf;
use std::sync::mpsc;
use std::time::Duration;

use lunation::{Error, LogLevel, Phase, ScriptReloader, Settings, Value};

/// A script in a folder of its own, gone at the end.
struct Script {
    folder: tempfile::TempDir,
}

impl Script {
    fn new(code: &str) -> Script {
        let script = Script {
            folder: tempfile::tempdir().unwrap(),
        };
        script.write(code);
        script
    }

    fn path(&self) -> PathBuf {
        self.folder.path().join("ai.lua")
    }

    fn write(&self, code: &str) {
        std::fs::write(self.path(), code).unwrap();
    }

    fn remove(&self) {
        std::fs::remove_file(self.path()).unwrap();
    }

    /// As most editors save: the new content is renamed over the old one.
    #[cfg(feature = "watch")]
    fn rename_over(&self, code: &str) {
        let beside = self.folder.path().join("ai.lua.new");
        std::fs::write(&beside, code).unwrap();
        std::fs::rename(beside, self.path()).unwrap();
    }

    /// The script, loaded without a problem.
    fn loaded(&self) -> ScriptReloader {
        let mut script = ScriptReloader::new(self.path()).unwrap();
        let stats = script.load();
        assert!(stats.is_success && stats.has_new_code, "{stats}");
        assert_eq!(script.generation(), 1);
        script
    }
}

fn counter(step: u32) -> String {
    format!(
        "mod.state.count = 0\nfunction step() return {step} end\nmod.on(\"tick\", function() mod.state.count = mod.state.count + step() end)"
    )
}

fn count(script: &ScriptReloader) -> Option<f64> {
    script.state("count").unwrap().as_f64()
}

#[test]
fn an_edit_goes_live_with_the_state_and_is_counted() {
    let file = Script::new(&counter(1));
    let mut script = file.loaded();
    assert_eq!(script.dispatch("tick", &()).handlers, 1);
    assert_eq!(script.time_since_last_reload(), None);
    file.write(&counter(10));
    let stats = script.reload();
    assert!(stats.is_success && stats.has_new_code, "{stats}");
    assert_eq!(stats.problem, None);
    // The state has one, and the mod one global function.
    assert_eq!(stats.entries_kept, 2);
    assert_eq!(stats.source_bytes, counter(10).len() as u64);
    assert!(stats.compile > Duration::ZERO && stats.compile < stats.total);
    assert!(stats.meets(Duration::from_secs(60)) && !stats.meets(Duration::ZERO));
    script.dispatch("tick", &());
    assert_eq!(count(&script), Some(11.0));
    assert_eq!((script.generation(), script.reload_count()), (2, 1));
    assert!(script.time_since_last_reload().is_some());
}

#[test]
fn unchanged_content_reloads_nothing() {
    let file = Script::new(&counter(1));
    let mut script = file.loaded();
    file.write(&counter(1));
    let stats = script.reload();
    assert!(stats.is_success && !stats.has_new_code, "{stats}");
    assert_eq!(stats.to_string(), "✓ unchanged");
    assert_eq!((script.generation(), script.reload_count()), (1, 0));
}

#[test]
fn a_broken_edit_keeps_the_old_code_and_says_why_with_its_line() {
    let file = Script::new(&counter(1));
    let mut script = file.loaded();
    for broken in [
        "local = 3",
        "\nerror(\"no\")",
        "mod.on_load(function() error(\"no\") end)",
    ] {
        file.write(broken);
        let stats = script.reload();
        assert!(!stats.is_success && !stats.has_new_code, "{stats}");
        let problem = stats.problem.unwrap();
        let place = problem.place.clone().unwrap();
        assert_eq!(&*place.file, "ai.lua", "{problem}");
        assert!(place.line.is_some(), "{problem}");
        script.dispatch("tick", &());
        let again = script.reload();
        assert_eq!(again.problem, Some(problem), "it is still so");
    }
    assert_eq!((count(&script), script.generation()), (Some(3.0), 1));
    file.write(&counter(1));
    let stats = script.reload();
    assert!(stats.is_success, "the running code is back: {stats}");
    file.write(&counter(2));
    assert!(script.reload().is_success);
    assert_eq!((count(&script), script.generation()), (Some(3.0), 2));
}

#[test]
fn a_script_that_is_missing_or_too_large_is_told_and_can_come_later() {
    let file = Script::new("");
    file.remove();
    let mut script = ScriptReloader::new(file.path()).unwrap();
    let stats = script.load();
    assert!(!stats.is_success);
    assert_eq!((stats.source_bytes, script.generation()), (0, 0));
    assert_eq!(stats.problem.unwrap().code.as_str(), "missing-entry");
    let problem = script.call("step", &[]).unwrap_err();
    assert_eq!(problem.code.as_str(), "missing-entry");
    file.write(&counter(1));
    assert!(script.reload().is_success);
    assert_eq!(script.generation(), 1);
    file.write(&"-".repeat(300_000));
    assert_eq!(script.reload().problem.unwrap().code.as_str(), "too-large");
    file.remove();
    assert!(!script.reload().is_success);
    assert_eq!(script.dispatch("tick", &()).handlers, 1, "it runs on");
}

#[test]
fn functions_are_called_by_their_export_or_as_globals_and_code_is_evaluated() {
    let file = Script::new(
        "function double(n) return n * 2 end\nfunction both() return \"global\" end\nmod.export({both = function() return \"export\" end})\nlocal function hidden() end",
    );
    let mut script = file.loaded();
    let four = script.call("double", &[Value::Number(2.0)]).unwrap();
    assert_eq!(four[0].as_f64(), Some(4.0));
    assert_eq!(
        script.call("both", &[]).unwrap()[0].as_str(),
        Some("export")
    );
    assert_eq!(script.eval("double(4)").unwrap()[0].as_f64(), Some(8.0));
    for missing in ["hidden", "nothing"] {
        let problem = script.call(missing, &[]).unwrap_err();
        assert_eq!(problem.code.as_str(), "bad-call");
    }
    file.write("function double(n) return n * 3 end");
    script.reload();
    let six = script.call("double", &[Value::Number(2.0)]).unwrap();
    assert_eq!(six[0].as_f64(), Some(6.0));
}

/// A host of one number.
struct World {
    gold: f64,
}

#[test]
fn functions_of_the_host_need_no_grant_and_reach_the_lent_game() {
    let code = "print(\"gold\", town.gold())\nmod.on(\"pay\", function(n) town.pay(n) end)";
    let file = Script::new(code);
    let builder = ScriptReloader::builder(file.path()).namespace("town", |api| {
        api.function("gold", Phase::Setup, "town.look", |call, ()| {
            Ok(call.host::<World>()?.gold)
        });
        api.function(
            "pay",
            Phase::Runtime,
            "town.pay",
            |call, (amount,): (f64,)| {
                call.host::<World>()?.gold -= amount;
                Ok(())
            },
        );
    });
    let mut script = builder.build().unwrap();
    let mut world = World { gold: 10.0 };
    let stats = script.with(&mut world, ScriptReloader::load);
    assert!(stats.is_success, "{stats}");
    let dispatched = script.with(&mut world, |script| script.dispatch("pay", &3));
    assert_eq!(dispatched.errors, []);
    assert_eq!(world.gold, 7.0);
    let log = script.log(0);
    assert_eq!((log.len(), log[0].level), (1, LogLevel::Info));
    assert!(log[0].text.contains("gold"), "{}", log[0].text);
    file.write("town.pay(1)");
    let stats = script.with(&mut world, ScriptReloader::reload);
    assert!(!stats.is_success, "a load must leave no trace");
    assert_eq!(world.gold, 7.0);
}

#[test]
fn limits_are_those_of_the_settings() {
    let file = Script::new("mod.on(\"tick\", function() while true do end end)");
    let mut settings = Settings::default();
    settings.limits.handler_time = 5;
    settings.hot_reload.quarantine.strikes = 1;
    let builder = ScriptReloader::builder(file.path()).settings(settings);
    let mut script = builder.build().unwrap();
    script.load();
    if cfg!(feature = "luajit") {
        return; // LuaJIT calls no hook in compiled loops
    }
    let errors = script.dispatch("tick", &()).errors;
    assert_eq!(errors[0].code.as_str(), "time-limit");
    let stats = script.reload();
    assert!(!stats.is_success, "it was stopped: {stats}");
    assert_eq!(script.generation(), 0);
    file.write(&counter(1));
    assert!(script.reload().is_success);
    assert_eq!(script.dispatch("tick", &()).handlers, 1);
}

#[test]
fn code_that_fails_again_and_again_goes_back_and_the_callback_hears_of_it() {
    let file = Script::new(&counter(1));
    let mut script = file.loaded();
    let (told, heard) = mpsc::channel();
    script.on_reload(move |stats| told.send(stats.clone()).unwrap());
    script.dispatch("tick", &());
    file.write("mod.state.count = 0\nmod.on(\"tick\", function() error(\"no\") end)");
    assert!(script.reload().is_success);
    assert!(heard.try_recv().unwrap().is_success);
    for _ in 0..10 {
        script.dispatch("tick", &());
    }
    let back = heard.try_recv().unwrap();
    assert!(!back.is_success && back.has_new_code, "{back}");
    assert!(back.problem.unwrap().because.contains("no"));
    assert!(count(&script) > Some(1.0), "the old code counts on");
    assert!(!script.reload().is_success, "the file is still the bad one");
    assert!(heard.try_recv().is_err(), "which is not tried again");
}

#[test]
fn only_the_path_of_a_script_is_taken() {
    for bad in ["", "/", "ai.txt", "folder/", ".lua", ".hidden.lua"] {
        let refused = ScriptReloader::new(bad);
        assert!(matches!(refused, Err(Error::ScriptPath(_))), "{bad}");
    }
    let file = Script::new("");
    let odd = file.folder.path().join("7 \"odd\".luau");
    std::fs::write(&odd, "function id() return mod.id end").unwrap();
    let mut script = ScriptReloader::new(odd).unwrap();
    assert!(script.load().is_success);
    assert_eq!(script.call("id", &[]).unwrap()[0].as_str(), Some("odd"));
}

#[test]
fn what_lies_beside_the_script_does_not_count() {
    let file = Script::new("return require(\"other\")");
    let beside = |name: &str, text: &str| {
        let path = file.folder.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    };
    beside("lunation.toml", "nonsense");
    beside("mod.toml", "nonsense");
    beside("scripts/other.lua", "return 1");
    let mut script = ScriptReloader::new(file.path()).unwrap();
    let problem = script.load().problem.unwrap();
    assert!(problem.because.contains("other"), "{problem}");
    file.write(&counter(1));
    assert!(script.reload().is_success);
}

#[cfg(feature = "watch")]
mod watching {
    use super::*;
    use lunation::files::FileChangeKind;

    const LONG: Duration = Duration::from_secs(30);

    #[test]
    fn saves_of_every_kind_are_noticed_one_after_the_other() {
        let file = Script::new(&counter(1));
        let mut script = file.loaded();
        script.start();
        assert!(script.is_watching());
        for step in 2..6 {
            match step % 2 {
                0 => file.write(&counter(step)),
                _ => file.rename_over(&counter(step)),
            }
            let change = script.wait_for_change_timeout(LONG).unwrap();
            assert_eq!(change.kind, FileChangeKind::Edited);
            assert_eq!(change.source_bytes, counter(step).len() as u64);
            let stats = script.reload();
            assert!(
                stats.has_new_code && stats.compile > Duration::ZERO,
                "{stats}"
            );
            assert_eq!(script.drain_changes(), []);
        }
        assert_eq!((script.reload_count(), script.generation()), (4, 5));
    }

    #[test]
    fn a_file_that_goes_and_comes_back_is_noticed() {
        let file = Script::new(&counter(1));
        let mut script = file.loaded();
        script.start();
        file.remove();
        let change = script.wait_for_change().unwrap();
        assert_eq!(
            (change.kind, change.source_bytes),
            (FileChangeKind::Deleted, 0)
        );
        file.rename_over(&counter(2));
        let change = script.wait_for_change().unwrap();
        assert_eq!(change.kind, FileChangeKind::Added);
        assert!(script.reload().is_success);
    }

    #[test]
    fn what_changed_before_the_start_is_noticed_and_nothing_after_the_stop() {
        let file = Script::new(&counter(1));
        let mut script = file.loaded();
        assert_eq!(script.wait_for_change(), None, "nothing is watched yet");
        file.write(&counter(2));
        script.start();
        assert!(script.wait_for_change_timeout(LONG).is_some());
        assert_eq!(script.drain_changes(), [], "it was handed out");
        script.stop();
        assert!(!script.is_watching());
        script.reload();
        file.write(&counter(3));
        assert_eq!(script.wait_for_change_timeout(LONG), None);
        assert_eq!(script.drain_changes(), []);
        assert!(script.reload().has_new_code, "asking still works");
    }

    #[test]
    fn a_wait_ends_in_time_when_nothing_happens() {
        let file = Script::new(&counter(1));
        let mut script = file.loaded();
        script.start();
        let beside = file.folder.path().join("other.lua");
        std::fs::write(beside, "x = 1").unwrap();
        file.write(&counter(1));
        let timeout = Duration::from_millis(100);
        assert_eq!(script.wait_for_change_timeout(timeout), None);
    }
}
