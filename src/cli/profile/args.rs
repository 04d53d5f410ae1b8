//! The command lines of everything about profiles and locks.

use std::path::PathBuf;

use clap::Subcommand;

use crate::{ModId, ProfileName};

const PROFILE_EXAMPLES: &str = "\
Examples:
  lunation profile list mods            the profiles that there are
  lunation profile new mods winter      start profiles/winter.toml
  lunation run mods --profile winter    run with it; edit it meanwhile";

/// List profiles, or start one.
///
/// A profile is a file of yours beside the mods folder: which mods run, in which versions, with which values.
#[derive(Debug, clap::Args)]
#[command(after_help = PROFILE_EXAMPLES)]
pub(in crate::cli) struct ProfileArgs {
    #[command(subcommand)]
    pub(in crate::cli) command: ProfileCommand,
}

/// What to do with profiles.
#[derive(Debug, Subcommand)]
pub(in crate::cli) enum ProfileCommand {
    /// List the profiles that there are.
    List(ListArgs),
    /// Start a profile that changes nothing yet.
    New(NewProfileArgs),
}

/// The profiles of a folder.
#[derive(Debug, clap::Args)]
pub(in crate::cli) struct ListArgs {
    /// The mods folder.
    pub(in crate::cli) mods: PathBuf,
    /// Print one name a line as JSON.
    #[arg(long)]
    pub(in crate::cli) json: bool,
}

/// A profile to start.
#[derive(Debug, clap::Args)]
pub(in crate::cli) struct NewProfileArgs {
    /// The mods folder.
    pub(in crate::cli) mods: PathBuf,
    /// The name of the profile.
    pub(in crate::cli) name: ProfileName,
    /// Print what was made as JSON.
    #[arg(long)]
    pub(in crate::cli) json: bool,
}

const SWITCH_EXAMPLES: &str = "\
Examples:
  lunation disable mods noise --profile quiet    a game that runs with `quiet` follows at once
  lunation enable mods noise --profile quiet";

/// Switch a mod in a profile, and keep the rest of its file as it is.
#[derive(Debug, clap::Args)]
#[command(after_help = SWITCH_EXAMPLES)]
pub(in crate::cli) struct SwitchArgs {
    /// The mods folder.
    pub(in crate::cli) mods: PathBuf,
    /// The mod.
    #[arg(value_name = "MOD")]
    pub(in crate::cli) mod_id: ModId,
    /// The profile, which must be there.
    #[arg(long, value_name = "NAME")]
    pub(in crate::cli) profile: ProfileName,
    /// Print what was done as JSON.
    #[arg(long)]
    pub(in crate::cli) json: bool,
}

const LOCK_EXAMPLES: &str = "\
Examples:
  lunation lock mods                      write mods/lunation.lock
  lunation lock mods --profile winter     write profiles/winter.lock
  lunation run mods --locked              run exactly that, or nothing";

/// Write down exactly which mods run: their versions, and the hash of all their files.
///
/// `--locked` refuses everything else then, and says all that is different. Nothing else ever writes the lock.
/// What is wrong with mods is shown; those that can't run are not in the lock.
#[derive(Debug, clap::Args)]
#[command(after_help = LOCK_EXAMPLES)]
pub(in crate::cli) struct LockArgs {
    /// The mods folder.
    pub(in crate::cli) mods: PathBuf,
    /// Put this profile on, and write its lock.
    #[arg(long, value_name = "NAME")]
    pub(in crate::cli) profile: Option<ProfileName>,
    /// Print what was written as JSON.
    #[arg(long)]
    pub(in crate::cli) json: bool,
}

const DIFF_EXAMPLES: &str = "\
Examples:
  lunation diff mods winter summer     what is different with `summer`
  lunation diff mods winter            what `winter` makes different at all
  lunation diff mods winter --lock     how `winter` drifts from its lock
  lunation diff mods --lock            how the folder drifts from its lock";

/// Say what another profile makes different: which mods, versions, places, dependencies and values.
#[derive(Debug, clap::Args)]
#[command(after_help = DIFF_EXAMPLES)]
pub(in crate::cli) struct DiffArgs {
    /// The mods folder.
    pub(in crate::cli) mods: PathBuf,
    /// A profile.
    #[arg(value_name = "A", required_unless_present = "lock")]
    pub(in crate::cli) a: Option<ProfileName>,
    /// The profile to compare it with; left out: A with no profile at all.
    #[arg(value_name = "B", conflicts_with = "lock")]
    pub(in crate::cli) b: Option<ProfileName>,
    /// Compare with the lock instead.
    #[arg(long)]
    pub(in crate::cli) lock: bool,
    /// Print the differences as JSON: one object, or with `--lock` one problem a line.
    #[arg(long)]
    pub(in crate::cli) json: bool,
}
