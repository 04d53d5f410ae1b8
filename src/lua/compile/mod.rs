//! Compiling: source text to bytecode, away from the game thread, each content once.
//!
//! [`compile`] takes the scripts of a mod through the [`Cache`], which knows what was compiled before.

mod cache;

use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

use crate::files::{ModFiles, is_script};
use crate::mod_id::ModId;
use crate::problem::{Code, Place, Problem};

use super::hints;
use super::outline::{Outline, outline};

pub use self::cache::Cache;

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
    /// Read from the source when somebody asks.
    outline: Arc<OnceLock<Option<Arc<Outline>>>>,
}

impl Compiled {
    fn outline(&self) -> Option<&Arc<Outline>> {
        let read = || outline(&self.source).map(Arc::new);
        self.outline.get_or_init(read).as_ref()
    }
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
        self.compiled.get(path)?.outline()
    }

    /// Reads what the texts of all files say, ahead of the first who asks.
    pub fn read_outlines(&self) {
        self.compiled.values().for_each(|script| {
            script.outline();
        });
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
pub fn compile(files: &ModFiles, mod_id: &ModId, cache: &Cache) -> Scripts {
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

/// Which engine this is, down to what its bytecode depends on: what one with the same stamp has compiled can be run
/// here. Nothing where that can't be told, as for the engines whose bytecode has names of files in it.
pub fn engine_stamp() -> Option<String> {
    stamp()
}

#[cfg(feature = "luau")]
fn stamp() -> Option<String> {
    let version = mlua::ffi::luau_version()?;
    let bits = usize::BITS;
    let order = if cfg!(target_endian = "big") {
        "big"
    } else {
        "little"
    };
    Some(format!(
        "Luau {version} O{OPTIMIZATION} g{DEBUG} {bits} {order} {}",
        env!("CARGO_PKG_VERSION")
    ))
}

#[cfg(not(feature = "luau"))]
fn stamp() -> Option<String> {
    None
}

/// The source of a script, if it is one that may be compiled.
fn checked(source: &Arc<[u8]>, place: &Arc<str>) -> Result<Arc<[u8]>, Problem> {
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
    Ok(match source.strip_prefix(BYTE_ORDER_MARK) {
        Some(rest) => rest.into(),
        None => source.clone(),
    })
}

fn compile_checked(source: &[u8], place: &Arc<str>) -> Result<Bytecode, Problem> {
    to_bytecode(source, place).map_err(|error| syntax_problem(&error, source, place))
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

/// Level 1 keeps line numbers and calls as they are written; 2 would inline.
#[cfg(feature = "luau")]
const OPTIMIZATION: u8 = 1;

/// Level 2 keeps the names of locals, which the carry of file-level locals needs.
#[cfg(feature = "luau")]
const DEBUG: u8 = 2;

#[cfg(feature = "luau")]
fn to_bytecode(source: &[u8], _place: &str) -> mlua::Result<Bytecode> {
    let compiler = mlua::chunk::Compiler::new()
        .set_optimization_level(OPTIMIZATION)
        .set_debug_level(DEBUG);
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
    use crate::files::ContentHash;

    fn syntax(source: &str) -> Problem {
        let cache = Cache::default();
        let source: Arc<[u8]> = source.as_bytes().into();
        let hash = ContentHash::of(&source);
        let place = "economy/scripts/main.lua".into();
        cache.compile(hash, &source, &place).unwrap_err()
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
}
