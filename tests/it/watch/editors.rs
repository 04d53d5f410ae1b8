//! Every editor and tool that saves one file: nothing is missed, nothing is read half, nobody is alarmed.

use super::scene::{Scene, rounds};

#[test]
fn every_editor_s_way_to_save_goes_live_without_an_alarm() {
    let mut scene = Scene::new();
    let mut version = 0;
    for round in 0..rounds() {
        version = scene.save_in_every_way(version, round);
    }
}
