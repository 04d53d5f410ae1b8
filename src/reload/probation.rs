//! [`Probation`]: a new generation that fails soon after the switch goes back.

use crate::settings;

/// The first dispatches of a new generation, in which errors send it back to the one before.
///
/// ```
/// use lunation::reload::{Probation, Verdict};
///
/// let settings = lunation::Settings::default().hot_reload.probation;
/// let mut probation = Probation::new(&settings);
/// assert_eq!(probation.error(), Verdict::OnProbation);
/// assert_eq!(probation.error(), Verdict::OnProbation);
/// assert_eq!(probation.error(), Verdict::Failed { errors: 3 });
/// ```
#[derive(Clone, Debug)]
pub struct Probation {
    dispatches_left: u32,
    errors_max: u32,
    errors: u32,
}

/// How a generation stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Used while dispatches are left and the errors are few.
    OnProbation,
    /// Used when the dispatches are over: errors don't send it back any more.
    Passed,
    /// Used when it made too many errors: it should go back.
    Failed {
        /// How many.
        errors: u32,
    },
}

impl Probation {
    /// A probation that begins now.
    pub fn new(settings: &settings::Probation) -> Probation {
        Probation {
            dispatches_left: settings.dispatches,
            // The first error is the soonest that a generation can fail.
            errors_max: settings.max_errors.max(1),
            errors: 0,
        }
    }

    /// Counts a dispatch that is over, after its errors.
    pub fn dispatch(&mut self) -> Verdict {
        if !self.has_failed() {
            self.dispatches_left = self.dispatches_left.saturating_sub(1);
        }
        self.verdict()
    }

    /// Counts an error in a handler, timer or call.
    pub fn error(&mut self) -> Verdict {
        if self.verdict() == Verdict::OnProbation {
            self.errors += 1;
        }
        self.verdict()
    }

    /// How the generation stands.
    pub fn verdict(&self) -> Verdict {
        if self.has_failed() {
            Verdict::Failed {
                errors: self.errors,
            }
        } else if self.dispatches_left == 0 {
            Verdict::Passed
        } else {
            Verdict::OnProbation
        }
    }

    fn has_failed(&self) -> bool {
        self.errors >= self.errors_max
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `.` is a dispatch, `x` an error.
    #[track_caller]
    fn check(dispatches: u32, max_errors: u32, story: &str, verdict: Verdict) {
        let mut probation = Probation::new(&settings::Probation {
            dispatches,
            max_errors,
        });
        for step in story.chars() {
            match step {
                '.' => probation.dispatch(),
                _ => probation.error(),
            };
        }
        assert_eq!(probation.verdict(), verdict);
    }

    #[test]
    fn a_generation_passes_after_its_dispatches() {
        check(3, 2, "..", Verdict::OnProbation);
        check(3, 2, "...", Verdict::Passed);
        check(3, 2, "x...", Verdict::Passed);
    }

    #[test]
    fn too_many_errors_in_that_time_are_a_failure_for_good() {
        check(3, 2, "x.x", Verdict::Failed { errors: 2 });
        check(3, 2, "xx....x", Verdict::Failed { errors: 2 });
    }

    #[test]
    fn errors_after_that_time_do_not_count() {
        check(3, 2, "x...xxx", Verdict::Passed);
    }

    #[test]
    fn no_dispatches_are_no_probation_and_no_errors_means_the_first_is_too_many() {
        check(0, 2, "xxx", Verdict::Passed);
        check(3, 0, "", Verdict::OnProbation);
        check(3, 0, "x", Verdict::Failed { errors: 1 });
    }
}
