//! Why a mod is where it is, why it is not there at all, and why it loads before another.

use std::collections::{BTreeMap, VecDeque};

use super::{Edge, EdgeKind, Resolution};
use crate::mod_id::ModId;
use crate::near::near;

/// The most edges, or steps to a root cause, that one explanation lists.
const LINES_MAX: usize = 24;

impl Resolution {
    /// Why `mod_id` loads where it does, or why it is rejected: lines of text, the first a summary.
    pub fn why(&self, mod_id: &ModId) -> Vec<String> {
        let mut lines = if self.accepts(mod_id) {
            self.why_here(mod_id)
        } else if self.rejected.contains_key(mod_id) {
            self.why_rejected(mod_id)
        } else {
            self.why_unknown(mod_id)
        };
        for duplicate in self
            .duplicates
            .iter()
            .filter(|duplicate| duplicate.id == *mod_id)
        {
            lines.push(format!("  a second one {}", duplicate.because));
        }
        lines
    }

    /// Why one of two mods loads before the other: the shortest chain of reasons, or that there is none.
    pub fn why_before(&self, one: &ModId, other: &ModId) -> Vec<String> {
        for mod_id in [one, other] {
            if !self.accepts(mod_id) {
                return self.why(mod_id);
            }
        }
        if one == other {
            return vec![format!("`{one}` is one mod")];
        }
        let together = self.mods[one].group == self.mods[other].group;
        let is_first = self.mods[one].position < self.mods[other].position;
        let (first, second) = if is_first { (one, other) } else { (other, one) };
        let chain = match together {
            true => Vec::new(),
            false => self.chain(first, second),
        };
        let mut lines = vec![match (together, chain.is_empty()) {
            (true, _) => format!(
                "`{first}` and `{second}` require each other, directly or through others: they load as one group, `{first}` first"
            ),
            (false, false) => format!("`{first}` loads before `{second}`:"),
            (false, true) => format!(
                "`{first}` loads before `{second}`, but neither needs the other: of mods that are free to go, the smaller id goes first"
            ),
        }];
        lines.extend(shown(chain.into_iter()));
        lines
    }

    /// The fewest steps that lead from `first` to `second` and hold for the order, as sentences.
    ///
    /// Who waits for one member of a group waits for all of it.
    fn chain(&self, first: &ModId, second: &ModId) -> Vec<String> {
        let mut outgoing: BTreeMap<&ModId, Vec<&Edge>> = BTreeMap::new();
        for edge in self.edges.iter().filter(|edge| edge.cut.is_none()) {
            outgoing.entry(edge.first()).or_default().push(edge);
        }
        // The mod from which each was reached, and by which edge; none inside a group.
        let mut reached: BTreeMap<&ModId, (&ModId, Option<&Edge>)> = BTreeMap::new();
        let mut queue = VecDeque::from([first]);
        while let Some(mod_id) = queue.pop_front() {
            let edges = outgoing.get(mod_id).into_iter().flatten();
            let mut next: Vec<_> = edges.map(|edge| (edge.second(), Some(*edge))).collect();
            // The first member that was reached has led to all the others.
            if !matches!(reached.get(mod_id), Some((_, None))) {
                next.extend(self.group_of(mod_id).iter().map(|mate| (mate, None)));
            }
            for (mate, edge) in next {
                if mate != first && !reached.contains_key(mate) {
                    reached.insert(mate, (mod_id, edge));
                    queue.push_back(mate);
                }
            }
        }
        let mut chain = Vec::new();
        let mut end = second;
        while let Some((from, edge)) = reached.get(end) {
            chain.push(match edge {
                Some(edge) => format!("  {}", sentence(edge)),
                None => format!("  `{from}` and `{end}` load as one group"),
            });
            end = from;
        }
        chain.reverse();
        chain
    }

    fn why_here(&self, mod_id: &ModId) -> Vec<String> {
        let accepted = &self.mods[mod_id];
        let mut lines = vec![format!(
            "`{mod_id}` {} loads as number {} of {}",
            accepted.version,
            accepted.position + 1,
            self.order.len()
        )];
        let group = self.group_of(mod_id);
        if group.len() > 1 {
            let others = group.iter().filter(|id| *id != mod_id);
            let others = super::words::list(others, super::words::CYCLE_SHOWN);
            lines.push(format!(
                "  as one group with {others}: they require each other"
            ));
        }
        lines.extend(accepted.passed_over.iter().map(|passed_over| {
            let place = passed_over.place.as_ref();
            let place = place.map(|place| format!(" ({place})")).unwrap_or_default();
            let (version, because) = (&passed_over.version, &passed_over.because);
            format!("  {version} is not used because it {because}{place}")
        }));
        let edges = || self.edges_from(mod_id).iter().chain(self.edges_to(mod_id));
        let (cut, hold): (Vec<&Edge>, Vec<&Edge>) = edges().partition(|edge| edge.cut.is_some());
        let (before, after): (Vec<&Edge>, Vec<&Edge>) =
            hold.into_iter().partition(|edge| edge.second() == mod_id);
        let line = |what: &str, edge: &Edge, other: &ModId| {
            format!("  {what} `{other}`: {} ({})", sentence(edge), edge.place)
        };
        lines.extend(shown(
            before.into_iter().map(|e| line("after", e, e.first())),
        ));
        lines.extend(shown(
            after.into_iter().map(|e| line("before", e, e.second())),
        ));
        lines.extend(shown(cut.into_iter().map(|edge| {
            let why = edge.cut.as_deref().unwrap_or_default();
            format!(
                "  ignored for the order: {}: {why} ({})",
                sentence(edge),
                edge.place
            )
        })));
        if lines.len() == 1 {
            lines.push(
                "  it and the others say nothing about each other: the smaller id goes first"
                    .to_owned(),
            );
        }
        lines
    }

    fn why_rejected(&self, mod_id: &ModId) -> Vec<String> {
        let mut steps = Vec::new();
        let mut next = Some(mod_id);
        while let Some((id, rejection)) = next.and_then(|id| self.rejected.get_key_value(id)) {
            let indent = if steps.is_empty() { "" } else { "  " };
            let place = rejection.place.as_ref().map(|place| format!(" ({place})"));
            steps.push(format!(
                "{indent}`{id}` {} is rejected because it {}{}",
                rejection.version,
                rejection.because,
                place.unwrap_or_default()
            ));
            steps.extend(rejection.derivation.iter().map(|statement| {
                let place = statement.place.as_ref();
                let place = place.map(|place| format!(" ({place})")).unwrap_or_default();
                format!("  {}{place}", statement.text)
            }));
            if let Some(hint) = &rejection.hint {
                steps.push(format!("  hint: {hint}"));
            }
            // A mod waits only for mods that were rejected before it: this ends.
            next = rejection
                .waits_for
                .as_ref()
                .filter(|waits_for| *waits_for != id);
            if rejection.code != crate::problem::Code::DEPENDENCY_REJECTED {
                break;
            }
        }
        if steps.len() > LINES_MAX {
            let omitted = steps.len() - LINES_MAX;
            steps.splice(
                LINES_MAX / 2..LINES_MAX / 2 + omitted,
                [format!("  … {omitted} more in between …")],
            );
        }
        steps
    }

    fn why_unknown(&self, name: &ModId) -> Vec<String> {
        if self.unneeded.contains(name) {
            return vec![format!(
                "`{name}` is at hand, but nobody asks for it and nobody needs it"
            )];
        }
        if let Some(providers) = self.provided.get(name) {
            let list = super::words::list(providers.iter(), LINES_MAX);
            return vec![match providers.as_slice() {
                [_] => format!("no mod has the id `{name}`; {list} provides it"),
                [first, ..] => {
                    format!(
                        "no mod has the id `{name}`; {list} provide it, and `{first}` is the first choice"
                    )
                }
                [] => format!("no mod has the id `{name}`"),
            }];
        }
        let known = self
            .mods
            .keys()
            .chain(self.rejected.keys())
            .chain(self.provided.keys());
        let mut lines = vec![format!("no mod here is called `{name}`")];
        if let Some(near) = near(name.as_str(), known.map(ModId::as_str)) {
            lines.push(format!("  hint: did you mean `{near}`?"));
        }
        lines
    }
}

/// What an edge says, as a sentence: `` `economy` requires `base` ^1.2, in its words: … ``
fn sentence(edge: &Edge) -> String {
    let Edge { from, to, name, .. } = edge;
    let versions = match edge.requirement.as_deref() {
        None | Some("*") => String::new(),
        Some(versions) => format!(" {versions}"),
    };
    let through = if name == to {
        String::new()
    } else {
        format!(", which `{to}` provides")
    };
    let reason = edge.reason.as_ref().map(|reason| format!(": “{reason}”"));
    if edge.kind == EdgeKind::Listed {
        return format!("`{from}` stands behind `{to}` in your order");
    }
    let verb = match edge.kind {
        EdgeKind::Required => "requires",
        EdgeKind::Optional => "uses, where present,",
        EdgeKind::After => "asks to load after",
        EdgeKind::Before => "asks to load before",
        EdgeKind::Listed => "stands behind",
    };
    format!(
        "`{from}` {verb} `{name}`{versions}{through}{}",
        reason.unwrap_or_default()
    )
}

/// The lines, cut where there are too many.
fn shown(lines: impl ExactSizeIterator<Item = String>) -> Vec<String> {
    let count = lines.len();
    let mut lines: Vec<String> = lines.take(LINES_MAX).collect();
    if count > LINES_MAX {
        lines.push(format!("  … and {} more", count - LINES_MAX));
    }
    lines
}
