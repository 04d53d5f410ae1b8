//! The mods that wait for an answer: who asks for what, and the person who grants it.

use std::io::{self, Write};

use serde_json::json;

use super::{Game, Show};
use crate::cli::print_json;
use crate::reload::ReloadReport;
use crate::{Code, Grant, ModManager};

impl Game {
    /// Grants the held mods what they ask for; the reloads follow by themselves.
    pub(super) fn grant_all<W: Write>(&mut self, show: &mut Show<W>) -> io::Result<()> {
        let held = self.mods.held();
        if held.is_empty() {
            return show.say("no mod asks for more than it was granted");
        }
        for one in held {
            let asks = one.asks.join(", ");
            match self.mods.answer(&one.mod_id, Grant::only(one.asks)) {
                Ok(()) => show.say(&format!("granted {asks} to {}", one.mod_id))?,
                Err(problem) => show.problem(&problem)?,
            }
        }
        Ok(())
    }
}

impl<W: Write> Show<W> {
    /// After a report of a mod that is held: how to answer.
    pub(super) fn held(&mut self, mods: &ModManager, report: &ReloadReport) -> io::Result<()> {
        let mut problems = report.mods.iter().flat_map(|one| &one.problems);
        if !problems.any(|problem| problem.code == Code::CAPABILITY_HELD) {
            return Ok(());
        }
        if self.is_json {
            return print_json(&mut self.out, &json!({ "held": mods.held() }));
        }
        self.say("g + Enter grants what is asked for; `--grant all` does so by itself")
    }
}
