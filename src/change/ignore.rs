//! [`Ignore`]: which paths never count, by patterns with the meaning that `.gitignore` gave them.

use std::sync::Arc;

use super::glob::PathGlob;
use crate::problem::{Code, Place, Problem};

/// The most patterns of one list.
const PATTERNS_MAX: usize = 256;

/// Names looked at of one path; nothing deeper is ever read or watched.
const DEPTH_MAX: usize = 64;

/// What Lunation itself writes into a mods folder, and version control, whatever the settings say: no mod has
/// files there, and what happens there is no change of a mod.
const ALWAYS: &[&str] = &[".lunation", ".git", ".hg", ".svn", ".jj"];

/// What editors and tools leave beside the files that they write, and folders that they fill. It is ignored unless
/// a pattern takes it back.
const LITTER: &[&str] = &[
    // vim: swap files.
    "*.swo",
    "*.swx",
    // Emacs: locks, and what it saves by itself.
    ".#*",
    "#*#",
    // VS Code, JetBrains, GNOME and rsync: the new content before it is renamed into place.
    "*.vsctmp",
    "*___jb_tmp___",
    "*___jb_old___",
    ".goutputstream-*",
    ".*.??????",
    ".idea",
    ".vscode",
    "node_modules",
];

/// Which paths of a mods folder never count.
///
/// A pattern matches the end of a relative path: `*.tmp` in every folder, `.git/*` below every `.git`.
/// A leading `/` ties it to the mods folder, a trailing one limits it to folders. A leading `!` takes back what
/// patterns before it ignore: the last one that matches decides. What lies in an ignored folder is ignored, whatever
/// patterns say of it.
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
    always: Vec<IgnorePattern>,
    patterns: Vec<IgnorePattern>,
    /// Where a single file counts: its name.
    all_but: Option<Arc<str>>,
}

#[derive(Clone, Debug)]
struct IgnorePattern {
    /// It takes back what others ignore.
    takes_back: bool,
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
        let always = ALWAYS.iter().flat_map(|name| IgnorePattern::new(name));
        let mut ignore = Ignore {
            always: always.collect(),
            ..Ignore::default()
        };
        let given = patterns.iter().map(String::as_str).take(PATTERNS_MAX);
        for pattern in LITTER.iter().copied().chain(given) {
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
            all_but: Some(name.into()),
            ..Ignore::default()
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
        let matches = |pattern: &&IgnorePattern| pattern.matches(names, is_folder);
        let deciding = self.patterns.iter().rfind(matches);
        self.always.iter().any(|pattern| matches(&pattern))
            || deciding.is_some_and(|pattern| !pattern.takes_back)
    }
}

impl IgnorePattern {
    fn new(pattern: &str) -> Result<IgnorePattern, String> {
        let (takes_back, rest) = match pattern.strip_prefix('!') {
            Some(rest) => (true, rest),
            None => (false, pattern),
        };
        let (anchored, rest) = match rest.strip_prefix('/') {
            Some(rest) => (true, rest),
            None => (false, rest),
        };
        let (folders_only, rest) = match rest.strip_suffix('/') {
            Some(rest) => (true, rest),
            None => (false, rest),
        };
        let emptied = rest
            .strip_suffix("/*")
            .or_else(|| rest.strip_suffix("/**"))
            .map(PathGlob::new)
            .transpose()?
            // `!a/*` says nothing of `a`.
            .filter(|_| !takes_back);
        Ok(IgnorePattern {
            takes_back,
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
        assert!(!ignore.matches("economy/target", false));
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
    fn the_own_folder_and_those_of_version_control_are_always_ignored() {
        let ignore = ignore(&["*.tmp", "!.git/config", "!.lunation"]);
        for path in [
            ".lunation/history/a",
            "economy/.git",
            "economy/.git/config",
            ".hg/wlock",
        ] {
            assert!(ignore.hides(path), "{path}");
        }
        assert!(!ignore.hides("lunation.toml"));
        assert!(!ignore.hides("economy/.gitignore"));
    }

    #[test]
    fn the_last_pattern_that_matches_decides() {
        let ignore = ignore(&[
            "*.log",
            "!ship.log",
            "/economy/*.log",
            "logs/",
            "!logs/keep.lua",
            "!.vscode",
        ]);
        for (path, hidden) in [
            ("weather/a.log", true),
            ("weather/ship.log", false),
            ("economy/ship.log", true),
            ("weather/logs/keep.lua", true),
            ("weather/.vscode/a.json", false),
            ("weather/.idea/a.xml", true),
        ] {
            assert_eq!(ignore.hides(path), hidden, "{path}");
        }
    }

    #[test]
    fn the_default_patterns_hide_editor_litter_and_nothing_of_a_mod() {
        let (ignore, problems) = Ignore::new(&Settings::default().hot_reload.ignore_patterns);
        assert_eq!(problems, []);
        for litter in [
            "economy/scripts/.main.lua.swp",
            "economy/scripts/main.lua~",
            "economy/scripts/4913",
            "economy/scripts/.main.lua.swx",
            "economy/scripts/.#main.lua",
            "economy/scripts/#main.lua#",
            "economy/scripts/main.lua___jb_tmp___",
            "economy/scripts/main.lua___jb_old___",
            "economy/scripts/.main.lua.Ab12Cd",
            "economy/scripts/.goutputstream-AB12CD",
            "economy/.idea/workspace.xml",
            "economy/.vscode/settings.json",
            "economy/node_modules/a/index.js",
            "economy/.git/index.lock",
            "economy/target/debug/x",
        ] {
            assert!(ignore.hides(litter), "{litter}");
        }
        for file in [
            "economy/mod.toml",
            "economy/scripts/main.lua",
            "economy/scripts/a#b.lua",
            "economy/.luarc.json",
            "economy/.stylua.toml",
            "lunation.toml",
        ] {
            assert!(!ignore.hides(file), "{file}");
        }
    }

    #[test]
    fn a_pattern_that_is_no_glob_is_named_and_left_out() {
        let patterns = ["[".to_owned(), "!".to_owned(), "*.tmp".to_owned()];
        let (ignore, problems) = Ignore::new(&patterns);
        assert_eq!(problems.len(), 2);
        assert!(problems[0].because.contains("`[`"), "{}", problems[0]);
        assert!(problems[1].because.contains("is empty"));
        assert!(ignore.hides("a.tmp"));
    }

    #[test]
    fn a_path_of_thousands_of_folders_costs_little() {
        let deep = vec!["a"; 2000].join("/");
        assert!(!ignore(&["**/b/**/c", "a/a/a/b"]).hides(&deep));
    }
}
