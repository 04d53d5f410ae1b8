//! [`near`]: which of the legal names somebody meant who wrote another one.

/// Names longer than this are not compared: nobody mistypes a name of 64 characters.
const CHARS_MAX: usize = 64;

/// The name of `legal` that `written` was probably meant to be, if one is near enough; of equally near ones
/// the first.
pub(crate) fn near<'l>(written: &str, legal: impl IntoIterator<Item = &'l str>) -> Option<&'l str> {
    let written = Name::of(written)?;
    let mut best = None;
    // Only fewer edits are better.
    let mut edits_max = CHARS_MAX;
    for name in legal {
        if let Some(edits) = Name::of(name).and_then(|name| far(&written, &name, edits_max)) {
            best = Some(name);
            match edits.checked_sub(1) {
                Some(fewer) => edits_max = fewer,
                None => break,
            }
        }
    }
    best
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

/// A name as it is compared: case and the choice of `-` or `_` never tell two names apart here.
struct Name<'n> {
    name: &'n str,
    count: usize,
    /// A bit for each character in it; some share one.
    letters: u64,
}

impl<'n> Name<'n> {
    /// `None` if it is too long.
    fn of(name: &'n str) -> Option<Name<'n>> {
        let mut read = Name {
            name,
            count: 0,
            letters: 0,
        };
        for c in read.chars() {
            read.count += 1;
            read.letters |= 1 << (u32::from(c) % 64);
        }
        (read.count <= CHARS_MAX).then_some(read)
    }

    fn chars(&self) -> impl Iterator<Item = char> + use<'n> {
        self.name.chars().map(|c| match c {
            '-' => '_',
            c => c.to_ascii_lowercase(),
        })
    }

    /// So many edits at least lead from one to the other.
    fn edits_min(&self, other: &Name) -> usize {
        // One edit takes one letter away and adds one, at most.
        let missing = (self.letters & !other.letters).count_ones();
        let added = (other.letters & !self.letters).count_ones();
        missing.max(added) as usize
    }
}

/// How far two names are from each other, or `None` if it is more than `edits_max`, or too far for a hint: a
/// third of the longer one may be wrong, or one may be the beginning of the other.
fn far(written: &Name, name: &Name, edits_max: usize) -> Option<usize> {
    let longer = written.count.max(name.count);
    let shorter = written.count.min(name.count);
    if longer - shorter > edits_max {
        return None;
    }
    if shorter >= 3 && written.chars().zip(name.chars()).all(|(a, b)| a == b) {
        return Some(longer - shorter);
    }
    let edits_max = edits_max.min(longer.max(3) / 3);
    if written.edits_min(name) > edits_max {
        return None;
    }
    let (written, name): (Vec<char>, Vec<char>) =
        (written.chars().collect(), name.chars().collect());
    let edits = edits(&written, &name);
    (edits <= edits_max).then_some(edits)
}

/// The edits from `a` to `b`: insertions, deletions, replacements, and swaps of neighbours.
fn edits(a: &[char], b: &[char]) -> usize {
    let mut rows = [[0; CHARS_MAX + 1]; 3];
    let [mut before, mut above, mut row] = rows.each_mut();
    for (j, edits) in above.iter_mut().enumerate() {
        *edits = j;
    }
    for i in 1..=a.len() {
        row[0] = i;
        for j in 1..=b.len() {
            let replaced = above[j - 1] + usize::from(a[i - 1] != b[j - 1]);
            let mut least = replaced.min(above[j] + 1).min(row[j - 1] + 1);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                least = least.min(before[j - 2] + 1);
            }
            row[j] = least;
        }
        (before, above, row) = (above, row, before);
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
    fn what_is_left_out_of_the_comparison_is_not_near() {
        let letters = ["", "a", "b", "-"];
        let mut words = vec![String::new()];
        for _ in 0..4 {
            let longer = words
                .iter()
                .flat_map(|word| letters.map(|it| format!("{word}{it}")));
            words = longer.collect();
            words.sort();
            words.dedup();
        }
        for written in &words {
            let chars = |word: &str| word.replace('-', "_").chars().collect::<Vec<char>>();
            let plainly_far = |name: &&str| {
                let (a, b) = (chars(written), chars(name));
                let is_beginning =
                    a.len().min(b.len()) >= 3 && a.iter().zip(&b).all(|(a, b)| a == b);
                let edits = edits(&a, &b);
                let is_near = is_beginning || edits * 3 <= a.len().max(b.len()).max(3);
                is_near.then_some(edits)
            };
            for place in 0..words.len() {
                let legal = || words[place..].iter().step_by(7).map(String::as_str);
                let nearest = legal().filter(|it| plainly_far(it).is_some());
                assert_eq!(
                    near(written, legal()),
                    nearest.min_by_key(plainly_far),
                    "{written}"
                );
            }
        }
    }

    #[test]
    fn a_list_of_names_reads_as_a_choice() {
        assert_eq!(one_of(["a"]), "a");
        assert_eq!(one_of(["a", "b", "c"]), "a, b or c");
    }
}
