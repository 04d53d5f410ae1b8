//! [`SettleRules`]: how long to wait for what.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use crate::change::FileEvent;
use crate::settings::{Debounce, HotReload};

/// A host's own quiet time: how long after the last of these events of one mod to wait.
pub type QuietTime = Box<dyn Fn(&[FileEvent]) -> Duration + Send>;

/// When a group of events counts as settled.
pub enum Strategy {
    /// Used by default: at once when every file is complete; otherwise after `delay` without a sign
    /// from those that are not. A burst over many files waits `delay_min` for its end.
    Settle,
    /// Used where a constant quiet time is wanted: `delay` after the last event.
    Fixed,
    /// Used where bursts differ much: each change of the last second adds `delay_min` to the quiet time.
    Adaptive,
    /// Used by hosts that know better; called with the first thousand events of the mod.
    Custom(QuietTime),
}

/// How long to wait for what.
pub struct SettleRules {
    /// When a group counts as settled.
    pub strategy: Strategy,
    /// The quiet time; see [`Strategy`].
    pub delay: Duration,
    /// The shortest quiet time of [`Strategy::Adaptive`], of files that are held, and of a burst.
    pub delay_min: Duration,
    /// The longest wait of all, from the first event of a group.
    pub delay_max: Duration,
    /// Mods with a `delay` of their own, by folder.
    pub delays: BTreeMap<Arc<str>, Duration>,
}

impl SettleRules {
    /// The quiet time of the mod in this folder.
    pub(super) fn delay_of(&self, folder: &str) -> Duration {
        self.delays.get(folder).copied().unwrap_or(self.delay)
    }

    /// The rules that the settings ask for, without those of single mods. `tells_close` says whether the
    /// system tells when a file is complete; where it does not, a file waits `debounce_min`.
    pub fn from_settings(settings: &HotReload, tells_close: bool) -> SettleRules {
        let (strategy, delay) = match settings.debounce {
            Debounce::Settle if tells_close => (Strategy::Settle, settings.debounce_delay),
            Debounce::Settle => (
                Strategy::Settle,
                settings.debounce_min.min(settings.debounce_delay),
            ),
            Debounce::Fixed => (Strategy::Fixed, settings.debounce_delay),
            Debounce::Adaptive => (Strategy::Adaptive, settings.debounce_delay),
        };
        SettleRules {
            strategy,
            delay: Duration::from_millis(delay),
            delay_min: Duration::from_millis(settings.debounce_min),
            delay_max: Duration::from_millis(settings.debounce_max),
            delays: BTreeMap::new(),
        }
    }
}
