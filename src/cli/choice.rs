//! What of a mods folder is to run, as many commands ask for it: `--profile` and `--locked`.

use crate::{Builder, ProfileName};

/// What of the mods folder is to run.
#[derive(Debug, Default, clap::Args)]
pub(super) struct Choice {
    /// Put this profile on: profiles/NAME.toml beside the mods folder.
    #[arg(long, value_name = "NAME")]
    pub(super) profile: Option<ProfileName>,
    /// Run exactly what is locked, or nothing.
    #[arg(long)]
    pub(super) locked: bool,
}

impl Choice {
    /// With this profile, whatever is locked.
    pub(super) fn of_profile(name: Option<&ProfileName>) -> Choice {
        Choice {
            profile: name.cloned(),
            locked: false,
        }
    }

    /// Tells it a builder.
    pub(super) fn put_into(&self, builder: Builder) -> Builder {
        let builder = builder.locked(self.locked);
        match &self.profile {
            Some(name) => builder.profile(name.clone()),
            None => builder,
        }
    }
}
