//! [`Ignore`]: which paths never count, by patterns with the meaning that `.gitignore` gave them.

use std::sync::Arc;

use super::glob::PathGlob;
use crate::problem::{Code, Place, Problem};

/// The most patterns of one list.
const PATTERNS_MAX: usize = 256;

/// Names looked at of one path; nothing deeper is ever read or watched.
const DEPTH_MAX: usize = 64;

/// What Lunation itself writes into a mods folder.
const ALWAYS: &[&str] = &[".lunation"];

/// Which paths of a mods folder never count.
///
/// A pattern matches the end of a relative path: `*.tmp` in every folder, `.git/*` below every `.git`.
/// A leading `/` ties it to the mods folder, a trailing one limits it to folders. What lies in an
/// ignored folder is ignored.
///
/// ```
/// use lunation::change::Ignore;
/// let (ignore, problems) = Ignore::new(&["*.tmp".to_owned(), ".git/*".to_owned()]);
/// assert!(problems.is_empty());
/// assert!(ignore.hides("economy/.git/objects/a1"));
/// assert!(!ignore.hides("economy/scripts/main.lua"));
/// ```
#[derive(Clone, Debug, Default)]
pub struct Ignore {
    patterns: Vec<IgnorePattern>,
    /// Where a single file counts: its name.
    all_but: Option<Arc<str>>,
}

#[derive(Clone, Debug)]
struct IgnorePattern {
    /// Only from the mods folder itself.
    anchored: bool,
    /// Only folders.
    folders_only: bool,
    glob: PathGlob,
    /// The folder all of whose content is ignored, so that it need not be entered: `.git` of `.git/*`.
    emptied: Option<PathGlob>,
}

impl Ignore {
    /// Compiles the patterns of `lunation.toml`; one that is no glob is left out, with a problem.
    pub fn new(patterns: &[String]) -> (Ignore, Vec<Problem>) {
        let mut problems = Vec::new();
        if patterns.len() > PATTERNS_MAX {
            problems.push(problem(&format!(
                "has {} ignore patterns; the first {PATTERNS_MAX} are used",
                patterns.len()
            )));
        }
        let own = ALWAYS.iter().copied();
        let given = patterns.iter().map(String::as_str).take(PATTERNS_MAX);
        let mut ignore = Ignore::default();
        for pattern in own.chain(given) {
            match IgnorePattern::new(pattern) {
                Ok(compiled) => ignore.patterns.push(compiled),
                Err(why) => problems.push(problem(&format!(
                    "has the ignore pattern `{pattern}`, which {why}"
                ))),
            }
        }
        (ignore, problems)
    }

    /// Ignores everything but the file `name`, directly in the folder.
    pub fn all_but(name: impl Into<Arc<str>>) -> Ignore {
        Ignore {
            patterns: Vec::new(),
            all_but: Some(name.into()),
        }
    }

    /// Whether `path` itself matches, given that no folder above it does.
    pub fn matches(&self, path: &str, is_folder: bool) -> bool {
        if let Some(name) = &self.all_but {
            return is_folder || *path != **name;
        }
        self.matches_names(&names(path), is_folder)
    }

    /// Whether `path`, or a folder above it, is ignored.
    pub fn hides(&self, path: &str) -> bool {
        if self.all_but.is_some() {
            return self.matches(path, false);
        }
        let names = names(path);
        (1..names.len()).any(|end| self.matches_names(&names[..end], true))
            || self.matches_names(&names, false)
    }

    fn matches_names(&self, names: &[&str], is_folder: bool) -> bool {
        self.patterns.iter().any(|p| p.matches(names, is_folder))
    }
}

impl IgnorePattern {
    fn new(pattern: &str) -> Result<IgnorePattern, String> {
        if pattern.starts_with('!') {
            return Err("starts with `!`: only what is ignored can be listed".to_owned());
        }
        let (anchored, rest) = match pattern.strip_prefix('/') {
            Some(rest) => (true, rest),
            None => (false, pattern),
        };
        let (folders_only, rest) = match rest.strip_suffix('/') {
            Some(rest) => (true, rest),
            None => (false, rest),
        };
        let emptied = rest
            .strip_suffix("/*")
            .or_else(|| rest.strip_suffix("/**"))
            .map(PathGlob::new)
            .transpose()?;
        Ok(IgnorePattern {
            anchored,
            folders_only,
            glob: PathGlob::new(rest)?,
            emptied,
        })
    }

    fn matches(&self, names: &[&str], is_folder: bool) -> bool {
        let starts = if self.anchored { 1 } else { names.len() };
        let any = |glob: &PathGlob| (0..starts).any(|start| glob.matches(&names[start..]));
        (is_folder || !self.folders_only) && any(&self.glob)
            || is_folder && self.emptied.as_ref().is_some_and(any)
    }
}

fn names(path: &str) -> Vec<&str> {
    path.split('/').take(DEPTH_MAX).collect()
}

fn problem(because: &str) -> Problem {
    Problem::error(Code::BAD_VALUE, because)
        .at(Place::file("lunation.toml"))
        .hint("write a glob such as `*.tmp` or `target/*`, one for each thing to ignore")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::Settings;

    fn ignore(patterns: &[&str]) -> Ignore {
        let owned: Vec<String> = patterns.iter().map(|p| (*p).to_owned()).collect();
        let (ignore, problems) = Ignore::new(&owned);
        assert_eq!(problems, []);
        ignore
    }

    fn check(pattern: &str, path: &str, hidden: bool) {
        assert_eq!(
            ignore(&[pattern]).hides(path),
            hidden,
            "{pattern} on {path}"
        );
    }

    #[test]
    fn a_pattern_matches_in_every_folder() {
        check("*.tmp", "economy/a/b.tmp", true);
        check("*.tmp", "b.tmp", true);
        check("*.tmp", "economy/b.tmpx", false);
        check("4913", "economy/scripts/4913", true);
        check(".git/*", "economy/.git/x", true);
        check(".git/*", "economy/.git/x/y/z", true);
        check(".git/*", ".git/x", true);
        check(".git/*", "economy/git/x", false);
        check("target/*", "economy/targets/x", false);
        check("a/b", "x/a/b", true);
        check("a/b", "x/a/c/b", false);
        check("a/**/b", "x/a/c/d/b", true);
    }

    #[test]
    fn what_lies_in_an_ignored_folder_is_ignored() {
        check("node_modules", "economy/node_modules/a/b.lua", true);
        check("build/", "economy/build/a.lua", true);
        check("build/", "economy/build", false);
    }

    #[test]
    fn a_leading_slash_ties_a_pattern_to_the_mods_folder() {
        check("/economy/old", "economy/old/a.lua", true);
        check("/old", "economy/old", false);
    }

    #[test]
    fn a_folder_whose_whole_content_is_ignored_is_not_entered() {
        let ignore = ignore(&[".git/*", "target/**"]);
        assert!(ignore.matches("economy/.git", true));
        assert!(ignore.matches("economy/target", true));
        assert!(!ignore.matches("economy/.git", false));
    }

    #[test]
    fn a_single_file_can_be_all_that_counts() {
        let ignore = Ignore::all_but("ai.lua");
        assert!(!ignore.hides("ai.lua"));
        assert!(!ignore.matches("ai.lua", false));
        for other in ["ai.lua~", "b.lua", "sub/ai.lua", "sub"] {
            assert!(ignore.hides(other), "{other}");
        }
        assert!(ignore.matches("ai.lua", true), "a folder in its place");
    }

    #[test]
    fn the_own_folder_is_always_ignored() {
        let (ignore, _) = Ignore::new(&[]);
        assert!(ignore.hides(".lunation/history/a"));
        assert!(!ignore.hides("lunation.toml"));
    }

    #[test]
    fn the_default_patterns_hide_editor_litter_and_nothing_of_a_mod() {
        let (ignore, problems) = Ignore::new(&Settings::default().hot_reload.ignore_patterns);
        assert_eq!(problems, []);
        for litter in [
            "economy/scripts/.main.lua.swp",
            "economy/scripts/main.lua~",
            "economy/scripts/4913",
            "economy/.git/index.lock",
            "economy/target/debug/x",
        ] {
            assert!(ignore.hides(litter), "{litter}");
        }
        for file in [
            "economy/mod.toml",
            "economy/scripts/main.lua",
            "lunation.toml",
        ] {
            assert!(!ignore.hides(file), "{file}");
        }
    }

    #[test]
    fn a_pattern_that_is_no_glob_is_named_and_left_out() {
        let patterns = ["[".to_owned(), "!keep.lua".to_owned(), "*.tmp".to_owned()];
        let (ignore, problems) = Ignore::new(&patterns);
        assert_eq!(problems.len(), 2);
        assert!(problems[0].because.contains("`[`"), "{}", problems[0]);
        assert!(problems[1].because.contains("starts with `!`"));
        assert!(ignore.hides("a.tmp"));
    }

    #[test]
    fn a_path_of_thousands_of_folders_costs_little() {
        let deep = vec!["a"; 2000].join("/");
        assert!(!ignore(&["**/b/**/c", "a/a/a/b"]).hides(&deep));
    }
}
