//! The ways in which editors and tools save.

use super::*;

#[test]
fn a_save_is_told_as_complete_and_reading_tells_nothing() {
    let mut game = Game::new();
    fs::write(game.main(), "new").unwrap();
    game.events_until("economy/scripts/main.lua", FileEventKind::Closed);
    game.reader.read_all();
    game.write("mods/economy/end", "");
    let events = game.events_until("economy/end", FileEventKind::Closed);
    let others = events.iter().filter(|e| &*e.look.path != "economy/end");
    assert_eq!(others.count(), 0, "{events:?}");
    assert!(events.windows(2).all(|pair| pair[0].at <= pair[1].at));
}

#[test]
fn every_way_to_save_is_followed() {
    let mut game = Game::new();
    let main = game.main();
    let beside = main.with_extension("new");
    for round in 0..20 {
        fs::write(&main, format!("in place {round}")).unwrap();
        game.until_main_is(&format!("in place {round}"));

        fs::write(&beside, format!("renamed over {round}")).unwrap();
        fs::rename(&beside, &main).unwrap();
        game.until_main_is(&format!("renamed over {round}"));

        let mut file = fs::OpenOptions::new().append(true).open(&main).unwrap();
        file.write_all(b"+").unwrap();
        drop(file);
        game.until_main_is(&format!("renamed over {round}+"));

        fs::write(&beside, format!("linked {round}")).unwrap();
        fs::remove_file(&main).unwrap();
        fs::hard_link(&beside, &main).unwrap();
        fs::remove_file(&beside).unwrap();
        game.until_main_is(&format!("linked {round}"));

        // vim: probe, move away, write anew, remove the backup.
        let probe = main.with_file_name("4913");
        fs::write(&probe, "").unwrap();
        fs::remove_file(&probe).unwrap();
        let backup = main.with_file_name("main.lua~");
        fs::rename(&main, &backup).unwrap();
        fs::write(&main, format!("vim {round}")).unwrap();
        fs::remove_file(&backup).unwrap();
        game.until_main_is(&format!("vim {round}"));
    }
}

#[test]
fn a_file_that_is_truncated_and_written_later_is_never_taken_as_empty() {
    let mut game = Game::new();
    for round in 0..10 {
        let text = format!("round {round}");
        fs::File::create(game.main()).unwrap();
        let events = game.events_until("economy/scripts/main.lua", FileEventKind::Closed);
        events.iter().for_each(|event| game.settle.event(event));
        fs::write(game.main(), &text).unwrap();
        game.until("not the old text", |reading| {
            let now = text_of(reading, "economy", "scripts/main.lua");
            assert_ne!(now, Some(""), "an empty file was taken");
            now == Some(&text)
        });
    }
    fs::File::create(game.main()).unwrap();
    game.until_main_is("");
}

#[test]
fn a_writer_that_never_closes_is_followed_too() {
    let mut game = Game::new();
    let mut file = fs::File::create(game.main()).unwrap();
    for round in 0..3 {
        file.write_all(b"x").unwrap();
        game.until_main_is(&"x".repeat(round + 1));
    }
}
