//! [`Settle`]: decides when the files that events named are complete and worth reading.
//!
//! Events are grouped by the first part of their path, which is the mod: a mod whose files are being
//! written does not hold up the others. Time is an argument, so each case is a file in `tests/settle`.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use super::event::{FileEvent, FileEventKind, Look, Root};
use crate::settings::{Debounce, HotReload};

/// Paths remembered of one mod; above it the whole mod is looked at.
const PATHS_MAX: usize = 1_000;
/// Mods remembered; above it everything is looked at.
const GROUPS_MAX: usize = 10_000;
/// The span over which [`Strategy::Adaptive`] counts changes.
const RATE_SPAN: Duration = Duration::from_secs(1);

/// How long a place that was held is believed: long enough for all of its mod to be held in turn.
const BELIEF_SPAN: Duration = Duration::from_secs(60);

/// A host's own quiet time: how long after the last of these events of one mod to wait.
pub type QuietTime = Box<dyn Fn(&[FileEvent]) -> Duration + Send>;

/// When a group of events counts as settled.
pub enum Strategy {
    /// Used by default: at once when every file is complete; otherwise after `delay` without a sign
    /// from those that are not.
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
    /// The shortest quiet time of [`Strategy::Adaptive`], and of files that are held.
    pub delay_min: Duration,
    /// The longest wait of all, from the first event of a group.
    pub delay_max: Duration,
    /// Mods with a `delay` of their own, by folder.
    pub delays: BTreeMap<Arc<str>, Duration>,
}

impl SettleRules {
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

/// What has settled and is to be read now.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Batch {
    /// Where to look, in order of the paths.
    pub looks: Vec<Look>,
    /// Whether everything is to be compared with the disk.
    pub rescan: bool,
    /// The time of the first event.
    pub first_event: Duration,
    /// The time of the last event.
    pub last_event: Duration,
}

impl Batch {
    fn covers(&mut self, first: Duration, last: Duration) {
        let is_new = self.looks.is_empty() && !self.rescan;
        self.first_event = if is_new {
            first
        } else {
            self.first_event.min(first)
        };
        self.last_event = self.last_event.max(last);
    }
}

/// Collects events until the files they name are complete.
pub struct Settle {
    rules: SettleRules,
    groups: BTreeMap<(Root, Arc<str>), Group>,
    /// The first and the last time that events were lost.
    rescan: Option<(Duration, Duration)>,
    /// When changes happened within [`RATE_SPAN`].
    recent: VecDeque<Duration>,
    /// Places that were held and had no event since, with the time when their wait was over.
    believed: BTreeMap<Look, Duration>,
}

/// The events of one mod.
struct Group {
    first: Duration,
    last: Duration,
    waiting: BTreeMap<Arc<str>, Waiting>,
    /// The quiet time as it is now, for the strategies that compute one.
    quiet: Duration,
    /// What a host's own function is asked about.
    events: Vec<FileEvent>,
}

#[derive(Clone, Copy)]
struct Waiting {
    state: State,
    /// The last sign of it.
    last: Duration,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Complete,
    /// A file that is being written.
    Open,
    /// A folder that is being filled.
    Filling,
    /// Read, and doubted.
    Held,
}

impl Settle {
    /// Nothing is waiting yet.
    pub fn new(rules: SettleRules) -> Settle {
        Settle {
            rules,
            groups: BTreeMap::new(),
            rescan: None,
            recent: VecDeque::new(),
            believed: BTreeMap::new(),
        }
    }

    /// Changes the rules; what is waiting goes on under the new ones.
    pub fn set_rules(&mut self, rules: SettleRules) {
        self.rules = rules;
    }

    /// Takes an event in, at the time it carries.
    pub fn event(&mut self, event: &FileEvent) {
        if event.kind == FileEventKind::Rescan || event.look.path.is_empty() {
            return self.rescan_at(event.at);
        }
        let key = key(&event.look);
        if self.groups.len() >= GROUPS_MAX && !self.groups.contains_key(&key) {
            self.groups.clear();
            return self.rescan_at(event.at);
        }
        self.believed.remove(&event.look);
        let quiet = self.adaptive_quiet(event);
        let group = self
            .groups
            .entry(key)
            .or_insert_with(|| Group::new(event.at));
        group.event(event);
        group.quiet = match &self.rules.strategy {
            Strategy::Custom(quiet_time) => {
                if group.events.len() < PATHS_MAX {
                    group.events.push(event.clone());
                }
                quiet_time(&group.events)
            }
            _ => quiet,
        };
    }

    /// Puts back places that were read and looked as if their writers were between two steps (see
    /// [`super::doubtful`]): they wait one more quiet period. Returns whether any does: then nothing that
    /// was read of their mod should be used yet. A place that has waited is believed, until its next
    /// event; one with a newer event stays as it is.
    pub fn hold(&mut self, looks: &[Look], now: Duration) -> bool {
        let mut is_any_held = false;
        for look in looks {
            if self.believed.contains_key(look) {
                continue;
            }
            is_any_held = true;
            let group = self
                .groups
                .entry(key(look))
                .or_insert_with(|| Group::new(now));
            group.waiting.entry(look.path.clone()).or_insert(Waiting {
                state: State::Held,
                last: now,
            });
        }
        is_any_held
    }

    /// What has settled by `now`, if anything has. It is handed out once.
    pub fn due(&mut self, now: Duration) -> Option<Batch> {
        let mut batch = Batch::default();
        self.believed.retain(|_, at| *at + BELIEF_SPAN > now);
        let due: Vec<_> = self
            .groups
            .iter()
            .filter(|(key, group)| group.due_at(&key.1, &self.rules) <= now)
            .map(|(key, _)| key.clone())
            .collect();
        for key in due {
            let Some(group) = self.groups.remove(&key) else {
                continue;
            };
            batch.covers(group.first, group.last);
            for (path, waiting) in group.waiting {
                let look = Look { root: key.0, path };
                if waiting.state == State::Held {
                    self.believed.insert(look.clone(), now);
                }
                batch.looks.push(look);
            }
        }
        if let Some((first, last)) = self.rescan.filter(|r| self.rescan_due_at(*r) <= now) {
            batch.covers(first, last);
            batch.rescan = true;
            self.rescan = None;
        }
        (batch.rescan || !batch.looks.is_empty()).then_some(batch)
    }

    /// When [`Settle::due`] has something next, if nothing else happens; `None` while nothing waits.
    pub fn next_wake(&self) -> Option<Duration> {
        let groups = self
            .groups
            .iter()
            .map(|(key, group)| group.due_at(&key.1, &self.rules));
        groups
            .chain(self.rescan.map(|r| self.rescan_due_at(r)))
            .min()
    }

    fn rescan_at(&mut self, at: Duration) {
        let first = self.rescan.map_or(at, |(first, _)| first);
        self.rescan = Some((first, at));
    }

    fn rescan_due_at(&self, (first, last): (Duration, Duration)) -> Duration {
        (last + self.rules.delay).min(first + self.rules.delay_max)
    }

    /// Counts the change; an event of a path just counted is the same change.
    fn adaptive_quiet(&mut self, event: &FileEvent) -> Duration {
        let rules = &self.rules;
        let at = event.at;
        while self.recent.front().is_some_and(|t| *t + RATE_SPAN <= at) {
            self.recent.pop_front();
        }
        let group = self.groups.get(&key(&event.look));
        let seen = group.and_then(|group| group.waiting.get(&event.look.path));
        let is_new = seen.is_none_or(|seen| seen.last + rules.delay_min < at);
        if is_new && self.recent.len() < PATHS_MAX {
            self.recent.push_back(at);
        }
        let changes = u32::try_from(self.recent.len()).unwrap_or(u32::MAX);
        rules.delay_min.saturating_mul(changes)
    }
}

impl Group {
    fn new(at: Duration) -> Group {
        Group {
            first: at,
            last: at,
            waiting: BTreeMap::new(),
            quiet: Duration::ZERO,
            events: Vec::new(),
        }
    }

    fn event(&mut self, event: &FileEvent) {
        self.last = self.last.max(event.at);
        if self.is_below_filling_folder(event) {
            return;
        }
        let before = self.waiting.get(&event.look.path).map(|w| w.state);
        let state = match event.kind {
            // Says nothing of a write in progress.
            FileEventKind::Attributes => before.unwrap_or(State::Complete),
            FileEventKind::FolderCreated => State::Filling,
            kind if kind.is_unfinished() => State::Open,
            _ => State::Complete,
        };
        let last = event.at;
        self.waiting
            .insert(event.look.path.clone(), Waiting { state, last });
        if self.waiting.len() > PATHS_MAX {
            self.waiting.clear();
            let state = State::Filling;
            self.waiting
                .insert(event.look.first_part().into(), Waiting { state, last });
        }
    }

    /// A folder that is being filled is looked at as a whole; this is a sign that it still is.
    fn is_below_filling_folder(&mut self, event: &FileEvent) -> bool {
        let path = &event.look.path;
        for (end, _) in path.match_indices('/') {
            if let Some(folder) = self.waiting.get_mut(&path[..end])
                && folder.state == State::Filling
            {
                folder.last = event.at;
                return true;
            }
        }
        false
    }

    fn due_at(&self, folder: &str, rules: &SettleRules) -> Duration {
        let delay = rules.delays.get(folder).copied().unwrap_or(rules.delay);
        let settled = match &rules.strategy {
            Strategy::Settle => self
                .last_of(|state| state == State::Open || state == State::Filling)
                .map_or(self.last, |last| last + delay),
            Strategy::Fixed => self.last + delay,
            Strategy::Adaptive => self.last + self.quiet.max(rules.delay_min),
            Strategy::Custom(_) => self.last + self.quiet,
        };
        let held = self
            .last_of(|state| state == State::Held)
            .map_or(Duration::ZERO, |last| last + delay.max(rules.delay_min));
        settled.max(held).min(self.first + rules.delay_max)
    }

    fn last_of(&self, is_meant: impl Fn(State) -> bool) -> Option<Duration> {
        let meant = self.waiting.values().filter(|w| is_meant(w.state));
        meant.map(|w| w.last).max()
    }
}

fn key(look: &Look) -> (Root, Arc<str>) {
    (look.root, look.first_part().into())
}
