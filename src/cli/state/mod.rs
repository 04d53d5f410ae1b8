//! `state`: looks into saves, compares them, and changes them.
//!
//! [`StateFile`] is what stands in a file, `tree` shows one state to people, `compare` two.

mod args;
mod compare;
mod tree;

use std::io::Write;
use std::path::Path;

use serde_json::{Value as Json, json};

use super::{Failure, Outcome, count, print_json};
use crate::protocol::{part_to_json, state_from_json, state_to_json};
use crate::state::Image;
use crate::{SaveFile, SavedMod, disk};
use args::{ExportArgs, ImportArgs, ShowArgs, StateCommand};

pub(super) use args::StateArgs;

/// The largest save, and the largest JSON, that is read.
const SAVE_BYTES_MAX: u64 = 1 << 30;
const JSON_BYTES_MAX: u64 = 64 << 20;

/// What a single image begins with.
const IMAGE_MAGIC: &[u8] = b"LUNATION";

/// What stands for the mod of a file that is a single image.
const NO_MOD: &str = "-";

/// How many tables deep a tree is shown.
const DEPTH: u8 = 4;

pub(super) fn state(args: &StateArgs) -> Outcome {
    match &args.command {
        StateCommand::Show(args) => show(args),
        StateCommand::Diff(args) => compare::diff(args),
        StateCommand::Export(args) => export(args),
        StateCommand::Import(args) => import(args),
    }
}

/// What stands in a file of states.
enum StateFile {
    Save(SaveFile),
    Image(Box<Image>),
}

impl StateFile {
    fn read(path: &Path) -> Result<StateFile, Failure> {
        let wrong = |why: String| format!("{}: {why}", path.display());
        let bytes = disk::read_file_limited(path, SAVE_BYTES_MAX);
        let bytes = bytes.map_err(|why| wrong(why.to_string()))?;
        let file = match bytes.starts_with(IMAGE_MAGIC) {
            true => Image::from_bytes(&bytes)
                .map(|image| StateFile::Image(image.into()))
                .map_err(|why| format!("the state can't be read because it {why}")),
            false => SaveFile::read(&bytes)
                .map(StateFile::Save)
                .map_err(|why| format!("the save can't be read because it {why}")),
        };
        file.map_err(|why| wrong(why).into())
    }

    /// The state of a mod, as it was saved.
    fn image(&self, mod_id: &str) -> Result<&Image, Failure> {
        match self {
            StateFile::Image(image) if mod_id == NO_MOD => Ok(image),
            StateFile::Image(_) => {
                Err(format!("this is a single state: write `{NO_MOD}` in place of {mod_id}").into())
            }
            StateFile::Save(save) => match save.get(mod_id) {
                Some(saved) => Ok(&saved.live),
                None => Err(not_there(save, mod_id).into()),
            },
        }
    }

    /// The file with another state of this mod.
    fn replaced(self, mod_id: &str, state: Image) -> Vec<u8> {
        match self {
            StateFile::Image(_) => state.to_bytes(),
            StateFile::Save(mut save) => {
                let mut mods = save.mods.iter_mut();
                if let Some(saved) = mods.find(|saved| saved.mod_id.as_str() == mod_id) {
                    saved.live = state;
                }
                save.to_bytes()
            }
        }
    }
}

/// Which mods there are instead.
fn not_there(save: &SaveFile, mod_id: &str) -> String {
    let ids: Vec<&str> = save
        .mods
        .iter()
        .map(|saved| saved.mod_id.as_str())
        .collect();
    match ids.is_empty() {
        true => format!("{mod_id} is not in this save: it has no mods"),
        false => format!("{mod_id} is not in this save: it has {}", ids.join(", ")),
    }
}

fn show(args: &ShowArgs) -> Outcome {
    let file = StateFile::read(&args.file)?;
    let mut out = anstream::stdout().lock();
    let mod_id = match (&args.mod_id, &file) {
        (Some(mod_id), _) => mod_id,
        (None, StateFile::Save(save)) => return list(&mut out, save, args.json),
        (None, StateFile::Image(_)) => NO_MOD,
    };
    let image = file.image(mod_id)?;
    if args.json {
        let depth = args.depth.map(usize::from);
        let json = match (args.path.is_empty(), depth) {
            (true, None) => state_to_json(image),
            _ => match image.find("state", below_state(image, &args.path)) {
                Some(value) => part_to_json(image, value, depth),
                None => Json::Null,
            },
        };
        print_json(&mut out, &json)?;
        return Ok(true);
    }
    let depth = args.depth.unwrap_or(DEPTH);
    tree::show(
        &mut out,
        image,
        below_state(image, &args.path),
        depth.into(),
    )?;
    Ok(true)
}

/// Reports write `state.enemies[3]`; here it may be written so, too.
fn below_state<'p>(image: &Image, path: &'p str) -> &'p str {
    match path.strip_prefix("state") {
        Some(rest) if rest.is_empty() || rest.starts_with(['.', '[']) => {
            match image.find("state", path) {
                Some(_) => path,
                None => rest,
            }
        }
        _ => path,
    }
}

/// The mods of a save: a line each.
fn list(out: &mut impl Write, save: &SaveFile, is_json: bool) -> Outcome {
    if is_json {
        for saved in &save.mods {
            print_json(out, &about(saved))?;
        }
        return Ok(true);
    }
    let heads = ["mod", "version", "state", "entries", "size"].map(str::to_owned);
    let rows = save.mods.iter().map(|saved| {
        [
            saved.mod_id.to_string(),
            saved.version.to_string(),
            format!("v{}", saved.live.state_version()),
            saved.live.entries().to_string(),
            size(saved.live.bytes_len()),
        ]
    });
    let rows: Vec<[String; 5]> = std::iter::once(heads).chain(rows).collect();
    let width = |column: usize| rows.iter().map(|row| row[column].len()).max().unwrap_or(0);
    let widths: [usize; 5] = std::array::from_fn(width);
    for [mod_id, version, state, entries, size] in &rows {
        let [a, b, c, d, e] = widths;
        writeln!(
            out,
            "{mod_id:a$}  {version:b$}  {state:c$}  {entries:>d$}  {size:>e$}"
        )?;
    }
    let bytes = save.mods.iter().map(|saved| saved.live.bytes_len()).sum();
    writeln!(out, "{}, {}", count(save.mods.len(), "mod"), size(bytes))?;
    Ok(true)
}

fn about(saved: &SavedMod) -> Json {
    json!({
        "mod": saved.mod_id,
        "version": saved.version,
        "state_version": saved.live.state_version(),
        "entries": saved.live.entries(),
        "bytes": saved.live.bytes_len(),
    })
}

/// `340 B`, `20.4 KiB`, `1.2 MiB`
fn size(bytes: usize) -> String {
    match bytes {
        0..1024 => format!("{bytes} B"),
        1024..1_048_576 => format!("{:.1} KiB", bytes as f64 / 1024.0),
        _ => format!("{:.1} MiB", bytes as f64 / 1_048_576.0),
    }
}

fn export(args: &ExportArgs) -> Outcome {
    let file = StateFile::read(&args.file)?;
    let json = state_to_json(file.image(&args.mod_id)?);
    let mut text = serde_json::to_string_pretty(&json)?;
    text.push('\n');
    match &args.output {
        Some(path) => write(path, text.as_bytes())?,
        None => anstream::stdout().lock().write_all(text.as_bytes())?,
    }
    Ok(true)
}

fn import(args: &ImportArgs) -> Outcome {
    let file = StateFile::read(&args.file)?;
    let state_version = file.image(&args.mod_id)?.state_version();
    let wrong = |why: String| format!("{}: {why}", args.input.display());
    let text = disk::read_file_limited(&args.input, JSON_BYTES_MAX);
    let text = text.map_err(|why| wrong(why.to_string()))?;
    let json: Json = serde_json::from_slice(&text).map_err(|why| {
        wrong(format!(
            "the state can't be read because it is not JSON: {why}"
        ))
    })?;
    let state = state_from_json(&json, state_version)
        .map_err(|why| wrong(format!("the state can't be read because it {why}")))?;
    let entries = state.entries();
    let bytes = file.replaced(&args.mod_id, state);
    let output = args.output.as_ref().unwrap_or(&args.file);
    write(output, &bytes)?;
    let noun = if entries == 1 { "entry" } else { "entries" };
    let output = output.display();
    writeln!(
        anstream::stdout().lock(),
        "wrote {output}: {} has {entries} {noun} now",
        args.mod_id
    )?;
    Ok(true)
}

fn write(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    disk::write_atomic(path, bytes).map_err(|why| format!("{}: {why}", path.display()).into())
}
