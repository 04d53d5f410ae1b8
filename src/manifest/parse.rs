//! [`parse`]: a `mod.toml` walked key by key.

use std::collections::HashSet;
use std::sync::Arc;

use glob::Pattern;
use semver::{Version, VersionReq};

use super::options::config;
use super::relations::{conflicts, dependencies, order, provides};
use super::{Capabilities, Capability, HotReloadOverrides, Manifest, Requirement};
use crate::files::is_script;
use crate::mod_id::ModId;
use crate::problem::{Code, Place, Problem, one_line};
use crate::settings::{CARRY, DELAY_MS, ON_UNCARRYABLE};
use crate::toml_reader::{Item, Section, TomlText, shown};

/// The largest `mod.toml`, in bytes. Hostile headers cost the parser time beyond proportion; the longest
/// honest manifests have some 10 KiB.
const MANIFEST_BYTES_MAX: usize = 64 * 1024;

/// The entry script of a manifest that names none.
pub(super) const ENTRY: &str = "scripts/main.lua";

/// What to write for a requirement.
pub(super) const VERSIONS_HINT: &str = "write it as \"^1.2\", \">=1.0, <2\" or \"*\"";

/// The longest path or glob in a manifest, in bytes.
const PATH_BYTES_MAX: usize = 256;

/// Reads `text`, the content of `file`, such as `economy/mod.toml`.
///
/// A mod is accepted only if **none of the problems is an error** ([`Problem::is_error`]). The manifest
/// is there whenever its id can be read, even then: others may wait for this mod, and should hear the
/// reason. What is wrong has its default in it; a version that can't be read is `0.0.0`. Every problem
/// names the mod, if its id can be read.
///
/// ```
/// use lunation::manifest;
/// let text = b"id = 'economy'\nversion = '1.4.0'\nnmae = 'Economy'";
/// let (manifest, problems) = manifest::parse(text, "economy/mod.toml");
/// assert_eq!(manifest.unwrap().id.as_str(), "economy");
/// assert_eq!(problems[0].because, "has the unknown key `nmae`");
/// assert!(problems[0].hint.as_ref().unwrap().starts_with("did you mean `name`?"));
/// ```
pub fn parse(text: &[u8], file: &str) -> (Option<Manifest>, Vec<Problem>) {
    let toml = match TomlText::read(text, file, MANIFEST_BYTES_MAX) {
        Ok(toml) => toml,
        Err(problem) => return (None, vec![*problem]),
    };
    let manifest = manifest(toml.root(), file);
    let mut problems = toml.into_problems();
    if let Some(manifest) = &manifest {
        for problem in &mut problems {
            problem.mod_id = Some(manifest.id.clone());
        }
    }
    (manifest, problems)
}

fn manifest(mut root: Section<'_>, file: &str) -> Option<Manifest> {
    let id = root
        .required("id", "\"my-mod\"")
        .and_then(|item| mod_id(&item));
    let own = id.as_ref();
    let name = line(root.item("name"));
    let version = root
        .required("version", "\"0.1.0\"")
        .and_then(|item| version(&item));
    let description = line(root.item("description")).unwrap_or_default();
    let authors = root.item("authors").map(|item| lines(&item));
    let license = line(root.item("license"));
    let entry = root.item("entry").and_then(|item| entry(&item));
    let game = root.item("game").and_then(|item| requirement(&item));
    let provides = provides(root.section("provides"), own);
    let dependencies = dependencies(root.section("dependencies"), own);
    let conflicts = conflicts(root.section("conflicts"), own);
    let order = order(root.section("order"), own);
    let capabilities = capabilities(root.section("capabilities"));
    let config = config(root.section("config"));
    let assets = assets(root.section("assets"));
    let hot_reload = hot_reload(root.section("hot_reload"));
    root.finish();

    let id = id?;
    Some(Manifest {
        name: name.unwrap_or_else(|| id.to_string()),
        id,
        version: version.unwrap_or(Version::new(0, 0, 0)),
        description,
        authors: authors.unwrap_or_default(),
        license,
        entry: entry.unwrap_or_else(|| ENTRY.into()),
        game,
        provides,
        dependencies,
        conflicts,
        order,
        capabilities,
        config,
        assets,
        hot_reload,
        place: Place::file(file),
    })
}

/// A text for people, as one line.
pub(super) fn line(item: Option<Item<'_>>) -> Option<String> {
    item.and_then(|item| item.string()).map(one_line)
}

fn lines(list: &Item<'_>) -> Vec<String> {
    let items = list.list();
    items
        .iter()
        .filter_map(|item| item.string())
        .map(one_line)
        .collect()
}

/// The id that `item` is; anything else is reported.
pub(crate) fn mod_id(item: &Item<'_>) -> Option<ModId> {
    let text = item.string()?;
    let id = text.parse();
    if let Err(why) = &id {
        let because = format!("sets `{}` to \"{}\", which {why}", item.name(), shown(text));
        item.report(Code::BAD_ID, because, id_hint(text));
    }
    id.ok()
}

/// What an id could be that is wrong as it is.
pub(crate) fn id_hint(text: &str) -> String {
    let near = ModId::nearest(text).or_else(|| format!("{text}-mod").parse().ok());
    match near {
        Some(near) => format!("\"{near}\" would do"),
        None => "use small letters, such as \"price-tools\"".to_owned(),
    }
}

/// The version that `item` is; anything else is reported.
pub(crate) fn version(item: &Item<'_>) -> Option<Version> {
    let text = item.string()?;
    let version = Version::parse(text);
    if let Err(why) = &version {
        let because = format!(
            "sets `{}` to \"{}\", which is not a version: {why}",
            item.name(),
            shown(text)
        );
        item.report(Code::BAD_VERSION, because, version_hint(text));
    }
    version.ok()
}

pub(super) fn version_hint(text: &str) -> String {
    let digits = text.trim_start_matches(['v', 'V', '=']);
    let padded = [
        digits.to_owned(),
        format!("{digits}.0"),
        format!("{digits}.0.0"),
    ];
    let near = padded.iter().find(|text| Version::parse(text).is_ok());
    format!(
        "write three numbers, such as \"{}\"",
        near.map_or("1.4.0", String::as_str)
    )
}

/// The requirement that `item` is; anything else is reported.
pub(crate) fn versions(item: &Item<'_>) -> Option<VersionReq> {
    let text = item.string()?;
    let versions = VersionReq::parse(text);
    if let Err(why) = &versions {
        let because = format!(
            "sets `{}` to \"{}\", which is not a version requirement: {why}",
            item.name(),
            shown(text)
        );
        item.report(Code::BAD_VERSION, because, VERSIONS_HINT);
    }
    versions.ok()
}

fn requirement(item: &Item<'_>) -> Option<Requirement> {
    Some(Requirement {
        versions: versions(item)?,
        place: item.key_place(),
    })
}

fn entry(item: &Item<'_>) -> Option<Arc<str>> {
    let text = item.string()?;
    let why = if !is_script(text) {
        "which is not a .lua or .luau file"
    } else if !is_plain_path(text) {
        "which is not a plain path inside the mod"
    } else {
        return Some(text.into());
    };
    let because = format!("sets `{}` to {}, {why}", item.name(), item.source());
    let hint = "use a path inside the mod with '/', such as \"scripts/main.lua\"";
    item.bad(because, hint);
    None
}

/// Whether `text` is a relative path with `/` whose parts neither start with a dot nor are empty.
fn is_plain_path(text: &str) -> bool {
    let is_plain_char = |c: char| !c.is_control() && !matches!(c, '\\' | ':');
    text.len() <= PATH_BYTES_MAX
        && text.chars().all(is_plain_char)
        && text
            .split('/')
            .all(|part| !part.is_empty() && !part.starts_with('.'))
}

fn capabilities(mut section: Section<'_>) -> Capabilities {
    let mut names = |key| {
        let list = section.item(key);
        let items = list.map(|list| list.list()).unwrap_or_default();
        items
            .into_iter()
            .filter_map(|item| Some((capability(&item)?, item)))
            .collect::<Vec<(Capability, Item<'_>)>>()
    };
    let (required, mut optional) = (names("required"), names("optional"));
    section.finish();
    let required_names = required.iter().map(|(capability, _)| &*capability.name);
    let required_names: HashSet<&str> = required_names.collect();
    optional.retain(|(Capability { name, .. }, item)| {
        let is_required = required_names.contains(name.as_str());
        if is_required {
            let because = format!("lists the capability `{name}` as required and as optional");
            item.bad(because, "list it once");
        }
        !is_required
    });
    let alone = |(capability, _)| capability;
    Capabilities {
        required: required.into_iter().map(alone).collect(),
        optional: optional.into_iter().map(alone).collect(),
    }
}

fn capability(item: &Item<'_>) -> Option<Capability> {
    let text = item.string()?;
    let is_word = |word: &str| {
        word.starts_with(|c: char| c.is_ascii_lowercase())
            && word
                .bytes()
                .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == b'_')
    };
    if text.len() <= PATH_BYTES_MAX && text.split('.').all(is_word) {
        return Some(Capability {
            name: text.to_owned(),
            place: item.place(),
        });
    }
    let because = format!("names {}, which is not a capability", item.source());
    item.bad(
        because,
        "write small words with dots between, such as \"colony.jobs\"",
    );
    None
}

fn assets(mut section: Section<'_>) -> Vec<String> {
    let include = section.item("include");
    section.finish();
    let items = include.map(|list| list.list()).unwrap_or_default();
    items.iter().filter_map(glob).collect()
}

/// The glob that `item` is; anything else is reported.
fn glob(item: &Item<'_>) -> Option<String> {
    let text = item.string()?;
    let why = match Pattern::new(text) {
        Err(error) => format!("which is not a glob: {}", error.msg),
        Ok(_) if text.len() > PATH_BYTES_MAX => format!("longer than {PATH_BYTES_MAX} bytes"),
        Ok(_) if text.is_empty() || text.starts_with('/') || text.contains('\\') => {
            "which matches no path inside the mod".to_owned()
        }
        Ok(_) => return Some(text.to_owned()),
    };
    let because = format!("lists {}, {why}", item.source());
    item.bad(
        because,
        "write it relative to the mod, such as \"assets/**\"",
    );
    None
}

fn hot_reload(mut section: Section<'_>) -> HotReloadOverrides {
    let overrides = HotReloadOverrides {
        enabled: section.item("enabled").and_then(|item| item.boolean()),
        debounce_delay: section
            .item("debounce_delay")
            .and_then(|item| item.whole(DELAY_MS.inclusive()))
            .and_then(|delay_ms| u64::try_from(delay_ms).ok()),
        carry: section.item("carry").and_then(|item| item.one_of(CARRY)),
        on_uncarryable: section
            .item("on_uncarryable")
            .and_then(|item| item.one_of(ON_UNCARRYABLE)),
    };
    section.finish();
    overrides
}
