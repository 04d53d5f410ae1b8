//! What the queue does with requests, alone and against a plain model of it.

use proptest::prelude::*;

use super::*;
use crate::change::Kind;
use crate::files::FileChangeKind;
use crate::reload::Cause;

fn settings(max_pending_reloads: usize, priority_handling: bool) -> settings::ReloadQueue {
    settings::ReloadQueue {
        max_pending_reloads,
        reload_timeout: 30,
        priority_handling,
    }
}

fn request(mod_id: &str, priority: Priority, since_ms: u64) -> ReloadRequest {
    let cause = Cause::FileChanged {
        path: "scripts/main.lua".into(),
        change: FileChangeKind::Edited,
    };
    ReloadRequest {
        priority,
        ..ReloadRequest::new(
            mod_id.parse().unwrap(),
            Kind::Script,
            cause,
            Duration::from_millis(since_ms),
        )
    }
}

fn ids(requests: &[ReloadRequest]) -> Vec<&str> {
    requests.iter().map(|r| r.mod_id.as_str()).collect()
}

#[test]
fn the_highest_priority_comes_first_and_the_oldest_within_it() {
    let mut queue = ReloadQueue::new(&settings(100, true));
    for (mod_id, priority, since) in [
        ("later", Priority::Normal, 2),
        ("low", Priority::Low, 0),
        ("sooner", Priority::Normal, 1),
        ("urgent", Priority::Critical, 3),
        ("sooner-too", Priority::Normal, 1),
    ] {
        queue.push(request(mod_id, priority, since));
    }
    assert_eq!(
        ids(&queue.take_all()),
        ["urgent", "sooner", "sooner-too", "later", "low"]
    );
}

#[test]
fn without_priorities_the_oldest_comes_first() {
    let mut queue = ReloadQueue::new(&settings(100, false));
    queue.push(request("second", Priority::Critical, 2));
    queue.push(request("first", Priority::Low, 1));
    assert_eq!(ids(&queue.take_all()), ["first", "second"]);
}

#[test]
fn a_merge_that_raises_the_priority_moves_the_entry_forward() {
    let mut queue = ReloadQueue::new(&settings(100, true));
    queue.push(request("first", Priority::Normal, 1));
    queue.push(request("second", Priority::Normal, 2));
    let merged = queue.push(request("second", Priority::High, 3));
    assert_eq!(merged, Pushed::Merged);
    assert_eq!(ids(&queue.take_all()), ["second", "first"]);
}

#[test]
fn a_full_queue_collapses_into_one_rescan_and_keeps_what_only_it_knows() {
    let mut queue = ReloadQueue::new(&settings(3, true));
    queue.push(request("saved", Priority::Normal, 1));
    queue.push(request("asked", Priority::High, 1));
    let of_base = Cause::DependencyChanged {
        mod_id: "base".parse().unwrap(),
    };
    let dependent = "dependent".parse().unwrap();
    let since = Duration::from_millis(1);
    queue.push(ReloadRequest::new(dependent, Kind::Script, of_base, since));
    assert!(!queue.needs_rescan());

    assert_eq!(
        queue.push(request("one-more", Priority::Normal, 2)),
        Pushed::Collapsed
    );
    assert_eq!(
        queue.push(request("urgent", Priority::Critical, 2)),
        Pushed::New
    );
    assert!(queue.needs_rescan());
    assert_eq!(ids(&queue.take_all()), ["urgent", "asked", "dependent"]);
    assert!(!queue.is_empty(), "the rescan is still to be made");
    assert!(queue.take_rescan());
    assert!(queue.is_empty());
    assert_eq!(
        queue.push(request("saved", Priority::Normal, 3)),
        Pushed::New
    );
}

/// The same queue, slow and plain: a list that is searched.
#[derive(Default)]
struct Plain {
    entries: Vec<ReloadRequest>,
    needs_rescan: bool,
}

impl Plain {
    fn push(&mut self, request: ReloadRequest, pending_max: usize) -> Pushed {
        if let Some(entry) = self.entries.iter_mut().find(|e| e.mod_id == request.mod_id) {
            entry.merge(request);
            return Pushed::Merged;
        }
        if self.entries.len() >= pending_max && !self.needs_rescan {
            self.entries.retain(|e| e.priority >= Priority::High);
            self.needs_rescan = true;
        }
        if self.needs_rescan && request.priority < Priority::High {
            return Pushed::Collapsed;
        }
        self.entries.push(request);
        Pushed::New
    }

    fn pop(&mut self, priority_handling: bool) -> Option<ReloadRequest> {
        let mut first: Option<usize> = None;
        for (index, entry) in self.entries.iter().enumerate() {
            let is_sooner = first.is_none_or(|first| {
                let first = &self.entries[first];
                if priority_handling && entry.priority != first.priority {
                    entry.priority > first.priority
                } else {
                    entry.since < first.since
                }
            });
            if is_sooner {
                first = Some(index);
            }
        }
        first.map(|index| self.entries.remove(index))
    }
}

#[derive(Clone, Debug)]
enum Do {
    Push(ReloadRequest),
    Pop,
    TakeRescan,
}

fn priorities() -> impl Strategy<Value = Priority> {
    use Priority::*;
    proptest::sample::select(vec![Low, Normal, High, Critical])
}

fn actions() -> impl Strategy<Value = Do> {
    let push = ("[a-h]", priorities(), 0..20u64)
        .prop_map(|(name, priority, since)| Do::Push(request(&name.repeat(2), priority, since)));
    prop_oneof![6 => push, 2 => Just(Do::Pop), 1 => Just(Do::TakeRescan)]
}

proptest! {
    #[test]
    fn the_queue_does_what_a_plain_list_does(
        actions in proptest::collection::vec(actions(), 0..80),
        pending_max in 0..6usize,
        priority_handling: bool,
    ) {
        let mut queue = ReloadQueue::new(&settings(pending_max, priority_handling));
        let mut plain = Plain::default();
        for action in actions {
            match action {
                Do::Push(request) => prop_assert_eq!(
                    queue.push(request.clone()),
                    plain.push(request, pending_max)
                ),
                Do::Pop => prop_assert_eq!(queue.pop(), plain.pop(priority_handling)),
                Do::TakeRescan => prop_assert_eq!(
                    queue.take_rescan(),
                    std::mem::take(&mut plain.needs_rescan)
                ),
            }
            prop_assert_eq!(queue.len(), plain.entries.len());
            prop_assert_eq!(queue.is_empty(), plain.entries.is_empty() && !plain.needs_rescan);
        }
        let rest: Vec<_> = std::iter::from_fn(|| plain.pop(priority_handling)).collect();
        prop_assert_eq!(queue.take_all(), rest);
    }

    #[test]
    fn merging_is_commutative_in_all_but_the_order_of_causes(
        kinds in (0..4usize, 0..4usize),
        priorities in (priorities(), priorities()),
        since in (0..9u64, 0..9u64),
        attempts in (0..4u32, 0..4u32),
    ) {
        let all = [Kind::Asset, Kind::Config, Kind::Script, Kind::Full];
        let make = |kind: usize, priority, since, attempt| ReloadRequest {
            kind: all[kind],
            causes: Cause::Retry { attempt }.into(),
            ..request("economy", priority, since)
        };
        let a = make(kinds.0, priorities.0, since.0, attempts.0);
        let b = make(kinds.1, priorities.1, since.1, attempts.1);
        let (mut ab, mut ba) = (a.clone(), b.clone());
        ab.merge(b.clone());
        ba.merge(a.clone());
        let causes = |r: &ReloadRequest| {
            let mut causes: Vec<_> = r.causes.iter().map(Cause::to_string).collect();
            causes.sort();
            causes
        };
        prop_assert_eq!((ab.kind, ab.priority, ab.since), (ba.kind, ba.priority, ba.since));
        prop_assert_eq!(causes(&ab), causes(&ba));
        prop_assert_eq!(ab.kind, a.kind.max(b.kind));
        for cause in a.causes.iter().chain(b.causes.iter()) {
            prop_assert!(ab.causes.iter().any(|kept| kept == cause), "{} is lost", cause);
        }
    }
}
