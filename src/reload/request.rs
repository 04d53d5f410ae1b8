//! [`ReloadRequest`]: the wish that a mod be looked at: how widely, how soon, and why.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use serde::Serialize;

use crate::change::Kind;
use crate::files::FileChangeKind;
use crate::mod_id::ModId;

/// The wish that a mod be looked at: how widely, how soon, and why.
///
/// Two requests for one mod [`merge`](ReloadRequest::merge) into one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReloadRequest {
    /// The mod.
    pub mod_id: ModId,
    /// How wide the effect may be.
    pub kind: Kind,
    /// How soon.
    pub priority: Priority,
    /// Why.
    pub causes: Causes,
    /// When the oldest of the causes was noticed, since a start that the caller chose.
    pub since: Duration,
}

impl ReloadRequest {
    /// A request with one cause; the cause decides the priority.
    ///
    /// ```
    /// use std::time::Duration;
    /// use lunation::change::Kind;
    /// use lunation::reload::{Cause, Priority, ReloadRequest};
    ///
    /// let cause = Cause::Asked { by: "the editor".into() };
    /// let request = ReloadRequest::new("economy".parse()?, Kind::Script, cause, Duration::ZERO);
    /// assert_eq!(request.priority, Priority::High);
    /// # Ok::<(), lunation::InvalidModId>(())
    /// ```
    pub fn new(mod_id: ModId, kind: Kind, cause: Cause, since: Duration) -> ReloadRequest {
        ReloadRequest {
            mod_id,
            kind,
            priority: cause.priority(),
            causes: cause.into(),
            since,
        }
    }

    /// Takes another request for the same mod in: the wider kind, the higher priority, every cause,
    /// the oldest time.
    pub fn merge(&mut self, other: ReloadRequest) {
        debug_assert_eq!(self.mod_id, other.mod_id, "requests of two mods");
        self.kind = self.kind.max(other.kind);
        self.priority = self.priority.max(other.priority);
        self.since = self.since.min(other.since);
        self.causes.take_in(other.causes);
    }

    /// Whether comparing the files with the disk once more would lead to this request again, so that
    /// dropping it in favour of a rescan loses nothing.
    pub fn is_found_by_rescan(&self) -> bool {
        self.priority < Priority::High
            && self
                .causes
                .iter()
                .all(|cause| cause.weight() == Weight::OnDisk)
    }
}

/// How soon a request is served. Within a priority the oldest comes first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum Priority {
    /// Used for: what a rescan in the background finds.
    Low,
    /// Used for: a file that was saved.
    Normal,
    /// Used for: what a person asked for, and retries.
    High,
    /// Used for: rollback, restart, quarantine and removal.
    Critical,
}

/// Why a mod should be looked at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "cause", rename_all = "kebab-case")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum Cause {
    /// Used for a file that was written, made or deleted.
    FileChanged {
        /// The path, relative to the mod.
        path: Arc<str>,
        /// What happened to it.
        change: FileChangeKind,
    },
    /// Used for what a rescan of the folder finds, where nothing says which file it was.
    Rescan,
    /// Used when the mod's place among the others may be another one: one of them came, went, or
    /// has another manifest.
    ResolutionChanged,
    /// Used when a dependency stopped offering what this mod used.
    DependencyChanged {
        /// The dependency.
        #[serde(rename = "mod")]
        mod_id: ModId,
    },
    /// Used when a person or a program asks.
    Asked {
        /// Who asks, in words: `the host`, `lunation reload`.
        by: Arc<str>,
    },
    /// Used for trying again what failed for a reason that may have passed.
    Retry {
        /// Which retry this is, from 1.
        attempt: u32,
    },
    /// Used for a mod whose folder is gone or that was switched off.
    Removed,
    /// Used for going back to an earlier generation.
    Rollback {
        /// The generation to go back to.
        to: u64,
    },
    /// Used for a mod that broke a limit: the same code begins anew.
    Restart {
        /// Why; completes "because it …".
        because: Arc<str>,
    },
    /// Used for a mod that broke its limits and must stop.
    Quarantine {
        /// Why; completes "because it …".
        because: Arc<str>,
    },
}

/// What becomes of a cause when there are too many, or when the queue collapses.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Weight {
    /// Used for what the files tell again.
    OnDisk,
    /// Used for what forces a reload and is written nowhere else.
    Forcing,
    /// Used for what decides more than a reload.
    Deciding,
}

impl Cause {
    /// The priority of a request with this cause alone.
    pub fn priority(&self) -> Priority {
        match self {
            Cause::Rescan => Priority::Low,
            Cause::FileChanged { .. }
            | Cause::ResolutionChanged
            | Cause::DependencyChanged { .. } => Priority::Normal,
            Cause::Asked { .. } | Cause::Retry { .. } => Priority::High,
            Cause::Removed
            | Cause::Rollback { .. }
            | Cause::Restart { .. }
            | Cause::Quarantine { .. } => Priority::Critical,
        }
    }

    pub(super) fn weight(&self) -> Weight {
        match self {
            Cause::FileChanged { .. }
            | Cause::Rescan
            | Cause::ResolutionChanged
            | Cause::Removed => Weight::OnDisk,
            Cause::DependencyChanged { .. } | Cause::Asked { .. } | Cause::Retry { .. } => {
                Weight::Forcing
            }
            Cause::Rollback { .. } | Cause::Restart { .. } | Cause::Quarantine { .. } => {
                Weight::Deciding
            }
        }
    }
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Cause::FileChanged { path, change } => write!(f, "{path} {}", change_word(*change)),
            Cause::Rescan => f.write_str("rescan"),
            Cause::ResolutionChanged => f.write_str("the resolution changed"),
            Cause::DependencyChanged { mod_id } => {
                write!(f, "{mod_id} changed what it offers")
            }
            Cause::Asked { by } => write!(f, "asked by {by}"),
            Cause::Retry { attempt } => write!(f, "retry {attempt}"),
            Cause::Removed => f.write_str("removed"),
            Cause::Rollback { to } => write!(f, "rollback to gen {to}"),
            Cause::Restart { because } => write!(f, "begins anew because it {because}"),
            Cause::Quarantine { because } => write!(f, "quarantined because it {because}"),
        }
    }
}

/// What happened to a file, as the end of a sentence.
pub(super) fn change_word(change: FileChangeKind) -> &'static str {
    match change {
        FileChangeKind::Added => "appeared",
        FileChangeKind::Edited => "changed",
        FileChangeKind::Deleted => "was deleted",
    }
}

/// The most causes that one request keeps; the others are counted. 100 are more than anybody reads.
const CAUSES_MAX: usize = 100;

/// The causes of one request: each once, in the order in which they came, at most a hundred.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Causes {
    kept: Vec<Cause>,
    more: usize,
}

impl Causes {
    /// The causes that were kept.
    pub fn iter(&self) -> std::slice::Iter<'_, Cause> {
        self.kept.iter()
    }

    /// How many causes came after the limit was reached and were only counted.
    pub fn more(&self) -> usize {
        self.more
    }

    /// Puts a cause in, once. At the limit it takes the place of a lighter one, so that a reload that
    /// was asked for is not forgotten among file changes, or it is only counted.
    pub fn insert(&mut self, cause: Cause) {
        if self.kept.contains(&cause) {
            return;
        }
        if self.kept.len() < CAUSES_MAX {
            self.kept.push(cause);
            return;
        }
        self.more = self.more.saturating_add(1);
        if let Some(lightest) = self.kept.iter_mut().min_by_key(|kept| kept.weight())
            && lightest.weight() < cause.weight()
        {
            *lightest = cause;
        }
    }

    fn take_in(&mut self, other: Causes) {
        self.more = self.more.saturating_add(other.more);
        other.kept.into_iter().for_each(|cause| self.insert(cause));
    }
}

impl From<Cause> for Causes {
    fn from(cause: Cause) -> Self {
        Causes {
            kept: vec![cause],
            more: 0,
        }
    }
}

impl FromIterator<Cause> for Causes {
    fn from_iter<I: IntoIterator<Item = Cause>>(causes: I) -> Self {
        let mut all = Causes::default();
        causes.into_iter().for_each(|cause| all.insert(cause));
        all
    }
}

impl fmt::Display for Causes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, cause) in self.kept.iter().enumerate() {
            let separator = if index == 0 { "" } else { ", " };
            write!(f, "{separator}{cause}")?;
        }
        if self.more > 0 {
            write!(f, " and {} more", self.more)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn saved(path: &str) -> Cause {
        Cause::FileChanged {
            path: path.into(),
            change: FileChangeKind::Edited,
        }
    }

    fn asked() -> Cause {
        Cause::Asked {
            by: "the host".into(),
        }
    }

    fn request(kind: Kind, cause: Cause, since: u64) -> ReloadRequest {
        ReloadRequest::new(
            "economy".parse().unwrap(),
            kind,
            cause,
            Duration::from_secs(since),
        )
    }

    #[test]
    fn merging_keeps_the_wider_kind_the_higher_priority_every_cause_and_the_oldest_time() {
        let mut merged = request(Kind::Script, saved("scripts/main.lua"), 2);
        merged.merge(request(Kind::Asset, asked(), 1));
        assert_eq!(merged.kind, Kind::Script);
        assert_eq!(merged.priority, Priority::High);
        assert_eq!(merged.since, Duration::from_secs(1));
        assert_eq!(
            merged.causes.to_string(),
            "scripts/main.lua changed, asked by the host"
        );
    }

    #[test]
    fn the_same_cause_twice_is_one_cause() {
        let causes: Causes = [saved("a"), saved("a")].into_iter().collect();
        assert_eq!(causes.to_string(), "a changed");
    }

    #[test]
    fn beyond_the_limit_causes_are_counted_but_a_forcing_one_is_never_forgotten() {
        let mut causes: Causes = (0..CAUSES_MAX + 7).map(|n| saved(&n.to_string())).collect();
        assert_eq!((causes.iter().len(), causes.more()), (CAUSES_MAX, 7));
        causes.insert(asked());
        assert_eq!((causes.iter().len(), causes.more()), (CAUSES_MAX, 8));
        assert!(causes.iter().any(|cause| *cause == asked()));
        assert!(causes.to_string().ends_with("and 8 more"));
    }

    #[test]
    fn only_what_the_disk_tells_again_may_give_way_to_a_rescan() {
        let found = |cause| request(Kind::Script, cause, 0).is_found_by_rescan();
        assert!(found(saved("a")));
        assert!(found(Cause::ResolutionChanged));
        assert!(!found(asked()));
        let of = "base".parse().unwrap();
        assert!(!found(Cause::DependencyChanged { mod_id: of }));
    }
}
