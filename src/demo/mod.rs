//! The built-in colony: a small game, written only against the public façade, so that a modder can start
//! without one and the control protocol has something to drive.
//!
//! [`World`] is the game: colonists, jobs, a clock. [`builder`] offers it to mods as the namespace
//! `colony`. [`Colony::step`] is one turn of its loop, twenty of which make a second. Nothing in it is
//! random: the same mods and the same number of ticks give the same colony.

mod api;
mod asked;
mod objects;
mod world;

use crate::{Dispatched, ModManager, Value};

pub use api::{audited, builder};
pub use asked::Asked;
pub use objects::{ColonistKind, JobKind};
pub use world::{Colonist, Job, World};

/// How many ticks make a second.
pub const TICKS_PER_SECOND: u32 = 20;

/// The game and its clock.
#[derive(Debug, Default)]
pub struct Colony {
    world: World,
}

impl Colony {
    /// A colony of three at tick 0.
    pub fn new() -> Colony {
        Colony::default()
    }

    /// The game.
    pub fn world(&self) -> &World {
        &self.world
    }

    /// Lends the game to the mods for the duration of `work`. All work with the manager that may run
    /// code of mods belongs into it.
    pub fn with<R>(&mut self, mods: &mut ModManager, work: impl FnOnce(&mut ModManager) -> R) -> R {
        mods.with(&mut self.world, work)
    }

    /// One tick: `tick_start`, the simulation and what came of it (`job_created`, `job_done`), the timers
    /// of the mods, `tick_end`. Returns what all handlers returned, and what went wrong in them.
    pub fn step(&mut self, mods: &mut ModManager) -> Dispatched {
        self.world.start_tick();
        let tick = tick_payload(self.world.tick());
        let mut all = self.with(mods, |mods| mods.dispatch_value("tick_start", &tick));
        self.world.work();
        for happening in self.world.take_happenings() {
            let (event, payload) = happening.as_event();
            all.add(self.with(mods, |mods| mods.dispatch(event, &payload)));
        }
        all.add(self.with(mods, |mods| mods.advance(1)));
        all.add(self.with(mods, |mods| mods.dispatch_value("tick_end", &tick)));
        all
    }
}

fn tick_payload(tick: u64) -> Value {
    // A colony does not live for 2^63 ticks.
    let tick = Value::Integer(i64::try_from(tick).unwrap_or(i64::MAX));
    Value::Table(vec![("tick".into(), tick)])
}
