//! Bad input and bad moments: floods, names and paths that nothing can be done with, edits in the middle of a reload.

use std::ffi::OsStr;
use std::fs::{self, File};
use std::os::unix::ffi::OsStrExt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use lunation::reload::Outcome;

use super::scene::{Scene, rounds, script};

/// The mod is followed, whatever lies beside its script.
#[track_caller]
fn check_follows(scene: &mut Scene, version: u64) {
    fs::write(scene.main(), script(version)).unwrap();
    scene.until_version("economy", version);
}

#[test]
fn a_hundred_thousand_files_are_made_and_the_next_save_is_live() {
    let mut scene = Scene::new();
    let folder = scene.path("mods/economy/assets");
    fs::create_dir(&folder).unwrap();
    for file in 0..100_000 {
        let path = folder.join((file % 500).to_string());
        drop(File::create(&path).unwrap());
        fs::remove_file(path).unwrap();
    }
    check_follows(&mut scene, 1);
}

#[test]
fn more_files_than_a_mod_may_have_are_named_and_the_next_save_is_live_when_they_are_gone() {
    let mut scene = Scene::new();
    let folder = scene.path("mods/economy/zz");
    fs::create_dir(&folder).unwrap();
    for file in 0..11_000 {
        drop(File::create(folder.join(file.to_string())).unwrap());
    }
    check_follows(&mut scene, 1);
    scene.assert_told("more than 10000 files");
    fs::remove_dir_all(&folder).unwrap();
    check_follows(&mut scene, 2);
    scene.rest();
    assert_eq!(scene.mods.problems(), []);
}

#[test]
fn names_that_are_no_text_and_paths_longer_than_the_system_takes_hold_nothing_up() {
    let mut scene = Scene::new();
    let scripts = scene.path("mods/economy/scripts");
    for round in 0..rounds() {
        let version = round * 3 + 1;
        let odd = scripts.join(OsStr::from_bytes(b"\xff\xfe.lua"));
        fs::write(&odd, "return 1").unwrap();
        check_follows(&mut scene, version);
        // Half of it can be named; both together are 6,000 bytes.
        let name = "n".repeat(200);
        let half = [name.as_str(); 15].join("/");
        fs::create_dir_all(scene.path("half").join(&half)).unwrap();
        fs::write(scene.path("half").join(&half).join("part.lua"), "return 1").unwrap();
        fs::create_dir_all(scripts.join(&half)).unwrap();
        fs::rename(scene.path("half"), scripts.join(&half).join("half")).unwrap();
        check_follows(&mut scene, version + 1);
        fs::remove_dir_all(scripts.join(name)).unwrap();
        fs::remove_file(odd).unwrap();
        check_follows(&mut scene, version + 2);
    }
}

#[test]
fn an_asset_over_its_limit_is_named_and_holds_nothing_up() {
    let mut scene = Scene::new();
    let asset = scene.path("mods/economy/film.bin");
    let file = File::create(&asset).unwrap();
    file.set_len(10 * 1024 * 1024 + 1).unwrap();
    drop(file);
    check_follows(&mut scene, 1);
    scene.assert_told("more than the limit");
    fs::remove_file(asset).unwrap();
    check_follows(&mut scene, 2);
}

#[test]
fn what_is_saved_in_the_middle_of_a_reload_is_live_after_it() {
    let next = Arc::new(AtomicU64::new(0));
    let due = next.clone();
    let main = Arc::new(std::sync::OnceLock::<std::path::PathBuf>::new());
    let file = main.clone();
    let mut scene = Scene::with("", |builder| {
        builder.on_before_reload(move |_| {
            let version = due.swap(0, Ordering::Relaxed);
            if version > 0 {
                fs::write(file.get().unwrap(), script(version)).unwrap();
            }
        })
    });
    main.set(scene.main()).unwrap();
    for round in 0..rounds() {
        next.store(round * 2 + 2, Ordering::Relaxed);
        fs::write(scene.main(), script(round * 2 + 1)).unwrap();
        scene.until_version("economy", round * 2 + 2);
    }
}

#[test]
fn of_many_saves_the_last_is_live_and_no_more_reloads_than_saves_happen() {
    let mut scene = Scene::new();
    let main = scene.main();
    for round in 0..rounds() {
        let first = round * 50 + 1;
        let last = first + 49;
        let file = main.clone();
        let writer = std::thread::spawn(move || {
            for version in first..=last {
                fs::write(&file, script(version)).unwrap();
            }
        });
        scene.until_version("economy", last);
        writer.join().unwrap();
        scene.rest();
        assert_eq!(scene.version("economy"), Some(last));
        assert!(scene.reports.len() <= 50, "{}", scene.reports.len());
        scene.assert_no_alarm("many saves");
        scene.forget();
    }
}

#[test]
fn an_error_is_told_only_when_nothing_mends_it_at_once() {
    let mut scene = Scene::new();
    let main = scene.main();
    // The fix comes as soon as the broken code was refused. On a machine that stands still meanwhile it may come too late,
    // so one time in some is enough; without the wait every single one would be told.
    let mended_unnoticed = (0..20).any(|round| {
        fs::write(&main, "local function").unwrap();
        let is_refused = |scene: &Scene| scene.mods.has_work();
        while !is_refused(&scene) {
            std::thread::yield_now();
        }
        scene
            .reports
            .extend(scene.mods.pump(Duration::from_secs(1)));
        fs::write(&main, script(round + 1)).unwrap();
        scene.until_version("economy", round + 1);
        let is_silent = scene
            .reports
            .iter()
            .flat_map(|r| &r.mods)
            .all(|r| r.outcome == Outcome::Reloaded);
        scene.forget();
        is_silent
    });
    assert!(mended_unnoticed);
    fs::write(&main, "local function").unwrap();
    scene.until("the error", |scene| !scene.reports.is_empty());
    assert_eq!(scene.reports[0].mods[0].outcome, Outcome::Kept);
    scene.forget();
    // What is as before again was never wrong.
    fs::write(scene.path("mods/economy/mod.toml"), "id = 7").unwrap();
    scene.until("the error", |scene| !scene.reports.is_empty());
    assert_eq!(scene.reports[0].mods[0].outcome, Outcome::Kept);
}

#[test]
fn a_host_that_sleeps_is_woken_for_an_error_that_had_to_wait() {
    let (wake, woken) = std::sync::mpsc::channel();
    let mut scene = Scene::with("", |builder| {
        builder.on_wake(move || wake.send(()).unwrap_or_default())
    });
    fs::write(scene.main(), "local function").unwrap();
    let outcome = loop {
        woken.recv_timeout(super::LIMIT).expect("it is woken");
        let reports = scene.mods.pump(Duration::from_secs(1));
        if let Some(report) = reports.first() {
            break report.mods[0].outcome;
        }
    };
    assert_eq!(outcome, Outcome::Kept);
}
