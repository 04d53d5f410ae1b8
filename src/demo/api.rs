//! What the colony offers to mods: the namespace `colony`.

use std::path::PathBuf;

use super::objects::declare_objects;
use super::world::{Colonist, Job, World};
use crate::{ApiBuilder, Builder, Call, HostError, ModId, ModManager, Phase, Value, audit_log_of};

/// The version of the namespace `colony`, which mods name in `game`.
const HOST_VERSION: &str = "1.3.0";

pub(super) const JOBS: &str = "colony.jobs";
pub(super) const COLONISTS: &str = "colony.colonists";

/// A manager of the mods in the folder `mods`, with everything that the colony offers.
pub fn builder(mods: PathBuf) -> Builder {
    ModManager::builder(mods)
        .host_version(HOST_VERSION)
        .namespace("colony", |api| {
            api.alias("events.register", "on");
            api.function("time.get_current_tick", Phase::Setup, None, |call, ()| {
                Ok(call.host::<World>()?.tick())
            });
            declare_state(api);
            declare_jobs(api);
            declare_colonists(api);
            declare_objects(api);
        })
}

/// As [`builder`], with the audit log where [`audit_log_of`] says.
pub fn audited(mods: PathBuf) -> Builder {
    let log = audit_log_of(&mods);
    let builder = builder(mods);
    match log {
        Some(log) => builder.audit_log(log),
        None => builder,
    }
}

/// State that a mod hands over by itself; a new mod uses `mod.state`.
fn declare_state(api: &mut ApiBuilder<'_>) {
    api.function(
        "state.get_mod_state",
        Phase::Setup,
        None,
        |call, (id,): (String,)| {
            let id: ModId = id.parse()?;
            Ok(call
                .host::<World>()?
                .mod_state(&id)
                .cloned()
                .unwrap_or_default())
        },
    );
    api.function("state.save_mod_state", Phase::Runtime, None, save_mod_state);
}

fn save_mod_state(call: &mut Call<'_>, (id, state): (String, Value)) -> Result<(), HostError> {
    if id != call.mod_id().as_str() {
        let own = call.mod_id();
        return Err(HostError(format!(
            "the mod `{own}` can't save the state of `{id}`"
        )));
    }
    let own = call.mod_id().clone();
    call.host::<World>()?.save_mod_state(own, state);
    Ok(())
}

fn declare_jobs(api: &mut ApiBuilder<'_>) {
    api.function(
        "jobs.create",
        Phase::Runtime,
        JOBS,
        |call, (kind, priority): (String, Option<f64>)| {
            let mut world = call.host::<World>()?;
            Ok(world.create_job(&kind, priority.unwrap_or(0.0))?)
        },
    );
    api.function(
        "jobs.cancel",
        Phase::Runtime,
        JOBS,
        |call, (id,): (u64,)| Ok(call.host::<World>()?.cancel_job(id)),
    );
    api.function("jobs.list", Phase::Setup, None, |call, ()| {
        Ok(call.host::<World>()?.jobs().cloned().collect::<Vec<Job>>())
    });
}

fn declare_colonists(api: &mut ApiBuilder<'_>) {
    api.function("colonists.list", Phase::Setup, None, |call, ()| {
        Ok(call.host::<World>()?.colonists().to_vec())
    });
    api.function(
        "colonists.get",
        Phase::Setup,
        None,
        |call, (id,): (u64,)| {
            let world = call.host::<World>()?;
            let found: Option<Colonist> = world.colonists().iter().find(|c| c.id == id).cloned();
            Ok(found)
        },
    );
    api.function("colonists.set_mood", Phase::Runtime, COLONISTS, set_mood);
}

fn set_mood(call: &mut Call<'_>, (id, mood): (u64, f64)) -> Result<(), HostError> {
    check_mood(mood)?;
    let mut world = call.host::<World>()?;
    let colonist = world.colonist_mut(id);
    let colonist = colonist.ok_or_else(|| HostError(format!("there is no colonist {id}")))?;
    colonist.mood = mood;
    Ok(())
}

pub(super) fn check_mood(mood: f64) -> Result<(), HostError> {
    match (0.0..=1.0).contains(&mood) {
        true => Ok(()),
        false => Err(HostError(format!(
            "a mood is a number from 0 to 1, not {mood}"
        ))),
    }
}
