//! A host with one script: what a creature does next, edited while it lives.
//!
//! ```text
//! cargo run --example single_script
//! ```

use std::fs;
use std::io::Write;
use std::time::Duration;

use lunation::{Phase, ScriptReloader, Settings, Value};

/// The host.
struct Creature {
    hunger: f64,
}

const SCRIPT: &str = r#"
mod.state.meals = 0

function next_action()
    if creature.hunger() > 2 then
        mod.state.meals = mod.state.meals + 1
        creature.eat(3)
        return "eat"
    end
    return "sleep"
end
"#;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    run(&mut std::io::stdout())
}

/// The whole program; what it says goes to `out`.
pub(crate) fn run(out: &mut dyn Write) -> Result<(), Box<dyn std::error::Error>> {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("creature.lua");
    fs::write(&path, SCRIPT)?;

    let mut settings = Settings::default();
    settings.limits.handler_time = 20; // ms; a call that takes longer is stopped
    let mut script = ScriptReloader::builder(&path)
        .settings(settings)
        .namespace("creature", |api| {
            api.function("hunger", Phase::Setup, None, |call, ()| {
                Ok(call.host::<Creature>()?.hunger)
            });
            api.function("eat", Phase::Runtime, None, |call, (amount,): (f64,)| {
                call.host::<Creature>()?.hunger -= amount;
                Ok(())
            });
        })
        .build()?;

    let mut creature = Creature { hunger: 0.0 };
    let stats = creature.lend(&mut script, ScriptReloader::load);
    writeln!(out, "loaded {} bytes: {stats}", stats.source_bytes)?;
    creature.live(&mut script, 4, out)?;

    // Changes are noticed in the background, and made live when the host says so.
    script.start();
    fs::write(&path, SCRIPT.replace("\"sleep\"", "\"dream\""))?;
    reload_after_change(&mut creature, &mut script, out)?;
    creature.live(&mut script, 1, out)?;

    // A broken edit says why, and the old code runs on.
    fs::write(&path, SCRIPT.replace("> 2 then", "> 2 than"))?;
    reload_after_change(&mut creature, &mut script, out)?;
    creature.live(&mut script, 2, out)?;

    script.stop();
    let meals = script.state("meals")?.as_f64().unwrap_or_default();
    writeln!(
        out,
        "{meals} meals, generation {}, {} reload",
        script.generation(),
        script.reload_count()
    )?;
    Ok(())
}

impl Creature {
    /// The script can reach the creature in here.
    fn lend<R>(
        &mut self,
        script: &mut ScriptReloader,
        work: impl FnOnce(&mut ScriptReloader) -> R,
    ) -> R {
        script.with(self, work)
    }

    fn live(
        &mut self,
        script: &mut ScriptReloader,
        hours: u32,
        out: &mut dyn Write,
    ) -> Result<(), Box<dyn std::error::Error>> {
        for _ in 0..hours {
            self.hunger += 1.0;
            let results = self.lend(script, |script| script.call("next_action", &[]))?;
            let action = results.first().and_then(Value::as_str);
            writeln!(out, "{}", action.unwrap_or("nothing"))?;
        }
        Ok(())
    }
}

/// A host with a loop of its own asks `drain_changes` in it instead of waiting.
fn reload_after_change(
    creature: &mut Creature,
    script: &mut ScriptReloader,
    out: &mut dyn Write,
) -> std::io::Result<()> {
    let change = script.wait_for_change_timeout(Duration::from_secs(60));
    let bytes = change.map_or(0, |change| change.source_bytes);
    let stats = creature.lend(script, ScriptReloader::reload);
    let is_fast = stats.meets(Duration::from_secs(1));
    writeln!(out, "saved {bytes} bytes, fast: {is_fast}: {stats}")
}
