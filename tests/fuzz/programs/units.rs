//! The statements of a text by its indentation, and the smallest text of them that still fails.

/// A statement: the lines from its first to its last one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Unit {
    pub(super) first: usize,
    pub(super) last: usize,
    /// The tabs that it begins with.
    pub(super) depth: usize,
}

impl Unit {
    fn is_block(self) -> bool {
        self.last > self.first
    }
}

/// Every statement, at every depth, in the order of the lines. Lines that are deeper than the one before belong
/// to it, up to the line that ends them.
pub(super) fn units(lines: &[String]) -> Vec<Unit> {
    let depth_of = |line: &String| line.len() - line.trim_start_matches('\t').len();
    let mut units = Vec::new();
    let mut is_end = vec![false; lines.len()];
    for (first, line) in lines.iter().enumerate() {
        if is_end[first] {
            continue;
        }
        let depth = depth_of(line);
        let inside = lines[first + 1..]
            .iter()
            .take_while(|line| depth_of(line) > depth);
        let last = match inside.count() {
            0 => first,
            count => (first + count + 1).min(lines.len() - 1),
        };
        is_end[last] |= last > first;
        units.push(Unit { first, last, depth });
    }
    units
}

/// `text` without whatever can be taken away so that it still `fails`.
pub(super) fn smallest(text: &str, mut fails: impl FnMut(&str) -> bool) -> String {
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    let mut still_fails = |lines: &[String]| fails(&(lines.join("\n") + "\n"));
    // Long stretches first, so that little is left for the single statements.
    let mut length = lines.len() / 2;
    while length > 3 {
        let mut first = 0;
        while first + length <= lines.len() {
            let mut fewer = lines.clone();
            fewer.drain(first..first + length);
            match still_fails(&fewer) {
                true => lines = fewer,
                false => first += length,
            }
        }
        length /= 2;
    }
    loop {
        let before = lines.len();
        let mut at = 0;
        while let Some(unit) = units(&lines).get(at).copied() {
            let without = |unit: Unit| {
                let mut fewer = lines.clone();
                fewer.drain(unit.first..=unit.last);
                fewer
            };
            let unwrapped = || {
                let mut fewer = lines.clone();
                fewer.remove(unit.last);
                fewer.remove(unit.first);
                fewer
            };
            let fewer = without(unit);
            if still_fails(&fewer) {
                lines = fewer;
            } else if unit.is_block() && still_fails(&unwrapped()) {
                lines = unwrapped();
            } else {
                at += 1;
            }
        }
        if lines.len() == before {
            return lines.join("\n") + "\n";
        }
    }
}

/// Finds what matters in a text where it is known: a fuzz run that can't do this would show what it finds badly.
pub(super) fn check() {
    let text = "a\nfor\n\tb\n\tif\n\t\tneedle\n\tend\nend\nfor\n\tc\nend\nd\ntwo\n";
    let lines: Vec<String> = text.lines().map(str::to_owned).collect();
    let firsts: Vec<(usize, usize)> = units(&lines).iter().map(|it| (it.first, it.last)).collect();
    let expected = [
        (0, 0),
        (1, 6),
        (2, 2),
        (3, 5),
        (4, 4),
        (7, 9),
        (8, 8),
        (10, 10),
        (11, 11),
    ];
    assert_eq!(firsts, expected);
    let found = smallest(text, |text| {
        text.contains("needle\n") && text.contains("two\n")
    });
    assert_eq!(found, "\t\tneedle\ntwo\n");
}
