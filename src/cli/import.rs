//! `import`: mods of other games get a `mod.toml`.

use std::collections::BTreeSet;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use clap::ValueEnum;
use serde::Serialize;

use super::snippet::Snippets;
use super::{Failure, Outcome, count, print_json};
use crate::import::{self, Format, Imported, ORIGINAL_BYTES_MAX, Original};
use crate::{Code, Place, Problem, disk};

/// How deep below the folder descriptions of mods are looked for.
const DEPTH_MAX: usize = 4;

/// The most files that are looked at. The whole archive of CKAN has some 60,000.
const FILES_MAX: usize = 200_000;

const EXAMPLES: &str = "\
Examples:
  lunation import better-armor --dry-run          show what would become of an unpacked Factorio mod
  lunation import ~/luanti/mods                   a mod.toml for each mod in the folder, beside its mod.conf
  lunation import CKAN-meta/AJE --out mods        mods/aje-1.6.0/mod.toml and so on";

/// Turn what mods of another game say of themselves into a mod.toml.
///
/// Reads the info.json of Factorio, the mod.conf or depends.txt of Luanti, and the .ckan files of Kerbal Space
/// Program: one file, or all below a folder. What could not be carried over as it was is told, each at its place.
/// No mod.toml that is there already is touched, and no other file.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct ImportArgs {
    /// A file that describes a mod, or a folder of mods.
    path: PathBuf,
    /// Which game they are from; otherwise the names of the files say so.
    #[arg(long, value_enum)]
    format: Option<FormatName>,
    /// Make a folder for each mod in this one, instead of writing beside the original.
    #[arg(long, value_name = "MODS")]
    out: Option<PathBuf>,
    /// Only show the manifests.
    #[arg(long)]
    dry_run: bool,
    /// Replace manifests that are there.
    #[arg(long)]
    force: bool,
    /// Print one mod a line as JSON.
    #[arg(long)]
    json: bool,
}

/// Where mods come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum FormatName {
    /// info.json
    Factorio,
    /// mod.conf, depends.txt
    Luanti,
    /// *.ckan
    Ckan,
}

impl From<FormatName> for Format {
    fn from(name: FormatName) -> Format {
        match name {
            FormatName::Factorio => Format::Factorio,
            FormatName::Luanti => Format::Luanti,
            FormatName::Ckan => Format::Ckan,
        }
    }
}

/// What became of one description.
#[derive(Serialize)]
struct Line<'l> {
    file: &'l str,
    #[serde(flatten)]
    fate: Fate,
    id: Option<String>,
    version: Option<String>,
    manifest: Option<&'l str>,
    problems: &'l [Problem],
}

/// Whether there is a manifest now.
#[derive(Serialize)]
#[serde(tag = "outcome", content = "path", rename_all = "kebab-case")]
enum Fate {
    /// Used where the manifest was written.
    Written(String),
    /// Used where the very same was there.
    Unchanged(String),
    /// Used where nothing was to be written.
    Shown,
    /// Used where an error kept it from being written.
    Refused,
}

pub(super) fn import(args: &ImportArgs) -> Outcome {
    let (root, found) = find(args)?;
    let (originals, unread) = read(&root, found);
    let mut imported = import::import(&originals);
    let mut taken = BTreeSet::new();
    let snippets = Snippets::of(&root);
    let mut out = anstream::stdout().lock();
    let (mut errors, mut warnings, mut made) = (unread.len(), 0, 0);
    for problem in &unread {
        show(&mut out, args, &snippets, problem)?;
    }
    for (original, imported) in originals.iter().zip(&mut imported) {
        let fate = write(args, &root, original, imported, &mut taken);
        let bad = imported.problems.iter().filter(|it| it.is_error()).count();
        errors += bad;
        warnings += imported.problems.len() - bad;
        made += usize::from(!matches!(fate, Fate::Refused));
        if args.json {
            print_json(&mut out, &line(original, imported, fate))?;
            continue;
        }
        for problem in &imported.problems {
            show(&mut out, args, &snippets, problem)?;
        }
        match (fate, &imported.manifest) {
            (Fate::Written(path), _) => writeln!(out, "{} → {path}\n", original.file)?,
            (Fate::Unchanged(path), _) => writeln!(out, "{path} is there already, the same\n")?,
            (Fate::Shown, Some(text)) => writeln!(out, "# {}\n{text}", original.file)?,
            _ => {}
        }
    }
    if !args.json {
        let (errors, warnings) = (count(errors, "error"), count(warnings, "warning"));
        writeln!(out, "{} imported: {errors}, {warnings}", count(made, "mod"))?;
    }
    Ok(errors == 0)
}

fn show(
    out: &mut impl Write,
    args: &ImportArgs,
    snippets: &Snippets,
    problem: &Problem,
) -> io::Result<()> {
    match args.json {
        true => print_json(out, &serde_json::json!({ "problems": [problem] })),
        false => writeln!(out, "{}\n", snippets.show(problem)),
    }
}

fn line<'l>(original: &'l Original, imported: &'l Imported, fate: Fate) -> Line<'l> {
    Line {
        file: &original.file,
        fate,
        id: imported.mod_id.as_ref().map(ToString::to_string),
        version: imported.version.as_ref().map(ToString::to_string),
        manifest: imported.manifest.as_deref(),
        problems: &imported.problems,
    }
}

/// What is to be imported.
struct Found {
    /// With their formats.
    descriptions: Vec<(String, Format)>,
    /// All files, sorted.
    files: Vec<String>,
}

/// The folder that everything is in, and the descriptions of mods there.
fn find(args: &ImportArgs) -> Result<(PathBuf, Found), Failure> {
    let shown = args.path.display();
    if !disk::is_folder(&args.path) {
        let (root, name) = disk::locate_file(&args.path).ok_or(format!("{shown} is no file"))?;
        let text = disk::read_file_limited(&args.path, ORIGINAL_BYTES_MAX)
            .map_err(|why| format!("{shown} can't be read: {why}"))?;
        let format = args.format.map(Format::from);
        let format = format.or_else(|| import::format_of(&name, &text)).ok_or(format!(
            "{shown} is none of info.json, mod.conf, depends.txt and *.ckan; say what it is with --format"
        ))?;
        let (files, _) = disk::list_files(&root, 0, FILES_MAX)?;
        let descriptions = vec![(name, format)];
        return Ok((
            root,
            Found {
                descriptions,
                files,
            },
        ));
    }
    let (files, is_all) = disk::list_files(&args.path, DEPTH_MAX, FILES_MAX)?;
    if !is_all {
        let hint = "import the folders in it one by one";
        return Err(format!("{shown} has more than {FILES_MAX} files; {hint}").into());
    }
    let format = args.format.map(Format::from);
    let descriptions: Vec<(String, Format)> = import::descriptions(&files)
        .into_iter()
        .filter(|(_, found)| format.is_none_or(|format| format == *found))
        .map(|(file, format)| (file.to_owned(), format))
        .collect();
    if descriptions.is_empty() {
        let archives = files.iter().any(|file| file.ends_with(".zip"));
        let hint = match archives {
            true => "; unpack the .zip files first",
            false => "",
        };
        return Err(
            format!("{shown} has no info.json, mod.conf, depends.txt or .ckan{hint}").into(),
        );
    }
    Ok((
        args.path.clone(),
        Found {
            descriptions,
            files,
        },
    ))
}

/// The descriptions with all that belongs to them, and why others can't be read.
fn read(root: &Path, found: Found) -> (Vec<Original>, Vec<Problem>) {
    let (mut originals, mut unread) = (Vec::new(), Vec::new());
    let root_name = disk::locate_file(root).map_or_else(String::new, |(_, name)| name);
    let text_of = |file: &str| disk::read_file_limited(&root.join(file), ORIGINAL_BYTES_MAX);
    for (file, format) in found.descriptions {
        let text = match text_of(&file) {
            Ok(text) => text,
            Err(why) => {
                let problem = Problem::error(Code::UNREADABLE, format!("can't be read: {why}"));
                unread.push(problem.at(Place::file(file)));
                continue;
            }
        };
        let folder = file.rsplit_once('/').map_or("", |(folder, _)| folder);
        let name = folder.rsplit('/').next().filter(|name| !name.is_empty());
        let prefix = match folder {
            "" => String::new(),
            folder => format!("{folder}/"),
        };
        let first = found.files.partition_point(|file| **file < *prefix);
        // Mods of KSP are no scripts, and one folder may have tens of thousands of descriptions.
        let last = if format == Format::Ckan {
            first
        } else {
            found.files.len()
        };
        let beside: Vec<String> = found.files[first..last]
            .iter()
            .map_while(|file| file.strip_prefix(&prefix))
            .filter(|rest| !rest.contains('/'))
            .map(str::to_owned)
            .collect();
        let has_older = format == Format::Luanti
            && !file.ends_with("depends.txt")
            && beside.iter().any(|name| name == "depends.txt");
        originals.push(Original {
            format,
            folder: name.unwrap_or(&root_name).to_owned(),
            text,
            depends_txt: has_older
                .then(|| text_of(&format!("{prefix}depends.txt")).ok())
                .flatten(),
            beside,
            file,
        });
    }
    (originals, unread)
}

/// Writes the manifest to where it belongs. Why that can't be is among the problems then.
fn write(
    args: &ImportArgs,
    root: &Path,
    original: &Original,
    imported: &mut Imported,
    taken: &mut BTreeSet<PathBuf>,
) -> Fate {
    let Some(manifest) = &imported.manifest else {
        return Fate::Refused;
    };
    if args.dry_run {
        return Fate::Shown;
    }
    let path = match target(args, root, original, imported) {
        Ok(folder) => folder.join("mod.toml"),
        Err(problem) => {
            imported.problems.push(*problem);
            return Fate::Refused;
        }
    };
    let shown = path.display().to_string();
    let is_same = disk::read_file_limited(&path, manifest.len() as u64)
        .is_ok_and(|there| there == manifest.as_bytes());
    // What this very import wrote is not replaced by another mod, whatever `--force` says.
    let is_first = taken.insert(path.clone());
    if is_same {
        return Fate::Unchanged(shown);
    }
    let written = match args.force && is_first {
        true => disk::write_atomic(&path, manifest.as_bytes()),
        false => disk::write_new(&path, manifest.as_bytes()),
    };
    let Err(why) = written else {
        return Fate::Written(shown);
    };
    let (because, hint) = match why.kind() {
        io::ErrorKind::AlreadyExists if is_first => (
            format!("would replace {shown}, which says something else"),
            "say --force to replace it",
        ),
        io::ErrorKind::AlreadyExists => (
            format!("becomes {shown}, which another mod of this import is already"),
            "import them one by one, or give them other names",
        ),
        _ => (
            format!("can't be written to {shown}: {why}"),
            "choose another --out",
        ),
    };
    imported
        .problems
        .push(not_imported(original, because, hint));
    Fate::Refused
}

/// The folder of the mod.
fn target(
    args: &ImportArgs,
    root: &Path,
    original: &Original,
    imported: &Imported,
) -> Result<PathBuf, Box<Problem>> {
    let (Some(mods), Some(mod_id), Some(version)) =
        (&args.out, &imported.mod_id, &imported.version)
    else {
        if original.format == Format::Ckan {
            let because = "describes a mod that is elsewhere";
            let hint = "say with --out in which folder to make one for it";
            return Err(Box::new(not_imported(original, because.into(), hint)));
        }
        let file = root.join(&original.file);
        return Ok(file.parent().unwrap_or(root).to_owned());
    };
    // An archive has many versions of a mod, each of which is a candidate.
    Ok(mods.join(match original.format {
        Format::Ckan => format!("{mod_id}-{version}"),
        _ => mod_id.to_string(),
    }))
}

fn not_imported(original: &Original, because: String, hint: &str) -> Problem {
    let problem = Problem::error(Code::NOT_IMPORTED, because).hint(hint);
    problem.at(Place::file(original.file.as_str()))
}
