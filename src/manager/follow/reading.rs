//! How a mod becomes a [`ReadMod`]: parsed and compiled, only where its files are other ones than before, and on
//! all processors if there is much of it.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use parking_lot::Mutex;

use crate::files::{ContentHash, MANIFEST_FILE, ModFiles, is_script};
use crate::lua::{Cache, compile};
use crate::manifest::{self, Manifest};
use crate::mod_id::ModId;
use crate::problem::{Code, Place, Problem};

use super::ReadMod;

/// The least bytes of scripts for which threads are started: compiling them takes some 5 ms.
const PARALLEL_BYTES: u64 = 256 * 1024;

/// Threads that compile at most.
const THREADS_MAX: usize = 8;

/// The mods of a folder, by name.
pub(in crate::manager) type Mods = BTreeMap<Arc<str>, Arc<ReadMod>>;

/// Parses and compiles what is different from `before`.
pub(super) fn read_mods(
    folders: BTreeMap<Arc<str>, Arc<ModFiles>>,
    before: &Mods,
    cache: &Cache,
) -> Mods {
    let others = others(&folders, before, |files, known| {
        Arc::ptr_eq(files, &known.files)
    });
    let read = |(name, files): &(&Arc<str>, &Arc<ModFiles>)| {
        let before = before.get(*name).map(Arc::as_ref);
        let read = read_mod(name, files, before, cache);
        ((*name).clone(), Arc::new(read))
    };
    let read: Vec<_> = match thread_count(&others) {
        0 | 1 => others.iter().map(read).collect(),
        threads => in_parallel(threads, &others, read),
    };
    let mut mods = before.clone();
    mods.extend(read);
    if mods.len() != folders.len() {
        mods.retain(|name, _| folders.contains_key(name));
    }
    mods
}

/// What of `now` is not the same in `before`: one walk, and hardly a look at a name, since names are shared.
pub(super) fn others<'a, A, B>(
    now: &'a BTreeMap<Arc<str>, A>,
    before: &BTreeMap<Arc<str>, B>,
    is_same: impl Fn(&A, &B) -> bool,
) -> Vec<(&'a Arc<str>, &'a A)> {
    let mut before = before.iter().peekable();
    let mut others = Vec::new();
    for (name, item) in now {
        let is_its = |known: &Arc<str>| Arc::ptr_eq(known, name) || known == name;
        while before
            .next_if(|(known, _)| !is_its(known) && *known < name)
            .is_some()
        {}
        let known = before.next_if(|(known, _)| is_its(known));
        if !known.is_some_and(|(_, known)| is_same(item, known)) {
            others.push((name, item));
        }
    }
    others
}

/// How many threads are worth their start for these mods.
fn thread_count(mods: &[(&Arc<str>, &Arc<ModFiles>)]) -> usize {
    let files = mods.iter().flat_map(|(_, files)| files.iter());
    let scripts = files.filter(|(path, _)| is_script(path));
    let bytes: u64 = scripts.map(|(_, file)| file.size).sum();
    if bytes < PARALLEL_BYTES {
        return 1;
    }
    let processors = thread::available_parallelism().map_or(1, std::num::NonZero::get);
    processors.min(THREADS_MAX).min(mods.len())
}

/// Does `work` for each of `items` on so many threads, this one among them; in any order.
fn in_parallel<T: Sync, R: Send>(
    threads: usize,
    items: &[T],
    work: impl Fn(&T) -> R + Sync,
) -> Vec<R> {
    let next = AtomicUsize::new(0);
    let done = Mutex::new(Vec::with_capacity(items.len()));
    let run = || {
        while let Some(item) = items.get(next.fetch_add(1, Ordering::Relaxed)) {
            let result = work(item);
            done.lock().push(result);
        }
    };
    thread::scope(|scope| {
        for _ in 1..threads {
            // Where the system starts no thread, those that there are do the work.
            let _ = thread::Builder::new().spawn_scoped(scope, run);
        }
        run();
    });
    done.into_inner()
}

/// A mod as it was read; parsed only if its manifest is another one than `before`, compiled where the content of
/// a script is.
fn read_mod(
    name: &Arc<str>,
    files: &Arc<ModFiles>,
    before: Option<&ReadMod>,
    cache: &Cache,
) -> ReadMod {
    let (mod_id, manifest, problems) = match before {
        Some(before) if manifest_hash(&before.files) == manifest_hash(files) => (
            before.mod_id.clone(),
            before.manifest.clone(),
            before.problems.clone(),
        ),
        _ => parse_manifest(files),
    };
    // Scripts are compiled although the manifest may be broken: its fix then waits for nothing else.
    let named_after = mod_id.clone().or_else(|| ModId::nearest(name));
    let scripts = named_after.map(|mod_id| compile(files, &mod_id, cache));
    ReadMod {
        files: files.clone(),
        mod_id,
        manifest,
        problems,
        scripts: Arc::new(scripts.unwrap_or_default()),
    }
}

fn manifest_hash(files: &ModFiles) -> Option<ContentHash> {
    files.get(MANIFEST_FILE).map(|file| file.hash)
}

/// The id, the manifest and what is wrong with it.
fn parse_manifest(files: &ModFiles) -> (Option<ModId>, Option<Arc<Manifest>>, Arc<[Problem]>) {
    let Some(text) = files.content(MANIFEST_FILE) else {
        let because = format!("has no `{MANIFEST_FILE}` that can be read");
        let problem = Problem::error(Code::NO_MANIFEST, because)
            .at(Place::file(files.display_path(MANIFEST_FILE)))
            .hint("put a regular file there, of ordinary size");
        return (None, None, [problem].into());
    };
    let (manifest, problems) = manifest::parse(text, &files.display_path(MANIFEST_FILE));
    let mod_id = manifest.as_ref().map(|manifest| manifest.id.clone());
    (mod_id, manifest.map(Arc::new), problems.into())
}
