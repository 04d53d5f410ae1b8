//! [`ReloadReport`]: what a transaction did: the outcome for each mod, the time of each phase, what was
//! carried, and what went wrong.

use std::fmt::{self, Write as _};
use std::sync::Arc;
use std::time::Duration;

use semver::Version;
use serde::{Serialize, Serializer};

use crate::change::Kind;
use crate::mod_id::ModId;
use crate::problem::Problem;

use super::kind_word;

/// What a transaction did.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ReloadReport {
    /// The number of the transaction, counted from 1 since the start.
    pub transaction: u64,
    /// What became of each mod, in the order of the plan's steps.
    pub mods: Vec<ModReport>,
}

/// What a transaction did to one mod.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ModReport {
    /// The mod.
    #[serde(rename = "mod")]
    pub mod_id: ModId,
    /// How wide the change was.
    pub kind: Kind,
    /// What became of it.
    pub outcome: Outcome,
    /// The generation that runs now, 0 if none does.
    pub generation: u64,
    /// The version of that generation; of the last one if none runs.
    pub version: Version,
    /// Why it was looked at, in words.
    pub causes: Vec<String>,
    /// The files that were different, relative to the mod.
    pub files: Vec<Arc<str>>,
    /// How long each phase took.
    pub phases: Phases,
    /// What was carried.
    pub carried: Carried,
    /// What went wrong, and what a save would lose.
    pub problems: Vec<Problem>,
}

/// What became of a mod in a transaction.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum Outcome {
    /// Used for a mod that runs in a new VM.
    Reloaded,
    /// Used for a mod that runs on as it was, because its reload, or that of one that would switch
    /// with it, was refused.
    Kept,
    /// Used for config and assets that were applied in place.
    Applied,
    /// Used for a mod that did not run before.
    Loaded,
    /// Used for a mod that does not run any more.
    Unloaded,
    /// Used for a mod that went back to an earlier generation's code.
    RolledBack,
    /// Used for a mod that broke a limit: the same code, with its state, runs in a new VM.
    Restarted,
    /// Used for a mod that was stopped because it broke its limits.
    Quarantined,
    /// Used for a mod whose files are taken over, but no VM runs what is different.
    Unchanged,
}

/// How long each phase of a reload took.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Phases {
    /// From the file event to the moment when it was seen.
    #[serde(rename = "detect_ms", serialize_with = "as_ms")]
    #[cfg_attr(feature = "schema", schemars(with = "f64"))]
    pub detect: Duration,
    /// The wait for the file, or the burst of changes, to be complete.
    #[serde(rename = "settle_ms", serialize_with = "as_ms")]
    #[cfg_attr(feature = "schema", schemars(with = "f64"))]
    pub settle: Duration,
    /// Reading and hashing the files.
    #[serde(rename = "read_ms", serialize_with = "as_ms")]
    #[cfg_attr(feature = "schema", schemars(with = "f64"))]
    pub read: Duration,
    /// Compiling the scripts that are different.
    #[serde(rename = "compile_ms", serialize_with = "as_ms")]
    #[cfg_attr(feature = "schema", schemars(with = "f64"))]
    pub compile: Duration,
    /// Building the new VM and running its top-level code.
    #[serde(rename = "stage_ms", serialize_with = "as_ms")]
    #[cfg_attr(feature = "schema", schemars(with = "f64"))]
    pub stage: Duration,
    /// `on_save`, and taking the image of the old VM.
    #[serde(rename = "capture_ms", serialize_with = "as_ms")]
    #[cfg_attr(feature = "schema", schemars(with = "f64"))]
    pub capture: Duration,
    /// Migrations, the replay into the new VM, `on_load`.
    #[serde(rename = "restore_ms", serialize_with = "as_ms")]
    #[cfg_attr(feature = "schema", schemars(with = "f64"))]
    pub restore: Duration,
    /// Putting the new VM in the place of the old one.
    #[serde(rename = "switch_ms", serialize_with = "as_ms")]
    #[cfg_attr(feature = "schema", schemars(with = "f64"))]
    pub switch: Duration,
}

/// What a reload carried from the old VM to the new one. Slots are named by their key path.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Carried {
    /// The migrations that ran on the state, in order, relative to the mod.
    pub migrated: Vec<String>,
    /// The size of the image in bytes.
    pub bytes: u64,
    /// Table entries that kept their live value.
    pub entries: u64,
    /// Slots that kept their live value.
    pub kept: Vec<String>,
    /// Slots that got the value of the new code.
    pub replaced: Vec<String>,
    /// Slots that only the new code has.
    pub added: Vec<String>,
    /// What could not be carried, or has no place in the new code.
    pub dropped: Vec<String>,
    /// Slots that the game had changed and the edit changed too; the live value won.
    pub conflicts: Vec<String>,
    /// Slots that a save would lose, with their place: `local count (scripts/main.lua:3)`.
    pub not_saved: Vec<String>,
}

impl Phases {
    /// All phases together.
    pub fn total(&self) -> Duration {
        self.waiting() + self.work()
    }

    /// Detect and settle: the mods of a transaction wait at the same time.
    fn waiting(&self) -> Duration {
        self.detect + self.settle
    }

    fn work(&self) -> Duration {
        self.read + self.compile + self.stage + self.capture + self.restore + self.switch
    }
}

impl Outcome {
    /// Whether the mod is as the files say (or as somebody demanded).
    pub fn is_success(self) -> bool {
        !matches!(
            self,
            Outcome::Kept | Outcome::RolledBack | Outcome::Restarted | Outcome::Quarantined
        )
    }
}

impl ModReport {
    /// A report in which nothing took time, nothing was carried and nothing went wrong yet.
    pub fn new(
        mod_id: ModId,
        kind: Kind,
        outcome: Outcome,
        generation: u64,
        version: Version,
    ) -> ModReport {
        ModReport {
            mod_id,
            kind,
            outcome,
            generation,
            version,
            causes: Vec::new(),
            files: Vec::new(),
            phases: Phases::default(),
            carried: Carried::default(),
            problems: Vec::new(),
        }
    }

    /// The report as one line, without colour:
    /// `✓ economy  main.lua → script  0.9 ms  gen 4  312 entries kept`.
    pub fn line(&self, widths: &Widths) -> String {
        let mark = if self.outcome.is_success() {
            "✓"
        } else {
            "✗"
        };
        let (mod_id, change) = (self.mod_id.as_str(), self.change());
        let (mod_width, change_width) = (widths.mod_id, widths.change);
        format!(
            "{mark} {mod_id:mod_width$}  {change:change_width$}  {}",
            self.result()
        )
    }

    /// What was different and how wide that is: `main.lua → script`, `main.lua +2 → full`.
    fn change(&self) -> String {
        let kind = kind_word(self.kind);
        let more = self.files.len().saturating_sub(1);
        match (self.files.first(), self.causes.first()) {
            (Some(file), _) => {
                let name = file.rsplit('/').next().unwrap_or(file);
                let more = if more > 0 {
                    format!(" +{more}")
                } else {
                    String::new()
                };
                format!("{name}{more} → {kind}")
            }
            (None, Some(cause)) => format!("{cause} → {kind}"),
            (None, None) => kind.to_owned(),
        }
    }

    fn result(&self) -> String {
        let generation = self.generation;
        let time = format!("{:.1} ms", ms(self.phases.total()));
        let mut result = match self.outcome {
            Outcome::Reloaded | Outcome::Loaded => format!("{time}  gen {generation}"),
            Outcome::Applied => format!("{time}  applied"),
            Outcome::Unloaded => format!("{time}  unloaded"),
            Outcome::Unchanged => "no VM runs it".to_owned(),
            Outcome::Quarantined => "quarantined".to_owned(),
            Outcome::RolledBack => format!("{time}  rolled back to gen {generation}"),
            Outcome::Restarted => format!("{time}  began anew as gen {generation}"),
            Outcome::Kept if generation == 0 => "not loaded".to_owned(),
            Outcome::Kept => format!("kept gen {generation}"),
        };
        let carried = &self.carried;
        let has_new_vm = matches!(
            self.outcome,
            Outcome::Reloaded | Outcome::RolledBack | Outcome::Restarted
        );
        if has_new_vm {
            let entries = carried.entries;
            let noun = if entries == 1 { "entry" } else { "entries" };
            // Writing into a String can't fail.
            let _ = write!(result, "  {entries} {noun} kept");
            for (count, verb) in [
                (carried.migrated.len(), "migrated"),
                (carried.dropped.len(), "dropped"),
                (carried.conflicts.len(), "in conflict"),
            ] {
                if count > 0 {
                    let _ = write!(result, ", {count} {verb}");
                }
            }
        }
        result
    }
}

/// How wide the columns of [`ModReport::line`] are, in characters.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Widths {
    /// The column of the mod's id.
    pub mod_id: usize,
    /// The column of what was different.
    pub change: usize,
}

impl Widths {
    /// Wide enough for each of these reports.
    pub fn fitting<'a>(reports: impl IntoIterator<Item = &'a ModReport>) -> Widths {
        let fit = |widths: Widths, report: &ModReport| Widths {
            mod_id: widths.mod_id.max(report.mod_id.as_str().len()),
            change: widths.change.max(report.change().chars().count()),
        };
        reports.into_iter().fold(Widths::default(), fit)
    }
}

impl ReloadReport {
    /// The time of each phase, for all mods together: they wait at the same time, and are worked on one
    /// after the other.
    pub fn totals(&self) -> Phases {
        let mut totals = Phases::default();
        for phases in self.mods.iter().map(|report| &report.phases) {
            if phases.waiting() > totals.waiting() {
                (totals.detect, totals.settle) = (phases.detect, phases.settle);
            }
            totals.read += phases.read;
            totals.compile += phases.compile;
            totals.stage += phases.stage;
            totals.capture += phases.capture;
            totals.restore += phases.restore;
            totals.switch += phases.switch;
        }
        totals
    }

    /// From the first change to the switch.
    pub fn total(&self) -> Duration {
        self.totals().total()
    }

    /// Whether it all took no longer than `target`.
    pub fn meets(&self, target: Duration) -> bool {
        self.total() <= target
    }

    /// Whether every mod is as the files say (or as somebody demanded).
    pub fn is_success(&self) -> bool {
        self.mods.iter().all(|report| report.outcome.is_success())
    }
}

/// One line a mod, aligned, and one for each of its losses and problems.
impl fmt::Display for ReloadReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let widths = Widths::fitting(&self.mods);
        for report in &self.mods {
            writeln!(f, "{}", report.line(&widths))?;
            for loss in report.losses() {
                writeln!(f, "  {loss}")?;
            }
            for problem in &report.problems {
                match problem.is_error() {
                    true => writeln!(f, "  because it {}", in_a_sentence(problem))?,
                    false => writeln!(f, "  note: {problem}")?,
                }
            }
        }
        Ok(())
    }
}

/// `can't be compiled (economy/scripts/main.lua:3; hint: close the string)`
fn in_a_sentence(problem: &Problem) -> String {
    let place = problem.place.as_ref().map(|place| place.to_string());
    let hint = problem.hint.as_ref().map(|hint| format!("hint: {hint}"));
    let notes: Vec<String> = place.into_iter().chain(hint).collect();
    match notes.is_empty() {
        true => problem.because.clone(),
        false => format!("{} ({})", problem.because, notes.join("; ")),
    }
}

/// A report as it is sent, with the totals.
#[derive(Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(rename = "ReloadReport"))]
struct Message<'a> {
    /// The number of the transaction, counted from 1 since the start.
    transaction: u64,
    /// What became of each mod, in the order of the plan's steps.
    mods: &'a [ModReport],
    /// The time of each phase, for all mods together.
    phases: Phases,
    /// From the first change to the switch.
    #[serde(rename = "total_ms", serialize_with = "as_ms")]
    #[cfg_attr(feature = "schema", schemars(with = "f64"))]
    total: Duration,
}

impl Serialize for ReloadReport {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let message = Message {
            transaction: self.transaction,
            mods: &self.mods,
            phases: self.totals(),
            total: self.total(),
        };
        message.serialize(serializer)
    }
}

#[cfg(feature = "schema")]
impl schemars::JsonSchema for ReloadReport {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        Message::schema_name()
    }

    fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        Message::json_schema(generator)
    }
}

fn ms(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1000.0
}

/// A duration as milliseconds with a fraction.
pub(crate) fn as_ms<S: Serializer>(duration: &Duration, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_f64(ms(*duration))
}

mod slots;
#[cfg(test)]
mod tests;
