//! `plan`: what a change would do.

use std::io::Write;
use std::path::{Component, Path, PathBuf};

use super::args::PlanArgs;
use super::{Outcome, load_once, print_json};

pub(super) fn plan(args: &PlanArgs) -> Outcome {
    let paths: Vec<String> = args
        .files
        .iter()
        .map(|file| relative(&args.mods, file))
        .collect::<Result<_, _>>()?;
    let (_, manager, _) = load_once(&args.mods, &args.choice)?;
    let paths: Vec<&str> = paths.iter().map(String::as_str).collect();
    let plan = manager.plan(&paths);
    let mut out = anstream::stdout().lock();
    match args.json {
        true => print_json(&mut out, &plan)?,
        false if plan.steps().next().is_none() => writeln!(out, "nothing would happen")?,
        false => write!(out, "{plan}")?,
    }
    Ok(true)
}

/// `file` relative to the mods folder and with `/`, whether it was given so or with the folder in front.
/// The file need not exist.
fn relative(mods: &Path, file: &Path) -> Result<String, String> {
    let file = plain(file);
    let inside = file.strip_prefix(plain(mods)).unwrap_or(&file);
    let part = |component: Component<'_>| match component {
        Component::Normal(name) => name.to_str().map(str::to_owned),
        _ => None,
    };
    let parts: Option<Vec<String>> = inside.components().map(part).collect();
    match parts {
        Some(parts) if !parts.is_empty() => Ok(parts.join("/")),
        _ => Err(format!("{} is not in {}", file.display(), mods.display())),
    }
}

/// The path without `.` parts.
fn plain(path: &Path) -> PathBuf {
    let is_part = |component: &Component<'_>| *component != Component::CurDir;
    path.components().filter(is_part).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(mods: &str, file: &str, expected: Option<&str>) {
        let relative = relative(Path::new(mods), Path::new(file)).ok();
        assert_eq!(relative.as_deref(), expected);
    }

    #[test]
    fn a_file_may_be_named_from_here_or_from_the_mods_folder() {
        check("mods", "mods/base/mod.toml", Some("base/mod.toml"));
        check("./mods/", "mods/base/mod.toml", Some("base/mod.toml"));
        check("/games/mods", "/games/mods/base/x.lua", Some("base/x.lua"));
        check("mods", "base/mod.toml", Some("base/mod.toml"));
        check("mods", "../elsewhere", None);
        check("mods", "/elsewhere", None);
        check("mods", "mods", None);
    }
}
