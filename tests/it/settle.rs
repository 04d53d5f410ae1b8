//! Settling, by the case files in `tests/settle`: events with their times, and the batches that follow.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use lunation::change::{Batch, FileEvent, FileEventKind, Look, Settle, SettleRules, Strategy};
use lunation::settings::Settings;
use serde::Deserialize;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    story: String,
    strategy: String,
    #[serde(default = "default_max")]
    max: u64,
    #[serde(default)]
    delays: BTreeMap<String, u64>,
    /// Milliseconds between two looks; without it `next_wake` is followed exactly.
    look_every: Option<u64>,
    /// `time kind path`; the kind `hold` puts a path back, and `believe` tries to in vain. `time operation age`
    /// says that version control has been at work for so long, `time forgotten age` that its lock is ignored.
    events: Vec<String>,
    /// `time paths…`
    expect: Vec<String>,
}

fn default_max() -> u64 {
    2000
}

#[test]
fn every_case_file_settles_as_it_says() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/settle");
    let mut paths: Vec<_> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    paths.sort();
    assert!(paths.len() >= 20);
    for path in paths {
        let text = std::fs::read_to_string(&path).unwrap();
        let case: Case = toml::from_str(&text).unwrap_or_else(|e| panic!("{path:?}: {e}"));
        assert_eq!(case.run(), case.expect, "{path:?}: {}", case.story);
    }
}

impl Case {
    fn rules(&self) -> SettleRules {
        let ms = Duration::from_millis;
        SettleRules {
            strategy: match &*self.strategy {
                "settle" => Strategy::Settle,
                "fixed" => Strategy::Fixed,
                "adaptive" => Strategy::Adaptive,
                "custom" => Strategy::Custom(Box::new(|events| {
                    Duration::from_millis(10) * u32::try_from(events.len()).unwrap()
                })),
                other => panic!("no strategy {other}"),
            },
            delay: ms(100),
            delay_min: ms(20),
            delay_max: ms(self.max),
            delays: self
                .delays
                .iter()
                .map(|(folder, delay)| (Arc::from(folder.as_str()), ms(*delay)))
                .collect(),
        }
    }

    fn run(&self) -> Vec<String> {
        let mut run = Run {
            settle: Settle::new(self.rules()),
            look_every: self.look_every.map(Duration::from_millis),
            batches: Vec::new(),
        };
        for line in &self.events {
            let parts: Vec<&str> = line.split(' ').collect();
            let at = Duration::from_millis(parts[0].parse().unwrap());
            run.wake_until(at);
            if ["operation", "forgotten"].contains(&parts[1]) {
                let age = Duration::from_millis(parts[2].parse().unwrap());
                let is_waited_for = run.settle.wait_for_operation(age, at);
                assert_eq!(is_waited_for, parts[1] == "operation", "{line}");
                run.look(at);
                continue;
            }
            let look = match parts[2].strip_prefix("config:") {
                Some(path) => Look::player_config(path),
                None => Look::mods(parts[2]),
            };
            match kind(parts[1]) {
                Some(kind) => run.settle.event(&FileEvent { look, kind, at }),
                None => assert_eq!(run.settle.hold(&[look], at), parts[1] == "hold", "{line}"),
            }
            if run.look_every.is_none() {
                run.look(at);
            }
        }
        run.wake_until(Duration::MAX);
        assert_eq!(run.settle.next_wake(), None, "something waits for ever");
        run.batches
    }
}

struct Run {
    settle: Settle,
    look_every: Option<Duration>,
    batches: Vec<String>,
}

impl Run {
    /// Wakes as often as `Settle` asks for before `end`.
    fn wake_until(&mut self, end: Duration) {
        while let Some(wake) = self.settle.next_wake() {
            let wake = match self.look_every {
                Some(every) => {
                    every * u32::try_from(wake.as_millis().div_ceil(every.as_millis())).unwrap()
                }
                None => wake,
            };
            if wake >= end {
                return;
            }
            assert!(self.look(wake), "nothing was due at the wake {wake:?}");
        }
    }

    fn look(&mut self, now: Duration) -> bool {
        let batch = self.settle.due(now);
        if let Some(batch) = &batch {
            assert!(batch.first_event <= batch.last_event && batch.last_event <= now);
            self.batches.push(shown(batch, now));
        }
        batch.is_some()
    }
}

fn shown(batch: &Batch, now: Duration) -> String {
    let mut line = now.as_millis().to_string();
    for look in &batch.looks {
        line += &format!(" {look}");
    }
    if batch.rescan {
        line += " rescan";
    }
    line
}

fn kind(name: &str) -> Option<FileEventKind> {
    Some(match name {
        "closed" => FileEventKind::Closed,
        "renamed" => FileEventKind::Renamed,
        "removed" => FileEventKind::Removed,
        "attributes" => FileEventKind::Attributes,
        "created" => FileEventKind::Created,
        "touched" => FileEventKind::Touched,
        "folder_created" => FileEventKind::FolderCreated,
        "rescan" => FileEventKind::Rescan,
        "hold" | "believe" => return None,
        other => panic!("no event {other}"),
    })
}

fn rules(strategy: Strategy) -> SettleRules {
    SettleRules {
        strategy,
        ..SettleRules::from_settings(&Settings::default().hot_reload, true)
    }
}

#[test]
fn what_was_read_while_version_control_was_at_work_is_due_again() {
    let mut settle = Settle::new(rules(Strategy::Settle));
    let ms = Duration::from_millis;
    for (path, at) in [("economy/a.lua", 1), ("weather/a.lua", 2)] {
        let (look, kind) = (Look::mods(path), FileEventKind::Closed);
        settle.event(&FileEvent {
            look,
            kind,
            at: ms(at),
        });
    }
    let batch = settle.due(ms(3)).unwrap();
    settle.take_back(&batch);
    assert!(settle.wait_for_operation(ms(0), ms(4)));
    assert_eq!(settle.folders().collect::<Vec<_>>(), ["economy", "weather"]);
    assert_eq!(settle.due(ms(5)), None);
    assert_eq!(settle.next_wake(), Some(ms(14)));
    assert_eq!(settle.due(ms(14)), Some(batch));
    let rescan = Batch {
        rescan: true,
        first_event: ms(20),
        last_event: ms(20),
        ..Batch::default()
    };
    settle.take_back(&rescan);
    assert!(settle.due(ms(200)).is_some_and(|batch| batch.rescan));
}

#[test]
fn a_flood_of_paths_becomes_a_look_at_the_mod_and_a_flood_of_mods_a_rescan() {
    let at = Duration::from_millis(1);
    let kind = FileEventKind::Closed;
    let mut settle = Settle::new(rules(Strategy::Settle));
    for n in 0..100_000 {
        let look = Look::mods(format!("economy/{n}"));
        settle.event(&FileEvent { look, kind, at });
    }
    let batch = settle.due(Duration::from_secs(1)).unwrap();
    assert_eq!(batch.looks, [Look::mods("economy")]);
    for n in 0..100_000 {
        let look = Look::mods(format!("m{n}/a"));
        settle.event(&FileEvent { look, kind, at });
    }
    let batch = settle.due(Duration::from_secs(1)).unwrap();
    assert!(batch.rescan && batch.looks.len() <= 10_000);
}

#[test]
fn where_the_system_tells_no_close_an_open_file_waits_only_the_shortest_time() {
    let mut settle = Settle::new(SettleRules::from_settings(
        &Settings::default().hot_reload,
        false,
    ));
    settle.event(&FileEvent {
        look: Look::mods("economy/a.lua"),
        kind: FileEventKind::Touched,
        at: Duration::ZERO,
    });
    assert_eq!(settle.next_wake(), Some(Duration::from_millis(20)));
}

proptest::proptest! {
    /// Whatever comes in whatever order, each path that had an event is looked at after its last event,
    /// and nothing waits longer than the cap.
    #[test]
    fn no_event_is_lost_and_none_waits_longer_than_the_cap(
        strategy in 0..4,
        events in proptest::collection::vec((0u64..400, 0usize..7, 0usize..6), 1..60),
    ) {
        let cap = Duration::from_millis(2000);
        let kinds = [
            "closed", "renamed", "removed", "attributes", "created", "touched", "folder_created",
        ];
        let paths = ["a/x", "a/y", "a/d/z", "b/x", "a/d", "lunation.toml"];
        let mut settle = Settle::new(rules(match strategy {
            0 => Strategy::Settle,
            1 => Strategy::Fixed,
            2 => Strategy::Adaptive,
            _ => Strategy::Custom(Box::new(|_| Duration::from_secs(3600))),
        }));
        let mut unseen: BTreeMap<&str, Duration> = BTreeMap::new();
        let mut now = Duration::ZERO;
        let look = |settle: &mut Settle, unseen: &mut BTreeMap<&str, Duration>, now| {
            if let Some(batch) = settle.due(now) {
                unseen.retain(|path, _| !batch.looks.iter().any(|look| {
                    let rest = path.strip_prefix(&*look.path);
                    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
                }));
            }
            let oldest = unseen.values().min();
            assert!(oldest.is_none_or(|first| now < *first + cap));
        };
        for (wait, kind_at, path_at) in events {
            let at = now + Duration::from_millis(wait);
            while let Some(wake) = settle.next_wake().filter(|wake| *wake < at) {
                look(&mut settle, &mut unseen, wake);
            }
            now = at;
            let path = paths[path_at];
            let kind = kind(kinds[kind_at]).unwrap();
            settle.event(&FileEvent { look: Look::mods(path), kind, at });
            unseen.entry(path).or_insert(at);
        }
        while let Some(wake) = settle.next_wake() {
            look(&mut settle, &mut unseen, wake.max(now));
        }
        assert!(unseen.is_empty());
    }
}
