//! The program: its commands, and how they speak to people.
//!
//! `args` is the command line, one file a command does the work, `snippet` shows a problem at its place.
//! Results go to standard output, everything else to standard error. Exit codes: 0 all is well, 1 something
//! is wrong with a mod or with the work, 2 the command line is wrong.

mod args;
mod audit;
mod bisect;
mod candidates;
mod check;
mod choice;
mod graph;
mod import;
mod migrate;
mod new;
mod plan;
mod profile;
mod run;
mod snippet;
mod state;
mod top;
mod why;

use std::error::Error;
use std::ffi::OsString;
use std::io::{self, Write};
use std::path::Path;
use std::process::ExitCode;

use clap::{CommandFactory, Parser};
use serde::Serialize;

use crate::demo::{self, Colony};
use crate::{ModManager, Problem, protocol};
use args::{Args, Command};
use choice::Choice;

/// Why a command could not do its work.
type Failure = Box<dyn Error>;

/// Whether what was looked at is all right.
type Outcome = Result<bool, Failure>;

/// The most rejected mods for which one call looks for repairs.
const REPAIRS_MAX: usize = 32;

/// Does what the command line says.
pub fn run(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    let args = match Args::try_parse_from(arguments) {
        Ok(args) => args,
        Err(error) => {
            // Nobody is left to hear that this can't be printed.
            let _ = error.print();
            return ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(2));
        }
    };
    log_to_stderr();
    match execute(&args.command) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::from(1),
        Err(error) if is_broken_pipe(error.as_ref()) => ExitCode::SUCCESS,
        Err(error) => {
            let _ = writeln!(anstream::stderr(), "error: {error}");
            ExitCode::from(1)
        }
    }
}

fn execute(command: &Command) -> Outcome {
    match command {
        Command::Run(args) => run::run(args),
        Command::Check(args) => check::check(args),
        Command::Graph(args) => graph::graph(args),
        Command::Why(args) => why::why(args),
        Command::Plan(args) => plan::plan(args),
        Command::Profile(args) => profile::profile(args),
        Command::Enable(args) => profile::switch_mod(args, true),
        Command::Disable(args) => profile::switch_mod(args, false),
        Command::Diff(args) => profile::diff::diff(args),
        Command::Lock(args) => profile::lock(args),
        Command::New(args) => new::new(args),
        Command::Import(args) => import::import(args),
        Command::Bisect(args) => bisect::bisect(args),
        Command::Migrate(args) => migrate::migrate(args),
        Command::Top(args) => top::top(args),
        Command::Audit(args) => audit::audit(args),
        Command::State(args) => state::state(args),
        Command::Host(args) => {
            let options = protocol::Options {
                mods: args.mods.clone(),
                profile: args.choice.profile.clone(),
                is_locked: args.choice.locked,
                is_manual: args.manual,
                is_watching: !args.following.no_watch,
                poll: args.following.poll(),
                is_resuming: args.resume,
                asked: args.grant,
            };
            protocol::serve(&options, io::stdin(), io::stdout())?;
            Ok(true)
        }
        Command::Completions(args) => {
            let mut command = Args::command();
            let name = command.get_name().to_owned();
            let mut script = Vec::new();
            clap_complete::generate(args.shell, &mut command, name, &mut script);
            io::stdout().write_all(&script)?;
            Ok(true)
        }
    }
}

/// The library's own log, for those who ask: `LUNATION_LOG=debug`.
fn log_to_stderr() {
    let filter = tracing_subscriber::EnvFilter::builder()
        .with_env_var("LUNATION_LOG")
        .with_default_directive(tracing::level_filters::LevelFilter::ERROR.into())
        .from_env_lossy();
    // A program that has a log already keeps it.
    let _ = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(io::stderr)
        .try_init();
}

/// Who reads has gone, as in `lunation check mods | head`: that is no failure.
fn is_broken_pipe(error: &(dyn Error + 'static)) -> bool {
    let io = error.downcast_ref::<io::Error>();
    let json = error.downcast_ref::<serde_json::Error>();
    let kind = io
        .map(io::Error::kind)
        .or_else(|| json.and_then(serde_json::Error::io_error_kind));
    kind == Some(io::ErrorKind::BrokenPipe)
}

/// A colony that nobody watches, with the mods of a folder loaded, and what is wrong with them.
fn load_once(mods: &Path, choice: &Choice) -> Result<(Colony, ModManager, Vec<Problem>), Failure> {
    folder_is_there(mods)?;
    let mut manager = choice
        .put_into(demo::builder(mods.to_owned()))
        .watching(false)
        .without_history_on_disk()
        .build()?;
    let mut colony = Colony::new();
    let problems = colony.with(&mut manager, ModManager::load);
    Ok((colony, manager, problems))
}

/// A mistyped folder is no empty one.
fn folder_is_there(mods: &Path) -> Result<(), Failure> {
    match crate::disk::is_folder(mods) {
        true => Ok(()),
        false => Err(format!("{} is not a folder", mods.display()).into()),
    }
}

/// With `--locked`, nothing runs unless all is as it is locked.
fn nothing_drifts(mods: &ModManager) -> Result<(), crate::Error> {
    match mods.drift() {
        [] => Ok(()),
        drift => Err(crate::Error::Chosen(drift.to_vec())),
    }
}

/// One JSON value on a line of its own.
fn print_json(out: &mut impl Write, value: &impl Serialize) -> io::Result<()> {
    serde_json::to_writer(&mut *out, value)?;
    writeln!(out)
}

/// `1 mod`, `2 mods`
fn count(n: usize, noun: &str) -> String {
    match n {
        1 => format!("1 {noun}"),
        n => format!("{n} {noun}s"),
    }
}
