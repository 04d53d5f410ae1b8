//! What a generation of an earlier process needs to run again: its objects, read from disk, and compiled.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::sync::Arc;

use crate::disk::Store;
use crate::files::{ContentHash, MANIFEST_FILE, ModFiles};
use crate::lua::{Cache, Scripts, compile};
use crate::manager::ModManager;
use crate::manager::running::{Parked, Source};
use crate::manifest;
use crate::mod_id::ModId;
use crate::problem::{Code, Problem};
use crate::state::Image;

use super::past::Past;
use super::record::Record;

impl ModManager {
    /// What the VM of an earlier generation is made from.
    ///
    /// # Errors
    /// It is on disk, and can't be read; or the host does not grant what it requires.
    pub(in crate::manager) fn source_of_past(
        &self,
        mod_id: &ModId,
        past: &Past,
    ) -> Result<Source, Problem> {
        match past {
            Past::InMemory(past) => Ok(past.source.clone()),
            Past::OnDisk(record) => {
                let source = self.revive(mod_id, record).map_err(|why| {
                    let because = format!("has a generation {} that {why}", record.generation);
                    unreadable(&because).of(mod_id)
                })?;
                let (granted, denied) = self.granted_to_past(&source.manifest)?;
                Ok(Source {
                    granted,
                    denied,
                    ..source
                })
            }
        }
    }

    /// The state that an earlier generation was left with, if it was captured.
    ///
    /// # Errors
    /// It is on disk, and can't be read.
    pub(in crate::manager) fn state_of_past(
        &self,
        mod_id: &ModId,
        past: &Past,
    ) -> Result<Option<Parked>, Problem> {
        match past {
            Past::InMemory(past) => Ok(past.state.clone()),
            Past::OnDisk(record) => self.read_state(record).map_err(|why| {
                let because = format!("has a generation {} whose state {why}", record.generation);
                unreadable(&because).of(mod_id)
            }),
        }
    }

    /// All but what it is granted.
    fn revive(&self, mod_id: &ModId, record: &Record) -> Result<Source, String> {
        let store = self.history.store()?;
        let (files, libraries) = record
            .code(|hash, size| object(store, hash, size))
            .map_err(|why| why.clone())?;
        let text = files.content(MANIFEST_FILE).cloned().unwrap_or_default();
        let (manifest, problems) = manifest::parse(&text, &files.display_path(MANIFEST_FILE));
        let is_sound = !problems.iter().any(Problem::is_error);
        let manifest = manifest.filter(|manifest| is_sound && manifest.id == *mod_id);
        let manifest = manifest.ok_or("has a manifest that can't be used any more")?;
        let (config, _) = self.config_of(&manifest, &files);
        let cache = Cache::default();
        let compiled = |id: &ModId, files: &ModFiles| -> (ModId, Arc<Scripts>) {
            (id.clone(), Arc::new(compile(files, id, &cache)))
        };
        let mut scripts = BTreeMap::from([compiled(mod_id, &files)]);
        scripts.extend(libraries.iter().map(|(id, files)| compiled(id, files)));
        let libraries = libraries.into_iter();
        let libraries: BTreeMap<ModId, Arc<ModFiles>> =
            libraries.map(|(id, files)| (id, Arc::new(files))).collect();
        Ok(Source {
            manifest: Arc::new(manifest),
            files: Arc::new(files),
            scripts,
            dependencies: libraries.keys().cloned().collect(),
            libraries,
            config,
            granted: BTreeSet::new(),
            denied: BTreeSet::new(),
        })
    }

    fn read_state(&self, record: &Record) -> Result<Option<Parked>, String> {
        let Some(state) = record.state() else {
            return Ok(None);
        };
        let store = self.history.store()?;
        // It has everything that the mod held, not only what a save has.
        let limit = self.reading.settings.limits.memory as u64;
        let image = |hash: [u8; 32], bytes: u64| {
            if bytes > limit {
                return Err(format!("has {bytes} bytes, and limits.memory is {limit}"));
            }
            let bytes = object(store, ContentHash::from_bytes(hash), bytes)?;
            Image::from_bytes(&bytes).map_err(|why| format!("can't be read because it {why}"))
        };
        Ok(Some(Parked {
            base: image(state.base, state.base_bytes)?,
            live: image(state.live, state.live_bytes)?,
            version: record.version(),
        }))
    }
}

/// The content of an object of this size.
fn object(store: &Store, hash: ContentHash, size: u64) -> Result<Vec<u8>, String> {
    store
        .read_object(hash, size)
        .map_err(|why| match why.kind() {
            io::ErrorKind::NotFound => "is not on disk any more".to_owned(),
            kind => format!("can't be read from disk: {kind}"),
        })
}

fn unreadable(because: &str) -> Problem {
    Problem::error(Code::HISTORY_DAMAGED, because)
        .hint("nothing has changed; see `history` for the other generations")
}
