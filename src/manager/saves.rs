//! Saves: the states of all mods as bytes for the game's own save file, and back, all or nothing.
//!
//! ```text
//! mods u32 · { id, version, base image, live image }*
//! ```
//! Each part is its length as u32 and its bytes; numbers are little-endian. Around it is an envelope with the
//! magic `LUNASAVE`, the format, the checksum and, if the settings say so, compression. [`SaveFile`] is
//! a save taken apart; `one` looks at and replaces the state of a single mod.

mod file;
mod needs;
mod one;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::change;
use crate::envelope::{self, Kind};
use crate::lua::Hook;
use crate::lua::carry::Uncarryable;
use crate::mod_id::ModId;
use crate::problem::{Code, Problem};
use crate::reload::{Cause, Outcome, ReloadReport, ReloadRequest, Step, World, plan};
use crate::settings::StateCompression;
use crate::state::Image;

use super::ModManager;
use super::execute::{Serving, in_load_order};
use super::running::{Parked, Running};
use super::stage::{StageOptions, capture};
use super::words::Save;

pub use self::file::{BadSave, SaveFile, SavedMod};
pub use self::needs::{SaveNeeds, SavedState};

const SAVE: Kind = Kind {
    magic: *b"LUNASAVE",
    format: 2,
};

/// The most bytes that a save has when it is unpacked.
const SAVE_BYTES_MAX: u64 = 1 << 30;

/// The most mods of one save.
const MODS_MAX: u32 = 100_000;

impl ModManager {
    /// The states of all mods as bytes, those of mods that do not run at the moment too; and what is not
    /// in them.
    pub fn save(&mut self) -> Save {
        let (states, problems) = self.states_to_save();
        let settings = &self.reading.settings.hot_reload.state_management;
        Save {
            bytes: encode(states.iter(), settings.state_compression),
            mods: states.into_keys().collect(),
            problems,
        }
    }

    /// The states of all mods, and what is not in them.
    pub(super) fn states_to_save(&mut self) -> (BTreeMap<ModId, Parked>, Vec<Problem>) {
        self.end_flight();
        let mut states = self.parked.clone();
        let mut problems = Vec::new();
        for (mod_id, running) in &self.running {
            match self.state_to_save(running, &mut problems) {
                Ok(parked) => drop(states.insert(mod_id.clone(), parked)),
                Err(problem) => problems.push(problem),
            }
        }
        for problem in problems.iter().filter(|problem| problem.is_error()) {
            if let Some(mod_id) = problem.mod_id.clone() {
                self.note_error(&mod_id, problem.clone());
                self.stop_if_latched(&mod_id, &problems);
            }
        }
        (states, problems)
    }

    /// The state of one mod. What is left out of it is added to `problems`.
    fn state_to_save(
        &self,
        running: &Running,
        problems: &mut Vec<Problem>,
    ) -> Result<Parked, Problem> {
        let mod_id = running.source.mod_id();
        if let Err(fault) = running.vm.run_hook(Hook::Save, &[]) {
            problems.push(fault.problem(mod_id, "in on_save"));
        }
        let captured = capture(&running.vm, &self.reading.settings)?;
        let saved = captured.image.saved();
        let left_out = saved.left_out.into_iter().map(Uncarryable::function);
        let others = captured.uncarryable.into_iter();
        let left_out = others.filter(Uncarryable::is_of_state).chain(left_out);
        problems.extend(left_out.map(|what| {
            let because = format!(
                "has a state that is not saved whole: {} is {}",
                what.path, what.what
            );
            Problem::warning(Code::UNCARRYABLE, because)
                .of(mod_id)
                .hint(what.hint)
        }));
        Ok(running.parked(saved.image))
    }

    /// Brings the states of a save back: every mod of it loads cold and gets its state, or none does. The
    /// answer is which mods the save has; those that are not there keep their state until they are.
    ///
    /// # Errors
    /// The bytes are not a save, a state is larger than its limit, or a mod refuses its state; then nothing has
    /// changed. [`ModManager::inspect_save`] tells beforehand what a save needs.
    pub fn restore(&mut self, bytes: &[u8]) -> Result<Vec<ModId>, Problem> {
        let states = read(bytes)?;
        let mut too_large = states
            .iter()
            .filter_map(|(mod_id, state)| self.too_large(mod_id, state));
        if let Some(problem) = too_large.next() {
            return Err(problem);
        }
        drop(too_large);
        self.end_flight();
        let mod_ids: Vec<ModId> = states.iter().map(|(mod_id, _)| mod_id.clone()).collect();
        let (present, absent): (Vec<_>, Vec<_>) = states
            .into_iter()
            .partition(|(mod_id, _)| self.running.contains_key(mod_id));
        let options = StageOptions {
            restore: present.into_iter().collect(),
            ..StageOptions::default()
        };
        self.restore_running(options, "a restored save")?;
        self.parked.extend(absent);
        self.audit_restored(&mod_ids, "a restored save");
        Ok(mod_ids)
    }

    /// Restores the states of `options`, which somebody asks for.
    fn restore_running(
        &mut self,
        options: StageOptions,
        by: &str,
    ) -> Result<ReloadReport, Problem> {
        let request = |mod_id: &ModId| {
            let by = by.into();
            self.request(mod_id, change::Kind::Script, Cause::Asked { by })
        };
        let requests: Arc<[ReloadRequest]> = options.restore.keys().map(request).collect();
        // A save brings states, not code: what else is different on disk waits for its own turn.
        let world = Arc::new(World {
            changed: BTreeMap::new(),
            ..self.world()
        });
        let transactions = plan(&requests, &world).transactions;
        let steps: Vec<Step> = transactions.into_iter().flat_map(|t| t.steps).collect();
        if steps.is_empty() {
            return Ok(ReloadReport::default());
        }
        let whole = in_load_order(steps, &world);
        let report = self.execute(whole, Serving::new(&requests, &world), options);
        let mut kept = report
            .mods
            .iter()
            .filter(|one| one.outcome == Outcome::Kept);
        match kept.find_map(|one| one.problems.first()) {
            Some(problem) => Err(problem.clone()),
            None => Ok(report),
        }
    }
}

/// Why bytes are no save, in words that complete "it …", as a problem.
pub(super) fn unreadable(why: &str) -> Problem {
    let because = format!("is not a save that can be read: it {why}");
    Problem::error(Code::BAD_IMAGE, because)
        .hint("take a copy of the save from before it was damaged")
}

/// The states of a save.
fn read(bytes: &[u8]) -> Result<Vec<(ModId, Parked)>, Problem> {
    decode(bytes).map_err(|why| unreadable(&why))
}

/// The states as a save.
pub(super) fn encode<'a>(
    states: impl ExactSizeIterator<Item = (&'a ModId, &'a Parked)>,
    compression: StateCompression,
) -> Vec<u8> {
    let mut out = Vec::new();
    out.extend((states.len() as u32).to_le_bytes());
    for (mod_id, parked) in states {
        put(&mut out, mod_id.as_str().as_bytes());
        put(&mut out, parked.version.to_string().as_bytes());
        put(&mut out, &parked.base.saved().image.to_bytes());
        put(&mut out, &parked.live.saved().image.to_bytes());
    }
    envelope::seal(SAVE, &out, compression)
}

fn put(out: &mut Vec<u8>, part: &[u8]) {
    out.extend((part.len() as u32).to_le_bytes());
    out.extend(part);
}

/// The states of a save; completes "it …" where it is none.
pub(super) fn decode(bytes: &[u8]) -> Result<Vec<(ModId, Parked)>, String> {
    let content = envelope::open(SAVE, bytes, SAVE_BYTES_MAX).map_err(|why| why.to_string())?;
    let mut rest = &content[..];
    let count = take_u32(&mut rest)?;
    if count > MODS_MAX {
        return Err(format!("has more than {MODS_MAX} mods"));
    }
    let mut states = Vec::new();
    let mut mods = BTreeSet::new();
    for _ in 0..count {
        let (mod_id, state) = take_state(&mut rest)?;
        if !mods.insert(mod_id.clone()) {
            return Err(format!("has two states of {mod_id}"));
        }
        states.push((mod_id, state));
    }
    if rest.is_empty() {
        Ok(states)
    } else {
        Err("has bytes after its end".into())
    }
}

fn take_state(rest: &mut &[u8]) -> Result<(ModId, Parked), String> {
    let text = |part: &[u8]| String::from_utf8_lossy(part).into_owned();
    let mod_id = text(take(rest)?);
    let mod_id: ModId = mod_id
        .parse()
        .map_err(|why| format!("names a mod whose id {why}"))?;
    let version = text(take(rest)?)
        .parse()
        .map_err(|_| format!("has no version of {mod_id}"))?;
    let mut image = || {
        Image::from_bytes(take(rest)?).map_err(|why| format!("has a bad image of {mod_id}: {why}"))
    };
    let (base, live) = (image()?, image()?);
    Ok((
        mod_id,
        Parked {
            base,
            live,
            version,
        },
    ))
}

fn take<'a>(rest: &mut &'a [u8]) -> Result<&'a [u8], String> {
    let length = take_u32(rest)? as usize;
    let (part, after) = rest.split_at_checked(length).ok_or("ends too early")?;
    *rest = after;
    Ok(part)
}

fn take_u32(rest: &mut &[u8]) -> Result<u32, String> {
    let (number, after) = rest.split_first_chunk::<4>().ok_or("ends too early")?;
    *rest = after;
    Ok(u32::from_le_bytes(*number))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_save_without_mods_is_read_back_and_a_damaged_one_is_refused() {
        let save = encode(BTreeMap::new().iter(), StateCompression::None);
        assert!(decode(&save).unwrap().is_empty());
        for end in 0..save.len() {
            assert!(decode(&save[..end]).is_err(), "cut at {end}");
        }
        for at in 0..save.len() {
            let mut damaged = save.clone();
            damaged[at] ^= 1;
            assert!(decode(&damaged).is_err(), "flipped at {at}");
        }
    }
}
