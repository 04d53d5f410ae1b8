//! [`Strikes`]: a mod that breaks its limits once begins anew; one that keeps breaking them is stopped.

use std::collections::VecDeque;
use std::time::Duration;

use crate::settings;

/// The limits that one mod has broken of late, outside of its probation.
///
/// ```
/// use std::time::Duration;
/// use lunation::reload::{Sentence, Strikes};
///
/// let settings = lunation::Settings::default().hot_reload.quarantine;
/// let mut strikes = Strikes::default();
/// let at = Duration::from_secs;
/// assert_eq!(strikes.strike(at(1), &settings), Sentence::Restart { strike: 1 });
/// assert_eq!(strikes.strike(at(2), &settings), Sentence::Restart { strike: 2 });
/// assert_eq!(strikes.strike(at(3), &settings), Sentence::Quarantine { strike: 3 });
/// ```
#[derive(Clone, Debug, Default)]
pub struct Strikes {
    /// When, oldest first; at most as many as lead to quarantine.
    at: VecDeque<Duration>,
}

/// What a broken limit leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sentence {
    /// Used while there are few: the same code begins anew, with its state.
    Restart {
        /// Which one of the window this is, from 1.
        strike: u32,
    },
    /// Used for one too many: the mod is parked.
    Quarantine {
        /// Which one of the window this is, from 1.
        strike: u32,
    },
}

impl Strikes {
    /// Counts a limit that was broken at `now`, and says what follows.
    pub fn strike(&mut self, now: Duration, settings: &settings::Quarantine) -> Sentence {
        let window = Duration::from_secs(settings.window);
        self.at.push_back(now);
        self.at
            .retain(|at| now.saturating_sub(*at) < window || *at == now);
        let strike = u32::try_from(self.at.len()).unwrap_or(u32::MAX);
        match strike < settings.strikes {
            true => Sentence::Restart { strike },
            false => Sentence::Quarantine { strike },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The sentences of limits that are broken at these seconds: `r` for a restart, `q` for quarantine.
    #[track_caller]
    fn check(strikes: u32, window: u64, at: &[u64], sentences: &str) {
        let settings = settings::Quarantine { strikes, window };
        let mut counted = Strikes::default();
        let mut said = String::new();
        for second in at {
            let sentence = counted.strike(Duration::from_secs(*second), &settings);
            said.push(match sentence {
                Sentence::Restart { .. } => 'r',
                Sentence::Quarantine { .. } => 'q',
            });
        }
        assert_eq!(said, sentences);
    }

    #[test]
    fn the_last_strike_of_a_window_is_one_too_many() {
        check(3, 60, &[0, 1, 2], "rrq");
        check(3, 60, &[5, 5, 5], "rrq");
        check(1, 60, &[0], "q");
    }

    #[test]
    fn strikes_outside_of_the_window_are_forgotten() {
        check(3, 60, &[0, 30, 60, 90, 120], "rrrrr");
        check(3, 60, &[0, 30, 60, 61], "rrrq");
    }

    #[test]
    fn absurd_settings_stop_a_mod_at_once_or_let_it_begin_anew() {
        check(0, 60, &[0], "q");
        check(2, 0, &[0, 1, 2], "rrr");
    }
}
