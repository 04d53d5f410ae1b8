//! Compiling: source text to bytecode, away from the game thread, each content once.

use std::collections::BTreeMap;
use std::sync::Arc;

use rustc_hash::FxHashMap;

use crate::files::{ContentHash, ModFiles, is_script};
use crate::mod_id::ModId;
use crate::problem::{Code, Place, Problem};

use super::hints;
use super::outline::{Outline, outline};

/// The compiled form of one script; shared by every VM that loads it.
pub type Bytecode = Arc<[u8]>;

/// The compiled scripts of one reading of a mod.
#[derive(Clone, Debug, Default)]
pub struct Scripts {
    /// The name of the mod's folder, for chunk names.
    pub(super) folder: Arc<str>,
    /// By path relative to the mod.
    compiled: BTreeMap<Arc<str>, Compiled>,
    /// Files that can't be compiled: an error only if something loads them.
    problems: BTreeMap<Arc<str>, Problem>,
}

/// What is known of one script.
#[derive(Clone, Debug)]
struct Compiled {
    bytecode: Bytecode,
    source: Arc<[u8]>,
    outline: Option<Arc<Outline>>,
}

impl Scripts {
    /// The paths of the files that can be loaded.
    pub(super) fn paths(&self) -> impl Iterator<Item = &Arc<str>> {
        self.compiled.keys()
    }

    /// The compiled form of the file at `path`.
    pub(super) fn bytecode(&self, path: &str) -> Option<&Bytecode> {
        self.compiled.get(path).map(|script| &script.bytecode)
    }

    /// The text of the file at `path`.
    pub(super) fn source(&self, path: &str) -> Option<&Arc<[u8]>> {
        self.compiled.get(path).map(|script| &script.source)
    }

    /// What the text of the file at `path` says about its functions and variables; none if it can't be
    /// read.
    pub(super) fn outline(&self, path: &str) -> Option<&Arc<Outline>> {
        self.compiled.get(path)?.outline.as_ref()
    }

    /// Why the file at `path` can't be compiled.
    pub fn problem(&self, path: &str) -> Option<&Problem> {
        self.problems.get(path)
    }

    /// Every file that can't be compiled.
    pub fn problems(&self) -> impl Iterator<Item = &Problem> {
        self.problems.values()
    }
}

/// Compiles the scripts of `files`. What an earlier call with the same `cache` compiled is not compiled
/// again; entries of contents that no mod has any more are for the caller to drop (see [`Cache::retain`]).
pub fn compile(files: &ModFiles, mod_id: &ModId, cache: &mut Cache) -> Scripts {
    let mut scripts = Scripts {
        folder: files.folder().clone(),
        ..Scripts::default()
    };
    for (path, file) in files.iter().filter(|(path, _)| is_script(path)) {
        let Some(content) = &file.content else {
            continue;
        };
        let place = files.display_path(path);
        match cache.compile(file.hash, content, &place) {
            Ok(compiled) => {
                scripts.compiled.insert(path.clone(), compiled);
            }
            Err(problem) => {
                scripts.problems.insert(path.clone(), problem.of(mod_id));
            }
        }
    }
    scripts
}

/// What is known of scripts, by content.
#[derive(Default)]
pub struct Cache {
    entries: FxHashMap<CacheKey, Result<Compiled, Problem>>,
}

/// A content, and its chunk name where that is in the bytecode: Lua 5.4 and LuaJIT write it there.
type CacheKey = (ContentHash, Option<Arc<str>>);

impl Cache {
    /// How many contents are kept.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether nothing is kept.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Drops what `is_used` does not want.
    pub fn retain(&mut self, is_used: impl Fn(&ContentHash) -> bool) {
        self.entries.retain(|(hash, _), _| is_used(hash));
    }

    fn compile(
        &mut self,
        hash: ContentHash,
        source: &Arc<[u8]>,
        place: &Arc<str>,
    ) -> Result<Compiled, Problem> {
        let name = if cfg!(feature = "luau") {
            None
        } else {
            Some(place.clone())
        };
        match self
            .entries
            .entry((hash, name))
            .or_insert_with(|| compile_one(source, place))
        {
            Ok(compiled) => Ok(compiled.clone()),
            // The place names the file that was compiled first; this may be its twin.
            Err(problem) => Err(Problem {
                place: problem.place.clone().map(|at| Place {
                    file: place.clone(),
                    ..at
                }),
                ..problem.clone()
            }),
        }
    }
}

fn compile_one(source: &Arc<[u8]>, place: &Arc<str>) -> Result<Compiled, Problem> {
    if source.first() == Some(&0x1b) {
        return Err(
            Problem::error(Code::LUA_SYNTAX, "is bytecode; mods are Lua source text")
                .at(Place::file(place.clone()))
                .hint("put the source file there"),
        );
    }
    if let Some(problem) = no_text(source) {
        return Err(problem.at(Place::file(place.clone())));
    }
    let source = match source.strip_prefix(BYTE_ORDER_MARK) {
        Some(rest) => &rest.into(),
        None => source,
    };
    let bytecode =
        to_bytecode(source, place).map_err(|error| syntax_problem(&error, source, place))?;
    Ok(Compiled {
        bytecode,
        source: source.clone(),
        outline: outline(source).map(Arc::new),
    })
}

/// What some editors write in front of UTF-8. No Lua reads it.
const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// Why this is no text, if it is none. What stands behind a NUL byte Luau would leave out without a word.
fn no_text(source: &[u8]) -> Option<Problem> {
    let of = |because: &str, hint| Problem::error(Code::LUA_SYNTAX, because).hint(hint);
    if source.starts_with(b"\xff\xfe") || source.starts_with(b"\xfe\xff") {
        return Some(of(
            "is UTF-16; scripts are UTF-8",
            "save it as UTF-8, which every editor can",
        ));
    }
    source.contains(&0).then(|| {
        of(
            "has a NUL byte in it, which no text has",
            "the file is damaged, or not a script: take a copy from before; in a string, write \\0",
        )
    })
}

/// Compiles a script of Lunation's own.
pub(super) fn compile_own(source: &[u8], place: &str) -> mlua::Result<Bytecode> {
    to_bytecode(source, place)
}

#[cfg(feature = "luau")]
fn to_bytecode(source: &[u8], _place: &str) -> mlua::Result<Bytecode> {
    // Level 1 keeps line numbers and calls as they are written (2 would inline); debug level 2 keeps the
    // names of locals, which the carry of file-level locals needs.
    let compiler = mlua::chunk::Compiler::new()
        .set_optimization_level(1)
        .set_debug_level(2);
    compiler.compile(source).map(Into::into)
}

#[cfg(not(feature = "luau"))]
fn to_bytecode(source: &[u8], place: &str) -> mlua::Result<Bytecode> {
    let lua = mlua::Lua::new_with(mlua::StdLib::NONE, mlua::LuaOptions::default())?;
    let chunk = lua
        .load(source)
        .set_name(chunk_name(place))
        .set_mode(mlua::chunk::ChunkMode::Text);
    Ok(chunk.into_function()?.dump(false).into())
}

/// The chunk name of a file: shown as it is on Luau, kept at its end where the flavour cuts names.
pub(super) fn chunk_name(place: &str) -> String {
    if cfg!(feature = "luau") {
        format!("={place}")
    } else {
        format!("@{place}")
    }
}

fn syntax_problem(error: &mlua::Error, source: &[u8], place: &Arc<str>) -> Problem {
    let text = match error {
        mlua::Error::SyntaxError { message, .. } => message.clone(),
        other => other.to_string(),
    };
    let (line, reason) = split_line(&text);
    let source = String::from_utf8_lossy(source);
    let line_text = line
        .and_then(|line| source.lines().nth(line as usize - 1))
        .unwrap_or_default();
    let hint = hints::for_syntax(reason, line_text);
    Problem::error(Code::LUA_SYNTAX, format!("has a syntax error: {reason}"))
        .at(Place {
            file: place.clone(),
            line,
            column: None,
        })
        .hint(hint.as_deref().unwrap_or(hints::MEND_AND_SAVE))
}

/// Takes `NAME:LINE:` off the front of a compiler message.
fn split_line(text: &str) -> (Option<u32>, &str) {
    let text = text.strip_prefix("syntax error: ").unwrap_or(text);
    let starts = std::iter::once(0).chain(text.match_indices(':').map(|(colon, _)| colon + 1));
    for start in starts {
        let rest = &text[start..];
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        if digits > 0 && rest[digits..].starts_with(':') {
            return (
                rest[..digits].parse().ok().filter(|line| *line > 0),
                rest[digits + 1..].trim(),
            );
        }
    }
    (None, text.trim())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn syntax(source: &str) -> Problem {
        compile_one(
            &source.as_bytes().into(),
            &"economy/scripts/main.lua".into(),
        )
        .unwrap_err()
    }

    #[test]
    fn a_syntax_error_names_file_and_line() {
        let problem = syntax("local a = 1\nlocal b = = 2\n");
        assert_eq!(
            problem.place.unwrap().to_string(),
            "economy/scripts/main.lua:2"
        );
        assert!(
            problem.because.starts_with("has a syntax error: "),
            "{}",
            problem.because
        );
    }

    #[test]
    fn bytecode_is_refused() {
        assert_eq!(
            syntax("\x1bLua").because,
            "is bytecode; mods are Lua source text"
        );
    }

    #[test]
    #[cfg(feature = "luau")]
    fn spellings_of_other_luas_get_a_hint_with_the_luau_spelling() {
        for (source, hint) in [
            ("goto done\n::done::", "no goto"),
            ("local a = 1 & 2", "bit32.band"),
            ("local a = 1 | 2", "bit32.bor"),
            ("local a = 1 << 2", "bit32.lshift"),
            ("local a = ~1", "bit32.bnot"),
            ("local f <close> = nil", "<close>"),
        ] {
            let problem = syntax(source);
            let told = problem.hint.unwrap_or_default();
            assert!(
                told.contains(hint),
                "{source}: {} ({told})",
                problem.because
            );
        }
    }

    #[test]
    fn the_same_content_is_compiled_once() {
        let mut cache = Cache::default();
        let hash = ContentHash::of(b"return 1");
        let source: Arc<[u8]> = Arc::from(&b"return 1"[..]);
        let first = cache.compile(hash, &source, &"a/x.lua".into()).unwrap();
        let second = cache.compile(hash, &source, &"a/x.lua".into()).unwrap();
        assert!(Arc::ptr_eq(&first.bytecode, &second.bytecode));
    }
}
