//! [`Record`]: one generation as it stands on disk. Contents and images are objects; it names them by hash.

use std::collections::BTreeMap;
use std::sync::Arc;

use semver::Version;
use serde::{Deserialize, Serialize};

use crate::envelope::{self, BadEnvelope, Kind};
use crate::files::{ContentHash, ModFile, ModFiles, is_script};
use crate::manager::running::{Parked, Source};
use crate::mod_id::ModId;
use crate::settings::StateCompression;

use super::past::Left;

const RECORD: Kind = Kind {
    magic: *b"LUNAGEN\0",
    format: 1,
};

/// The largest record: some 20,000 files, which is what one reading of a folder has at most.
pub(super) const RECORD_BYTES_MAX: u64 = 8 * 1024 * 1024;

/// One generation.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(in crate::manager) struct Record {
    mod_id: String,
    pub(super) generation: u64,
    pub(super) code_of: u64,
    version: String,
    pub(super) state_version: u32,
    pub(super) committed_tick: u64,
    pub(super) state_bytes: u64,
    /// How it was left; nothing if it ran when this was written.
    pub(super) left: Option<Left>,
    state: Option<StateRecord>,
    /// What keeping it costs.
    pub(super) bytes: u64,
    code: FolderRecord,
    /// The scripts of its dependencies, which it could load.
    libraries: Vec<(String, FolderRecord)>,
}

/// The state that it was left with.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct StateRecord {
    pub(super) base: [u8; 32],
    pub(super) base_bytes: u64,
    pub(super) live: [u8; 32],
    pub(super) live_bytes: u64,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct FolderRecord {
    folder: String,
    files: Vec<FileRecord>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct FileRecord {
    path: String,
    hash: [u8; 32],
    size: u64,
    /// Whether the content is an object; assets are read from the mods folder.
    is_kept: bool,
}

/// One generation with everything that it needs to run again.
#[derive(Clone, Debug)]
pub(in crate::manager) struct InMemory {
    pub(in crate::manager) generation: u64,
    pub(in crate::manager) code_of: u64,
    pub(in crate::manager) source: Source,
    pub(in crate::manager) state_version: u32,
    pub(in crate::manager) committed_tick: u64,
    pub(in crate::manager) state_bytes: usize,
    pub(in crate::manager) left: Option<Left>,
    pub(in crate::manager) state: Option<Parked>,
    pub(in crate::manager) bytes: u64,
}

/// The contents that a record refers to.
pub(super) type Objects = BTreeMap<ContentHash, Arc<[u8]>>;

impl InMemory {
    /// The record of it, and the objects that the record refers to.
    pub(super) fn record(&self) -> (Record, Objects) {
        let mut objects = Objects::new();
        let (code, libraries) = code_of(&self.source, &mut objects);
        let state = self.state.as_ref();
        let state = state.map(|state| StateRecord::of(state, &mut objects));
        let record = Record {
            mod_id: self.source.mod_id().to_string(),
            generation: self.generation,
            code_of: self.code_of,
            version: self.source.manifest.version.to_string(),
            state_version: self.state_version,
            committed_tick: self.committed_tick,
            state_bytes: self.state_bytes as u64,
            left: self.left,
            state,
            bytes: self.bytes,
            code,
            libraries,
        };
        (record, objects)
    }
}

impl Record {
    /// The record as bytes for a file.
    pub(super) fn to_bytes(&self) -> Option<Vec<u8>> {
        let content = postcard::to_stdvec(self).ok()?;
        let is_readable = content.len() as u64 <= RECORD_BYTES_MAX;
        is_readable.then(|| envelope::seal(RECORD, &content, StateCompression::None))
    }

    /// Reads what [`Record::to_bytes`] wrote for this generation of this mod.
    pub(super) fn read(bytes: &[u8], mod_id: &ModId, generation: u64) -> Result<Record, BadRecord> {
        let content = envelope::open(RECORD, bytes, RECORD_BYTES_MAX)?;
        let (record, rest) =
            postcard::take_from_bytes::<Record>(&content).map_err(|_| BadEnvelope::Malformed)?;
        let is_its_own = record.mod_id == mod_id.as_str() && record.generation == generation;
        let is_sound = rest.is_empty()
            && is_its_own
            && record.code_of <= generation
            && record.version.parse::<Version>().is_ok();
        if is_sound {
            Ok(record)
        } else {
            Err(BadEnvelope::Malformed.into())
        }
    }

    pub(super) fn version(&self) -> Version {
        let unknown = || Version::new(0, 0, 0);
        self.version.parse().unwrap_or_else(|_| unknown())
    }

    /// Every object that it refers to.
    pub(super) fn objects(&self) -> impl Iterator<Item = ContentHash> {
        let libraries = self.libraries.iter().map(|(_, folder)| folder);
        let files = std::iter::once(&self.code).chain(libraries);
        let files = files.flat_map(|folder| folder.files.iter().filter(|file| file.is_kept));
        let images = self.state.iter().flat_map(|state| [state.base, state.live]);
        let hashes = files.map(|file| file.hash).chain(images);
        hashes.map(ContentHash::from_bytes)
    }

    /// Whether it is the same code, down to the libraries.
    pub(super) fn has_code_of(&self, source: &Source) -> bool {
        let (code, libraries) = code_of(source, &mut Objects::new());
        self.code == code && self.libraries == libraries
    }

    pub(super) fn state(&self) -> Option<&StateRecord> {
        self.state.as_ref()
    }

    /// The files of the mod, without their contents.
    pub(super) fn files(&self) -> ModFiles {
        self.code.files(|_, _| None)
    }

    /// The files of the mod and, by mod, of its dependencies; `content` gives the content of a hash and a size.
    pub(super) fn code<E>(
        &self,
        mut content: impl FnMut(ContentHash, u64) -> Result<Vec<u8>, E>,
    ) -> Result<(ModFiles, BTreeMap<ModId, ModFiles>), E> {
        let mut failed = None;
        let mut content = |hash, size| match content(hash, size) {
            Ok(content) => Some(content.into()),
            Err(error) => {
                failed.get_or_insert(error);
                None
            }
        };
        let own = self.code.files(&mut content);
        let mut libraries = BTreeMap::new();
        for (id, folder) in &self.libraries {
            if let Ok(id) = id.parse() {
                libraries.insert(id, folder.files(&mut content));
            }
        }
        failed.map_or(Ok((own, libraries)), Err)
    }
}

/// The files of a mod, and the scripts of its dependencies.
fn code_of(source: &Source, objects: &mut Objects) -> (FolderRecord, Vec<(String, FolderRecord)>) {
    let code = FolderRecord::of(&source.files, |_| true, objects);
    let libraries = source.libraries.iter();
    let libraries = libraries.map(|(mod_id, files)| {
        let scripts = FolderRecord::of(files, is_script, objects);
        (mod_id.to_string(), scripts)
    });
    let libraries = libraries.collect();
    (code, libraries)
}

#[cfg(test)]
impl Record {
    /// A record with one file and a state.
    pub(super) fn sample(mod_id: &str, generation: u64, bytes: u64) -> Record {
        let mut files = ModFiles::new(mod_id);
        files.insert("scripts/main.lua", ModFile::text(*b"return 1"));
        Record {
            mod_id: mod_id.to_owned(),
            generation,
            code_of: generation,
            version: "1.2.3".to_owned(),
            state_version: 4,
            committed_tick: 5,
            state_bytes: 6,
            left: None,
            state: Some(StateRecord {
                base: [7; 32],
                base_bytes: 8,
                live: [9; 32],
                live_bytes: 10,
            }),
            bytes,
            code: FolderRecord::of(&files, |_| true, &mut Objects::new()),
            libraries: Vec::new(),
        }
    }

    /// Any content as a record with a right checksum.
    pub(super) fn sealed(content: &[u8]) -> Vec<u8> {
        envelope::seal(RECORD, content, StateCompression::None)
    }
}

impl FolderRecord {
    fn of(files: &ModFiles, is_wanted: fn(&str) -> bool, objects: &mut Objects) -> FolderRecord {
        let mut record = FolderRecord {
            folder: files.folder().to_string(),
            files: Vec::new(),
        };
        for (path, file) in files.iter().filter(|(path, _)| is_wanted(path)) {
            record.files.push(FileRecord {
                path: path.to_string(),
                hash: *file.hash.as_bytes(),
                size: file.size,
                is_kept: file.content.is_some(),
            });
            let content = file.content.clone();
            objects.extend(content.map(|content| (file.hash, content)));
        }
        record
    }

    fn files(&self, mut content: impl FnMut(ContentHash, u64) -> Option<Arc<[u8]>>) -> ModFiles {
        let mut files = ModFiles::new(self.folder.as_str());
        for file in &self.files {
            let hash = ContentHash::from_bytes(file.hash);
            let kept = file.is_kept.then(|| content(hash, file.size)).flatten();
            let file_of = ModFile {
                hash,
                size: file.size,
                content: kept,
            };
            files.insert(file.path.as_str(), file_of);
        }
        files
    }
}

impl StateRecord {
    fn of(state: &Parked, objects: &mut Objects) -> StateRecord {
        let mut put = |image: &crate::state::Image| {
            let bytes = image.to_bytes();
            let (hash, size) = (ContentHash::of(&bytes), bytes.len() as u64);
            objects.insert(hash, bytes.into());
            (*hash.as_bytes(), size)
        };
        let (base, base_bytes) = put(&state.base);
        let (live, live_bytes) = put(&state.live);
        StateRecord {
            base,
            base_bytes,
            live,
            live_bytes,
        }
    }
}

/// Why a record can't be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(transparent)]
pub(super) struct BadRecord(#[from] BadEnvelope);

impl BadRecord {
    /// Whether another version of Lunation may be able to read it, so that it is not ours to throw away.
    pub(super) fn is_of_another_version(&self) -> bool {
        matches!(self.0, BadEnvelope::Format { .. })
    }
}
