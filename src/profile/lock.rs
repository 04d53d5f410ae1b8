//! [`Lock`]: which mods there were, exactly; its text, written and read.

use std::collections::BTreeMap;
use std::fmt::{self, Write};

use semver::Version;
use toml_edit::{Key, Value as TomlValue};

use crate::files::{ContentHash, ModFiles};
use crate::manifest::version;
use crate::mod_id::ModId;
use crate::problem::{Code, Problem};
use crate::toml_reader::{Item, Section, TomlText};

/// The lock of a mods folder, directly in it. That of a profile stands beside it, as `NAME.lock`.
pub const LOCK_FILE: &str = "lunation.lock";

/// The largest lock, in bytes: some 7,000 mods. Hostile TOML takes the parser more than a second for each
/// megabyte, so it is not larger.
pub const LOCK_BYTES_MAX: usize = 1024 * 1024;

/// Of a mod with more files only the hash of the whole is kept.
const FILES_MAX: usize = 256;

/// The version of the format.
const FORMAT: i64 = 1;

/// Hexadecimal digits of the hash of one file, which only tells where a mod differs.
const FILE_DIGITS: usize = 16;

const HEAD: &str = "\
# Which mods there were, exactly: `lunation lock` writes this, `--locked` compares with it. It is not for editing.
";

/// Which mods ran, exactly.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Lock {
    /// The version of the host's API, if it has one.
    pub host: Option<Version>,
    /// The mods.
    pub mods: BTreeMap<ModId, LockedMod>,
}

/// One mod, exactly.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LockedMod {
    /// Its version.
    pub version: Version,
    /// The name of its folder then. Another name alone makes no other mod.
    pub folder: String,
    /// The hash of everything that it consists of, in hexadecimal digits: see [`ModFiles::hash`].
    pub hash: String,
    /// The beginning of the hash of each file, by path; none where there are too many.
    pub files: BTreeMap<String, String>,
}

impl LockedMod {
    /// The mod with these files.
    pub fn new(version: &Version, files: &ModFiles) -> LockedMod {
        let digits = |hash: &ContentHash| hash.to_string()[..FILE_DIGITS].to_owned();
        let hashes = files
            .iter()
            .map(|(path, file)| (path.to_string(), digits(&file.hash)));
        let is_small = files.iter().nth(FILES_MAX).is_none();
        LockedMod {
            version: version.clone(),
            folder: files.folder().to_string(),
            hash: files.hash().to_string(),
            files: hashes.filter(|_| is_small).collect(),
        }
    }
}

impl Lock {
    /// The text of the lock, sorted: the same mods give the same text. Where it would be too large to be read
    /// again, the files of mods are left out.
    pub fn text(&self) -> String {
        let whole = self.written(true);
        match whole.len() <= LOCK_BYTES_MAX {
            true => whole,
            false => self.written(false),
        }
    }

    fn written(&self, with_files: bool) -> String {
        let mut out = HEAD.to_owned();
        // Writing into a text can't fail.
        let _ = self.write(&mut out, with_files);
        out
    }

    fn write(&self, out: &mut impl Write, with_files: bool) -> fmt::Result {
        writeln!(out, "version = {FORMAT}")?;
        if let Some(host) = &self.host {
            writeln!(out, "host = \"{host}\"")?;
        }
        for (id, locked) in &self.mods {
            writeln!(out, "\n[mods.{id}]")?;
            writeln!(out, "version = \"{}\"", locked.version)?;
            writeln!(out, "folder = {}", TomlValue::from(&locked.folder))?;
            writeln!(out, "blake3 = \"{}\"", locked.hash)?;
            if !with_files || locked.files.is_empty() {
                continue;
            }
            writeln!(out, "\n[mods.{id}.files]")?;
            for (path, hash) in &locked.files {
                writeln!(out, "{} = \"{hash}\"", Key::new(path))?;
            }
        }
        Ok(())
    }

    /// Reads `text`, the content of `file`.
    ///
    /// # Errors
    /// Everything that is wrong with it: a lock is used whole or not at all.
    pub fn parse(text: &[u8], file: &str) -> Result<Lock, Vec<Problem>> {
        let mut lock = Lock::default();
        let toml = TomlText::read(text, file, LOCK_BYTES_MAX).map_err(|problem| vec![*problem])?;
        let mut root = toml.root();
        let format = root.required("version", "1");
        let format = format.and_then(|item| Some((item.whole(1..=i64::MAX)?, item)));
        if let Some((_, item)) = format.filter(|(format, _)| *format != FORMAT) {
            let because = format!(
                "is a lock of format {}; this program reads 1",
                item.source()
            );
            item.bad(
                because,
                "update the program, or write it anew with `lunation lock`",
            );
        }
        lock.host = root.item("host").and_then(|item| version(&item));
        let mods = root.section("mods").entries().into_iter();
        lock.mods = mods
            .filter_map(|(key, item)| Some((id(key, &item)?, locked_mod(item.section()?)?)))
            .collect();
        root.finish();
        let problems = toml.into_problems();
        match problems.is_empty() {
            true => Ok(lock),
            false => Err(problems),
        }
    }
}

fn id(key: &str, item: &Item<'_>) -> Option<ModId> {
    let id = key.parse::<ModId>();
    if let Err(why) = &id {
        let because = format!("locks `{}`, an id that {why}", item.name());
        item.report_key(Code::BAD_ID, because, ANEW);
    }
    id.ok()
}

/// In place of an example: nobody writes these by hand.
const LOST: &str = "\"…\" as it was, or write the file anew with `lunation lock`";

const ANEW: &str = "write it anew with `lunation lock`";

fn locked_mod(mut section: Section<'_>) -> Option<LockedMod> {
    let version = section.required("version", LOST);
    let folder = section.required("folder", LOST);
    let hash = section.required("blake3", LOST);
    let mut files = BTreeMap::new();
    for (path, item) in section.section("files").entries() {
        if let Some(hash) = digits(&item, FILE_DIGITS) {
            files.insert(path.to_owned(), hash);
        }
    }
    section.finish();
    Some(LockedMod {
        version: crate::manifest::version(&version?)?,
        folder: folder?.string()?.to_owned(),
        hash: digits(&hash?, 64)?,
        files,
    })
}

/// A hash of that many digits; anything else is reported.
fn digits(item: &Item<'_>, count: usize) -> Option<String> {
    let text = item.string()?;
    let is_digit = |c: u8| matches!(c, b'0'..=b'9' | b'a'..=b'f');
    if text.len() == count && text.bytes().all(is_digit) {
        return Some(text.to_owned());
    }
    let because = format!(
        "sets `{}` to {}, which is no hash of {count} digits",
        item.name(),
        item.source()
    );
    item.bad(because, ANEW);
    None
}
