//! `top`: how every mod is doing, once a second.

use std::collections::BTreeMap;
use std::io::{self, IsTerminal, Write};
use std::time::{Duration, Instant};

use anstyle::Style;
use crossbeam_channel::{RecvTimeoutError, bounded};
use serde_json::json;

use super::args::TopArgs;
use super::run::{BAD, DIM, GOOD};
use super::{Outcome, folder_is_there, nothing_drifts, print_json};
use crate::demo::{self, Colony, TICKS_PER_SECOND};
use crate::{Health, ModId, ModManager, Status};

/// How long the colony works on changes in one tick.
const SLICE: Duration = Duration::from_millis(10);

/// Moves to the upper left corner, and clears from there.
const CLEAR: &str = "\x1b[H\x1b[J";

pub(super) fn top(args: &TopArgs) -> Outcome {
    folder_is_there(&args.mods)?;
    let (stop, stopped) = bounded(1);
    ctrlc::set_handler(move || {
        // Full means that it stops anyway.
        let _ = stop.try_send(());
    })?;
    let mut mods = args
        .choice
        .put_into(demo::audited(args.mods.clone()))
        .build()?;
    let mut colony = Colony::new();
    colony.with(&mut mods, ModManager::load);
    nothing_drifts(&mods)?;
    let mut screen = Screen {
        out: anstream::stdout().lock(),
        is_json: args.json,
        is_live: args.ticks.is_none() && io::stdout().is_terminal(),
        before: Before::default(),
    };
    let last = args.ticks.unwrap_or(u64::MAX);
    let length = Duration::from_secs(1) / TICKS_PER_SECOND;
    let mut next = Instant::now();
    for tick in 1..=last {
        colony.step(&mut mods);
        if mods.has_work() {
            colony.with(&mut mods, |mods| mods.pump(SLICE));
        }
        if tick.is_multiple_of(TICKS_PER_SECOND.into()) {
            screen.refresh(&mods)?;
        }
        if args.ticks.is_none() {
            // A colony that fell behind does not catch up.
            next = (next + length).max(Instant::now());
            if stopped.recv_deadline(next) != Err(RecvTimeoutError::Timeout) {
                break;
            }
        }
    }
    screen.end(&mods)?;
    Ok(true)
}

struct Screen<W> {
    out: W,
    is_json: bool,
    /// Whether somebody looks on; otherwise there is one table, at the end.
    is_live: bool,
    before: Before,
}

impl<W: Write> Screen<W> {
    /// Shows how things are now, in place of how they were a second ago.
    fn refresh(&mut self, mods: &ModManager) -> io::Result<()> {
        if self.is_json {
            let health = mods.health();
            print_json(
                &mut self.out,
                &json!({ "tick": mods.tick(), "health": health }),
            )?;
            return self.out.flush();
        }
        if self.is_live {
            let health = mods.health();
            let table = table(&health, &self.before, mods.tick());
            write!(self.out, "{CLEAR}{table}")?;
            self.out.flush()?;
            self.before = Before::of(&health, mods.tick());
        }
        Ok(())
    }

    fn end(&mut self, mods: &ModManager) -> io::Result<()> {
        match self.is_live || self.is_json {
            true => Ok(()),
            false => write!(
                self.out,
                "{}",
                table(&mods.health(), &self.before, mods.tick())
            ),
        }
    }
}

/// What rates are counted from: the beginning, by default.
#[derive(Default)]
pub(super) struct Before {
    tick: u64,
    calls: BTreeMap<ModId, u64>,
}

impl Before {
    fn of(health: &[Health], tick: u64) -> Before {
        let calls = health.iter().map(|one| (one.id.clone(), one.calls));
        Before {
            tick,
            calls: calls.collect(),
        }
    }

    /// The calls in a second of the colony.
    fn rate(&self, health: &Health, tick: u64) -> f64 {
        let calls = health.calls - self.calls.get(&health.id).copied().unwrap_or_default();
        let ticks = tick.saturating_sub(self.tick).max(1);
        calls as f64 * f64::from(TICKS_PER_SECOND) / ticks as f64
    }
}

const HEAD: [&str; 15] = [
    "mod",
    "status",
    "gen",
    "calls/s",
    "errors",
    "p50",
    "p99",
    "max",
    "memory",
    "of",
    "handlers",
    "timers",
    "reloads",
    "rollbacks",
    "lost",
];

/// The columns that are texts: the others are numbers, which end below each other.
const TEXTS: usize = 2;

/// A line for each mod.
pub(super) fn table(health: &[Health], before: &Before, tick: u64) -> String {
    let rows: Vec<_> = health.iter().map(|one| row(one, before, tick)).collect();
    let mut widths = HEAD.map(str::len);
    for row in &rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = cell.chars().count().max(*width);
        }
    }
    let mut table = line(&HEAD.map(str::to_owned), &widths, DIM, DIM);
    for (one, row) in health.iter().zip(&rows) {
        let status = match one.status {
            Status::Active => GOOD,
            Status::Disabled => DIM,
            Status::Rejected | Status::Quarantined => BAD,
        };
        table += &line(row, &widths, Style::new(), status);
    }
    table
}

fn row(health: &Health, before: &Before, tick: u64) -> [String; HEAD.len()] {
    let status = match health.status {
        Status::Active => "active",
        Status::Rejected => "rejected",
        Status::Disabled => "disabled",
        Status::Quarantined => "quarantined",
    };
    [
        health.id.to_string(),
        status.to_owned(),
        health.generation.to_string(),
        format!("{:.1}", before.rate(health, tick)),
        health.errors.to_string(),
        time(health.p50),
        time(health.p99),
        time(health.max),
        mebibytes(health.memory),
        mebibytes(health.memory_max),
        health.handlers.to_string(),
        health.timers.to_string(),
        health.reloads.to_string(),
        health.rollbacks.to_string(),
        time(health.lost),
    ]
}

fn line(cells: &[String], widths: &[usize], style: Style, second: Style) -> String {
    let cell = |(index, (cell, width)): (usize, (&String, &usize))| {
        let style = if index == 1 { second } else { style };
        match index < TEXTS {
            true => format!("{style}{cell:width$}{style:#}"),
            false => format!("{style}{cell:>width$}{style:#}"),
        }
    };
    let cells: Vec<String> = cells.iter().zip(widths).enumerate().map(cell).collect();
    cells.join("  ").trim_end().to_owned() + "\n"
}

/// `-`, `12.3 µs`, `4.5 ms`, `2.1 s`
fn time(time: Duration) -> String {
    match time.as_secs_f64() {
        0.0 => "-".to_owned(),
        seconds if seconds < 1e-3 => format!("{:.1} µs", seconds * 1e6),
        seconds if seconds < 1.0 => format!("{:.1} ms", seconds * 1e3),
        seconds => format!("{seconds:.1} s"),
    }
}

fn mebibytes(bytes: usize) -> String {
    format!("{:.1} MiB", bytes as f64 / f64::from(1 << 20))
}
