//! The load order as a list with columns, for terminals and logs.

use super::super::{Edge, EdgeKind, Rejection};
use super::View;
use crate::mod_id::ModId;

/// The load order as a list: number, id, version and what each mod says of others; then the rejected mods
/// with their reasons. A bracket holds the mods together that load as one group, a star marks the mod in
/// the middle of a view.
pub fn text<'a>(view: impl Into<View<'a>>) -> String {
    let view = view.into();
    let resolution = view.resolution();
    let mut rows = Vec::new();
    let has_groups = resolution.groups.iter().any(|group| group.len() > 1);
    for mod_id in &resolution.order {
        let accepted = &resolution.mods[mod_id];
        let mut start = format!("{:>4}{}", accepted.position + 1, mark(&view, mod_id));
        if has_groups {
            start.push(bracket(resolution.group_of(mod_id), mod_id));
        }
        rows.push(Row {
            start,
            id: mod_id.clone(),
            version: accepted.version.to_string(),
            says: and_more(&view, mod_id, says(resolution.edges_from(mod_id))),
        });
    }
    let accepted = table(&rows);
    let row = |rejection: &'_ Rejection, mark: char, says: String| Row {
        start: format!("   {mark}"),
        id: rejection.id.clone(),
        version: rejection.version.to_string(),
        says,
    };
    let rejected = resolution.rejected.values().map(|rejection| {
        let says = and_more(&view, &rejection.id, rejection.because.clone());
        row(rejection, mark(&view, &rejection.id), says)
    });
    let duplicates = resolution.duplicates.iter();
    let duplicates = duplicates.map(|duplicate| row(duplicate, ' ', duplicate.because.clone()));
    let rows: Vec<Row> = rejected.chain(duplicates).collect();
    let mut text = match accepted.is_empty() {
        true => format!("no mod loads{}\n", view.heading()),
        false => format!("load order{}\n{accepted}", view.heading()),
    };
    if !rows.is_empty() {
        text += &format!("rejected\n{}", table(&rows));
    }
    text
}

fn mark(view: &View, mod_id: &ModId) -> char {
    match view.middle() {
        Some(around) if around.id == *mod_id => '*',
        _ => ' ',
    }
}

/// What is said of a mod, and how much was left out around it.
fn and_more(view: &View, mod_id: &ModId, said: String) -> String {
    let more = view.more(mod_id).words();
    match said.is_empty() || more.is_empty() {
        true => said + &more,
        false => format!("{said}  {more}"),
    }
}

struct Row {
    start: String,
    id: ModId,
    version: String,
    says: String,
}

/// The rows in columns, without spaces at the ends of lines.
fn table(rows: &[Row]) -> String {
    let id_width = rows
        .iter()
        .map(|row| row.id.as_str().len())
        .max()
        .unwrap_or_default();
    let version_width = rows
        .iter()
        .map(|row| row.version.len())
        .max()
        .unwrap_or_default();
    let line = |row: &Row| {
        let Row {
            start,
            id,
            version,
            says,
        } = row;
        let line = format!(
            "{start} {:id_width$}  {version:version_width$}  {says}",
            id.as_str()
        );
        format!("{}\n", line.trim_end())
    };
    rows.iter().map(line).collect()
}

fn bracket(group: &[ModId], mod_id: &ModId) -> char {
    match group {
        [_] | [] => ' ',
        [first, ..] if first == mod_id => '┌',
        [.., last] if last == mod_id => '└',
        _ => '│',
    }
}

/// `needs base ^1.2, weather (optional); after terrain`
pub(super) fn says(edges: &[Edge]) -> String {
    let about = |kinds: &[EdgeKind]| {
        let names = edges
            .iter()
            .filter(|edge| kinds.contains(&edge.kind))
            .map(name);
        names.collect::<Vec<_>>().join(", ")
    };
    let parts = [
        ("needs", about(&[EdgeKind::Required, EdgeKind::Optional])),
        ("after", about(&[EdgeKind::After])),
        ("before", about(&[EdgeKind::Before])),
        ("listed after", about(&[EdgeKind::Listed])),
    ];
    let parts = parts.iter().filter(|(_, names)| !names.is_empty());
    let parts = parts.map(|(verb, names)| format!("{verb} {names}"));
    parts.collect::<Vec<_>>().join("; ")
}

/// `price-api ^1 (bazaar, optional)`
fn name(edge: &Edge) -> String {
    let mut text = edge.name.to_string();
    if let Some(versions) = edge
        .requirement
        .as_deref()
        .filter(|versions| *versions != "*")
    {
        text += &format!(" {versions}");
    }
    let mut notes = Vec::new();
    if edge.name != edge.to {
        notes.push(edge.to.as_str());
    }
    if edge.kind == EdgeKind::Optional {
        notes.push("optional");
    }
    if edge.cut.is_some() && edge.kind != EdgeKind::Required {
        notes.push(if edge.is_dependency() {
            "not for the order"
        } else {
            "ignored"
        });
    }
    if !notes.is_empty() {
        text += &format!(" ({})", notes.join(", "));
    }
    text
}
