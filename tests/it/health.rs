//! What is counted of each mod, across its generations.

use std::path::Path;
use std::time::Duration;

use lunation::{Health, ModId, ModManager, Onto, Status};

/// A folder with the mods `counter` and `still`, and what runs it.
struct Scene {
    folder: tempfile::TempDir,
    mods: ModManager,
}

fn counter(body: &str) -> String {
    format!(
        "mod.state.n = 0\nmod.on('tick', function(n) {body} end)\nmod.export({{ get = function() return mod.state.n end }})"
    )
}

impl Scene {
    fn new(settings: &str, script: &str) -> Scene {
        let folder = tempfile::tempdir().unwrap();
        let write = |path: &str, text: &str| write(folder.path(), path, text);
        write("mods/lunation.toml", settings);
        write("mods/counter/mod.toml", "id = 'counter'\nversion = '1.0.0'");
        write("mods/counter/scripts/main.lua", script);
        write("mods/still/mod.toml", "id = 'still'\nversion = '1.0.0'");
        write(
            "mods/still/scripts/main.lua",
            "mod.on('never', function() end)",
        );
        let mods = ModManager::builder(folder.path().join("mods"))
            .watching(false)
            .build();
        let mut mods = mods.unwrap();
        mods.load();
        Scene { folder, mods }
    }

    fn save(&mut self, script: &str) {
        write(self.folder.path(), "mods/counter/scripts/main.lua", script);
        self.mods.check_updates();
    }

    fn tick(&mut self, times: u64) {
        for n in 0..times {
            self.mods.dispatch("tick", &n);
        }
    }

    fn of(&self, id: &str) -> Health {
        let all = self.mods.health();
        let own = all.into_iter().find(|health| health.id.as_str() == id);
        own.expect("every mod of the folder is among them")
    }

    fn counter(&self) -> Health {
        self.of("counter")
    }
}

fn write(folder: &Path, path: &str, text: &str) {
    let path = folder.join(path);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, text).unwrap();
}

fn id(text: &str) -> ModId {
    text.parse().unwrap()
}

const COUNT: &str = "mod.state.n = mod.state.n + 1";

#[test]
fn calls_are_counted_exactly_and_some_are_timed() {
    let mut scene = Scene::new("", &counter(COUNT));
    assert_eq!((scene.counter().calls, scene.counter().timed), (0, 0));
    scene.tick(3200);
    scene.mods.call(&id("counter"), "get", &[]).unwrap();
    let health = scene.counter();
    assert_eq!((health.calls, health.errors), (3201, 0));
    assert!((50..200).contains(&health.timed), "{}", health.timed);
    assert!(Duration::ZERO < health.p50 && health.p50 <= health.p99);
    assert!(health.p99 <= health.max);
    assert_eq!((health.handlers, health.timers), (1, 0));
    assert!(0 < health.memory && health.memory < health.memory_max);
    assert_eq!(scene.of("still").calls, 0, "nobody called it");
}

#[test]
fn counts_go_on_when_code_is_replaced_and_times_begin_anew() {
    let mut scene = Scene::new("", &counter(COUNT));
    scene.tick(1000);
    scene.save(&counter("mod.state.n = mod.state.n + 2"));
    let health = scene.counter();
    assert_eq!((health.generation, health.reloads), (2, 1));
    assert_eq!((health.calls, health.timed), (1000, 0));
    assert!(health.memory_at_switch > health.memory);
    scene.save("mod.on('tick', function(");
    assert_eq!(scene.counter().refusals, 1);
    scene
        .mods
        .rollback(&id("counter"), None, Onto::Now)
        .unwrap();
    scene.tick(10);
    let health = scene.counter();
    assert_eq!((health.generation, health.rollbacks), (3, 1));
    assert_eq!(
        (health.calls, health.reloads, health.refusals),
        (1010, 1, 1)
    );
}

#[test]
fn errors_are_counted_and_a_way_back_is_too() {
    let mut scene = Scene::new("", &counter(COUNT));
    scene.save(&counter("error('oh no')"));
    scene.tick(3);
    assert_eq!(scene.counter().errors, 3);
    scene.mods.pump(Duration::from_secs(60));
    let health = scene.counter();
    assert_eq!((health.rollbacks, health.errors, health.calls), (1, 3, 3));
}

const LIMIT: &str = "[limits]\nhandler_time = 20\n[hot_reload.probation]\ndispatches = 0";
const LIMITED: Duration = Duration::from_millis(20);

#[test]
#[cfg_attr(feature = "luajit", ignore = "LuaJIT calls no hook in compiled loops")]
fn a_call_that_is_stopped_is_lost_time_and_the_longest_call() {
    let mut scene = Scene::new(LIMIT, &counter("if n == 5 then while true do end end"));
    scene.tick(5);
    assert_eq!(scene.counter().lost, Duration::ZERO);
    scene.mods.dispatch("tick", &5);
    let health = scene.counter();
    assert_eq!(health.calls, 6);
    assert!(health.lost >= LIMITED, "{:?}", health.lost);
    if health.status == Status::Quarantined {
        assert_eq!((health.quarantines, health.generation), (1, 0));
    } else {
        assert!(health.max >= LIMITED, "{:?}", health.max);
    }
}

#[test]
#[cfg_attr(feature = "luajit", ignore = "LuaJIT calls no hook in compiled loops")]
fn time_that_is_lost_while_loading_is_counted_although_the_code_never_ran() {
    let mut scene = Scene::new("[limits]\nload_time = 20", &counter(COUNT));
    scene.save("while true do end");
    let health = scene.counter();
    assert_eq!((health.refusals, health.generation), (1, 1));
    assert!(health.lost >= LIMITED, "{:?}", health.lost);
}

#[test]
fn events_and_lines_that_are_dropped_are_counted() {
    let settings = "[limits]\nlog_lines_per_second = 3";
    let script = counter("mod.emit('said', n) for i = 1, 10 do print(i) end");
    let mut scene = Scene::new(settings, &script);
    scene.tick(1);
    let health = scene.counter();
    assert_eq!(health.emitted, 1);
    assert!(
        (1..=7).contains(&health.log_dropped),
        "{}",
        health.log_dropped
    );
    assert_eq!(scene.of("still").emitted, 0);
}

#[test]
fn a_mod_that_does_not_run_is_among_them() {
    let scene = Scene::new("", "error('never')");
    let health = scene.counter();
    assert_eq!(
        (health.status, health.generation, health.refusals),
        (Status::Rejected, 0, 1)
    );
}
