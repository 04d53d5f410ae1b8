//! Mods of other games: what they say of themselves, turned into a `mod.toml`.
//!
//! ```text
//! Original → factorio, luanti, ckan (one reader a format) → Draft → names (ids) → write → mod.toml, problems
//! ```
//!
//! - A reader knows one format. It makes a `Draft`, in which other mods still have the names of that game.
//! - `names` gives each of those names an id, the same one to everybody in a batch.
//! - `version` turns versions of any kind into semver ones, and says what that loses.
//! - `write` writes the manifest. It has passed [`manifest::parse`](crate::manifest::parse()) before anybody gets it.
//!
//! What can't be carried over as it was is told as a warning with its place; an error means that there is no manifest.

mod ckan;
mod draft;
mod factorio;
mod json;
mod luanti;
mod names;
mod text;
mod version;
mod write;

use crate::manifest;
use crate::mod_id::ModId;
use crate::problem::{Code, Place, Problem};

use draft::Draft;
use names::Names;
use text::Text;

/// The largest description of a mod that is read, in bytes. Real ones have some 10 KiB, and a `mod.toml` may have
/// 64 KiB.
pub const ORIGINAL_BYTES_MAX: u64 = 512 * 1024;

/// The game whose mods are described so.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Format {
    /// Used for the `info.json` of Factorio.
    Factorio,
    /// Used for the `mod.conf` of Luanti, and the `depends.txt` from before.
    Luanti,
    /// Used for the `.ckan` files of the Comprehensive Kerbal Archive Network.
    Ckan,
}

/// A description of one mod, as it was found.
#[derive(Clone, Debug)]
pub struct Original {
    /// The format.
    pub format: Format,
    /// The file, as problems name it: `better-armor/info.json`.
    pub file: String,
    /// The name of the folder that it is in, which names a mod that has no other name.
    pub folder: String,
    /// Its content.
    pub text: Vec<u8>,
    /// The names of the files beside it.
    pub beside: Vec<String>,
    /// The content of the `depends.txt` beside a `mod.conf`.
    pub depends_txt: Option<Vec<u8>>,
}

/// What a description became.
#[derive(Clone, Debug)]
pub struct Imported {
    /// The id of the mod, if it has one.
    pub mod_id: Option<ModId>,
    /// Its version, as `mod.toml` has it.
    pub version: Option<semver::Version>,
    /// The text of its `mod.toml`, unless an error keeps it from having one.
    pub manifest: Option<String>,
    /// What could not be carried over, and what was changed.
    pub problems: Vec<Problem>,
}

/// The format of a file, by its name, or where that says nothing by its content.
///
/// ```
/// use lunation::import::{Format, format_of};
/// assert_eq!(format_of("mods/better-armor/info.json", b""), Some(Format::Factorio));
/// assert_eq!(format_of("AJE.json", br#"{ "identifier": "AJE" }"#), Some(Format::Ckan));
/// ```
pub fn format_of(file: &str, text: &[u8]) -> Option<Format> {
    let name = file.rsplit('/').next().unwrap_or(file);
    match name {
        "info.json" => Some(Format::Factorio),
        "mod.conf" | "depends.txt" => Some(Format::Luanti),
        _ if name.ends_with(".ckan") => Some(Format::Ckan),
        _ if name.ends_with(".json") => json::format_of(text),
        _ => None,
    }
}

/// The descriptions of mods among the files of a folder, in whatever folders they are: a `depends.txt` only where
/// there is no `mod.conf`, and `.json` files only if they are called `info.json`.
pub fn descriptions(files: &[String]) -> Vec<(&str, Format)> {
    let has = |path: String| files.binary_search(&path).is_ok();
    let is_description = |file: &str, name: &str| match name {
        "depends.txt" => !has(file.replace("depends.txt", "mod.conf")),
        "info.json" | "mod.conf" => true,
        _ => name.ends_with(".ckan"),
    };
    let name = |file: &str| file.rsplit('/').next().unwrap_or(file).to_owned();
    let found = files
        .iter()
        .filter(|file| is_description(file, &name(file)));
    found
        .filter_map(|file| Some((file.as_str(), format_of(file, b"")?)))
        .collect()
}

/// Turns descriptions of mods into manifests, each in the place of its original.
///
/// The mods of one call know each other: a name means the same id in all of them.
///
/// ```
/// use lunation::import::{Format, Original, import};
/// let original = Original {
///     format: Format::Factorio,
///     file: "info.json".into(),
///     folder: "Better Armor".into(),
///     text: br#"{ "name": "Better Armor", "version": "0.03.6", "dependencies": ["? bobs_ores >= 1.2"] }"#.into(),
///     beside: vec!["control.lua".into()],
///     depends_txt: None,
/// };
/// let imported = import(&[original]).remove(0);
/// assert_eq!(imported.mod_id.unwrap().as_str(), "better-armor");
/// assert_eq!(
///     imported.manifest.unwrap().lines().last(),
///     Some("bobs_ores = { version = \">=1.2.0\", optional = true }"),
/// );
/// ```
pub fn import(originals: &[Original]) -> Vec<Imported> {
    let drafts: Vec<Result<Draft, Box<Problem>>> = originals.iter().map(read).collect();
    let names = Names::of(drafts.iter().flatten().flat_map(Draft::names));
    let finish = |draft: Result<Draft, Box<Problem>>| match draft {
        Ok(draft) => finish(draft, &names),
        Err(problem) => Imported {
            mod_id: None,
            version: None,
            manifest: None,
            problems: vec![*problem],
        },
    };
    drafts.into_iter().map(finish).collect()
}

fn read(original: &Original) -> Result<Draft, Box<Problem>> {
    let text = Text::read(&original.text, &original.file)?;
    match original.format {
        Format::Factorio => factorio::read(&text, original),
        Format::Luanti => luanti::read(&text, original),
        Format::Ckan => ckan::read(&text),
    }
}

/// A manifest is handed out only if its own parser has nothing against it.
fn finish(mut draft: Draft, names: &Names) -> Imported {
    draft.settle(names);
    let mod_id = names.id(&draft.id.text).clone();
    let manifest = write::manifest(&draft, names);
    let (_, against) = manifest::parse(manifest.as_bytes(), "mod.toml");
    let is_good = !against.iter().any(Problem::is_error);
    let mut problems = draft.notes.into_problems();
    let file = Place::file(draft.id.place.file.clone());
    problems.extend(against.into_iter().map(|problem| {
        let because = format!("would get a mod.toml that {}", problem.because);
        let hint = problem.hint.unwrap_or_default();
        Problem::error(Code::NOT_IMPORTED, because)
            .at(file.clone())
            .hint(hint)
    }));
    for problem in &mut problems {
        problem.mod_id = Some(mod_id.clone());
    }
    Imported {
        mod_id: Some(mod_id),
        version: Some(draft.version),
        manifest: is_good.then_some(manifest),
        problems,
    }
}

#[cfg(test)]
mod tests;
