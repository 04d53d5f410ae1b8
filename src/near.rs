//! [`near`]: which of the legal names somebody meant who wrote another one.

/// Names longer than this are not compared: nobody mistypes a name of 64 characters.
const CHARS_MAX: usize = 64;

/// The name of `legal` that `written` was probably meant to be, if one is near enough.
pub(crate) fn near<'l>(written: &str, legal: impl IntoIterator<Item = &'l str>) -> Option<&'l str> {
    let written = normal(written)?;
    legal
        .into_iter()
        .filter_map(|name| Some((far(&written, &normal(name)?)?, name)))
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, name)| name)
}

/// `names` as people list them: `a, b or c`.
pub(crate) fn one_of<'n>(names: impl IntoIterator<Item = &'n str>) -> String {
    let names: Vec<&str> = names.into_iter().collect();
    match names.split_last() {
        None => String::new(),
        Some((only, [])) => (*only).to_owned(),
        Some((last, others)) => format!("{} or {last}", others.join(", ")),
    }
}

/// Case and the choice of `-` or `_` never tell two names apart here.
fn normal(name: &str) -> Option<Vec<char>> {
    let chars: Vec<char> = name
        .chars()
        .take(CHARS_MAX + 1)
        .map(|c| {
            if c == '-' {
                '_'
            } else {
                c.to_ascii_lowercase()
            }
        })
        .collect();
    (chars.len() <= CHARS_MAX).then_some(chars)
}

/// How far two names are from each other, or `None` if too far for a hint: a third of the longer one
/// may be wrong, or one may be the beginning of the other.
fn far(written: &[char], name: &[char]) -> Option<usize> {
    let longer = written.len().max(name.len());
    let shorter = written.len().min(name.len());
    let distance = edits(written, name);
    let is_beginning = shorter >= 3 && written[..shorter] == name[..shorter];
    (is_beginning || distance * 3 <= longer.max(3)).then_some(distance)
}

/// The edits from `a` to `b`: insertions, deletions, replacements, and swaps of neighbours.
fn edits(a: &[char], b: &[char]) -> usize {
    let mut before: Vec<usize> = Vec::new();
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
        before = above;
        above = row;
    }
    above[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEYS: &[&str] = &["id", "name", "version", "dependencies", "debounce_delay"];

    fn check(written: &str, meant: Option<&str>) {
        assert_eq!(near(written, KEYS.iter().copied()), meant, "{written}");
    }

    #[test]
    fn a_typo_a_swap_a_beginning_and_another_case_are_understood() {
        check("nmae", Some("name"));
        check("verison", Some("version"));
        check("ID", Some("id"));
        check("depend", Some("dependencies"));
        check("debounce-delay", Some("debounce_delay"));
    }

    #[test]
    fn a_name_that_is_like_none_gets_no_hint() {
        check("colour", None);
        check("", None);
        check("x", None);
        check(&"name".repeat(1000), None);
    }

    #[test]
    fn a_list_of_names_reads_as_a_choice() {
        assert_eq!(one_of(["a"]), "a");
        assert_eq!(one_of(["a", "b", "c"]), "a, b or c");
    }
}
