//! [`Session`]: does what each method says, on the built-in colony and its mods.

mod configs;
mod grants;
mod profiles;
mod states;

use std::collections::VecDeque;
use std::path::Path;
use std::time::Duration;

use serde_json::Value as Json;

use super::json::{from_json, to_json};
use super::messages::*;
use super::rpc::{Failure, read, reply};
use crate::demo::Colony;
use crate::disk;
use crate::problem::Code;
use crate::reload::ReloadReport;
use crate::{Bisection, Dispatched, ModId, ModManager, Problem, SaveNeeds, Until, Value};

/// Reports that nobody has asked for yet; beyond it the oldest are let go.
const REPORTS_MAX: usize = 1000;

/// The most ticks of one `advance`.
const TICKS_MAX: u64 = 1_000_000;

/// The longest `wait` or `pump`: a day.
const WAIT_MS_MAX: u64 = 24 * 60 * 60 * 1000;

/// The budget of a `pump` that names none.
const BUDGET_MS: u64 = 100;

/// The largest file of states.
const SAVE_BYTES_MAX: u64 = 1 << 30;

/// A colony, its mods, and what the client has not heard yet.
pub(super) struct Session {
    mods: ModManager,
    colony: Colony,
    reports: VecDeque<ReloadReport>,
    is_over: bool,
}

fn wait_time(ms: u64) -> Duration {
    Duration::from_millis(ms.min(WAIT_MS_MAX))
}

fn values(values: &[Json]) -> Result<Vec<Value>, Failure> {
    Ok(values.iter().map(from_json).collect::<Result<_, _>>()?)
}

fn jsons(values: &[Value]) -> Vec<Json> {
    values.iter().map(to_json).collect()
}

impl Session {
    pub(super) fn new(mods: ModManager) -> Session {
        Session {
            mods,
            colony: Colony::new(),
            reports: VecDeque::new(),
            is_over: false,
        }
    }

    /// Loads the mods: what is wrong with them.
    pub(super) fn load(&mut self) -> Vec<Problem> {
        self.colony.with(&mut self.mods, ModManager::load)
    }

    /// Goes on from the last checkpoint.
    pub(super) fn resume(&mut self) -> Result<Option<Vec<ModId>>, Problem> {
        self.colony.with(&mut self.mods, ModManager::resume)
    }

    /// Whether the client has said `shutdown`.
    pub(super) fn is_over(&self) -> bool {
        self.is_over
    }

    pub(super) fn has_work(&self) -> bool {
        self.mods.has_work()
    }

    /// Does a part of what is due, and keeps the reports for whoever asks.
    pub(super) fn work(&mut self, budget: Duration) {
        let reports = self.colony.with(&mut self.mods, |mods| mods.pump(budget));
        self.keep(reports);
    }

    fn keep(&mut self, reports: Vec<ReloadReport>) {
        self.reports.extend(reports);
        let surplus = self.reports.len().saturating_sub(REPORTS_MAX);
        self.reports.drain(..surplus);
    }

    fn take_reports(&mut self) -> Reports {
        Reports {
            reports: std::mem::take(&mut self.reports).into(),
        }
    }

    /// The answer to one request.
    pub(super) fn answer(&mut self, method: &str, params: Option<Json>) -> Result<Json, Failure> {
        match method {
            "initialize" => reply(read(params).map(initialize)),
            "mods.list" => reply(read(params).map(|NoParams {}| self.mods.mods())),
            "health" => reply(read(params).map(|NoParams {}| self.mods.health())),
            "problems" => reply(read(params).map(|NoParams {}| Problems {
                problems: self.mods.problems(),
            })),
            "dispatch" => reply(read(params).and_then(|params| self.dispatch(&params))),
            "advance" => reply(read(params).and_then(|params| self.advance(&params))),
            "call" => reply(read(params).and_then(|params| self.call(&params))),
            "eval" => reply(read(params).and_then(|params| self.eval(&params))),
            "state.get" => reply(read(params).and_then(|params| self.state(&params))),
            "state.diff" => reply(read(params).and_then(|params| self.state_diff(&params))),
            "state.export" => reply(read(params).and_then(|params| self.export(&params))),
            "state.import" => reply(read(params).and_then(|params| self.import(&params))),
            "pump" => reply(read(params).map(|params| self.pump(&params))),
            "wait" => reply(read(params).map(|params| self.wait(&params))),
            "reload" => reply(read(params).and_then(|params| self.reload(&params))),
            "plan" => reply(read(params).map(|params| self.plan(&params))),
            "history" => reply(read(params).and_then(|params| self.history(&params))),
            "bisect" => reply(read(params).and_then(|params| self.bisect(&params))),
            "resume" => reply(read(params).and_then(|params| self.resume_mod(&params))),
            "redo" => reply(read(params).and_then(|params| self.redo(&params))),
            "rollback" => reply(read(params).and_then(|params| self.rollback(&params))),
            "config.get" => reply(read(params).and_then(|params| self.config(&params))),
            "config.set" => reply(read(params).and_then(|params| self.set_config(params))),
            "profiles.list" => reply(read(params).map(|NoParams {}| self.profiles())),
            "profiles.set" => reply(read(params).and_then(|params| self.set_profile(&params))),
            "grants" => reply(read(params).map(|NoParams {}| self.mods.grants())),
            "grant" => reply(read(params).and_then(|params| self.grant(&params))),
            "graph" => reply(read(params).and_then(|params| self.graph(&params))),
            "why" => reply(read(params).map(|params| self.why(&params))),
            "save" => reply(read(params).and_then(|params| self.save(&params))),
            "checkpoint" => reply(read(params).and_then(|NoParams {}| self.checkpoint())),
            "save.inspect" => reply(read(params).and_then(|params| self.inspect_save(&params))),
            "restore" => reply(read(params).and_then(|params| self.restore(&params))),
            "ledger" => reply(read(params).and_then(|params| self.ledger(&params))),
            "log" => reply(read(params).and_then(|params| self.log(&params))),
            "shutdown" => reply(read(params).map(|NoParams {}| {
                self.is_over = true;
                Nothing {}
            })),
            _ => Err(Failure::NoMethod(format!(
                "there is no method `{}`",
                shortened(method)
            ))),
        }
    }

    fn dispatch(&mut self, params: &DispatchParams) -> Result<DispatchResult, Failure> {
        let payload = from_json(&params.payload)?;
        let dispatched = self.colony.with(&mut self.mods, |mods| {
            mods.dispatch_value(&params.event, &payload)
        });
        Ok(DispatchResult {
            handlers: dispatched.handlers,
            results: jsons(&dispatched.results),
            errors: dispatched.errors,
        })
    }

    fn advance(&mut self, params: &AdvanceParams) -> Result<AdvanceResult, Failure> {
        if params.ticks > TICKS_MAX {
            let why = format!("`ticks` is at most {TICKS_MAX}");
            return Err(Failure::InvalidParams(why));
        }
        let mut all = Dispatched::default();
        for _ in 0..params.ticks {
            all.add(self.colony.step(&mut self.mods));
        }
        Ok(AdvanceResult {
            results: jsons(&all.results),
            errors: all.errors,
        })
    }

    fn call(&mut self, params: &CallParams) -> Result<Results, Failure> {
        let arguments = values(&params.args)?;
        let results = self.colony.with(&mut self.mods, |mods| {
            mods.call(&params.mod_id, &params.function, &arguments)
        })?;
        let results = jsons(&results);
        Ok(Results { results })
    }

    fn eval(&mut self, params: &EvalParams) -> Result<Results, Failure> {
        let eval = |mods: &mut ModManager| mods.eval(&params.mod_id, &params.code);
        let results = jsons(&self.colony.with(&mut self.mods, eval)?);
        Ok(Results { results })
    }

    fn pump(&mut self, params: &PumpParams) -> Reports {
        self.work(wait_time(params.budget_ms.unwrap_or(BUDGET_MS)));
        self.take_reports()
    }

    fn wait(&mut self, params: &WaitParams) -> Reports {
        let until = Until::from(params.until);
        if until == Until::Idle || self.reports.is_empty() {
            let timeout = wait_time(params.timeout_ms);
            let wait = |mods: &mut ModManager| mods.wait(timeout, until);
            let reports = self.colony.with(&mut self.mods, wait);
            self.keep(reports);
        }
        self.take_reports()
    }

    fn reload(&mut self, params: &ReloadParams) -> Result<Report, Failure> {
        let (mod_id, kind) = (&params.mod_id, params.kind.into());
        let reload = |mods: &mut ModManager| mods.reload(mod_id, kind, params.drop);
        let report = self.colony.with(&mut self.mods, reload)?;
        Ok(Report { report })
    }

    fn plan(&mut self, params: &PlanParams) -> Plan {
        let paths: Vec<&str> = params.paths.iter().map(String::as_str).collect();
        Plan {
            plan: self.mods.plan(&paths),
        }
    }

    fn history(&self, params: &ModParams) -> Result<Generations, Failure> {
        self.known(&params.mod_id)?;
        let generations = self.mods.history(&params.mod_id);
        Ok(Generations { generations })
    }

    fn rollback(&mut self, params: &RollbackParams) -> Result<Report, Failure> {
        self.known(&params.mod_id)?;
        let (generation, onto) = (params.generation, params.state.into());
        let roll_back = |mods: &mut ModManager| mods.rollback(&params.mod_id, generation, onto);
        let report = self.colony.with(&mut self.mods, roll_back)?;
        Ok(Report { report })
    }

    fn bisect(&mut self, params: &BisectParams) -> Result<Bisection, Failure> {
        self.known(&params.mod_id)?;
        let count = params.last.unwrap_or(usize::MAX);
        let bisect = |mods: &mut ModManager| mods.bisect(&params.mod_id, &params.expression, count);
        Ok(self.colony.with(&mut self.mods, bisect)?)
    }

    fn redo(&mut self, params: &ModParams) -> Result<Report, Failure> {
        self.known(&params.mod_id)?;
        let redo = |mods: &mut ModManager| mods.redo(&params.mod_id);
        let report = self.colony.with(&mut self.mods, redo)?;
        Ok(Report { report })
    }

    fn resume_mod(&mut self, params: &ModParams) -> Result<Reports, Failure> {
        let resume = |mods: &mut ModManager| mods.resume_mod(&params.mod_id);
        let reports = self.colony.with(&mut self.mods, resume)?;
        Ok(Reports { reports })
    }

    fn graph(&self, params: &GraphParams) -> Result<Graph, Failure> {
        if let Some(mod_id) = &params.mod_id {
            self.known(mod_id)?;
        }
        Ok(Graph::of(self.mods.resolution(), params.mod_id.as_ref()))
    }

    fn why(&self, params: &WhyParams) -> Why {
        let resolution = self.mods.resolution();
        let lines = match (&params.mod_id, &params.other) {
            (Some(mod_id), Some(other)) => resolution.why_before(mod_id, other),
            (Some(mod_id), None) | (None, Some(mod_id)) => resolution.why(mod_id),
            (None, None) => {
                let rejected = resolution.rejected.keys();
                rejected.flat_map(|mod_id| resolution.why(mod_id)).collect()
            }
        };
        let rejected = params.mod_id.as_ref().filter(|_| params.other.is_none());
        let rejected = rejected.filter(|mod_id| resolution.rejected.contains_key(*mod_id));
        let repair = rejected.map(|mod_id| self.mods.repair(mod_id));
        Why {
            lines,
            repair: repair.unwrap_or_default(),
        }
    }

    fn save(&mut self, params: &FileParams) -> Result<Saved, Failure> {
        let save = self.colony.with(&mut self.mods, ModManager::save);
        disk::write_atomic(Path::new(&params.path), &save.bytes)
            .map_err(|why| unusable(&params.path, "written", &why))?;
        Ok(Saved {
            mods: save.mods,
            bytes: save.bytes.len() as u64,
            problems: save.problems,
        })
    }

    fn checkpoint(&mut self) -> Result<Problems, Failure> {
        let problems = self.colony.with(&mut self.mods, ModManager::checkpoint)?;
        Ok(Problems { problems })
    }

    fn inspect_save(&self, params: &FileParams) -> Result<SaveNeeds, Failure> {
        Ok(self.mods.inspect_save(&read_save(params)?)?)
    }

    fn restore(&mut self, params: &FileParams) -> Result<Saved, Failure> {
        let image = read_save(params)?;
        let restore = |mods: &mut ModManager| mods.restore(&image);
        let mods = self.colony.with(&mut self.mods, restore)?;
        let bytes = image.len() as u64;
        Ok(Saved {
            mods,
            bytes,
            problems: Vec::new(),
        })
    }

    fn log(&self, params: &LogParams) -> Result<Log, Failure> {
        if let Some(mod_id) = &params.mod_id {
            self.known(mod_id)?;
        }
        let lines = self.mods.log(params.since, params.mod_id.as_ref());
        Ok(Log { lines })
    }

    /// Whether there is such a mod, running or not.
    fn known(&self, mod_id: &ModId) -> Result<(), Problem> {
        let resolution = self.mods.resolution();
        let is_known = resolution.accepts(mod_id)
            || resolution.rejected.contains_key(mod_id)
            || self.mods.mods().iter().any(|status| status.id == *mod_id);
        if is_known {
            return Ok(());
        }
        let problem = Problem::error(Code::BAD_CALL, "is no mod of this folder").of(mod_id);
        Err(problem.hint("`mods.list` has the mods that there are"))
    }
}

fn initialize(_: NoParams) -> Initialized {
    Initialized {
        name: env!("CARGO_PKG_NAME"),
        version: env!("CARGO_PKG_VERSION"),
        lua: match () {
            () if cfg!(feature = "luau") => "luau",
            () if cfg!(feature = "lua54") => "lua54",
            () => "luajit",
        },
        protocol: PROTOCOL,
    }
}

fn read_save(params: &FileParams) -> Result<Vec<u8>, Problem> {
    disk::read_file_limited(Path::new(&params.path), SAVE_BYTES_MAX)
        .map_err(|why| unusable(&params.path, "read", &why))
}

/// What somebody sent, short enough for a message.
fn shortened(text: &str) -> String {
    text.chars().take(64).collect()
}

fn unusable(path: &str, verb: &str, why: &std::io::Error) -> Problem {
    let because = format!("can't be {verb}: {why}");
    let file = crate::problem::one_line(path);
    Problem::error(Code::UNREADABLE, because)
        .at(crate::Place::file(file))
        .hint("a path begins in the folder that the host was started in")
}
