//! The known name that somebody probably meant.

/// The name that differs least from `name`, in at most a third of its letters; the first of equals.
pub(super) fn nearest<'a>(name: &str, known: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let limit = (name.len() / 3).clamp(1, 3);
    let mut best: Option<(usize, &str)> = None;
    for candidate in known.filter(|candidate| *candidate != name) {
        let bound = best.map_or(limit, |(distance, _)| distance - 1);
        if let Some(distance) = distance(name.as_bytes(), candidate.as_bytes(), bound) {
            best = Some((distance, candidate));
        }
        if best.is_some_and(|(distance, _)| distance == 1) {
            break;
        }
    }
    best.map(|(_, candidate)| candidate)
}

/// The number of slips (insert, delete, replace, swap of neighbours) between two words, if it is at
/// most `limit`.
fn distance(a: &[u8], b: &[u8], limit: usize) -> Option<usize> {
    if a.len().abs_diff(b.len()) > limit {
        return None;
    }
    let mut before: Vec<usize> = vec![];
    let mut above: Vec<usize> = (0..=b.len()).collect();
    for i in 1..=a.len() {
        let mut row = vec![i];
        for j in 1..=b.len() {
            let replaced = above[j - 1] + usize::from(a[i - 1] != b[j - 1]);
            let mut least = replaced.min(above[j] + 1).min(row[j - 1] + 1);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                least = least.min(before[j - 2] + 1);
            }
            row.push(least);
        }
        if row.iter().all(|slips| *slips > limit) {
            return None;
        }
        before = std::mem::replace(&mut above, row);
    }
    above.last().copied().filter(|slips| *slips <= limit)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_is_recognised_and_another_word_is_not() {
        let known = ["base", "economy", "price-api", "weather"];
        let near = |name| nearest(name, known.into_iter());
        assert_eq!(near("bsae"), Some("base"));
        assert_eq!(near("bas"), Some("base"));
        assert_eq!(near("price_api"), Some("price-api"));
        assert_eq!(near("economics"), Some("economy"));
        assert_eq!(near("bsea"), None, "two slips in four letters");
        assert_eq!(near("terrain"), None);
    }

    #[test]
    fn of_several_the_nearest_wins_and_then_the_first() {
        assert_eq!(
            nearest("basics", ["bases", "basis"].into_iter()),
            Some("basis")
        );
        assert_eq!(nearest("base", ["bass", "bask"].into_iter()), Some("bass"));
    }
}
