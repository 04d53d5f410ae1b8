//! The order in which handlers are called, whatever has come, gone or been replaced since.

use std::collections::BTreeMap;

use lunation::ModManager;

/// The mods of the story. So many that one of them is few.
const IDS: [&str; 7] = ["aa", "bb", "cc", "dd", "ee", "ff", "gg"];

/// A mod with a handler of a priority of its own, an ordinary one, and one that `more` registers at run time.
fn script(id: &str, version: usize) -> String {
    let first = priority_of(id);
    format!(
        "mod.on(\"ask\", function() return \"{id}.first{version}\" end, {{ priority = {first} }})
mod.on(\"ask\", function() return \"{id}.plain{version}\" end)
function late() return \"{id}.late{version}\" end
mod.on(\"more\", function(who) if who == \"{id}\" then mod.on(\"ask\", late, {{ priority = 1 }}) end end)
mod.on(\"wait\", function(who) if who == \"{id}\" then mod.after(3, \"rung\", late) end end)
"
    )
}

/// Several mods share one.
fn priority_of(id: &str) -> i32 {
    if ["bb", "ee", "gg"].contains(&id) {
        5
    } else {
        -5
    }
}

/// The mods as they are, and what is known of them.
struct Story {
    folder: tempfile::TempDir,
    mods: ModManager,
    /// The version of each mod that is there, and whether it has registered its late handler.
    known: BTreeMap<&'static str, (usize, bool)>,
}

impl Story {
    fn begin() -> Story {
        let folder = tempfile::tempdir().unwrap();
        let mods = ModManager::builder(folder.path().join("mods"))
            .watching(false)
            .without_history_on_disk()
            .build()
            .unwrap();
        let mut story = Story {
            folder,
            mods,
            known: BTreeMap::new(),
        };
        IDS.iter().for_each(|id| story.write(id, 0));
        assert_eq!(story.mods.load(), []);
        story
    }

    fn write(&mut self, id: &'static str, version: usize) {
        let folder = self.folder.path().join("mods").join(id);
        std::fs::create_dir_all(folder.join("scripts")).unwrap();
        let manifest = format!("id = \"{id}\"\nversion = \"1.0.0\"\n");
        std::fs::write(folder.join("mod.toml"), manifest).unwrap();
        std::fs::write(folder.join("scripts/main.lua"), script(id, version)).unwrap();
        self.known.entry(id).or_default().0 = version;
    }

    fn remove(&mut self, id: &'static str) {
        std::fs::remove_dir_all(self.folder.path().join("mods").join(id)).unwrap();
        self.known.remove(id);
    }

    fn look(&mut self) {
        let reports = self.mods.check_updates();
        assert_eq!(reports.len(), 1, "{reports:?}");
    }

    fn register_late(&mut self, id: &'static str) {
        self.mods.dispatch("more", id);
        self.known.get_mut(id).unwrap().1 = true;
    }

    /// By priority, then in load order, then as they were registered.
    fn expected(&self) -> Vec<String> {
        let mut all = Vec::new();
        for (id, (version, is_late)) in &self.known {
            all.push((-priority_of(id), format!("{id}.first{version}")));
            all.push((0, format!("{id}.plain{version}")));
            if *is_late {
                all.push((-1, format!("{id}.late{version}")));
            }
        }
        all.sort_by_key(|(priority, _)| *priority);
        all.into_iter().map(|(_, name)| name).collect()
    }

    fn check(&mut self) {
        let said = self.mods.dispatch("ask", &()).results;
        let said: Vec<&str> = said.iter().filter_map(|it| it.as_str()).collect();
        assert_eq!(said, self.expected());
    }
}

#[test]
fn handlers_keep_their_order_when_one_mod_of_many_is_replaced_goes_comes_or_registers() {
    let mut story = Story::begin();
    story.check();
    for (version, id) in ["dd", "aa", "gg", "ee", "dd"].into_iter().enumerate() {
        story.write(id, version + 1);
        story.look();
        story.check();
    }
    for id in ["cc", "ff"] {
        story.register_late(id);
        story.check();
    }
    story.write("cc", 9);
    story.look();
    story.check();
    story.remove("ee");
    story.look();
    story.check();
    story.write("ee", 10);
    story.look();
    story.check();
}

#[test]
fn a_timer_of_one_mod_of_many_rings_once_and_in_time_although_others_are_replaced() {
    let mut story = Story::begin();
    story.check();
    story.mods.dispatch("wait", "bb");
    assert_eq!(story.mods.advance(1).handlers, 0);
    story.write("dd", 1);
    story.look();
    story.mods.dispatch("wait", "ff");
    assert_eq!(story.mods.advance(1).handlers, 0);
    story.write("bb", 2);
    story.look();
    let rung = story.mods.advance(1);
    assert_eq!(rung.results[0].as_str(), Some("bb.late2"));
    assert_eq!(story.mods.advance(1).handlers, 1);
    assert_eq!(story.mods.advance(10).handlers, 0);
}
