//! [`Cache`]: what is known of scripts, by content.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use parking_lot::Mutex;
use rustc_hash::FxHashMap;

use crate::files::ContentHash;
use crate::problem::{Place, Problem};

use super::{Bytecode, Compiled, checked, compile_checked};

/// What is known of scripts, by content. Several threads can use it at once.
#[derive(Default)]
pub struct Cache {
    entries: Mutex<FxHashMap<CacheKey, Result<Compiled, Problem>>>,
    /// What an earlier run compiled.
    known: FxHashMap<ContentHash, Bytecode>,
    /// How many contents were compiled, and not known.
    compiled: AtomicUsize,
}

/// A content, and its chunk name where that is in the bytecode: Lua 5.4 and LuaJIT write it there.
type CacheKey = (ContentHash, Option<Arc<str>>);

impl Cache {
    /// How many contents are kept.
    pub fn len(&self) -> usize {
        self.entries.lock().len()
    }

    /// Whether nothing is kept.
    pub fn is_empty(&self) -> bool {
        self.entries.lock().is_empty()
    }

    /// Takes over what an earlier run of the same engine compiled; see `engine_stamp`. It is believed: whoever
    /// gives it must know that nobody else can have written it.
    pub fn know(&mut self, known: impl IntoIterator<Item = (ContentHash, Bytecode)>) {
        self.known.extend(known);
    }

    /// What the contents `used` are compiled to, if an earlier run does not know some of it.
    pub fn news(&self, used: &BTreeSet<ContentHash>) -> Option<Vec<(ContentHash, Bytecode)>> {
        if self.compiled() == 0 {
            return None;
        }
        let entries = self.entries.lock();
        let of_used = entries.iter().filter(|((hash, _), _)| used.contains(hash));
        let bytecode = of_used.filter_map(|((hash, _), compiled)| {
            Some((*hash, compiled.as_ref().ok()?.bytecode.clone()))
        });
        Some(bytecode.collect())
    }

    /// How many contents had to be compiled so far.
    pub fn compiled(&self) -> usize {
        self.compiled.load(Ordering::Relaxed)
    }

    /// Drops what `is_used` does not want.
    pub fn retain(&mut self, is_used: impl Fn(&ContentHash) -> bool) {
        self.entries.get_mut().retain(|(hash, _), _| is_used(hash));
        self.known.retain(|hash, _| is_used(hash));
    }

    pub(super) fn compile(
        &self,
        hash: ContentHash,
        source: &Arc<[u8]>,
        place: &Arc<str>,
    ) -> Result<Compiled, Problem> {
        let name = if cfg!(feature = "luau") {
            None
        } else {
            Some(place.clone())
        };
        let key = (hash, name);
        let known = self.entries.lock().get(&key).cloned();
        let compiled = known.unwrap_or_else(|| {
            // Without the lock: where two threads meet the same content at once, the first that is done counts.
            let compiled = self.compile_anew(hash, source, place);
            self.entries.lock().entry(key).or_insert(compiled).clone()
        });
        // The place names the file that was compiled first; this may be its twin.
        compiled.map_err(|problem| Problem {
            place: problem.place.clone().map(|at| Place {
                file: place.clone(),
                ..at
            }),
            ..problem
        })
    }

    fn compile_anew(
        &self,
        hash: ContentHash,
        source: &Arc<[u8]>,
        place: &Arc<str>,
    ) -> Result<Compiled, Problem> {
        let source = checked(source, place)?;
        let bytecode = match self.known.get(&hash) {
            Some(known) => known.clone(),
            None => {
                self.compiled.fetch_add(1, Ordering::Relaxed);
                compile_checked(&source, place)?
            }
        };
        Ok(Compiled {
            bytecode,
            source,
            outline: Arc::default(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_content_is_compiled_once() {
        let cache = Cache::default();
        let hash = ContentHash::of(b"return 1");
        let source: Arc<[u8]> = Arc::from(&b"return 1"[..]);
        let first = cache.compile(hash, &source, &"a/x.lua".into()).unwrap();
        let second = cache.compile(hash, &source, &"a/x.lua".into()).unwrap();
        assert!(Arc::ptr_eq(&first.bytecode, &second.bytecode));
    }

    #[test]
    #[cfg(feature = "luau")]
    fn what_an_earlier_run_knows_is_not_compiled_and_tells_no_news() {
        let hash = ContentHash::of(b"return 1");
        let source: Arc<[u8]> = Arc::from(&b"return 1"[..]);
        let used = BTreeSet::from([hash]);
        let first = Cache::default();
        first.compile(hash, &source, &"a/x.lua".into()).unwrap();
        assert_eq!(first.compiled(), 1);
        let mut second = Cache::default();
        second.know(first.news(&used).unwrap());
        let known = second.compile(hash, &source, &"a/x.lua".into()).unwrap();
        assert_eq!((known.source, second.compiled()), (source, 0));
        assert!(second.news(&used).is_none());
        assert_eq!(first.news(&BTreeSet::new()).unwrap(), []);
    }
}
