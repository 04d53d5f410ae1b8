//! A tiny game with mods: a meadow, on which mods plant flowers, and an edit of a mod while it runs.
//!
//! ```text
//! cargo run --example embed
//! ```

use std::fs;
use std::io::Write;
use std::path::Path;
use std::time::Duration;

use lunation::{Grant, ModEvent, ModManager, Phase, Status, Until};
use serde::Serialize;

/// The game. It knows nothing of Lua.
struct World {
    tick: u64,
    width: u32,
    flowers: Vec<(String, u32)>,
}

/// What mods are told once a tick. Anything that serde can write will do.
#[derive(Serialize)]
struct Tick {
    tick: u64,
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    run(&mut std::io::stdout())
}

/// The whole program; what it says goes to `out`.
pub(crate) fn run(out: &mut dyn Write) -> Result<(), Box<dyn std::error::Error>> {
    let folder = tempfile::tempdir()?;
    let folder = folder.path().join("mods");
    write_mods(&folder)?;

    // A namespace is a global table of every mod. `Setup` functions only look, so they work while a mod
    // loads; `Runtime` functions change the game, and a load that may still fail can't call them.
    let mut mods = ModManager::builder(&folder)
        .host_version("1.0.0")
        .namespace("meadow", |api| {
            api.function("width", Phase::Setup, None, |call, ()| {
                Ok(call.host::<World>()?.width)
            });
            api.function(
                "plant",
                Phase::Runtime,
                "meadow.plant",
                |call, (kind, x): (String, u32)| {
                    let mut world = call.host::<World>()?;
                    if x >= world.width {
                        return Err("there is no meadow that far out".into());
                    }
                    world.flowers.push((kind, x));
                    Ok(())
                },
            );
        })
        // Whoever asks may plant. Nobody may burn.
        .grant(|_manifest| Grant::only(["meadow.plant"]))
        .build()?;
    let heard = mods.subscribe();

    // The game is lent for the length of a call, so it needs no `Rc<RefCell<…>>` for the sake of mods.
    let mut world = World {
        tick: 0,
        width: 8,
        flowers: Vec::new(),
    };
    let problems = world.lend(&mut mods, ModManager::load);
    for problem in problems {
        writeln!(out, "problem: {problem}")?;
    }
    for it in mods.mods() {
        let is_active = it.status == Status::Active;
        writeln!(
            out,
            "{}: {}",
            it.id,
            if is_active { "runs" } else { "does not" }
        )?;
    }
    (0..3).try_for_each(|_| world.frame(&mut mods, out))?;

    // Somebody saves a script. The new code is live in the next frame, with the state of the old one.
    let script = folder.join("gardener/scripts/main.lua");
    fs::write(&script, GARDENER.replace("daisy", "tulip"))?;
    wait_for_reload(&mut mods, &mut world, out)?;
    (0..2).try_for_each(|_| world.frame(&mut mods, out))?;

    // Somebody saves a typo. Nothing happens to the meadow: the code before runs on.
    fs::write(&script, GARDENER.replace("end)", "emd)"))?;
    wait_for_reload(&mut mods, &mut world, out)?;
    world.frame(&mut mods, out)?;

    // A subscription hears everything, from any thread: a log, an overlay, a test.
    while let Some(event) = heard.try_recv() {
        match event {
            ModEvent::Created { mod_id, .. } => writeln!(out, "heard: {mod_id} is new")?,
            ModEvent::Reloaded {
                mod_id, generation, ..
            } => writeln!(out, "heard: {mod_id} has generation {generation}")?,
            ModEvent::Kept { mod_id, .. } => writeln!(out, "heard: {mod_id} was kept")?,
            _ => {}
        }
    }
    Ok(()) // dropping the manager unloads the mods and stops its threads
}

impl World {
    /// Everything that mods do to the game happens in here.
    fn lend<R>(&mut self, mods: &mut ModManager, work: impl FnOnce(&mut ModManager) -> R) -> R {
        mods.with(self, work)
    }

    /// One frame of the game.
    fn frame(&mut self, mods: &mut ModManager, out: &mut dyn Write) -> std::io::Result<()> {
        self.tick += 1;
        let tick = Tick { tick: self.tick };
        let dispatched = self.lend(mods, |mods| mods.dispatch("tick", &tick));
        for problem in dispatched.errors {
            writeln!(out, "problem: {problem}")?; // of one handler; the others ran all the same
        }
        // Reloads happen here, and nowhere else. With nothing to do it costs next to nothing.
        for report in self.lend(mods, |mods| mods.pump(Duration::from_millis(2))) {
            write!(out, "{report}")?;
        }
        let last = self.flowers.last();
        let (kind, x) = last.map_or(("nothing", 0), |(kind, x)| (kind.as_str(), *x));
        writeln!(out, "tick {}: {kind} at {x}", self.tick)
    }
}

/// A game goes on with its frames until `pump` has a report; this one has nothing else to do, and waits.
fn wait_for_reload(
    mods: &mut ModManager,
    world: &mut World,
    out: &mut dyn Write,
) -> std::io::Result<()> {
    let limit = Duration::from_secs(60);
    let reports = world.lend(mods, |mods| mods.wait(limit, Until::Idle));
    reports
        .iter()
        .try_for_each(|report| write!(out, "{report}"))
}

/// A mod as a modder writes it.
const GARDENER: &str = r#"
mod.state.planted = 0
local width = meadow.width()

mod.on("tick", function(event)
    meadow.plant("daisy", mod.state.planted % width)
    mod.state.planted = mod.state.planted + 1
end)
"#;

fn write_mods(folder: &Path) -> std::io::Result<()> {
    let files = [
        (
            "gardener/mod.toml",
            "id = \"gardener\"\nversion = \"1.0.0\"\ngame = \"^1.0\"\n[capabilities]\nrequired = [\"meadow.plant\"]\n",
        ),
        ("gardener/scripts/main.lua", GARDENER),
        (
            "vandal/mod.toml",
            "id = \"vandal\"\nversion = \"1.0.0\"\n[capabilities]\nrequired = [\"meadow.burn\"]\n",
        ),
        ("vandal/scripts/main.lua", "meadow.burn()"),
    ];
    for (path, text) in files {
        let path = folder.join(path);
        path.parent().map_or(Ok(()), fs::create_dir_all)?;
        fs::write(path, text)?;
    }
    Ok(())
}
