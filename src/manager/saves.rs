//! Saves: the states of all mods as bytes for the game's own save file, and back, all or nothing.
//!
//! ```text
//! "LUNASAVE" · format u32 · mods u32 · { id, version, base image, live image }* · BLAKE3, 16 bytes
//! ```
//! Each part is its length as u32 and its bytes; numbers are little-endian.

use std::collections::BTreeMap;

use crate::change::Kind;
use crate::lua::Hook;
use crate::mod_id::ModId;
use crate::problem::{Code, Problem};
use crate::reload::{Cause, Outcome, ReloadRequest, Step, World, plan};
use crate::state::Image;

use super::ModManager;
use super::execute::{Serving, in_load_order};
use super::running::{Parked, Running};
use super::stage::{StageOptions, capture};
use super::words::Save;

const MAGIC: &[u8; 8] = b"LUNASAVE";
const FORMAT: u32 = 1;
const CHECKSUM_BYTES: usize = 16;
/// The most mods of one save.
const MODS_MAX: u32 = 100_000;

impl ModManager {
    /// The states of all mods as bytes, those of mods that do not run at the moment too; and what is not
    /// in them.
    pub fn save(&mut self) -> Save {
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
        Save {
            bytes: encode(states.iter()),
            mods: states.into_keys().collect(),
            problems,
        }
    }

    /// The state of one mod. What is left out of it is added to `problems`.
    fn state_to_save(
        &self,
        running: &Running,
        problems: &mut Vec<Problem>,
    ) -> Result<Parked, Problem> {
        let mod_id = running.source.mod_id();
        let settings = &self.reading.settings.hot_reload.state_management;
        if let Err(fault) = running.vm.run_hook(Hook::Save, &[]) {
            problems.push(fault.problem(mod_id, "in on_save"));
        }
        let captured = capture(&running.vm, settings.max_state_size)?;
        problems.extend(captured.uncarryable.iter().map(|what| {
            let because = format!(
                "has a state that is not saved whole: {} is {}",
                what.path, what.what
            );
            Problem::warning(Code::UNCARRYABLE, because)
                .of(mod_id)
                .hint(what.hint)
        }));
        Ok(running.parked(captured.image))
    }

    /// Brings the states of a save back: every mod of it loads cold and gets its state, or none does. The
    /// answer is which mods the save has; those that are not there keep their state until they are.
    ///
    /// # Errors
    /// The bytes are not a save, or a mod refuses its state; then nothing has changed.
    pub fn restore(&mut self, bytes: &[u8]) -> Result<Vec<ModId>, Problem> {
        let states = decode(bytes).map_err(|why| {
            Problem::error(
                Code::BAD_IMAGE,
                format!("is not a save that can be read: it {why}"),
            )
            .hint("take a copy of the save from before it was damaged")
        })?;
        let mod_ids: Vec<ModId> = states.iter().map(|(mod_id, _)| mod_id.clone()).collect();
        let (present, absent): (Vec<_>, Vec<_>) = states
            .into_iter()
            .partition(|(mod_id, _)| self.running.contains_key(mod_id));
        let options = StageOptions {
            restore: present.into_iter().collect(),
            ..StageOptions::default()
        };
        self.restore_running(&options)?;
        self.parked.extend(absent);
        Ok(mod_ids)
    }

    fn restore_running(&mut self, options: &StageOptions) -> Result<(), Problem> {
        let request = |mod_id: &ModId| {
            let by = "a restored save".into();
            self.request(mod_id, Kind::Script, Cause::Asked { by })
        };
        let requests: Vec<ReloadRequest> = options.restore.keys().map(request).collect();
        // A save brings states, not code: what else is different on disk waits for its own turn.
        let world = World {
            changed: BTreeMap::new(),
            ..self.world()
        };
        let transactions = plan(&requests, &world).transactions;
        let steps: Vec<Step> = transactions.into_iter().flat_map(|t| t.steps).collect();
        if steps.is_empty() {
            return Ok(());
        }
        let whole = in_load_order(steps, &world);
        let report = self.execute(whole, Serving::new(&requests, &world), options);
        let kept = report
            .mods
            .into_iter()
            .find(|report| report.outcome == Outcome::Kept && !report.problems.is_empty());
        match kept.and_then(|report| report.problems.into_iter().next()) {
            Some(problem) => Err(problem),
            None => Ok(()),
        }
    }
}

fn encode<'a>(states: impl ExactSizeIterator<Item = (&'a ModId, &'a Parked)>) -> Vec<u8> {
    let mut out = MAGIC.to_vec();
    out.extend(FORMAT.to_le_bytes());
    out.extend((states.len() as u32).to_le_bytes());
    for (mod_id, parked) in states {
        put(&mut out, mod_id.as_str().as_bytes());
        put(&mut out, parked.version.to_string().as_bytes());
        put(&mut out, &parked.base.to_bytes());
        put(&mut out, &parked.live.to_bytes());
    }
    let checksum = blake3::hash(&out);
    out.extend(&checksum.as_bytes()[..CHECKSUM_BYTES]);
    out
}

fn put(out: &mut Vec<u8>, part: &[u8]) {
    out.extend((part.len() as u32).to_le_bytes());
    out.extend(part);
}

/// The states of a save; completes "it …" where it is none.
fn decode(bytes: &[u8]) -> Result<Vec<(ModId, Parked)>, String> {
    let body = bytes
        .len()
        .checked_sub(CHECKSUM_BYTES)
        .ok_or("is too short")?;
    let (body, checksum) = bytes.split_at(body);
    let mut rest = body.strip_prefix(MAGIC).ok_or("does not begin as one")?;
    if blake3::hash(body).as_bytes()[..CHECKSUM_BYTES] != *checksum {
        return Err("is damaged: its checksum is wrong".into());
    }
    let format = take_u32(&mut rest)?;
    if format != FORMAT {
        return Err(format!(
            "has the format {format}, and this version reads {FORMAT}"
        ));
    }
    let count = take_u32(&mut rest)?;
    if count > MODS_MAX {
        return Err(format!("has more than {MODS_MAX} mods"));
    }
    let mut states = Vec::new();
    for _ in 0..count {
        states.push(take_state(&mut rest)?);
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
        let save = encode(
            std::iter::empty::<(&ModId, &Parked)>()
                .collect::<Vec<_>>()
                .into_iter(),
        );
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
