//! One candidate of each id: today the newest; choosing among versions by need belongs here.

use super::Candidate;
use super::resolution::Rejection;
use crate::mod_id::ModId;
use crate::near::near;
use crate::problem::{Code, one_line};

/// The candidates that take part, sorted by id, and those left out.
pub(super) struct Selection<'a> {
    /// One per id, sorted by id. Everywhere else in this room a `usize` is a place in this list.
    pub(super) mods: Vec<Candidate<'a>>,
    /// The other candidates of the same ids, each with the one that was kept.
    pub(super) duplicates: Vec<Duplicate<'a>>,
}

/// A candidate that stands back behind another one of the same id.
pub(super) struct Duplicate<'a> {
    candidate: Candidate<'a>,
    kept: Candidate<'a>,
}

/// Keeps the highest version of each id, of those without an error if there are any; of equal ones the
/// folder named like the id, else the first folder by name.
pub(super) fn select<'a>(candidates: &[Candidate<'a>]) -> Selection<'a> {
    let mut sorted = candidates.to_vec();
    sorted.sort_by(|a, b| {
        let is_named_otherwise = |c: &Candidate| c.folder != c.manifest.id.as_str();
        let version = |c: &Candidate<'a>| &c.manifest.version;
        (a.manifest.id.cmp(&b.manifest.id))
            .then_with(|| a.error.is_some().cmp(&b.error.is_some()))
            .then_with(|| version(b).cmp_precedence(version(a)))
            .then_with(|| is_named_otherwise(a).cmp(&is_named_otherwise(b)))
            .then_with(|| a.folder.cmp(b.folder))
    });
    let mut mods: Vec<Candidate> = Vec::with_capacity(sorted.len());
    let mut duplicates = Vec::new();
    for candidate in sorted {
        match mods.last() {
            Some(kept) if kept.manifest.id == candidate.manifest.id => duplicates.push(Duplicate {
                candidate,
                kept: *kept,
            }),
            _ => mods.push(candidate),
        }
    }
    Selection { mods, duplicates }
}

impl Duplicate<'_> {
    pub(super) fn rejection(&self) -> Rejection {
        let (folder, kept) = (self.candidate.folder, self.kept.folder);
        Rejection {
            id: self.candidate.manifest.id.clone(),
            version: self.candidate.manifest.version.clone(),
            folder: folder.to_owned(),
            code: Code::DUPLICATE_ID,
            because: one_line(&format!(
                "has the same id in the folder `{folder}` ({}) and in `{kept}` ({}), which is used",
                self.candidate.manifest.version, self.kept.manifest.version
            )),
            root: self.candidate.manifest.id.clone(),
            waits_for: None,
            place: Some(self.candidate.manifest.place.clone()),
            hint: Some(one_line(&format!(
                "delete the folder `{folder}`, or give that mod an id of its own"
            ))),
        }
    }
}

impl<'a> Selection<'a> {
    /// The known name that is nearest to `name`: an id, but not that of the one who `asks`, or a
    /// provided name.
    pub(super) fn nearest(&self, name: &ModId, asks: &ModId) -> Option<&'a str> {
        let names = self.mods.iter().flat_map(|candidate| {
            let provided = candidate.manifest.provides.iter().map(|p| p.id.as_str());
            std::iter::once(candidate.manifest.id.as_str()).chain(provided)
        });
        near(name.as_str(), names.filter(|name| *name != asks.as_str()))
    }
}
