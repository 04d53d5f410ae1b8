//! The real watcher: real system calls, and the whole way from event to reading. Nothing here sleeps:
//! each test waits for what it expects, with a limit that is reached only by a fault.

mod editors;
#[cfg(feature = "cli")]
mod fallbacks;
mod floods;
mod places;
mod saves;
mod scene;
mod soak;
mod tools;
mod ways;

use std::fs;
use std::io::Write;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use lunation::change::{FileEvent, FileEventKind, Look, Settle, SettleRules, doubtful};
use lunation::disk::{FolderReader, FolderReading, ReadRules, Roots, TELLS_CLOSE, Watcher};
use lunation::settings::Settings;
use tempfile::TempDir;

const LIMIT: Duration = Duration::from_secs(30);

/// A game that follows its mods folder as a manager does: watch, settle, read.
struct Game {
    watcher: Watcher,
    settle: Settle,
    reader: FolderReader,
    reading: FolderReading,
    start: Instant,
    folder: TempDir,
}

impl Game {
    fn new() -> Game {
        Game::with(ReadRules::default(), None)
    }

    fn with(rules: ReadRules, poll: Option<Duration>) -> Game {
        let folder = tempfile::tempdir().unwrap();
        let path = |name| folder.path().join(name);
        fs::create_dir_all(path("mods/economy/scripts")).unwrap();
        fs::write(path("mods/economy/mod.toml"), "id = \"economy\"").unwrap();
        fs::write(path("mods/economy/scripts/main.lua"), "old").unwrap();
        let start = Instant::now();
        let roots = Roots::beside(path("mods"));
        let watcher = Watcher::start(&roots, rules.clone(), start, poll);
        let mut reader = FolderReader::new(roots, rules);
        let settings = Settings::default().hot_reload;
        Game {
            watcher,
            settle: Settle::new(SettleRules::from_settings(&settings, TELLS_CLOSE)),
            reading: reader.read_all(),
            reader,
            start,
            folder,
        }
    }

    fn path(&self, path: &str) -> PathBuf {
        self.folder.path().join(path)
    }

    fn main(&self) -> PathBuf {
        self.path("mods/economy/scripts/main.lua")
    }

    fn write(&self, path: &str, text: &str) {
        let path = self.path(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    /// Follows the folder until the reading is as it should be.
    fn until(&mut self, wanted: &str, is_so: impl Fn(&FolderReading) -> bool) {
        let deadline = Instant::now() + LIMIT;
        while !is_so(&self.reading) {
            assert!(Instant::now() < deadline, "never seen: {wanted}");
            let wake = self.settle.next_wake().map(|wake| self.start + wake);
            let wake = wake.unwrap_or(deadline).min(deadline);
            if let Ok(event) = self.watcher.events().recv_deadline(wake) {
                self.settle.event(&event);
            }
            if let Some(batch) = self.settle.due(self.start.elapsed()) {
                let reading = self.reader.read_batch(&batch);
                let doubts: Vec<Look> = self.doubts(&reading);
                if !self.settle.hold(&doubts, self.start.elapsed()) {
                    self.reading = reading;
                }
            }
        }
    }

    fn doubts(&self, reading: &FolderReading) -> Vec<Look> {
        let mut looks = Vec::new();
        for (folder, old) in &self.reading.mods {
            let new = reading.mods.get(folder);
            for path in doubtful(old, new.map(|new| &**new)) {
                looks.push(Look::mods(format!("{folder}/{path}")));
            }
        }
        looks
    }

    fn until_main_is(&mut self, text: &str) {
        self.until(text, |r| {
            text_of(r, "economy", "scripts/main.lua") == Some(text)
        });
    }

    /// The events until one of `path` and `kind`.
    fn events_until(&self, path: &str, kind: FileEventKind) -> Vec<FileEvent> {
        let mut events = Vec::new();
        loop {
            let event = self.watcher.events().recv_timeout(LIMIT);
            let event =
                event.unwrap_or_else(|_| panic!("{kind:?} of {path} never seen: {events:?}"));
            events.push(event);
            let last = &events[events.len() - 1];
            if last.kind == kind && last.look.to_string() == path {
                return events;
            }
        }
    }
}

fn text_of<'a>(reading: &'a FolderReading, folder: &str, path: &str) -> Option<&'a str> {
    let content = reading.mods.get(folder)?.content(path)?;
    std::str::from_utf8(content).ok()
}

#[test]
fn ignored_folders_and_files_tell_nothing() {
    let game = Game::new();
    for path in [
        ".git/a/b",
        "target/x",
        "scripts/main.lua~",
        "scripts/4913",
        "x.tmp",
    ] {
        game.write(&format!("mods/economy/{path}"), "x");
        game.write(&format!("mods/economy/{path}"), "y");
    }
    game.write("mods/.hidden/x", "");
    game.write("other/x", "");
    game.write("mods/economy/end", "");
    let events = game.events_until("economy/end", FileEventKind::Closed);
    let others = events.iter().filter(|e| &*e.look.path != "economy/end");
    assert_eq!(others.count(), 0, "{events:?}");
}

#[test]
fn files_in_deep_new_folders_are_found() {
    let mut game = Game::new();
    for round in 0..50 {
        let path = format!("scripts/{round}/deep/er/still/new.lua");
        game.write(&format!("mods/economy/{path}"), "found");
        game.until(&path, |reading| {
            text_of(reading, "economy", &path) == Some("found")
        });
        game.write(&format!("mods/economy/{path}"), "again");
        game.until(&path, |reading| {
            text_of(reading, "economy", &path) == Some("again")
        });
    }
}

#[test]
fn mods_are_followed_through_creation_renames_and_deletion() {
    let mut game = Game::new();
    for round in 0..10 {
        game.write("mods/weather/scripts/main.lua", "one");
        game.write("mods/weather/mod.toml", "id = \"weather\"");
        game.until("weather", |reading| {
            text_of(reading, "weather", "scripts/main.lua") == Some("one")
        });
        fs::rename(game.path("mods/weather"), game.path("mods/climate")).unwrap();
        game.until("climate", |reading| {
            reading.mods.contains_key("climate") && !reading.mods.contains_key("weather")
        });
        let text = format!("round {round}");
        game.write("mods/climate/scripts/main.lua", &text);
        game.until(&text, |reading| {
            text_of(reading, "climate", "scripts/main.lua") == Some(&text)
        });
        fs::remove_dir_all(game.path("mods/climate")).unwrap();
        game.until("no climate", |reading| reading.mods.len() == 1);
    }
}

#[test]
fn a_mod_moved_in_from_outside_is_there_with_everything() {
    let mut game = Game::new();
    game.write("staging/mod.toml", "");
    game.write("staging/scripts/a/main.lua", "one");
    fs::rename(game.path("staging"), game.path("mods/weather")).unwrap();
    game.until("weather", |r| {
        text_of(r, "weather", "scripts/a/main.lua") == Some("one")
    });
    game.write("mods/weather/scripts/a/main.lua", "two");
    game.until("two", |r| {
        text_of(r, "weather", "scripts/a/main.lua") == Some("two")
    });
}

#[test]
fn the_mods_folder_is_found_again_when_it_comes_back() {
    let mut game = Game::new();
    for round in 0..5 {
        let text = format!("round {round}");
        if round % 2 == 0 {
            fs::remove_dir_all(game.path("mods")).unwrap();
        } else {
            fs::rename(game.path("mods"), game.path(&format!("away{round}"))).unwrap();
        }
        game.write("mods/economy/mod.toml", "");
        game.write("mods/economy/scripts/main.lua", &text);
        game.until_main_is(&text);
        fs::write(game.main(), "once more").unwrap();
        game.until_main_is("once more");
    }
}

#[test]
fn the_player_s_values_are_followed_from_before_their_folder_is_there() {
    let mut game = Game::new();
    for (round, text) in ["one", "two"].iter().enumerate() {
        game.write("config/economy.toml", text);
        game.until("config", |reading| {
            let file = reading.player_config.get("economy");
            file.and_then(|f| f.content.as_deref()) == Some(text.as_bytes())
        });
        if round == 0 {
            fs::remove_dir_all(game.path("config")).unwrap();
            game.until("no config", |reading| reading.player_config.is_empty());
        }
    }
}

#[test]
fn what_a_link_leads_to_is_followed() {
    let rules = ReadRules {
        follow_symlinks: true,
        ..ReadRules::default()
    };
    let mut game = Game::with(rules, None);
    game.write("mods/.store/weather/mod.toml", "");
    game.write("mods/.store/weather/scripts/main.lua", "one");
    std::os::unix::fs::symlink(".store/weather", game.path("mods/weather")).unwrap();
    for text in ["two", "three"] {
        game.write("mods/.store/weather/scripts/main.lua", text);
        game.until(text, |r| {
            text_of(r, "weather", "scripts/main.lua") == Some(text)
        });
    }
    game.write("mods/.store/weather/scripts/new/a.lua", "one");
    game.until("new", |r| {
        text_of(r, "weather", "scripts/new/a.lua") == Some("one")
    });
    game.write("mods/.store/weather/scripts/new/a.lua", "two");
    game.until("new", |r| {
        text_of(r, "weather", "scripts/new/a.lua") == Some("two")
    });
}

#[test]
fn events_that_nobody_receives_become_a_rescan() {
    let mut game = Game::new();
    // Nothing can be seen of the one event too many, so there are more floods until it was there, of files
    // that are so few that all of them are read.
    let mut count = 0;
    let deadline = Instant::now() + LIMIT;
    loop {
        assert!(Instant::now() < deadline, "no flood is too much");
        let is_over = |left: &mut u32| {
            *left = left.saturating_sub(u32::from(game.watcher.events().is_full()));
            *left == 0
        };
        let mut left = 500;
        while !is_over(&mut left) {
            game.write(&format!("mods/economy/flood/{}", count % 1000), "x");
            count += 1;
        }
        let mut flood = game.watcher.events().try_iter();
        if flood.any(|event| event.kind == FileEventKind::Rescan) {
            break;
        }
    }
    game.write("mods/economy/last.lua", "last");
    game.settle.event(&FileEvent {
        look: Look::mods(""),
        kind: FileEventKind::Rescan,
        at: game.start.elapsed(),
    });
    game.until("last", |r| {
        text_of(r, "economy", "last.lua") == Some("last")
    });
    game.until("flood", |r| r.mods["economy"].get("flood/499").is_some());
}

#[test]
fn polling_sees_what_happens_without_events() {
    let mut game = Game::with(ReadRules::default(), Some(Duration::from_millis(20)));
    fs::write(game.main(), "new").unwrap();
    game.until_main_is("new");
    game.write("mods/economy/scripts/a/b/c.lua", "one");
    game.until("c.lua", |r| {
        text_of(r, "economy", "scripts/a/b/c.lua") == Some("one")
    });
    game.write("mods/economy/scripts/a/b/c.lua", "two");
    game.until("c.lua", |r| {
        text_of(r, "economy", "scripts/a/b/c.lua") == Some("two")
    });
    fs::remove_dir_all(game.path("mods")).unwrap();
    game.write("mods/economy/mod.toml", "");
    game.write("mods/economy/scripts/main.lua", "back");
    game.until_main_is("back");
    game.write("config/economy.toml", "one");
    game.until("config", |reading| {
        reading.player_config.contains_key("economy")
    });
}

#[test]
fn a_dropped_watcher_leaves_nothing_running() {
    let game = Game::new();
    let events = game.watcher.events().clone();
    drop(game.watcher);
    let deadline = Instant::now() + LIMIT;
    loop {
        match events.recv_deadline(deadline) {
            Ok(_) => {}
            Err(error) => {
                assert!(error.is_disconnected(), "a thread still holds the channel");
                return;
            }
        }
    }
}
