//! Globs on whole relative paths, matched name by name so that no pattern takes long.
//!
//! A pattern comes from a mod, so it may be hostile: `*a*a*a*a*a*/x` matched over a whole path
//! backtracks without end. Within one name a mismatch at its end is final, so there it does not; `**`
//! between names is matched here, going back only to the last one.

use glob::Pattern;

/// The longest pattern, in bytes.
const GLOB_BYTES_MAX: usize = 512;

/// A compiled glob.
#[derive(Clone, Debug)]
pub(super) struct PathGlob {
    parts: Vec<Part>,
}

#[derive(Clone, Debug)]
enum Part {
    /// `**`: any number of folders.
    Folders,
    /// One name.
    Name(Pattern),
}

impl PathGlob {
    /// Compiles `*`, `?` and `[…]` within a name, `**` for any folders.
    ///
    /// # Errors
    /// Why it is no glob; completes "the pattern …".
    pub(super) fn new(pattern: &str) -> Result<PathGlob, String> {
        if pattern.is_empty() {
            return Err("is empty".to_owned());
        }
        if pattern.len() > GLOB_BYTES_MAX {
            return Err(format!("is longer than {GLOB_BYTES_MAX} bytes"));
        }
        let mut parts = Vec::new();
        for name in pattern.split('/') {
            match name {
                "" => return Err("has an empty name between two slashes".to_owned()),
                "." | ".." => return Err(format!("contains `{name}`, which no path here has")),
                "**" => parts.push(Part::Folders),
                name => parts.push(Part::Name(
                    Pattern::new(name).map_err(|e| format!("is not a glob: {}", e.msg))?,
                )),
            }
        }
        if let Some(Part::Folders) = parts.last() {
            // `a/**` is everything in `a`, not `a` itself.
            parts.push(Part::Name(Pattern::new("*").unwrap_or_default()));
        }
        Ok(PathGlob { parts })
    }

    /// Whether the path of these names matches as a whole.
    pub(super) fn matches(&self, names: &[&str]) -> bool {
        let (mut part, mut at) = (0, 0);
        let mut after_folders: Option<(usize, usize)> = None;
        while at < names.len() {
            match self.parts.get(part) {
                Some(Part::Folders) => {
                    part += 1;
                    after_folders = Some((part, at));
                }
                Some(Part::Name(pattern)) if pattern.matches(names[at]) => {
                    part += 1;
                    at += 1;
                }
                _ => match after_folders {
                    Some((first_part, first)) => {
                        after_folders = Some((first_part, first + 1));
                        (part, at) = (first_part, first + 1);
                    }
                    None => return false,
                },
            }
        }
        part == self.parts.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(pattern: &str, path: &str, matches: bool) {
        let names: Vec<&str> = path.split('/').collect();
        let found = PathGlob::new(pattern).unwrap().matches(&names);
        assert_eq!(found, matches, "{pattern} on {path}");
    }

    #[test]
    fn stars_stay_within_a_name_and_double_stars_cross_folders() {
        check("*.lua", "main.lua", true);
        check("*.lua", "scripts/main.lua", false);
        check("**/*.lua", "main.lua", true);
        check("**/*.lua", "a/b/main.lua", true);
        check("scripts/**", "scripts/a/b.lua", true);
        check("scripts/**", "scripts", false);
        check("a/**/b/**/c", "a/x/b/y/b/z/c", true);
        check("a/**/b/**/c", "a/x/b/y/b/z/d", false);
        check("**", "a/b", true);
        check("[ab]?.txt", "ax.txt", true);
    }

    #[test]
    fn what_is_no_glob_is_refused_with_the_reason() {
        for (pattern, why) in [
            ("", "empty"),
            ("a//b", "empty name"),
            ("../x", "`..`"),
            ("[a", "not a glob"),
            ("a**", "not a glob"),
            (&"a".repeat(600), "longer"),
        ] {
            let because = PathGlob::new(pattern).unwrap_err();
            assert!(because.contains(why), "{pattern}: {because}");
        }
    }

    #[test]
    fn a_hostile_pattern_ends_at_once() {
        let stars = "*a".repeat(200);
        let name = "a".repeat(255);
        check(
            &format!("**/{stars}b/x"),
            &format!("{name}/{name}/x"),
            false,
        );
        check(
            &format!("{}b", "**/a/".repeat(90)),
            &["a"; 60].join("/"),
            false,
        );
    }

    proptest::proptest! {
        #[test]
        fn matching_agrees_with_the_plain_recursive_meaning(
            parts in proptest::collection::vec("(\\*\\*|a|b|\\*)", 1..6),
            names in proptest::collection::vec("(a|b|c)", 1..7),
        ) {
            fn plain(parts: &[&str], names: &[&str]) -> bool {
                match (parts.split_first(), names.split_first()) {
                    (None, None) => true,
                    (Some((&"**", [])), _) => !names.is_empty(),
                    (Some((&"**", rest)), _) => {
                        plain(rest, names) || (!names.is_empty() && plain(parts, &names[1..]))
                    }
                    (Some((&part, rest)), Some((&name, others))) => {
                        (part == "*" || part == name) && plain(rest, others)
                    }
                    _ => false,
                }
            }
            let parts: Vec<&str> = parts.iter().map(String::as_str).collect();
            let names: Vec<&str> = names.iter().map(String::as_str).collect();
            let found = PathGlob::new(&parts.join("/")).unwrap().matches(&names);
            proptest::prop_assert_eq!(found, plain(&parts, &names));
        }
    }
}
