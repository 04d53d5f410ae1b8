//! [`Asked`]: what the colony does when a reload asks for more than was granted.

use crate::{Grant, ModGrants};

/// What to do when a mod asks for more than it was granted. What it asks for at its first load, it gets.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum Asked {
    /// Used by default: it is held until somebody answers.
    #[default]
    Ask,
    /// Used where nobody is there to answer and the mods are one's own: it gets it.
    All,
    /// Used where nobody is there to answer and the mods are of others: it does not.
    None,
}

impl Asked {
    /// The rule for [`Builder::grant_more`](crate::Builder::grant_more).
    pub fn rule(self) -> impl Fn(&ModGrants) -> Option<Grant> + Send {
        move |grants| match self {
            Asked::Ask => None,
            Asked::All => Some(Grant::only(grants.asks.iter())),
            Asked::None => Some(Grant::none()),
        }
    }
}
