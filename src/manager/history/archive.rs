//! [`Archive`]: the history on disk, as generations in a [`Store`]. Everything here waits for the disk.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::sync::Arc;

use crate::disk::Store;
use crate::files::ContentHash;
use crate::mod_id::ModId;
use crate::problem::{Code, Problem};
use crate::settings::StateCompression;

use super::past::Past;
use super::record::{Objects, RECORD_BYTES_MAX, Record};

/// Where the records of generations stand: `generations/<mod>/<number>`.
const SHELF: &str = "generations";

/// Where checkpoints stand, by number.
const CHECKPOINTS: &str = "checkpoints";

/// How many checkpoints are kept: the last one, and the one before in case the last can't be read.
const CHECKPOINTS_KEPT: usize = 2;

/// The most generations of one mod that are read; the settings allow no more to be kept.
const GENERATIONS_MAX: usize = 1001;

/// The largest checkpoint.
const CHECKPOINT_BYTES_MAX: u64 = 1 << 30;

/// What was found on disk: the generations of each mod, oldest first.
#[derive(Debug, Default)]
pub(super) struct Found {
    pub(super) generations: BTreeMap<ModId, Vec<Arc<Record>>>,
    pub(super) problems: Vec<Problem>,
    /// Whether some of it was written by another version: then nothing that is not understood is removed.
    has_foreign: bool,
}

/// Reads every record of a store.
pub(super) fn read(store: &Store) -> Found {
    let mut found = Found::default();
    for shelf in store.shelves(SHELF) {
        let Ok(mod_id) = shelf.parse::<ModId>() else {
            continue;
        };
        let mut records = Vec::new();
        let names = store.records(&shelf_of(&mod_id));
        let surplus = names.len().saturating_sub(GENERATIONS_MAX);
        for name in names.iter().skip(surplus) {
            match read_one(store, &mod_id, name) {
                Ok(record) => records.push(Arc::new(record)),
                Err(Unread::Foreign) => found.has_foreign = true,
                Err(Unread::Damaged(why)) => {
                    found.problems.push(damaged(&mod_id, name, &why));
                    // It can't get better. What it refers to goes with the sweep.
                    let _ = store.remove_record(&shelf_of(&mod_id), name);
                }
            }
        }
        if !records.is_empty() {
            found.generations.insert(mod_id, records);
        }
    }
    found
}

enum Unread {
    Foreign,
    Damaged(String),
}

fn read_one(store: &Store, mod_id: &ModId, name: &str) -> Result<Record, Unread> {
    let damaged = |why: &dyn std::fmt::Display| Unread::Damaged(why.to_string());
    let number = name.parse().map_err(|_| Unread::Foreign)?;
    if name != name_of(number) {
        return Err(Unread::Foreign);
    }
    let bytes = store
        .read_record(&shelf_of(mod_id), name, RECORD_BYTES_MAX)
        .map_err(|why| damaged(&why.kind()))?;
    Record::read(&bytes, mod_id, number).map_err(|why| match why.is_of_another_version() {
        true => Unread::Foreign,
        false => damaged(&why),
    })
}

fn damaged(mod_id: &ModId, name: &str, why: &str) -> Problem {
    let number = name.trim_start_matches('0');
    let because = format!("has a generation {number} on disk that can't be read: it {why}");
    Problem::warning(Code::HISTORY_DAMAGED, because)
        .of(mod_id)
        .hint("nothing is to be done: it was let go, the others are still there")
}

fn shelf_of(mod_id: &ModId) -> String {
    format!("{SHELF}/{mod_id}")
}

/// Sorts as the numbers do.
fn name_of(generation: u64) -> String {
    format!("{generation:010}")
}

/// The checkpoints of a store, newest first; each is read when it is its turn.
pub(super) fn checkpoints(store: &Store) -> impl Iterator<Item = io::Result<Vec<u8>>> {
    let names = store.records(CHECKPOINTS).into_iter().rev();
    let names = names.take(2 * CHECKPOINTS_KEPT);
    names.map(|name| store.read_record(CHECKPOINTS, &name, CHECKPOINT_BYTES_MAX))
}

/// The history on disk, to be written: what is in it is known, so only what differs is touched.
pub(super) struct Archive {
    store: Arc<Store>,
    known: BTreeMap<ModId, BTreeMap<u64, Known>>,
    /// How many records refer to each object.
    references: BTreeMap<ContentHash, usize>,
    /// Objects that this process wrote. Those of an earlier one may be damaged: they are looked at before
    /// something new refers to them.
    written: BTreeSet<ContentHash>,
}

/// A record that is on disk.
struct Known {
    is_left: bool,
    objects: BTreeSet<ContentHash>,
}

impl Known {
    fn of(record: &Record) -> Known {
        Known {
            is_left: record.left.is_some(),
            objects: record.objects().collect(),
        }
    }
}

impl Archive {
    /// The archive in a store where this was found. What an earlier process did not finish is cleaned up.
    pub(super) fn new(store: Arc<Store>, found: &Found) -> Archive {
        let mut archive = Archive {
            store,
            known: BTreeMap::new(),
            references: BTreeMap::new(),
            written: BTreeSet::new(),
        };
        for (mod_id, records) in &found.generations {
            for record in records {
                archive.note(mod_id, record.generation, Known::of(record));
            }
        }
        if !found.has_foreign {
            let kept = archive.references.keys().copied().collect();
            archive.store.sweep(&kept);
        }
        archive
    }

    /// The generations that are on disk.
    pub(super) fn written(&self) -> BTreeMap<ModId, BTreeSet<u64>> {
        let known = self.known.iter();
        known
            .map(|(mod_id, known)| (mod_id.clone(), known.keys().copied().collect()))
            .collect()
    }

    /// Makes the generations of a mod on disk these.
    ///
    /// # Errors
    /// What the system says. Everything that is on disk then is whole; the next call goes on.
    pub(super) fn keep(
        &mut self,
        mod_id: &ModId,
        wanted: &[Past],
        compression: StateCompression,
    ) -> io::Result<()> {
        let kept = self.bring_up_to_date(mod_id, wanted, compression);
        if kept.is_err() {
            // Who knows what else has become of what was written.
            self.written.clear();
        }
        kept
    }

    fn bring_up_to_date(
        &mut self,
        mod_id: &ModId,
        wanted: &[Past],
        compression: StateCompression,
    ) -> io::Result<()> {
        for past in wanted {
            let Past::InMemory(past) = past else {
                continue;
            };
            let known = self.known.get(mod_id);
            let known = known.and_then(|known| known.get(&past.generation));
            if known.is_none_or(|known| known.is_left != past.left.is_some()) {
                let (record, objects) = past.record();
                self.write(mod_id, &record, objects, compression)?;
            }
        }
        let wanted: BTreeSet<u64> = wanted.iter().map(Past::generation).collect();
        let known = self.known.get(mod_id).into_iter().flatten();
        let unwanted = known.map(|(number, _)| *number);
        let unwanted: Vec<u64> = unwanted.filter(|number| !wanted.contains(number)).collect();
        for number in unwanted {
            self.store
                .remove_record(&shelf_of(mod_id), &name_of(number))?;
            let known = self.known.get_mut(mod_id);
            if let Some(gone) = known.and_then(|known| known.remove(&number)) {
                self.let_go(gone.objects)?;
            }
        }
        Ok(())
    }

    /// Objects first: a record never refers to what is not there.
    fn write(
        &mut self,
        mod_id: &ModId,
        record: &Record,
        mut objects: Objects,
        compression: StateCompression,
    ) -> io::Result<()> {
        let bytes = record.to_bytes().ok_or(io::ErrorKind::FileTooLarge)?;
        objects.retain(|hash, _| !self.written.contains(hash));
        let contents = objects.iter().map(|(hash, content)| (*hash, &content[..]));
        self.store.write_objects(contents, compression)?;
        self.written.extend(objects.into_keys());
        let name = name_of(record.generation);
        self.store.write_record(&shelf_of(mod_id), &name, &bytes)?;
        match self.note(mod_id, record.generation, Known::of(record)) {
            Some(replaced) => self.let_go(replaced.objects),
            None => Ok(()),
        }
    }

    /// Counts what a record refers to; what it was before.
    fn note(&mut self, mod_id: &ModId, number: u64, known: Known) -> Option<Known> {
        for hash in &known.objects {
            *self.references.entry(*hash).or_default() += 1;
        }
        let of_mod = self.known.entry(mod_id.clone()).or_default();
        of_mod.insert(number, known)
    }

    /// Removes the objects that nothing refers to any more.
    fn let_go(&mut self, objects: BTreeSet<ContentHash>) -> io::Result<()> {
        for hash in objects {
            let Some(count) = self.references.get_mut(&hash) else {
                continue;
            };
            *count -= 1;
            if *count == 0 {
                self.references.remove(&hash);
                self.written.remove(&hash);
                self.store.remove_object(hash)?;
            }
        }
        Ok(())
    }

    /// Writes a checkpoint, and lets the oldest go.
    ///
    /// # Errors
    /// What the system says; the checkpoints before are still there.
    pub(super) fn write_checkpoint(&self, bytes: &[u8]) -> io::Result<()> {
        let names = self.store.records(CHECKPOINTS);
        let last = names.iter().rev().find_map(|name| name.parse::<u64>().ok());
        let name = name_of(last.map_or(1, |last| last.saturating_add(1)));
        self.store.write_record(CHECKPOINTS, &name, bytes)?;
        let surplus = (names.len() + 1).saturating_sub(CHECKPOINTS_KEPT);
        let old = names.iter().take(surplus);
        old.into_iter()
            .try_for_each(|name| self.store.remove_record(CHECKPOINTS, name))
    }
}
