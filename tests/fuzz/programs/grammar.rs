//! The grammar of random programs, as `grammar.txt` has it.

use crate::random::Random;

const TEXT: &str = include_str!("grammar.txt");

/// The names that every file of a program has.
pub(super) const PREAMBLE: &str = r#"local n1, n2, s1, s2 = 1, 2, "one", "two"
local t1, t2, t3 = {}, { 1, 2, 3 }, { x = { y = 1 } }
local x1, x2, i, k, v, a, b, e
local function f1(...) return ... end
local f2 = function(x) n1 = n1 + 1 return x end
mod.state.count = 0 mod.state.units = { t1, t2 }
"#;

/// What a file that others require ends with.
pub(super) const MODULE_END: &str = "return { f = f1, t = t1, n = n1, x = x1 }";

/// Statements of one line, and statements with a block in them.
pub(super) const STATEMENT: char = 'i';
pub(super) const BLOCK: char = 'B';

/// What stands for the statements of a block in a template.
pub(super) const BODY: &str = "{}";

/// Kinds of text, each with its templates.
pub(super) struct Grammar(Vec<Kind>);

struct Kind {
    letter: char,
    /// How many templates, from the first, have nothing large in them.
    leaves: usize,
    templates: Vec<&'static str>,
}

impl Grammar {
    pub(super) fn read() -> Grammar {
        let mut kinds: Vec<Kind> = Vec::new();
        let lines = TEXT.lines().filter(|line| !line.is_empty());
        for line in lines.filter(|line| !line.starts_with("# ")) {
            if let Some((letter, _)) = line.strip_prefix('[').and_then(|it| it.split_once("] ")) {
                kinds.push(Kind {
                    letter: letter.chars().next().expect("a kind has a letter"),
                    leaves: usize::MAX,
                    templates: Vec::new(),
                });
                continue;
            }
            let kind = kinds.last_mut().expect("a template belongs to a kind");
            match line {
                "---" => kind.leaves = kind.templates.len(),
                _ => kind.templates.push(line),
            }
        }
        Grammar(kinds)
    }

    /// A template of the kind `letter`; one with nothing large in it if the program is deep enough.
    pub(super) fn template(
        &self,
        letter: char,
        is_deep: bool,
        random: &mut Random,
    ) -> &'static str {
        let kind = self.0.iter().find(|kind| kind.letter == letter);
        let kind = kind.unwrap_or_else(|| panic!("the grammar has no kind `{letter}`"));
        let leaves = kind.leaves.min(kind.templates.len());
        let count = match is_deep {
            true => leaves,
            false => kind.templates.len(),
        };
        random.pick(&kind.templates[..count])
    }
}
