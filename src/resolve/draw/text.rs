//! The load order as a list with columns, for terminals and logs.

use super::super::{Edge, EdgeKind, Resolution};
use super::rejected;
use crate::mod_id::ModId;

/// The load order as a list: number, id, version and what each mod says of others; then the rejected mods
/// with their reasons. A bracket holds the mods together that load as one group.
pub fn text(resolution: &Resolution) -> String {
    let mut rows = Vec::new();
    let has_groups = resolution.groups.iter().any(|group| group.len() > 1);
    for (number, mod_id) in resolution.order.iter().enumerate() {
        let mut start = format!("{:>4} ", number + 1);
        if has_groups {
            start.push(bracket(resolution.group_of(mod_id), mod_id));
        }
        rows.push(Row {
            start,
            id: mod_id.as_str(),
            version: resolution.mods[mod_id].version.to_string(),
            says: says(resolution.edges_from(mod_id)),
        });
    }
    let accepted = table(&rows);
    let rows = rejected(resolution).map(|rejection| Row {
        start: "    ".to_owned(),
        id: rejection.id.as_str(),
        version: rejection.version.to_string(),
        says: rejection.because.clone(),
    });
    let rows: Vec<Row> = rows.collect();
    let mut text = match accepted.is_empty() {
        true => "no mod loads\n".to_owned(),
        false => format!("load order\n{accepted}"),
    };
    if !rows.is_empty() {
        text += &format!("rejected\n{}", table(&rows));
    }
    text
}

struct Row<'a> {
    start: String,
    id: &'a str,
    version: String,
    says: String,
}

/// The rows in columns, without spaces at the ends of lines.
fn table(rows: &[Row]) -> String {
    let id_width = rows
        .iter()
        .map(|row| row.id.len())
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
        let line = format!("{start} {id:id_width$}  {version:version_width$}  {says}");
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
fn says(edges: &[Edge]) -> String {
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
