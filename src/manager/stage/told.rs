//! What is told of a carry: to the new code, and in the report.

use crate::lua::Vm;
use crate::reload::Carried;
use crate::state::{Paths, Report};
use crate::value::Value;

use super::StagedMod;
use super::carry::OldState;
use super::registered::is_of_registration;

/// What the report tells of a replay.
pub(super) fn carried_by(vm: &Vm, report: &Report, old: &OldState) -> Carried {
    // What the edit registers otherwise is what it is about.
    let names = |paths| {
        let mut names = names_of(paths);
        names.retain(|path| !is_of_registration(path));
        names
    };
    Carried {
        migrated: Vec::new(),
        bytes: old.live.bytes_len() as u64,
        entries: report.kept,
        kept: names(&report.changed),
        not_saved: vm.not_saved(&report.changed.names),
        replaced: names(&report.replaced),
        added: names(&report.added),
        dropped: names_of(&report.dropped),
        conflicts: match old.is_migrated {
            // The copies that migrations work on lack the functions that the edit removed.
            true => names(&report.conflicts),
            false => names_of(&report.conflicts),
        },
    }
}

/// The places by name, and how many there are beside them.
fn names_of(paths: &Paths) -> Vec<String> {
    let more = paths.count - paths.names.len() as u64;
    let more = (more > 0).then(|| format!("and {more} more"));
    let names = paths.names.iter().map(ToString::to_string);
    names.chain(more).collect()
}

/// What `on_load` is given.
pub(super) fn load_payload(staged: &StagedMod, from: Option<&semver::Version>) -> Value {
    let version = staged.source.manifest.version.to_string();
    let generation = Value::Integer(staged.vm.generation() as i64);
    let dropped = staged.carried.dropped.iter();
    let dropped = Value::list(dropped.map(|path| path.as_str().into()));
    let mut about: Vec<(Value, Value)> = vec![
        ("reason".into(), staged.reason.into()),
        ("to_version".into(), version.as_str().into()),
        ("generation".into(), generation),
        ("dropped".into(), dropped),
    ];
    if let Some(from) = from {
        let version = from.to_string();
        about.push(("from_version".into(), version.as_str().into()));
    }
    Value::Table(about)
}
