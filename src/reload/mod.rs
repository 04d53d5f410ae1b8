//! What a change leads to: requests, their queue, the plan with its reasons, retries, probation, and the report.
//!
//! A [`ReloadRequest`] says that a mod should be looked at, how widely, how soon and why. The
//! [`ReloadQueue`] keeps one of them a mod. [`plan()`] compares what runs with what the files say (both
//! are in a [`World`]) and answers with a [`ReloadPlan`]: steps, each with its [`Reason`]s, in
//! transactions that switch together or not at all. What came of it is a [`ReloadReport`]. A failure
//! that may pass is tried again after a [`Backoff`]; a mod that keeps failing trips its [`Breaker`]; a new
//! generation is on [`Probation`] at first. An [`Answer`] of the host says whether a mod may run with what it
//! asks for, or waits.
//!
//! Everything here is a decision: no clock, no disk, no Lua. Times are [`std::time::Duration`]s since a
//! start that the caller chooses.

mod answer;
mod events;
mod plan;
mod probation;
mod quarantine;
mod queue;
mod report;
mod request;
mod retry;

pub use answer::{Answer, Permit};
pub use events::ModEvent;
pub use plan::{
    Absence, Accepted, Action, ChangedFile, Changes, Reason, ReloadPlan, Running, Script, Step,
    Transaction, World, plan,
};
pub use probation::{Probation, Verdict};
pub use quarantine::{Sentence, Strikes};
pub use queue::{Pushed, ReloadQueue};
pub(crate) use report::as_ms;
pub use report::{Carried, ModReport, Outcome, Phases, ReloadReport, Widths};
pub use request::{Cause, Causes, Priority, ReloadRequest};
pub use retry::{Backoff, Breaker};

use crate::change::Kind;

/// The kind as a word in a sentence.
fn kind_word(kind: Kind) -> &'static str {
    match kind {
        Kind::Asset => "asset",
        Kind::Config => "config",
        Kind::Script => "script",
        Kind::Full => "full",
    }
}
