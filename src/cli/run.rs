//! `run`: the built-in colony in real time, and a line for each reload.

mod held;
mod keys;
mod show;

use std::io::{self, IsTerminal, Write};
use std::path::PathBuf;
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, Sender, bounded, never, select};

use self::keys::Key;
use self::show::Show;
pub(super) use self::show::{BAD, DIM, GOOD};
use super::args::RunArgs;
use super::{Outcome, folder_is_there, nothing_drifts};
use crate::demo::{self, Colony, TICKS_PER_SECOND};
use crate::reload::{self, ModReport};
use crate::{Builder, Code, Kind, ModManager, ModStatus, Problem, Status};

/// How long the colony works on changes at a time.
const SLICE: Duration = Duration::from_millis(10);

/// A colony that fell behind by more does not catch up.
const BEHIND_MAX: Duration = Duration::from_millis(500);

pub(super) fn run(args: &RunArgs) -> Outcome {
    folder_is_there(&args.mods)?;
    let (stop, stopped) = bounded(1);
    let (wake, woken) = bounded(1);
    // Full means that it is going to be seen anyway.
    let signal = |channel: Sender<()>| {
        move || {
            let _ = channel.try_send(());
        }
    };
    ctrlc::set_handler(signal(stop))?;
    let mut builder = args
        .choice
        .put_into(with_bytecode(demo::audited(args.mods.clone())))
        .watching(!args.following.no_watch)
        .on_wake(signal(wake))
        .grant_more(args.grant.rule());
    if let Some(interval) = args.following.poll() {
        builder = builder.polling(interval);
    }
    let mods = builder.build()?;
    let mut show = Show::new(anstream::stdout().lock(), args);
    let mut game = Game {
        mods,
        colony: Colony::new(),
    };
    let problems = game.colony.with(&mut game.mods, ModManager::load);
    nothing_drifts(&game.mods)?;
    show.loaded(&game.mods, &problems)?;
    if args.resume {
        let resumed = game.colony.with(&mut game.mods, ModManager::resume);
        show.resumed(resumed?.as_deref())?;
    }
    show.log(&game.mods)?;
    match args.ticks {
        Some(ticks) => at_full_speed(&mut game, &mut show, ticks, &stopped)?,
        None => {
            if io::stdin().is_terminal() {
                show.help()?;
            }
            let keys = keys::listen(io::stdin());
            in_real_time(&mut game, &mut show, &stopped, &woken, keys)?;
        }
    }
    show.stopped(game.colony.world().tick())?;
    Ok(true)
}

/// Bytecode is kept in a folder of the player's own, never among the mods.
fn with_bytecode(builder: Builder) -> Builder {
    match cache_folder() {
        Some(folder) => builder.bytecode_folder(folder.join("lunation")),
        None => builder,
    }
}

/// Where programs keep what they can make again, as the XDG Base Directory Specification says.
fn cache_folder() -> Option<PathBuf> {
    let folder = |name| std::env::var_os(name).map(PathBuf::from);
    let caches = folder("XDG_CACHE_HOME").or_else(|| Some(folder("HOME")?.join(".cache")))?;
    caches.is_absolute().then_some(caches)
}

struct Game {
    mods: ModManager,
    colony: Colony,
}

fn at_full_speed<W: Write>(
    game: &mut Game,
    show: &mut Show<W>,
    ticks: u64,
    stopped: &Receiver<()>,
) -> io::Result<()> {
    for _ in 0..ticks {
        if stopped.try_recv().is_ok() {
            break;
        }
        game.tick(show)?;
        game.follow(show)?;
    }
    Ok(())
}

fn in_real_time<W: Write>(
    game: &mut Game,
    show: &mut Show<W>,
    stopped: &Receiver<()>,
    woken: &Receiver<()>,
    mut keys: Receiver<Key>,
) -> io::Result<()> {
    let length = Duration::from_secs(1) / TICKS_PER_SECOND;
    let mut next = Instant::now();
    loop {
        if Instant::now() >= next {
            game.tick(show)?;
            let behind_most = Instant::now().checked_sub(BEHIND_MAX);
            next = (next + length).max(behind_most.unwrap_or(next));
        }
        game.follow(show)?;
        let wait = match game.mods.has_work() {
            true => Duration::ZERO,
            false => next.saturating_duration_since(Instant::now()),
        };
        select! {
            recv(stopped) -> _ => return Ok(()),
            recv(woken) -> _ => {}
            recv(keys) -> key => match key {
                Ok(Key::Stop) => return Ok(()),
                Ok(Key::Slots) => show.slots_of_last()?,
                Ok(Key::Grant) => game.grant_all(show)?,
                Ok(Key::Top) => show.top(&game.mods)?,
                Ok(Key::Drop) => game.drop_and_reload(show)?,
                Ok(Key::Resume) => game.resume_quarantined(show)?,
                Ok(Key::Help) => show.help()?,
                Err(_) => keys = never(),
            },
            default(wait) => {}
        }
    }
}

impl Game {
    fn tick<W: Write>(&mut self, show: &mut Show<W>) -> io::Result<()> {
        let dispatched = self.colony.step(&mut self.mods);
        show.problems_of_handlers(&dispatched.errors)?;
        show.log(&self.mods)
    }

    /// Applies a part of what has changed on disk: the colony goes on meanwhile.
    fn follow<W: Write>(&mut self, show: &mut Show<W>) -> io::Result<()> {
        if !self.mods.has_work() {
            return Ok(());
        }
        let reports = self.colony.with(&mut self.mods, |mods| mods.pump(SLICE));
        for report in &reports {
            show.report(report)?;
            show.held(&self.mods, report)?;
        }
        show.log(&self.mods)
    }

    /// Lets the mods run again that were stopped because they broke their limits.
    fn resume_quarantined<W: Write>(&mut self, show: &mut Show<W>) -> io::Result<()> {
        let mut quarantined = self.mods.mods();
        quarantined.retain(|status| status.status == Status::Quarantined);
        if quarantined.is_empty() {
            return show.say("no mod is quarantined");
        }
        for ModStatus { id, .. } in quarantined {
            let resume = |mods: &mut ModManager| mods.resume_mod(&id);
            match self.colony.with(&mut self.mods, resume) {
                Ok(reports) => reports.iter().try_for_each(|report| show.report(report))?,
                Err(problem) => show.problem(&problem)?,
            }
        }
        show.log(&self.mods)
    }

    /// Reloads the mods that were kept because of their state, and drops what can't be carried.
    fn drop_and_reload<W: Write>(&mut self, show: &mut Show<W>) -> io::Result<()> {
        let kept = std::mem::take(&mut show.kept);
        if kept.is_empty() {
            return show.say("no mod was kept because of its state");
        }
        for mod_id in kept {
            let reload = |mods: &mut ModManager| mods.reload(&mod_id, Kind::Script, true);
            match self.colony.with(&mut self.mods, reload) {
                Ok(report) => show.report(&report)?,
                Err(problem) => show.problem(&problem)?,
            }
        }
        show.log(&self.mods)
    }
}

/// Whether the reload was refused because of a value that can't be carried.
fn is_kept_for_its_state(report: &ModReport) -> bool {
    let is_uncarryable =
        |problem: &Problem| problem.is_error() && problem.code == Code::UNCARRYABLE;
    report.outcome == reload::Outcome::Kept && report.problems.iter().any(is_uncarryable)
}
