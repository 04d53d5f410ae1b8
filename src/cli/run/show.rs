//! What people, or programs, see of a run.

use std::collections::BTreeSet;
use std::io::{self, Write};

use anstyle::{AnsiColor, Style};
use serde_json::json;

use super::is_kept_for_its_state;
use super::keys;
use crate::cli::args::RunArgs;
use crate::cli::snippet::Snippets;
use crate::cli::top::{Before, table};
use crate::cli::{count, print_json};
use crate::lua::LogLevel;
use crate::reload::{ModReport, ReloadReport, Widths};
use crate::{LogEntry, ModId, ModManager, Problem, Status};

/// What people, or programs, see.
pub(super) struct Show<W> {
    pub(super) out: W,
    snippets: Snippets,
    pub(super) is_json: bool,
    /// Whether every reload is followed by all that it carried.
    has_slots: bool,
    /// The reload that was shown last.
    pub(super) last: Option<ReloadReport>,
    /// The mods that were kept because of their state.
    pub(super) kept: BTreeSet<ModId>,
    /// The last line of the log that was shown.
    log_seq: u64,
    /// Problems of handlers that were shown since the last reload: they tend to come back at each tick.
    told: BTreeSet<String>,
}

pub(in crate::cli) const GOOD: Style = AnsiColor::Green.on_default();
pub(in crate::cli) const BAD: Style = AnsiColor::Red.on_default();
pub(in crate::cli) const DIM: Style = Style::new().dimmed();

/// More different problems than that are not remembered.
const TOLD_MAX: usize = 1000;

impl<W: Write> Show<W> {
    pub(super) fn new(out: W, args: &RunArgs) -> Show<W> {
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

    pub(super) fn loaded(&mut self, mods: &ModManager, problems: &[Problem]) -> io::Result<()> {
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

    pub(super) fn resumed(&mut self, mods: Option<&[ModId]>) -> io::Result<()> {
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

    pub(super) fn problem(&mut self, problem: &Problem) -> io::Result<()> {
        match self.is_json {
            true => print_json(&mut self.out, &json!({ "problem": problem })),
            false => writeln!(self.out, "{}", self.snippets.show(problem)),
        }
    }

    /// Each of them once until the next reload.
    pub(super) fn problems_of_handlers(&mut self, problems: &[Problem]) -> io::Result<()> {
        for problem in problems {
            if self.told.len() < TOLD_MAX && self.told.insert(problem.to_string()) {
                self.problem(problem)?;
            }
        }
        Ok(())
    }

    pub(super) fn report(&mut self, report: &ReloadReport) -> io::Result<()> {
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

    pub(super) fn mod_report(&mut self, report: &ModReport, widths: &Widths) -> io::Result<()> {
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
    pub(super) fn slots_of_last(&mut self) -> io::Result<()> {
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
    pub(super) fn top(&mut self, mods: &ModManager) -> io::Result<()> {
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

    pub(super) fn help(&mut self) -> io::Result<()> {
        self.say(keys::HELP)
    }

    /// A word to the person at the keyboard; programs know what they asked for.
    pub(super) fn say(&mut self, text: &str) -> io::Result<()> {
        match self.is_json {
            true => Ok(()),
            false => writeln!(self.out, "{DIM}{text}{DIM:#}"),
        }
    }

    /// The lines that mods have logged since the last call.
    pub(super) fn log(&mut self, mods: &ModManager) -> io::Result<()> {
        for entry in mods.log(self.log_seq, None) {
            self.log_seq = entry.seq;
            self.log_line(&entry)?;
        }
        Ok(())
    }

    pub(super) fn log_line(&mut self, line: &LogEntry) -> io::Result<()> {
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

    pub(super) fn stopped(&mut self, tick: u64) -> io::Result<()> {
        match self.is_json {
            true => print_json(&mut self.out, &json!({ "stopped": { "tick": tick } })),
            false => writeln!(self.out, "stopped at tick {tick}"),
        }
    }
}
