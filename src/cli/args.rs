//! The command line.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Parser, Subcommand, ValueEnum};
use clap_complete::Shell;

use super::check::CheckArgs;
use super::choice::Choice;
use super::import::ImportArgs;
use super::profile::args::{DiffArgs, LockArgs, ProfileArgs, SwitchArgs};
use super::state::StateArgs;
use super::why::WhyArgs;
use crate::ModId;
use crate::demo::Asked;

const AFTER: &str = "\
Exit codes: 0 all is well, 1 a mod has a problem or the command could not do its work, 2 the command line is wrong.
`lunation help COMMAND` explains each command, with examples.";

/// Lua mods that are live when you save.
#[derive(Debug, Parser)]
#[command(name = "lunation", version, after_help = AFTER, disable_help_subcommand = false)]
pub(super) struct Args {
    #[command(subcommand)]
    pub(super) command: Command,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub(super) enum Command {
    Run(RunArgs),
    Check(CheckArgs),
    Graph(GraphArgs),
    Why(WhyArgs),
    Plan(PlanArgs),
    Profile(ProfileArgs),
    /// Switch a mod on in a profile.
    Enable(SwitchArgs),
    /// Switch a mod off in a profile.
    Disable(SwitchArgs),
    Diff(DiffArgs),
    Lock(LockArgs),
    New(NewArgs),
    Import(ImportArgs),
    Bisect(BisectArgs),
    Migrate(MigrateArgs),
    Top(TopArgs),
    Audit(AuditArgs),
    State(StateArgs),
    Host(HostArgs),
    Completions(CompletionsArgs),
}

const RUN_EXAMPLES: &str = "\
Examples:
  lunation run mods                 until Ctrl-C; edit the mods meanwhile
  lunation run mods --ticks 200     ten seconds of the colony, as fast as they go
  lunation run mods --slots         after each reload, what was carried, place by place
  lunation run mods --json | jq .   every report, log line and problem for a program";

/// Run the built-in colony with these mods, and follow every save.
///
/// Shows what was loaded, in which order, and why not the others; then one line for each reload. A broken
/// edit is shown at its place, and the code from before runs on. What a reload loses is always named.
///
/// While it runs, `s` and Enter shows all that the last reload carried, `d` and Enter reloads the mods that were
/// kept because of their state and drops what can't be carried, `g` and Enter grants what held mods ask for, `t` and
/// Enter shows how the mods are doing, `r` and Enter lets the quarantined ones run again, `q` and Enter stops.
#[derive(Debug, clap::Args)]
#[command(after_help = RUN_EXAMPLES)]
pub(super) struct RunArgs {
    /// The mods folder.
    pub(super) mods: PathBuf,
    #[command(flatten)]
    pub(super) choice: Choice,
    /// Stop after so many ticks, without waiting for the clock between them.
    #[arg(long, value_name = "N")]
    pub(super) ticks: Option<u64>,
    #[command(flatten)]
    pub(super) following: Following,
    /// Go on from the last checkpoint.
    #[arg(long)]
    pub(super) resume: bool,
    /// What to do when a reload asks for more capabilities than its mod was granted.
    #[arg(long, value_name = "ANSWER", value_enum, default_value_t)]
    pub(super) grant: Asked,
    /// Show what each reload carried, place by place.
    #[arg(long)]
    pub(super) slots: bool,
    /// Print one JSON value a line instead of text.
    #[arg(long)]
    pub(super) json: bool,
}

/// How changes of files are noticed.
#[derive(Clone, Copy, Debug, Default, clap::Args)]
pub(super) struct Following {
    /// Don't follow the files; what asks for a comparison with the disk gets it all the same.
    #[arg(long)]
    pub(super) no_watch: bool,
    /// Compare all files every MS milliseconds instead of watching: for folders whose changes nobody tells.
    #[arg(long, value_name = "MS", conflicts_with = "no_watch", value_parser = clap::value_parser!(u64).range(POLL_MS))]
    poll: Option<u64>,
}

/// From 10 ms, below which a comparison of many mods would never end, to an hour.
const POLL_MS: std::ops::RangeInclusive<u64> = 10..=3_600_000;

impl Following {
    pub(super) fn poll(self) -> Option<Duration> {
        self.poll.map(Duration::from_millis)
    }
}

const GRAPH_EXAMPLES: &str = "\
Examples:
  lunation graph mods                            the load order, and why it is so
  lunation graph mods --format svg > mods.svg    a picture
  lunation graph mods --format mermaid           to put into a README
  lunation graph mods --around economy           what it needs, and who needs it";

/// Show what needs what, and in which order the mods load.
#[derive(Debug, clap::Args)]
#[command(after_help = GRAPH_EXAMPLES)]
pub(super) struct GraphArgs {
    /// The mods folder.
    pub(super) mods: PathBuf,
    #[command(flatten)]
    pub(super) choice: Choice,
    /// How to show it.
    #[arg(long, value_enum, default_value_t = GraphFormat::Text)]
    pub(super) format: GraphFormat,
    /// Show only this mod, what loads before it, and what loads after it because of it.
    #[arg(long, value_name = "MOD")]
    pub(super) around: Option<ModId>,
    /// How many steps away from that mod, in either direction.
    #[arg(long, value_name = "N", default_value_t = 2, requires = "around")]
    pub(super) depth: usize,
    /// The same as `--format json`.
    #[arg(long, conflicts_with = "format")]
    pub(super) json: bool,
}

/// How to show a graph.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum GraphFormat {
    /// For people.
    Text,
    /// For Graphviz.
    Dot,
    /// For Markdown that renders it.
    Mermaid,
    /// For programs.
    Json,
    /// A picture.
    Svg,
}

const PLAN_EXAMPLES: &str = "\
Examples:
  lunation plan mods mods/base/scripts/strings.lua    as your shell completes it
  lunation plan mods base/mod.toml weather/mod.toml   or relative to the mods folder";

/// Say what a change of these files would do to which mods, and why, without doing it.
#[derive(Debug, clap::Args)]
#[command(after_help = PLAN_EXAMPLES)]
pub(super) struct PlanArgs {
    /// The mods folder.
    pub(super) mods: PathBuf,
    #[command(flatten)]
    pub(super) choice: Choice,
    /// The files that might change, or appear.
    #[arg(required = true, value_name = "FILE")]
    pub(super) files: Vec<PathBuf>,
    /// Print the plan as JSON.
    #[arg(long)]
    pub(super) json: bool,
}

const NEW_EXAMPLES: &str = "\
Examples:
  lunation new mods/taxes     a mod with the id `taxes`; a running colony loads it at once";

/// Start a mod: a folder with a manifest and a script that run.
///
/// The last part of the path is the id of the mod. Nothing that is there already is touched.
#[derive(Debug, clap::Args)]
#[command(after_help = NEW_EXAMPLES)]
pub(super) struct NewArgs {
    /// The folder to make.
    pub(super) folder: PathBuf,
    /// Print what was made as JSON.
    #[arg(long)]
    pub(super) json: bool,
}

const TOP_EXAMPLES: &str = "\
Examples:
  lunation top mods                     a table of all mods, once a second, until Ctrl-C
  lunation top mods --ticks 1200        a minute of the colony, as fast as it goes, then the table
  lunation top mods --json | jq .       one object a second for a program";

/// Run the built-in colony with these mods, and show how each is doing.
///
/// How often its code was called, how long that took, how often it failed; memory against its limit; how often it
/// was reloaded or went back; the time that was lost in calls which had to be stopped. Where nobody looks on there
/// is one table, at the end.
#[derive(Debug, clap::Args)]
#[command(after_help = TOP_EXAMPLES)]
pub(super) struct TopArgs {
    /// The mods folder.
    pub(super) mods: PathBuf,
    #[command(flatten)]
    pub(super) choice: Choice,
    /// Stop after so many ticks, without waiting for the clock between them.
    #[arg(long, value_name = "N")]
    pub(super) ticks: Option<u64>,
    /// Print a JSON object for each second of the colony instead of a table.
    #[arg(long)]
    pub(super) json: bool,
}

const AUDIT_EXAMPLES: &str = "\
Examples:
  lunation audit mods --last 20             what happened lately
  lunation audit mods --mod economy         what became of one mod
  lunation audit mods --json | jq .         all that the log says";

/// Show what became of the mods of a folder: the audit log that `run`, `top` and `host` write.
///
/// One line for everything that became of a generation of a mod: loaded, reloaded, refused, rolled back, stopped.
#[derive(Debug, clap::Args)]
#[command(after_help = AUDIT_EXAMPLES)]
pub(super) struct AuditArgs {
    /// The mods folder.
    pub(super) mods: PathBuf,
    /// Only what became of this mod.
    #[arg(long = "mod", value_name = "MOD")]
    pub(super) mod_id: Option<ModId>,
    /// Only so many lines, the newest ones.
    #[arg(long, value_name = "N")]
    pub(super) last: Option<usize>,
    /// Print the lines as they are in the log.
    #[arg(long)]
    pub(super) json: bool,
}

const BISECT_EXAMPLES: &str = "\
Examples:
  lunation bisect mods economy 'mod.state.coins >= 0'            since when are coins negative?
  lunation bisect mods economy 'price(\"bread\") < 10' --last 5   of the last five generations";

/// Find the first generation of a mod for which a Lua expression fails.
///
/// Walks the generations that the history on disk has, and the files as they are now. Each is loaded beside, with
/// the state that it was left with. The expression fails when it gives nil or false, or raises an error. Exits
/// with 1 if a generation fails. Nothing is written; a game may run meanwhile.
#[derive(Debug, clap::Args)]
#[command(after_help = BISECT_EXAMPLES)]
pub(super) struct BisectArgs {
    /// The mods folder.
    pub(super) mods: PathBuf,
    /// The mod.
    #[arg(value_name = "MOD")]
    pub(super) mod_id: ModId,
    /// The expression, in the environment of the mod.
    #[arg(value_name = "EXPRESSION")]
    pub(super) expression: String,
    /// Try only so many generations, the newest ones.
    #[arg(long, value_name = "N")]
    pub(super) last: Option<usize>,
    /// Print the result as JSON.
    #[arg(long)]
    pub(super) json: bool,
}

const MIGRATE_EXAMPLES: &str = "\
Examples:
  lunation migrate --check mods/economy old.save           try its migrations on the state in a save
  lunation migrate --check mods/economy old.save --json    the same for a program";

/// Try the migrations of a mod on an old state, without a game.
///
/// Loads the mod, with the mods beside it, into a colony that stands still; brings its state in the snapshot up
/// to date, replays it onto the code and asks on_load, as a restore would. Nothing is written. Exits with 1 if
/// the mod refuses the state, with the place where it does.
#[derive(Debug, clap::Args)]
#[command(after_help = MIGRATE_EXAMPLES)]
pub(super) struct MigrateArgs {
    /// Only try it (there is no other way yet).
    #[arg(long, required = true)]
    pub(super) check: bool,
    /// The folder of the mod, in its mods folder.
    #[arg(value_name = "MOD")]
    pub(super) folder: PathBuf,
    /// A save of the game, or the image of one state.
    pub(super) snapshot: PathBuf,
    /// Print what came of it as JSON: the trial, or one problem a line.
    #[arg(long)]
    pub(super) json: bool,
}

const HOST_EXAMPLES: &str = "\
Examples:
  lunation host mods --stdio
  echo '{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"mods.list\"}' | lunation host mods --stdio --manual";

/// A headless host that speaks the control protocol, for editors, pages, tests and tools.
///
/// JSON-RPC 2.0, one message a line: docs/reference/protocol.md. The clock of the colony stands still until
/// `advance`.
#[derive(Debug, clap::Args)]
#[command(after_help = HOST_EXAMPLES)]
pub(super) struct HostArgs {
    /// The mods folder.
    pub(super) mods: PathBuf,
    #[command(flatten)]
    pub(super) choice: Choice,
    /// Speak on standard input and output.
    #[arg(long, required = true)]
    pub(super) stdio: bool,
    /// Apply nothing until `pump` or `wait`.
    #[arg(long)]
    pub(super) manual: bool,
    #[command(flatten)]
    pub(super) following: Following,
    /// Go on from the last checkpoint.
    #[arg(long)]
    pub(super) resume: bool,
    /// What to do when a reload asks for more capabilities than its mod was granted.
    #[arg(long, value_name = "ANSWER", value_enum, default_value_t)]
    pub(super) grant: Asked,
}

const COMPLETIONS_EXAMPLES: &str = "\
Examples:
  lunation completions bash > ~/.local/share/bash-completion/completions/lunation
  lunation completions fish > ~/.config/fish/completions/lunation.fish";

/// Print a script that completes this command line in your shell.
#[derive(Debug, clap::Args)]
#[command(after_help = COMPLETIONS_EXAMPLES)]
pub(super) struct CompletionsArgs {
    /// The shell.
    #[arg(value_enum)]
    pub(super) shell: Shell,
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        Args::command().debug_assert();
    }

    #[test]
    fn every_command_explains_itself_with_an_example() {
        let mut all = Args::command();
        for command in all.get_subcommands_mut() {
            let help = command.render_long_help().to_string();
            assert!(help.contains("Examples:\n  "), "{}", command.get_name());
        }
    }
}
