//! The command line of `state`.

use std::path::PathBuf;

use clap::Subcommand;

const STATE_EXAMPLES: &str = "\
Examples:
  lunation state show game.save                         which mods, and how much of each
  lunation state show game.save economy 'markets[1]'    a part of one state as a tree
  lunation state diff old.save new.save                 what changed in between
  lunation state export game.save economy -o e.json     to look at, or to edit
  lunation state import game.save economy e.json        and back into the save";

/// Look into saves, compare them, and change them.
///
/// FILE is a save, as a game or `lunation host` writes it, or a single state image. For a single image write
/// `-` in place of the mod.
#[derive(Debug, clap::Args)]
#[command(after_help = STATE_EXAMPLES)]
pub(in crate::cli) struct StateArgs {
    #[command(subcommand)]
    pub(super) command: StateCommand,
}

/// What to do with a save.
#[derive(Debug, Subcommand)]
pub(super) enum StateCommand {
    Show(ShowArgs),
    Diff(DiffArgs),
    Export(ExportArgs),
    Import(ImportArgs),
}

/// Show which mods are in a save and how large their states are; or the state of one as a tree.
///
/// A table that was shown before is `^` and its path.
#[derive(Debug, clap::Args)]
pub(super) struct ShowArgs {
    /// The save.
    pub(super) file: PathBuf,
    /// The mod to show.
    #[arg(value_name = "MOD")]
    pub(super) mod_id: Option<String>,
    /// A part of its state, such as `enemies[3].name`.
    #[arg(default_value = "", hide_default_value = true)]
    pub(super) path: String,
    /// How many tables deep to show; 4 if left out, for JSON everything.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u8).range(1..=100))]
    pub(super) depth: Option<u8>,
    /// Print JSON: an object for each mod; of one mod the value.
    #[arg(long)]
    pub(super) json: bool,
}

/// Show where the states of two saves differ.
///
/// `+` is only in B, `-` only in A, `~` in both, differently.
#[derive(Debug, clap::Args)]
pub(super) struct DiffArgs {
    /// The save from before.
    pub(super) a: PathBuf,
    /// The save from after.
    pub(super) b: PathBuf,
    /// This mod alone.
    #[arg(value_name = "MOD")]
    pub(super) mod_id: Option<String>,
    /// Print one JSON value for each mod that differs.
    #[arg(long)]
    pub(super) json: bool,
}

/// Write the state of a mod as JSON, without loss.
#[derive(Debug, clap::Args)]
pub(super) struct ExportArgs {
    /// The save.
    pub(super) file: PathBuf,
    /// The mod.
    #[arg(value_name = "MOD")]
    pub(super) mod_id: String,
    /// The file to write; standard output if left out.
    #[arg(short, value_name = "OUT.json")]
    pub(super) output: Option<PathBuf>,
}

/// Put the state of a mod back into a save, from JSON.
///
/// The states of the other mods stay as they are. `restore` of the host, or the game, takes it from there.
#[derive(Debug, clap::Args)]
pub(super) struct ImportArgs {
    /// The save.
    pub(super) file: PathBuf,
    /// The mod.
    #[arg(value_name = "MOD")]
    pub(super) mod_id: String,
    /// The state, as `export` writes it.
    #[arg(value_name = "IN.json")]
    pub(super) input: PathBuf,
    /// The save to write; FILE itself if left out.
    #[arg(short, value_name = "OUT")]
    pub(super) output: Option<PathBuf>,
}
