//! Random stories of saves and faults: nothing that failed comes back, nobody else notices, and the files win.

use std::collections::BTreeSet;

use lunation::reload::Outcome;
use lunation::{Kind, ModManager, Status, Until};
use proptest::prelude::*;

use super::{Folder, LONG, id, manifest, outcomes};

/// What a save of the mod `wild` does.
#[derive(Clone, Copy, Debug)]
enum Content {
    Good,
    /// Does not load.
    Bad,
    /// Loads, and raises an error at each event.
    Flaky,
    /// Loads, and never comes back from the event `hang`.
    Hanging,
}

#[derive(Clone, Copy, Debug)]
enum Op {
    Save(Content),
    /// What was saved before the last save.
    SaveAgain,
    Go,
    Hang,
    Wait,
    Resume,
    Reload,
}

fn ops() -> impl Strategy<Value = Vec<Op>> {
    let content = prop_oneof![
        2 => Just(Content::Good),
        1 => Just(Content::Bad),
        3 => Just(Content::Flaky),
        2 => Just(Content::Hanging),
    ];
    let op = prop_oneof![
        5 => content.prop_map(Op::Save),
        1 => Just(Op::SaveAgain),
        6 => Just(Op::Go),
        2 => Just(Op::Hang),
        3 => Just(Op::Wait),
        1 => Just(Op::Resume),
        1 => Just(Op::Reload),
    ];
    proptest::collection::vec(op, 1..25)
}

/// The script of the n-th save.
fn script(content: Content, n: usize) -> String {
    let special = match content {
        Content::Good => "",
        Content::Bad => "error('bad')",
        Content::Flaky => "mod.on('go', function() error('flaky') end)",
        // LuaJIT calls no hook in compiled loops.
        Content::Hanging if cfg!(feature = "luajit") => "",
        Content::Hanging => "mod.on('hang', function() while true do end end)",
    };
    format!("mod.on('who', function() return {n} end)\n{special}\n")
}

/// A game with the mod `wild`, one that needs it, and one that does not.
struct Story {
    folder: Folder,
    mods: ModManager,
    /// Every save so far; the last one is on disk.
    saves: Vec<usize>,
    contents: Vec<Content>,
    /// The contents that failed their probation, and were not saved since.
    failed: BTreeSet<usize>,
}

impl Story {
    fn new() -> Story {
        let folder = Folder::new(&[
            ("wild/mod.toml", &manifest("wild", "")),
            ("wild/scripts/main.lua", &script(Content::Good, 0)),
            ("user/mod.toml", &manifest("user", "wild = \"*\"")),
            ("user/scripts/main.lua", "mod.state.kept = 7"),
            ("other/mod.toml", &manifest("other", "")),
            (
                "other/scripts/main.lua",
                "mod.on('other', function() return mod.generation end)",
            ),
            (
                "lunation.toml",
                "[hot_reload.probation]\ndispatches = 4\nmax_errors = 2\n[limits]\nhandler_time = 20\n",
            ),
        ]);
        let mut mods = folder.builder().build().unwrap();
        assert_eq!(mods.load(), []);
        Story {
            folder,
            mods,
            saves: vec![0],
            contents: vec![Content::Good],
            failed: BTreeSet::new(),
        }
    }

    fn save(&mut self, n: usize) {
        let text = script(self.contents[n], n);
        self.folder.write("wild/scripts/main.lua", &text);
        self.saves.push(n);
        self.failed.remove(&n);
    }

    fn take(&mut self, op: Op) {
        match op {
            Op::Save(content) => {
                self.contents.push(content);
                self.save(self.contents.len() - 1);
            }
            Op::SaveAgain => {
                let before = self.saves[self.saves.len().saturating_sub(2)];
                self.save(before);
            }
            Op::Go => drop(self.mods.dispatch("go", &())),
            Op::Hang => drop(self.mods.dispatch("hang", &())),
            Op::Wait => self.settle(),
            Op::Resume => drop(self.mods.resume_mod(&id("wild"))),
            Op::Reload => {
                // Who asks for it gets it, whatever it did before.
                self.failed.clear();
                drop(self.mods.reload(&id("wild"), Kind::Script, false));
            }
        }
        let other = self.mods.dispatch("other", &());
        assert_eq!(other.results.len(), 1, "nobody else is affected: {other:?}");
        assert_eq!(other.results[0].as_f64(), Some(1.0));
    }

    /// The number of the save that runs.
    fn runs(&mut self) -> Option<usize> {
        let who = self.mods.eval(&id("wild"), "return mod.state.who");
        who.is_ok().then_some(())?;
        let answers = self.mods.dispatch("who", &()).results;
        answers.first()?.as_f64().map(|n| n as usize)
    }

    /// Lets everything that is to happen happen: a few transactions, no endless back and forth.
    fn settle(&mut self) {
        let before = self.runs();
        let reports = self.mods.wait(LONG, Until::Idle);
        assert!(reports.len() < 12, "{reports:?}");
        let told = outcomes(&reports);
        let is_back = told.contains(&("wild", Outcome::RolledBack));
        if is_back {
            self.failed.extend(before);
        }
        assert!(self.mods.wait(LONG, Until::Idle).is_empty(), "it rests");
        if let Some(now) = self.runs() {
            assert!(!self.failed.contains(&now), "{now} failed its probation");
        }
        let status = |mod_id: &str| {
            let mods = self.mods.mods();
            let found = mods.into_iter().find(|it| it.id.as_str() == mod_id);
            found.map(|it| it.status)
        };
        let wild = status("wild");
        assert_eq!(
            status("user") == Some(Status::Active),
            wild == Some(Status::Active),
            "who needs it runs exactly if it does: {:?}",
            self.mods.mods()
        );
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn whatever_is_saved_and_breaks_nothing_that_failed_comes_back_and_the_files_win(ops in ops()) {
        let mut story = Story::new();
        for op in ops {
            story.take(op);
        }
        story.settle();
        story.contents.push(Content::Good);
        let last = story.contents.len() - 1;
        story.save(last);
        // It may pause; somebody asks.
        story.mods.check_updates();
        story.settle();
        prop_assert_eq!(story.runs(), Some(last));
        let kept = story.mods.state(&id("user"), "kept").unwrap();
        prop_assert_eq!(kept.as_f64(), Some(7.0));
    }
}
