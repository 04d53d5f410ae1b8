//! What is different from a [`Lock`]: all of it, at once.

use std::collections::BTreeSet;

use super::{Lock, LockedMod};
use crate::files::display_path;
use crate::mod_id::ModId;
use crate::problem::{Code, Place, Problem};
use crate::resolve::Resolution;

/// The most files that are told of one mod.
const FILES_SHOWN: usize = 20;

/// What to try where a mod has changed.
const TAKE_BACK: &str = "take the change back, or lock what is there now with `lunation lock`";

impl Lock {
    /// How `now`, made from `resolution`, is different. `present` are the mods that are in the folder at all.
    pub fn drift(
        &self,
        now: &Lock,
        resolution: &Resolution,
        present: &BTreeSet<&ModId>,
    ) -> Vec<Problem> {
        let mut drift = Vec::new();
        drift.extend(self.host_drift(now));
        for (id, locked) in &self.mods {
            match now.mods.get(id) {
                Some(found) if found.version != locked.version => {
                    drift.push(other_version(id, &found.version, locked));
                }
                Some(found) if found.hash != locked.hash => {
                    drift.extend(files(id, locked, found));
                }
                Some(_) => {}
                None => drift.push(absent(id, locked, resolution, present)),
            }
        }
        let new = now.mods.keys().filter(|id| !self.mods.contains_key(*id));
        drift.extend(new.map(|id| {
            let hint = "take it out of the folder, or lock what is there now with `lunation lock`";
            problem(id, "is not locked").hint(hint)
        }));
        drift
    }

    fn host_drift(&self, now: &Lock) -> Option<Problem> {
        let locked = self.host.as_ref().filter(|_| self.host != now.host)?;
        let host = now.host.as_ref();
        let host = host.map_or("not known".to_owned(), ToString::to_string);
        let because = format!("is for version {locked} of the host, which is {host}");
        let problem = Problem::error(Code::LOCK_DRIFT, because);
        Some(problem.hint("start that version, or lock what is there now with `lunation lock`"))
    }
}

fn problem(id: &ModId, because: &str) -> Problem {
    Problem::error(Code::LOCK_DRIFT, because).of(id)
}

fn other_version(id: &ModId, found: &semver::Version, locked: &LockedMod) -> Problem {
    let because = format!("is {found}, locked {}", locked.version);
    let hint = format!(
        "get {} again, or lock what is there now with `lunation lock`",
        locked.version
    );
    problem(id, &because).hint(hint)
}

fn absent(
    id: &ModId,
    locked: &LockedMod,
    resolution: &Resolution,
    present: &BTreeSet<&ModId>,
) -> Problem {
    match resolution.rejected.get(id) {
        Some(rejection) if rejection.version != locked.version => {
            other_version(id, &rejection.version, locked)
        }
        Some(rejection) => {
            let because = format!("does not run, because it {}", rejection.because);
            let problem = problem(id, &because);
            match &rejection.hint {
                Some(hint) => problem.hint(hint),
                None => problem,
            }
        }
        None if present.contains(id) => {
            problem(id, "is not asked for any more").hint("ask for it in the profile, or lock anew")
        }
        None => problem(id, "is gone").hint(format!(
            "get {} again, or lock what is there now with `lunation lock`",
            locked.version
        )),
    }
}

/// Which files of a mod are others, as far as the lock knows them.
fn files(id: &ModId, locked: &LockedMod, found: &LockedMod) -> Vec<Problem> {
    let changed = |path: &String| {
        let (before, now) = (locked.files.get(path), found.files.get(path));
        let because = match (before, now) {
            (Some(before), Some(now)) if before == now => return None,
            (None, _) => "is not locked",
            (_, None) => "is gone",
            _ => "changed since it was locked",
        };
        let place = Place::file(display_path(&found.folder, path));
        Some(problem(id, because).at(place).hint(TAKE_BACK))
    };
    let is_listed = !locked.files.is_empty() && !found.files.is_empty();
    let paths: BTreeSet<&String> = locked.files.keys().chain(found.files.keys()).collect();
    let mut problems: Vec<Problem> = match is_listed {
        true => paths.into_iter().filter_map(changed).collect(),
        false => Vec::new(),
    };
    if problems.is_empty() {
        problems.push(problem(id, "has other files than the locked ones").hint(TAKE_BACK));
    }
    let more = problems.len().saturating_sub(FILES_SHOWN);
    if more > 0 {
        problems.truncate(FILES_SHOWN);
        problems.push(problem(id, &format!("has {more} more such files")).hint(TAKE_BACK));
    }
    problems
}
