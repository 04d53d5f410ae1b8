//! `run`: the built-in colony in real time, and a line for each reload.

mod held;
mod keys;

use std::collections::BTreeSet;
use std::io::{self, IsTerminal, Write};
use std::time::{Duration, Instant};

use anstyle::{AnsiColor, Style};
use crossbeam_channel::{Receiver, Sender, bounded, never, select};
use serde_json::json;

use self::keys::Key;
use super::args::RunArgs;
use super::snippet::Snippets;
use super::top::{Before, table};
use super::{Outcome, count, folder_is_there, print_json};
use crate::demo::{self, Colony, TICKS_PER_SECOND};
use crate::lua::LogLevel;
use crate::reload::{self, ModReport, ReloadReport, Widths};
use crate::{Code, Kind, LogEntry, ModId, ModManager, ModStatus, Problem, Status};

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
    let mods = demo::audited(args.mods.clone())
        .watching(!args.no_watch)
        .on_wake(signal(wake))
        .grant_more(args.grant.rule())
        .build()?;
    let mut show = Show::new(anstream::stdout().lock(), args);
    let mut game = Game {
        mods,
        colony: Colony::new(),
    };
    let problems = game.colony.with(&mut game.mods, ModManager::load);
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

/// What people, or programs, see.
struct Show<W> {
    out: W,
    snippets: Snippets,
    is_json: bool,
    /// Whether every reload is followed by all that it carried.
    has_slots: bool,
    /// The reload that was shown last.
    last: Option<ReloadReport>,
    /// The mods that were kept because of their state.
    kept: BTreeSet<ModId>,
    /// The last line of the log that was shown.
    log_seq: u64,
    /// Problems of handlers that were shown since the last reload: they tend to come back at each tick.
    told: BTreeSet<String>,
}

pub(super) const GOOD: Style = AnsiColor::Green.on_default();
pub(super) const BAD: Style = AnsiColor::Red.on_default();
pub(super) const DIM: Style = Style::new().dimmed();

/// More different problems than that are not remembered.
const TOLD_MAX: usize = 1000;

impl<W: Write> Show<W> {
    fn new(out: W, args: &RunArgs) -> Show<W> {
        Show {
            out,
            snippets: Snippets::of(&args.mods),
            is_json: args.json,
            has_slots: args.slots,
            last: None,
            kept: BTreeSet::new(),
            log_seq: 0,
            told: BTreeSet::new(),
        }
    }

    fn loaded(&mut self, mods: &ModManager, problems: &[Problem]) -> io::Result<()> {
        let order = &mods.resolution().order;
        let all = mods.mods().into_iter();
        let active: BTreeSet<ModId> = all
            .filter(|status| status.status == Status::Active)
            .map(|status| status.id)
            .collect();
        let running = order.iter().filter(|id| active.contains(*id));
        let running: Vec<&str> = running.map(ModId::as_str).collect();
        if self.is_json {
            print_json(&mut self.out, &json!({ "loaded": running }))?;
        } else {
            let names = running.join(", ");
            let colon = if names.is_empty() { "" } else { ": " };
            let mods = count(running.len(), "mod");
            writeln!(self.out, "loaded {mods}{colon}{names}")?;
        }
        problems
            .iter()
            .try_for_each(|problem| self.problem(problem))
    }

    fn resumed(&mut self, mods: Option<&[ModId]>) -> io::Result<()> {
        match mods {
            _ if self.is_json => print_json(&mut self.out, &json!({ "resumed": mods })),
            None => writeln!(
                self.out,
                "there is no checkpoint yet: everything begins anew"
            ),
            Some(mods) => {
                let states = count(mods.len(), "state");
                writeln!(self.out, "went on with {states} of the last checkpoint")
            }
        }
    }

    fn problem(&mut self, problem: &Problem) -> io::Result<()> {
        match self.is_json {
            true => print_json(&mut self.out, &json!({ "problem": problem })),
            false => writeln!(self.out, "{}", self.snippets.show(problem)),
        }
    }

    /// Each of them once until the next reload.
    fn problems_of_handlers(&mut self, problems: &[Problem]) -> io::Result<()> {
        for problem in problems {
            if self.told.len() < TOLD_MAX && self.told.insert(problem.to_string()) {
                self.problem(problem)?;
            }
        }
        Ok(())
    }

    fn report(&mut self, report: &ReloadReport) -> io::Result<()> {
        self.told.clear();
        for one in &report.mods {
            match is_kept_for_its_state(one) {
                true => self.kept.insert(one.mod_id.clone()),
                false => self.kept.remove(&one.mod_id),
            };
        }
        self.last = Some(report.clone());
        if self.is_json {
            return print_json(&mut self.out, &json!({ "report": report }));
        }
        let widths = Widths::fitting(&report.mods);
        for one in &report.mods {
            self.mod_report(one, &widths)?;
        }
        Ok(())
    }

    fn mod_report(&mut self, report: &ModReport, widths: &Widths) -> io::Result<()> {
        let style = if report.outcome.is_success() {
            GOOD
        } else {
            BAD
        };
        let line = report.line(widths);
        let (mark, rest) = line.split_at(line.chars().next().map_or(0, char::len_utf8));
        writeln!(self.out, "{style}{mark}{style:#}{rest}")?;
        let lines = match self.has_slots {
            true => report.slots(),
            false => report.losses(),
        };
        for line in lines {
            writeln!(self.out, "  {line}")?;
        }
        report
            .problems
            .iter()
            .try_for_each(|problem| self.problem(problem))
    }

    /// All that the last reload carried.
    fn slots_of_last(&mut self) -> io::Result<()> {
        let Some(report) = self.last.clone() else {
            return self.say("nothing was reloaded yet");
        };
        if self.is_json {
            return print_json(&mut self.out, &json!({ "report": report }));
        }
        for one in &report.mods {
            let (mod_id, generation) = (&one.mod_id, one.generation);
            let slots = one.slots();
            let nothing = if slots.is_empty() {
                ": nothing was carried"
            } else {
                ""
            };
            writeln!(self.out, "{mod_id} gen {generation}{nothing}")?;
            for line in slots {
                writeln!(self.out, "  {line}")?;
            }
        }
        Ok(())
    }

    /// How every mod is doing.
    fn top(&mut self, mods: &ModManager) -> io::Result<()> {
        let health = mods.health();
        match self.is_json {
            true => print_json(&mut self.out, &json!({ "health": health })),
            false => write!(
                self.out,
                "{}",
                table(&health, &Before::default(), mods.tick())
            ),
        }
    }

    fn help(&mut self) -> io::Result<()> {
        self.say(keys::HELP)
    }

    /// A word to the person at the keyboard; programs know what they asked for.
    fn say(&mut self, text: &str) -> io::Result<()> {
        match self.is_json {
            true => Ok(()),
            false => writeln!(self.out, "{DIM}{text}{DIM:#}"),
        }
    }

    /// The lines that mods have logged since the last call.
    fn log(&mut self, mods: &ModManager) -> io::Result<()> {
        for entry in mods.log(self.log_seq, None) {
            self.log_seq = entry.seq;
            self.log_line(&entry)?;
        }
        Ok(())
    }

    fn log_line(&mut self, line: &LogEntry) -> io::Result<()> {
        if self.is_json {
            return print_json(&mut self.out, &json!({ "log": line }));
        }
        let (style, level) = match line.level {
            LogLevel::Debug => (DIM, "debug: "),
            LogLevel::Info => (Style::new(), ""),
            LogLevel::Warn => (AnsiColor::Yellow.on_default(), "warning: "),
            LogLevel::Error => (BAD, "error: "),
        };
        let (mod_id, text) = (&line.mod_id, &line.text);
        writeln!(
            self.out,
            "{DIM}[{mod_id}]{DIM:#} {style}{level}{text}{style:#}"
        )
    }

    fn stopped(&mut self, tick: u64) -> io::Result<()> {
        match self.is_json {
            true => print_json(&mut self.out, &json!({ "stopped": { "tick": tick } })),
            false => writeln!(self.out, "stopped at tick {tick}"),
        }
    }
}
