//! [`Settle`]: decides when the files that events named are complete and worth reading.
//!
//! Events are grouped by the first part of their path, which is the mod: a mod whose files are being
//! written does not hold up the others. Only a burst over many files, and an unfinished operation of version
//! control, hold up all: what they bring belongs together. Time is an argument, so each case is a file in
//! `tests/settle`.

mod group;
mod rules;

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use super::event::{FileEvent, FileEventKind, Look, Root};
use group::{Group, PATHS_MAX, State, Waiting};

pub use rules::{QuietTime, SettleRules, Strategy};

/// Mods remembered; above it everything is looked at.
const GROUPS_MAX: usize = 10_000;
/// The span over which [`Strategy::Adaptive`] counts changes.
const RATE_SPAN: Duration = Duration::from_secs(1);

/// So many different places within [`BURST_SPAN`] are a burst. Three: who saves two files of one edit sees the
/// first at once.
const BURST_PLACES: usize = 3;
/// See [`BURST_PLACES`]. 50 ms: a formatter or a build writes faster, a person saves slower.
const BURST_SPAN: Duration = Duration::from_millis(50);

/// An operation of version control that takes longer is not waited for: its lock is probably a forgotten one.
/// 10 s: a checkout writes some ten thousand files in that time.
const OPERATION_MAX: Duration = Duration::from_secs(10);
/// The time between two looks at the lock of one.
const OPERATION_LOOK: Duration = Duration::from_millis(10);

/// How long a place that was held is believed: long enough for all of its mod to be held in turn.
const BELIEF_SPAN: Duration = Duration::from_secs(60);

/// What has settled and is to be read now.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Batch {
    /// Where to look, in order of the paths.
    pub looks: Vec<Look>,
    /// Whether everything is to be compared with the disk.
    pub rescan: bool,
    /// Whether that is so only because it was time to ([`FileEventKind::Poll`]): nobody knows what is complete.
    pub is_poll: bool,
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
    /// When it was time to look at everything.
    poll: Option<Duration>,
    /// When changes happened within [`RATE_SPAN`].
    recent: VecDeque<Duration>,
    /// Places that were held and had no event since, with the time when their wait was over.
    believed: BTreeMap<Look, Duration>,
    /// The places of the last events, with their times; never more than [`BURST_PLACES`].
    latest: VecDeque<(Look, Duration)>,
    /// The last event of the last burst.
    burst: Option<Duration>,
    /// Until when nothing is due since version control is at work.
    operation_until: Duration,
}

impl Settle {
    /// Nothing is waiting yet.
    pub fn new(rules: SettleRules) -> Settle {
        Settle {
            rules,
            groups: BTreeMap::new(),
            rescan: None,
            poll: None,
            recent: VecDeque::new(),
            believed: BTreeMap::new(),
            latest: VecDeque::new(),
            burst: None,
            operation_until: Duration::ZERO,
        }
    }

    /// Changes the rules; what is waiting goes on under the new ones.
    pub fn set_rules(&mut self, rules: SettleRules) {
        self.rules = rules;
    }

    /// Takes an event in, at the time it carries.
    pub fn event(&mut self, event: &FileEvent) {
        if event.kind == FileEventKind::Poll {
            self.poll = self.poll.or(Some(event.at));
            return;
        }
        if event.kind == FileEventKind::Rescan || event.look.path.is_empty() {
            return self.rescan_at(event.at);
        }
        let key = key(&event.look);
        if self.groups.len() >= GROUPS_MAX && !self.groups.contains_key(&key) {
            self.groups.clear();
            return self.rescan_at(event.at);
        }
        self.believed.remove(&event.look);
        self.note_burst(event);
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

    /// An operation of version control has begun `age` ago and is not finished: nothing is due before the next
    /// look at its lock. One that has begun too long ago is not waited for; the answer is whether this one is.
    pub fn wait_for_operation(&mut self, age: Duration, now: Duration) -> bool {
        let is_waited_for = age < OPERATION_MAX;
        if is_waited_for {
            self.operation_until = now + OPERATION_LOOK;
        }
        is_waited_for
    }

    /// Takes back what [`Settle::due`] handed out: it was read while version control was at work.
    pub fn take_back(&mut self, batch: &Batch) {
        let (first, last) = (batch.first_event, batch.last_event);
        for look in &batch.looks {
            let group = self.groups.entry(key(look));
            let group = group.or_insert_with(|| Group::new(first));
            group.first = group.first.min(first);
            group.last = group.last.max(last);
            let state = State::Complete;
            let waiting = group.waiting.entry(look.path.clone());
            waiting.or_insert(Waiting { state, last });
        }
        if batch.rescan {
            let (_, last) = self.rescan.unwrap_or((first, last));
            self.rescan = Some((first, last));
        }
    }

    /// Whether something waits in the mod of this folder, so that it may be read too early now.
    pub fn is_waiting(&self, folder: &str) -> bool {
        self.groups.contains_key(&(Root::Mods, folder.into()))
    }

    /// The folders of mods in which something waits.
    pub fn folders(&self) -> impl Iterator<Item = &str> {
        let keys = self.groups.keys();
        keys.filter(|key| key.0 == Root::Mods).map(|key| &*key.1)
    }

    /// Forgets that a place was waited for: it is another one by now, and no event told.
    pub fn doubt_anew(&mut self, look: &Look) {
        self.believed.remove(look);
    }

    /// What has settled by `now`, if anything has. It is handed out once.
    pub fn due(&mut self, now: Duration) -> Option<Batch> {
        if now < self.operation_until {
            return None;
        }
        let mut batch = Batch::default();
        self.believed.retain(|_, at| *at + BELIEF_SPAN > now);
        let latest = self.end_of_burst();
        let due: Vec<_> = self
            .groups
            .iter()
            .filter(|(key, group)| self.due_at(key, group, latest) <= now)
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
        if let Some(at) = self.poll.take() {
            batch.covers(at, at);
            batch.is_poll = !batch.rescan;
            batch.rescan = true;
        }
        (batch.rescan || !batch.looks.is_empty()).then_some(batch)
    }

    /// When [`Settle::due`] has something next, if nothing else happens; `None` while nothing waits.
    pub fn next_wake(&self) -> Option<Duration> {
        let latest = self.end_of_burst();
        let groups = self
            .groups
            .iter()
            .map(|(key, group)| self.due_at(key, group, latest));
        groups
            .chain(self.rescan.map(|r| self.rescan_due_at(r)))
            .chain(self.poll)
            .min()
            .map(|due| due.max(self.operation_until))
    }

    /// When the mods of a burst are due: with the last of them, if that is not more than a quiet period later.
    fn due_at(&self, key: &(Root, Arc<str>), group: &Group, latest: Duration) -> Duration {
        let own = group.due_at(&key.1, &self.rules, self.burst);
        if !self.is_of_burst(group) {
            return own;
        }
        let together = latest.min(own + self.rules.delay_of(&key.1));
        own.max(together).min(group.first + self.rules.delay_max)
    }

    /// When the last mod of a burst would be due by itself.
    fn end_of_burst(&self) -> Duration {
        let groups = self.groups.iter();
        let of_burst = groups.filter(|(_, group)| self.is_of_burst(group));
        let dues = of_burst.map(|(key, group)| group.due_at(&key.1, &self.rules, self.burst));
        dues.max().unwrap_or_default()
    }

    fn is_of_burst(&self, group: &Group) -> bool {
        let is_told_apart = matches!(self.rules.strategy, Strategy::Settle);
        is_told_apart && self.burst.is_some_and(|last| group.first <= last)
    }

    /// Notes whether so many places were written of late that more are to be expected. What is gone again was a
    /// step on the way to another file.
    fn note_burst(&mut self, event: &FileEvent) {
        let at = event.at;
        if event.kind.is_unfinished() || event.kind == FileEventKind::Attributes {
            return;
        }
        self.latest
            .retain(|(look, last)| *look != event.look && *last + BURST_SPAN > at);
        if event.kind == FileEventKind::Removed {
            return;
        }
        self.latest.push_back((event.look.clone(), at));
        if self.latest.len() > BURST_PLACES {
            self.latest.pop_front();
        }
        if self.latest.len() == BURST_PLACES {
            self.burst = Some(at);
        }
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

fn key(look: &Look) -> (Root, Arc<str>) {
    (look.root, look.first_part().into())
}
