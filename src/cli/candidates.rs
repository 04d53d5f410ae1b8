//! `check --candidates`: which mods of an index would run together, and why not the others.

use std::collections::{BTreeSet, HashMap};
use std::io::Write;
use std::path::Path;
use std::time::{Duration, Instant};

use serde::Serialize;

use super::check::CheckArgs;
use super::snippet::Snippets;
use super::{Failure, Outcome, count, print_json};
use crate::manifest::{CANDIDATES_BYTES_MAX, Manifest, candidates};
use crate::near::near;
use crate::resolve::{Candidate, HostApi, Rejection, Resolution, Rules, resolve};
use crate::{Code, ModId, Place, Problem, disk};

/// The most mods made for other hosts that are told one by one.
const OTHER_HOSTS_SHOWN: usize = 5;

pub(super) fn check(args: &CheckArgs) -> Outcome {
    let text = disk::read_file_limited(&args.mods, CANDIDATES_BYTES_MAX)
        .map_err(|why| format!("{} can't be read: {why}", args.mods.display()))?;
    let file = args.mods.file_name().unwrap_or_default().to_string_lossy();
    let started = Instant::now();
    let (manifests, mut problems) = candidates(&text, &file);
    let read = started.elapsed();

    let wanted: BTreeSet<ModId> = args.wanted.iter().cloned().collect();
    are_there(&wanted, &manifests)?;
    let host = args.host.clone().map(|version| HostApi {
        name: "game".to_owned(),
        version,
    });
    let rules = Rules {
        wanted: Some(wanted).filter(|wanted| !wanted.is_empty()),
        ..Rules::default()
    };
    let errors: HashMap<&Place, &Problem> = problems
        .iter()
        .filter_map(|problem| Some((problem.place.as_ref()?, problem)))
        .collect();
    let found: Vec<Candidate> = manifests
        .iter()
        .map(|manifest| Candidate {
            manifest,
            folder: &manifest.place.file,
            error: errors.get(&manifest.place).copied(),
        })
        .collect();
    let started = Instant::now();
    let resolution = resolve(&found, host.as_ref(), &rules);
    let resolved = started.elapsed();
    let started = Instant::now();
    for mod_id in resolution.rejected.keys() {
        resolution.why(mod_id);
    }
    let explained = started.elapsed();

    problems.extend(resolution.problems.iter().cloned());
    problems.sort_by_key(|problem| !problem.is_error());
    let answer = Answer::of(&manifests, &resolution, [read, resolved, explained]);
    match args.json {
        true => show_json(&problems, &answer)?,
        false => show(&args.mods, &problems, &answer)?,
    }
    Ok(!problems.iter().any(Problem::is_error))
}

/// A mistyped id is no mod that runs nowhere.
fn are_there(wanted: &BTreeSet<ModId>, manifests: &[Manifest]) -> Result<(), Failure> {
    let known: BTreeSet<&str> = manifests.iter().map(|it| it.id.as_str()).collect();
    match wanted.iter().find(|id| !known.contains(id.as_str())) {
        None => Ok(()),
        Some(unknown) => {
            let meant = near(unknown.as_str(), known.iter().copied());
            let hint = meant.map(|meant| format!(" (hint: did you mean `{meant}`?)"));
            Err(format!(
                "no candidate is called `{unknown}`{}",
                hint.unwrap_or_default()
            )
            .into())
        }
    }
}

/// What is printed beside the problems.
#[derive(Serialize)]
struct Answer<'a> {
    candidates: usize,
    mods: usize,
    order: Vec<Loaded<'a>>,
    rejected: Vec<&'a Rejection>,
    milliseconds: Milliseconds,
}

#[derive(Serialize)]
struct Loaded<'a> {
    id: &'a ModId,
    version: String,
}

#[derive(Serialize)]
struct Milliseconds {
    read: f64,
    resolve: f64,
    explain: f64,
}

impl<'a> Answer<'a> {
    fn of(manifests: &[Manifest], resolution: &'a Resolution, times: [Duration; 3]) -> Answer<'a> {
        let ids: BTreeSet<&ModId> = manifests.iter().map(|manifest| &manifest.id).collect();
        let loaded = |id| Loaded {
            id,
            version: resolution.mods[id].version.to_string(),
        };
        let [read, resolve, explain] = times.map(|time| time.as_secs_f64() * 1000.0);
        Answer {
            candidates: manifests.len(),
            mods: ids.len(),
            order: resolution.order.iter().map(loaded).collect(),
            rejected: resolution.rejected.values().collect(),
            milliseconds: Milliseconds {
                read,
                resolve,
                explain,
            },
        }
    }
}

fn show_json(problems: &[Problem], answer: &Answer<'_>) -> Result<(), Failure> {
    let mut out = anstream::stdout().lock();
    for problem in problems {
        print_json(&mut out, problem)?;
    }
    Ok(print_json(&mut out, answer)?)
}

/// The problems to show one by one, and one that stands for all mods made for other hosts, where there are many:
/// of an index for all versions of a game, that is what is to be expected.
fn apart_from_other_hosts<'a>(
    problems: &'a [Problem],
    rejected: &[&Rejection],
) -> (Vec<&'a Problem>, Option<Problem>) {
    let (others, shown): (Vec<&Problem>, Vec<&Problem>) = problems
        .iter()
        .partition(|problem| problem.code == Code::WRONG_HOST_VERSION);
    if others.len() <= OTHER_HOSTS_SHOWN {
        return (problems.iter().collect(), None);
    }
    let ids: BTreeSet<&ModId> = others.iter().filter_map(|it| it.mod_id.as_ref()).collect();
    let waits = |it: &&&Rejection| ids.contains(&it.root) && !ids.contains(&it.id);
    let waiting = match rejected.iter().filter(waits).count() {
        0 => String::new(),
        1 => "; 1 more waits for one of them".to_owned(),
        n => format!("; {n} more wait for one of them"),
    };
    let first: Vec<String> = ids
        .iter()
        .take(OTHER_HOSTS_SHOWN)
        .map(|id| format!("`{id}`"))
        .collect();
    let because = format!(
        "{} mods are made for other versions of the game: {} and {} more{waiting}",
        ids.len(),
        first.join(", "),
        ids.len() - first.len()
    );
    let problem = Problem::error(Code::WRONG_HOST_VERSION, because);
    (shown, Some(problem.hint("`--json` tells each of them")))
}

fn show(file: &Path, problems: &[Problem], answer: &Answer<'_>) -> Result<(), Failure> {
    let mut out = anstream::stdout().lock();
    let width = answer.order.len().to_string().len();
    for (number, Loaded { id, version }) in (1..).zip(&answer.order) {
        writeln!(out, "{number:width$}  {id} {version}")?;
    }
    let snippets = Snippets::of(file.parent().unwrap_or(Path::new("")));
    let (shown, of_other_hosts) = apart_from_other_hosts(problems, &answer.rejected);
    for problem in shown.into_iter().chain(&of_other_hosts) {
        writeln!(out, "\n{}", snippets.show(problem))?;
    }
    let errors = problems.iter().filter(|problem| problem.is_error()).count();
    let Milliseconds {
        read,
        resolve,
        explain,
    } = answer.milliseconds;
    writeln!(
        out,
        "\n{} of {}: {} run, {} rejected; {}, {}",
        count(answer.candidates, "version"),
        count(answer.mods, "mod"),
        answer.order.len(),
        answer.rejected.len(),
        count(errors, "error"),
        count(problems.len() - errors, "warning"),
    )?;
    Ok(writeln!(
        out,
        "read in {read:.1} ms, resolved in {resolve:.1} ms, each rejection explained in {explain:.1} ms"
    )?)
}
