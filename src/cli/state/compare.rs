//! Where the states of two files differ.

use std::collections::BTreeSet;
use std::io::{self, Write};

use anstyle::{AnsiColor, Style};
use serde_json::{Map, Value as Json, json};

use super::args::DiffArgs;
use super::{NO_MOD, StateFile, not_there, size};
use crate::cli::{Failure, Outcome, print_json};
use crate::state::{Difference, Image, diff as differences};
use crate::{SaveFile, SavedMod};

/// The most differences that are shown of a mod.
const DIFFERENCES_MAX: usize = 1000;

const ADDED: Style = AnsiColor::Green.on_default();
const REMOVED: Style = AnsiColor::Red.on_default();
const CHANGED: Style = AnsiColor::Yellow.on_default();
const HEAD: Style = Style::new().bold();

/// One side of a mod: the version that made the state, as far as it is known, and the state.
type Side<'a> = Option<(Option<String>, &'a Image)>;

pub(super) fn diff(args: &DiffArgs) -> Outcome {
    let (a, b) = (StateFile::read(&args.a)?, StateFile::read(&args.b)?);
    let mut out = anstream::stdout().lock();
    let mut is_same = true;
    for mod_id in mods_of(&a, &b, args.mod_id.as_deref())? {
        let mod_diff = ModDiff::of(mod_id, side(&a, mod_id), side(&b, mod_id));
        if mod_diff.is_empty() {
            continue;
        }
        is_same = false;
        match args.json {
            true => print_json(&mut out, &mod_diff.to_json())?,
            false => mod_diff.show(&mut out)?,
        }
    }
    if is_same && !args.json {
        writeln!(out, "the states are the same")?;
    }
    Ok(true)
}

/// The mods to compare: the one that was asked for, or all of both.
fn mods_of<'a>(
    a: &'a StateFile,
    b: &'a StateFile,
    only: Option<&'a str>,
) -> Result<BTreeSet<&'a str>, Failure> {
    let save_of = |file: &'a StateFile| match file {
        StateFile::Save(save) => Some(save),
        StateFile::Image(_) => None,
    };
    let saves: Vec<&SaveFile> = [a, b].into_iter().filter_map(save_of).collect();
    let is_there = |mod_id: &str| saves.iter().any(|save| save.get(mod_id).is_some());
    match (only, saves.as_slice()) {
        (None, []) => Ok(BTreeSet::from([NO_MOD])),
        (None, [_]) => Err("one of the files is a single state: say which mod of the other".into()),
        (None, saves) => {
            let mods = saves.iter().flat_map(|save| &save.mods);
            Ok(mods.map(|saved| saved.mod_id.as_str()).collect())
        }
        (Some(mod_id), [save, ..]) if !is_there(mod_id) => Err(not_there(save, mod_id).into()),
        (Some(mod_id), _) => Ok(BTreeSet::from([mod_id])),
    }
}

fn side<'a>(file: &'a StateFile, mod_id: &str) -> Side<'a> {
    let of_mod = |saved: &'a SavedMod| (Some(saved.version.to_string()), &saved.live);
    match file {
        StateFile::Image(image) => Some((None, image)),
        StateFile::Save(save) => save.get(mod_id).map(of_mod),
    }
}

struct ModDiff<'a> {
    mod_id: &'a str,
    a: Side<'a>,
    b: Side<'a>,
    differences: Vec<Difference>,
    is_cut: bool,
}

impl<'a> ModDiff<'a> {
    fn of(mod_id: &'a str, a: Side<'a>, b: Side<'a>) -> ModDiff<'a> {
        let mut found = match (&a, &b) {
            (Some((_, a)), Some((_, b))) => differences(a, b, DIFFERENCES_MAX + 1),
            _ => Vec::new(),
        };
        let is_cut = found.len() > DIFFERENCES_MAX;
        found.truncate(DIFFERENCES_MAX);
        ModDiff {
            mod_id,
            a,
            b,
            differences: found,
            is_cut,
        }
    }

    fn is_empty(&self) -> bool {
        let version = |side: &Side<'_>| side.as_ref().map(|(version, _)| version.clone());
        self.differences.is_empty() && version(&self.a) == version(&self.b)
    }

    fn show(&self, out: &mut impl Write) -> io::Result<()> {
        let mod_id = self.mod_id;
        let whole = |version: &Option<String>, image: &Image| {
            let version = version.as_deref().unwrap_or_default();
            format!("{mod_id} {version}, {}", size(image.bytes_len()))
        };
        match (&self.a, &self.b) {
            (Some((before, _)), Some((after, _))) if before != after => {
                let [before, after] = [before, after].map(|v| v.as_deref().unwrap_or("?"));
                writeln!(out, "{HEAD}{mod_id}{HEAD:#} {before} -> {after}")?;
            }
            (Some(_), Some(_)) if mod_id == NO_MOD => {}
            (Some(_), Some(_)) => writeln!(out, "{HEAD}{mod_id}{HEAD:#}")?,
            (Some((version, image)), None) => {
                writeln!(out, "{REMOVED}- {}{REMOVED:#}", whole(version, image))?;
            }
            (None, Some((version, image))) => {
                writeln!(out, "{ADDED}+ {}{ADDED:#}", whole(version, image))?;
            }
            (None, None) => {}
        }
        for difference in &self.differences {
            line(out, difference)?;
        }
        match self.is_cut {
            true => writeln!(out, "  … and more"),
            false => Ok(()),
        }
    }

    fn to_json(&self) -> Json {
        let side = |side: &Side<'_>| {
            let about = side
                .as_ref()
                .map(|(version, image)| json!({ "version": version, "bytes": image.bytes_len() }));
            about.unwrap_or_default()
        };
        json!({
            "mod": self.mod_id,
            "a": side(&self.a),
            "b": side(&self.b),
            "differences": self.differences.iter().map(json_of).collect::<Vec<_>>(),
            "is_cut": self.is_cut,
        })
    }
}

fn line(out: &mut impl Write, difference: &Difference) -> io::Result<()> {
    let path = &difference.path;
    match (&difference.before, &difference.after) {
        (None, Some(after)) => writeln!(out, "{ADDED}  + {path} = {after}{ADDED:#}"),
        (Some(before), None) => writeln!(out, "{REMOVED}  - {path} = {before}{REMOVED:#}"),
        _ => writeln!(out, "{CHANGED}  ~ {difference}{CHANGED:#}"),
    }
}

fn json_of(difference: &Difference) -> Json {
    let mut fields = Map::new();
    fields.insert("path".into(), json!(difference.path.as_str()));
    let sides = [("before", &difference.before), ("after", &difference.after)];
    for (name, side) in sides {
        if let Some(side) = side {
            fields.insert(name.into(), json!(side));
        }
    }
    fields.into()
}
