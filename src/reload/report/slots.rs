//! What a reload carried, in words: what was lost is told always, the rest on request.

use super::{Carried, ModReport};

/// The most places of a kind that are told unasked.
const UNASKED_MAX: usize = 10;

/// The column of the words before the places.
const WIDTH: usize = "in conflict".len();

impl ModReport {
    /// What the mod lost, and where its edit has to wait: a line for each place, the first ten of a kind.
    ///
    /// - `dropped      state.brain`
    /// - `in conflict  state.speed: the game changed it too, and its value stays`
    pub fn losses(&self) -> Vec<String> {
        let carried = &self.carried;
        let mut lines = Vec::new();
        for (word, places) in [
            ("dropped", dropped(carried)),
            ("in conflict", conflicts(carried)),
        ] {
            let more = places.len().saturating_sub(UNASKED_MAX);
            lines.extend(
                places
                    .iter()
                    .take(UNASKED_MAX)
                    .map(|place| line(word, place)),
            );
            if more > 0 {
                lines.push(line(word, &format!("… and {more} more")));
            }
        }
        lines
    }

    /// All that is known of what was carried: a summary, then a line for each place. Nothing if nothing was.
    ///
    /// - `312 entries kept, 4096 bytes carried`
    /// - `replaced     state.speed`
    /// - `not saved    local count (scripts/main.lua:3) is carried by a reload but not saved; keep it in
    ///   mod.state`
    pub fn slots(&self) -> Vec<String> {
        let carried = &self.carried;
        if *carried == Carried::default() {
            return Vec::new();
        }
        let entries = match carried.entries {
            1 => "1 entry".to_owned(),
            n => format!("{n} entries"),
        };
        let mut lines = vec![format!("{entries} kept, {} bytes carried", carried.bytes)];
        for (word, places) in [
            ("migrated", carried.migrated.clone()),
            ("kept", carried.kept.clone()),
            ("replaced", carried.replaced.clone()),
            ("added", carried.added.clone()),
            ("dropped", dropped(carried)),
            ("in conflict", conflicts(carried)),
            ("not saved", not_saved(carried)),
        ] {
            lines.extend(places.iter().map(|place| line(word, place)));
        }
        lines
    }
}

fn line(word: &str, place: &str) -> String {
    format!("{word:WIDTH$}  {place}")
}

fn dropped(carried: &Carried) -> Vec<String> {
    carried.dropped.clone()
}

fn conflicts(carried: &Carried) -> Vec<String> {
    let told = |place| format!("{place}: the game changed it too, and its value stays");
    carried.conflicts.iter().map(told).collect()
}

fn not_saved(carried: &Carried) -> Vec<String> {
    let told = |slot| format!("{slot} is carried by a reload but not saved; keep it in mod.state");
    carried.not_saved.iter().map(told).collect()
}
