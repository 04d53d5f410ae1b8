//! [`EmittedEvents`]: the events of mods that wait to be delivered, with a share for each mod.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use crate::lua::Caller;
use crate::mod_id::ModId;
use crate::settings::Limits;
use crate::value::Value;

/// Events that wait, of all mods together. 10,000: ten mods have their full share then.
const EVENTS_MAX: usize = 10_000;

/// Bytes of their payloads together. They lie outside of every mod's memory limit. 64 MiB.
const EVENTS_BYTES_MAX: usize = 64 * 1024 * 1024;

/// An event of a mod on its way. It is plain data: it arrives even when its generation is gone by then.
pub(super) struct Emitted {
    pub(super) from: ModId,
    pub(super) event: Arc<str>,
    pub(super) payload: Value,
    generation: u64,
    bytes: usize,
}

/// The events that wait, oldest first.
#[derive(Default)]
pub(super) struct EmittedEvents {
    events: VecDeque<Emitted>,
    all: Share,
    by_mod: BTreeMap<ModId, Share>,
    /// How many each mod has emitted, ever.
    emitted: BTreeMap<ModId, u64>,
}

/// So many events, and so many bytes.
#[derive(Clone, Copy, Default)]
struct Share {
    events: usize,
    bytes: usize,
}

impl EmittedEvents {
    /// Takes an event in.
    ///
    /// # Errors
    /// The limit that would be passed, in words for the mod.
    pub(super) fn push(
        &mut self,
        from: Caller<'_>,
        event: &str,
        payload: Value,
        limits: &Limits,
    ) -> Result<(), String> {
        let bytes = payload.size();
        let own = self.by_mod.get(from.mod_id).copied().unwrap_or_default();
        has_room(own, self.all, bytes, limits)?;
        match self.by_mod.get_mut(from.mod_id) {
            Some(share) => share.add(bytes),
            None => {
                let share = self.by_mod.entry(from.mod_id.clone()).or_default();
                share.add(bytes);
            }
        }
        match self.emitted.get_mut(from.mod_id) {
            Some(count) => *count += 1,
            None => drop(self.emitted.insert(from.mod_id.clone(), 1)),
        }
        self.all.add(bytes);
        self.events.push_back(Emitted {
            from: from.mod_id.clone(),
            event: event.into(),
            payload,
            generation: from.generation,
            bytes,
        });
        Ok(())
    }

    /// The oldest event.
    pub(super) fn pop(&mut self) -> Option<Emitted> {
        let event = self.events.pop_front()?;
        self.all.take(event.bytes);
        if let Some(share) = self.by_mod.get_mut(&event.from) {
            share.take(event.bytes);
        }
        if self.events.is_empty() {
            self.by_mod.clear();
        }
        Some(event)
    }

    /// How many events a mod has emitted.
    pub(super) fn emitted(&self, mod_id: &ModId) -> u64 {
        self.emitted.get(mod_id).copied().unwrap_or_default()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.events.is_empty()
    }

    /// How many there are, by mod, generation and event.
    pub(super) fn counts(&self) -> BTreeMap<(ModId, u64, Arc<str>), usize> {
        let mut counts = BTreeMap::new();
        for event in &self.events {
            let whose = (event.from.clone(), event.generation, event.event.clone());
            *counts.entry(whose).or_default() += 1;
        }
        counts
    }
}

impl Share {
    fn add(&mut self, bytes: usize) {
        self.events += 1;
        self.bytes += bytes;
    }

    fn take(&mut self, bytes: usize) {
        self.events -= 1;
        self.bytes -= bytes;
    }
}

/// Refuses an event of `bytes` that its mod, or all together, have no room for. A single one is taken however
/// large it is: the memory of its mod bounds it.
fn has_room(own: Share, all: Share, bytes: usize, limits: &Limits) -> Result<(), String> {
    let (events_max, bytes_max) = (limits.queued_events, limits.queued_bytes);
    if own.events >= events_max {
        return Err(format!(
            "mod.emit: {events_max} events of this mod wait already (limits.queued_events in lunation.toml); does it answer itself in a loop?"
        ));
    }
    if own.events > 0 && own.bytes + bytes > bytes_max {
        return Err(format!(
            "mod.emit: the events of this mod that wait have more than {bytes_max} bytes (limits.queued_bytes in lunation.toml); send less with each"
        ));
    }
    if all.events >= EVENTS_MAX || (all.events > 0 && all.bytes + bytes > EVENTS_BYTES_MAX) {
        return Err(format!(
            "mod.emit: the events that wait are more than {EVENTS_MAX}, or than {EVENTS_BYTES_MAX} bytes, of all mods together; emit it again later"
        ));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn push(events: &mut EmittedEvents, from: &str, payload: &str) -> Result<(), String> {
        let limits = Limits {
            queued_events: 3,
            queued_bytes: 200,
            ..Limits::default()
        };
        let from = Caller {
            mod_id: &from.parse().unwrap(),
            generation: 1,
            is_staged: false,
        };
        events.push(from, "event", payload.into(), &limits)
    }

    #[test]
    fn a_mod_has_its_share_and_leaves_the_rest_to_others() {
        let mut events = EmittedEvents::default();
        for _ in 0..3 {
            push(&mut events, "loud", "x").unwrap();
        }
        let why = push(&mut events, "loud", "x").unwrap_err();
        assert!(why.contains("limits.queued_events"), "{why}");
        push(&mut events, "quiet", "x").unwrap();
        let counts: Vec<_> = events.counts().into_iter().collect();
        let count = |mod_id: &str, n| ((mod_id.parse().unwrap(), 1, "event".into()), n);
        assert_eq!(counts, [count("loud", 3), count("quiet", 1)]);
        events.pop().unwrap();
        push(&mut events, "loud", "x").unwrap();
    }

    #[test]
    fn bytes_are_counted_and_given_back() {
        let mut events = EmittedEvents::default();
        let large = "x".repeat(1000);
        push(&mut events, "loud", &large).expect("one event may be large");
        let why = push(&mut events, "loud", "x").unwrap_err();
        assert!(why.contains("limits.queued_bytes"), "{why}");
        assert!(events.pop().is_some() && events.is_empty());
        push(&mut events, "loud", "x").unwrap();
        assert!(events.pop().is_some() && events.pop().is_none());
    }
}
