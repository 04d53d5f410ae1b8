//! `profile`, `enable`, `disable`, `lock`: what a player chooses, on the command line; `diff` compares choices.

pub(super) mod args;
pub(super) mod diff;

use std::io::Write;

use serde_json::json;

use self::args::{ListArgs, LockArgs, NewProfileArgs, ProfileArgs, ProfileCommand, SwitchArgs};
use super::choice::Choice;
use super::snippet::Snippets;
use super::{Outcome, count, folder_is_there, load_once, print_json};
use crate::disk::{self, Roots};
use crate::near::near;
use crate::profile::{NEW_PROFILE, switch};

pub(super) fn profile(args: &ProfileArgs) -> Outcome {
    match &args.command {
        ProfileCommand::List(args) => list(args),
        ProfileCommand::New(args) => new(args),
    }
}

fn list(args: &ListArgs) -> Outcome {
    folder_is_there(&args.mods)?;
    let names = disk::list_profiles(&Roots::beside(&args.mods).profiles);
    let mut out = anstream::stdout().lock();
    for name in &names {
        match args.json {
            true => print_json(&mut out, name)?,
            false => writeln!(out, "{name}")?,
        }
    }
    if names.is_empty() && !args.json {
        writeln!(out, "no profile; start one with `lunation profile new`")?;
    }
    Ok(true)
}

fn new(args: &NewProfileArgs) -> Outcome {
    folder_is_there(&args.mods)?;
    let roots = Roots::beside(&args.mods);
    if disk::list_profiles(&roots.profiles).contains(&args.name) {
        return Err(format!("{} is there already; nothing was touched", args.name.file()).into());
    }
    let path = roots.profiles.join(format!("{}.toml", args.name));
    disk::write_atomic(&path, NEW_PROFILE.as_bytes())?;
    let mut out = anstream::stdout().lock();
    match args.json {
        true => print_json(
            &mut out,
            &json!({ "profile": args.name, "path": path.display().to_string() }),
        )?,
        false => writeln!(out, "made {}: edit it", path.display())?,
    }
    Ok(true)
}

pub(super) fn switch_mod(args: &SwitchArgs, is_on: bool) -> Outcome {
    let (_, manager, _) = load_once(&args.mods, &Choice::default())?;
    let mods = manager.mods();
    let ids = || mods.iter().map(|status| status.id.as_str());
    let mod_id = &args.mod_id;
    if !ids().any(|id| id == mod_id.as_str()) {
        let hint = near(mod_id.as_str(), ids()).map(|meant| format!("; did you mean `{meant}`?"));
        let hint = hint.unwrap_or_default();
        return Err(format!("`{mod_id}` is no mod of {}{hint}", args.mods.display()).into());
    }
    let roots = Roots::beside(&args.mods);
    let text = disk::read_profile(&roots.profiles, &args.profile)?;
    let file = args.profile.file();
    let text = String::from_utf8(text).map_err(|_| format!("{file} is not UTF-8 text"))?;
    let text = switch(&text, &file, mod_id, is_on)?;
    let path = roots.profiles.join(format!("{}.toml", args.profile));
    disk::write_atomic(&path, text.as_bytes())?;
    let state = if is_on { "on" } else { "off" };
    let mut out = anstream::stdout().lock();
    match args.json {
        true => print_json(
            &mut out,
            &json!({ "profile": args.profile, "mod": mod_id, "enabled": is_on }),
        )?,
        false => writeln!(out, "{mod_id} is switched {state} in {file}")?,
    }
    Ok(true)
}

pub(super) fn lock(args: &LockArgs) -> Outcome {
    let choice = Choice::of_profile(args.profile.as_ref());
    let (_, manager, problems) = load_once(&args.mods, &choice)?;
    let snippets = Snippets::of(&args.mods);
    let mut is_fine = true;
    for problem in problems.iter().filter(|problem| problem.is_error()) {
        is_fine = false;
        writeln!(anstream::stderr(), "{}\n", snippets.show(problem))?;
    }
    let file = manager.write_lock()?;
    let mods = manager.lock().mods.len();
    let mut out = anstream::stdout().lock();
    match args.json {
        true => print_json(&mut out, &json!({ "lock": file, "mods": mods }))?,
        false => writeln!(out, "locked {} in {file}", count(mods, "mod"))?,
    }
    Ok(is_fine)
}
