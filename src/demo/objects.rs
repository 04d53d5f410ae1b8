//! What mods hold of the colony: colonists, whom they can keep by their names, and jobs, which end too soon for that.

use super::api::{COLONISTS, JOBS, check_mood};
use super::world::{Colonist, Job, World};
use crate::{ApiBuilder, Call, HostError, HostObject, ObjectId, Phase};

/// Somebody who lives in the colony: `colony.colonist`.
pub struct ColonistKind;

impl HostObject for ColonistKind {
    const KIND: &'static str = "colony.colonist";
}

/// Something that is to be done: `colony.job`.
pub struct JobKind;

impl HostObject for JobKind {
    const KIND: &'static str = "colony.job";
}

/// Declares both kinds, and where mods get such objects.
pub(super) fn declare_objects(api: &mut ApiBuilder<'_>) {
    declare_colonist(api);
    declare_job(api);
    api.function("colonists.all", Phase::Setup, None, |call, ()| {
        let world = call.host::<World>()?;
        let all = world.colonists().iter();
        Ok(all
            .map(|colonist| ObjectId::<ColonistKind>::new(colonist.id))
            .collect::<Vec<_>>())
    });
    api.function(
        "colonists.find",
        Phase::Setup,
        None,
        |call, (name,): (String,)| {
            let found = call.host::<World>()?.colonist_named(&name);
            Ok(found.map(ObjectId::<ColonistKind>::new))
        },
    );
    api.function("jobs.find", Phase::Setup, None, |call, (id,): (u64,)| {
        let world = call.host::<World>()?;
        let found = world.jobs().any(|job| job.id == id);
        Ok(found.then(|| ObjectId::<JobKind>::new(id)))
    });
    api.function("jobs.hand_over", Phase::Runtime, JOBS, hand_over);
}

fn declare_colonist(api: &mut ApiBuilder<'_>) {
    api.object::<ColonistKind>(|colonist| {
        colonist
            .method("id", Phase::Setup, None, |_, id, ()| Ok(id))
            .method("name", Phase::Setup, None, |call, id, ()| {
                of_colonist(call, id, |colonist| colonist.name.clone())
            })
            .method("mood", Phase::Setup, None, |call, id, ()| {
                of_colonist(call, id, |colonist| colonist.mood)
            })
            .method("job", Phase::Setup, None, |call, id, ()| {
                of_colonist(call, id, |colonist| {
                    colonist.job.map(ObjectId::<JobKind>::new)
                })
            })
            .method(
                "set_mood",
                Phase::Runtime,
                COLONISTS,
                |call, id, (mood,): (f64,)| {
                    check_mood(mood)?;
                    of_colonist(call, id, |colonist| colonist.mood = mood)
                },
            )
            .method("leave", Phase::Runtime, COLONISTS, |call, id, ()| {
                of_colonist(call, id, |_| ())?;
                call.host::<World>()?.let_go(id);
                Ok(())
            })
            .codec(
                |call, id| of_colonist(call, id, |colonist| colonist.name.clone().into()).ok(),
                |call, name| {
                    let name = std::str::from_utf8(name).ok()?;
                    call.host::<World>().ok()?.colonist_named(name)
                },
            );
    });
}

fn declare_job(api: &mut ApiBuilder<'_>) {
    api.object::<JobKind>(|job| {
        job.method("id", Phase::Setup, None, |_, id, ()| Ok(id))
            .method("kind", Phase::Setup, None, |call, id, ()| {
                of_job(call, id, |job| job.kind.clone())
            })
            .method("worker", Phase::Setup, None, |call, id, ()| {
                of_job(call, id, |job| {
                    job.worker.map(ObjectId::<ColonistKind>::new)
                })
            });
    });
}

/// Something of a colonist, if the colonist is still there.
fn of_colonist<R>(
    call: &mut Call<'_>,
    id: u64,
    get: impl FnOnce(&mut Colonist) -> R,
) -> Result<R, HostError> {
    let mut world = call.host::<World>()?;
    let colonist = world.colonist_mut(id);
    let gone = || HostError(format!("the colonist {id} has left the colony"));
    Ok(get(colonist.ok_or_else(gone)?))
}

/// Something of a job, if it is still to be done.
fn of_job<R>(call: &mut Call<'_>, id: u64, get: impl FnOnce(&Job) -> R) -> Result<R, HostError> {
    let world = call.host::<World>()?;
    let job = world.jobs().find(|job| job.id == id);
    let gone = || HostError(format!("the job {id} is done, or was taken back"));
    Ok(get(job.ok_or_else(gone)?))
}

/// Gives a job to a colonist; who was at it, and what the colonist was at, is free again.
fn hand_over(
    call: &mut Call<'_>,
    (job, to): (ObjectId<JobKind>, ObjectId<ColonistKind>),
) -> Result<(), HostError> {
    of_job(call, job.id, |_| ())?;
    of_colonist(call, to.id, |_| ())?;
    call.host::<World>()?.hand_over(job.id, to.id);
    Ok(())
}
