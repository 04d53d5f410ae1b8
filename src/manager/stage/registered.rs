//! What the running generation has registered comes into the staged one, and what could not is named.

use crate::lua::carry::Captured;
use crate::lua::{Gone, Vm};
use crate::problem::Problem;
use crate::state::REGISTRATIONS;

use super::carry::{OldState, state_problem};

/// Registers in `vm` what the generation `before` had registered at run time. The answer is what could not
/// come over.
pub(super) fn take_over(
    vm: &Vm,
    before: Option<&Vm>,
    old: &OldState,
    new: &Captured,
) -> Result<Vec<Gone>, Problem> {
    let mut gone = vm
        .take_over(new, before)
        .map_err(|why| state_problem(vm, &why))?;
    // What the file registered itself, and does not any more, is what the edit is about.
    gone.retain(|gone| {
        let slot = old.base.slot(gone.slot);
        !slot.is_some_and(|slot| old.base.has_entry(slot, &gone.key))
    });
    Ok(gone)
}

/// Whether a path is a registration or a part of one, but not what its function or its task keeps.
pub(super) fn is_of_registration(path: &str) -> bool {
    let slots = REGISTRATIONS.iter();
    let mut within = slots.filter_map(|slot| path.strip_prefix(slot));
    within.any(|within| {
        within.starts_with(['.', '[']) && !within.contains(".call.") && !within.contains(".data")
    })
}
