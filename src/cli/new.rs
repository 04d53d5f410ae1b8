//! `new`: a mod folder that runs.

use std::io::Write;
use std::path::Path;

use serde_json::json;

use super::args::NewArgs;
use super::{Failure, Outcome, print_json};
use crate::{ModId, disk};

pub(super) fn new(args: &NewArgs) -> Outcome {
    let mod_id = id_of(&args.folder)?;
    let files = [
        ("mod.toml", manifest(&mod_id)),
        ("scripts/main.lua", script(&mod_id)),
    ];
    disk::create_folder(&args.folder, &files).map_err(|error| match error.kind() {
        std::io::ErrorKind::AlreadyExists => {
            format!(
                "{} is there already; nothing was touched",
                args.folder.display()
            )
        }
        _ => format!("{} can't be made: {error}", args.folder.display()),
    })?;
    let mut out = anstream::stdout().lock();
    let path = args.folder.display().to_string();
    if args.json {
        print_json(&mut out, &json!({ "id": mod_id, "path": path }))?;
    } else {
        writeln!(out, "made {path}: edit {path}/scripts/main.lua")?;
    }
    Ok(true)
}

fn id_of(folder: &Path) -> Result<ModId, Failure> {
    let name = folder.file_name().and_then(|name| name.to_str());
    let name = name.ok_or_else(|| format!("{} does not end with a name", folder.display()))?;
    name.parse().map_err(|why| {
        let hint = ModId::nearest(name).map(|near| format!("; `{near}` would do"));
        format!(
            "`{name}` can't be the id of a mod because it {why}{}",
            hint.unwrap_or_default()
        )
        .into()
    })
}

fn manifest(mod_id: &ModId) -> String {
    format!(
        "\
# mod.toml: what this mod is. All keys: docs/reference/manifest.md
id = \"{mod_id}\"
version = \"0.1.0\"
description = \"\"
"
    )
}

fn script(mod_id: &ModId) -> String {
    format!(
        "\
-- {mod_id}: this file runs first. Save it while the game runs, and the new code is live.

local STEP = 1

mod.state.ticks = 0 -- what is in mod.state survives a reload, and a save

mod.on(\"tick_start\", function(event)
    mod.state.ticks = mod.state.ticks + STEP
end)

mod.on(\"mod_loaded\", function(event)
    print(\"{mod_id} is here (\" .. event.reason .. \")\")
end)
"
    )
}
