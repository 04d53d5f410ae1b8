//! Every editor and tool that saves one file: nothing is missed, nothing is read half, nobody is alarmed.

use std::fs;

use super::scene::{Scene, rounds, script};
use super::ways::WAYS;

#[test]
fn every_editor_s_way_to_save_goes_live_without_an_alarm() {
    let mut scene = Scene::new();
    let main = scene.main();
    let mut version = 0;
    for round in 0..rounds() {
        for (name, save) in WAYS {
            version += 1;
            save(&main, &script(version));
            scene.until_version("economy", version);
            scene.assert_no_alarm(&format!("{name}, round {round}"));
            scene.forget();
        }
        // Some leave backups, and one only appends.
        fs::write(&main, script(version)).unwrap();
    }
}
