//! Random programs of a mod and its neighbour, from the grammar; and random edits of them.

use crate::random::Random;

use super::grammar::{BLOCK, BODY, Grammar, MODULE_END, PREAMBLE, STATEMENT};
use super::program::{STEPS, settings};
use super::units::{self, Unit};

/// How deep expressions and blocks go.
const DEPTH_MAX: usize = 4;

/// The most statements of a file, at its top.
const STATEMENTS_MAX: usize = 16;

/// The most statements of a block.
const BLOCK_MAX: usize = 4;

/// Of so many statements of one line, one is not protected.
const BARE_AT_TOP: usize = 60;
const BARE_INSIDE: usize = 4;

/// The most steps of a life, and versions of the main script.
const STEPS_MAX: usize = 18;
const VERSIONS: usize = 3;

/// Settings that differ from program to program.
const UNCARRYABLE: [&str; 3] = ["refuse", "drop", "drain"];

/// The program of `seed`, as a file of `regressions` has it.
pub(super) fn program(grammar: &Grammar, seed: u64) -> String {
    let mut random = Random::new(seed);
    let mut text = format!("-- From seed {seed}.\n");
    for _ in 0..=random.below(STEPS_MAX) {
        let (name, _) = STEPS[random.below(STEPS.len())];
        text += &format!("-- > {name}\n");
    }
    let mut script = Writer::new(grammar, &mut random).script();
    for version in 0..VERSIONS {
        if version > 0 {
            script = edited(grammar, &script, &mut random);
            text += "--@ next\n";
        }
        text += &script;
    }
    let uncarryable = random.pick(&UNCARRYABLE);
    let files = [
        ("mods/wild/scripts/part.lua", MODULE_END),
        ("mods/neighbour/scripts/part.lua", MODULE_END),
        ("mods/neighbour/scripts/main.lua", ""),
    ];
    for (path, end) in files {
        let script = Writer::new(grammar, &mut random).script();
        text += &format!("--@ file {path}\n{script}{end}\n");
    }
    if random.below(2) == 0 {
        text += "--@ file mods/neighbour/mod.toml\nid = 'neighbour'\nversion = '1.0.0'\n[dependencies]\n\
            bystander = '*'\nwild = { version = '*', optional = true }\n";
    }
    text + &format!("--@ file mods/lunation.toml\n{}", settings(uncarryable))
}

/// `script` with a few statements taken away, doubled or new.
fn edited(grammar: &Grammar, script: &str, random: &mut Random) -> String {
    let mut lines: Vec<String> = script.lines().map(str::to_owned).collect();
    for _ in 0..=random.below(4) {
        let units = units::units(&lines);
        if units.is_empty() {
            break;
        }
        let Unit { first, last, depth } = units[random.below(units.len())];
        match random.below(3) {
            0 => drop(lines.drain(first..=last)),
            1 => {
                let again = lines[first..=last].to_vec();
                lines.splice(first..first, again);
            }
            _ => {
                let mut writer = Writer::new(grammar, random);
                writer.indent = depth;
                writer.statement();
                let new: Vec<String> = writer.text.lines().map(str::to_owned).collect();
                lines.splice(first..first, new);
            }
        }
    }
    lines.iter().map(|line| format!("{line}\n")).collect()
}

struct Writer<'r> {
    grammar: &'r Grammar,
    random: &'r mut Random,
    text: String,
    indent: usize,
}

impl Writer<'_> {
    fn new<'r>(grammar: &'r Grammar, random: &'r mut Random) -> Writer<'r> {
        Writer {
            grammar,
            random,
            text: String::new(),
            indent: 0,
        }
    }

    fn script(mut self) -> String {
        self.text += PREAMBLE;
        for _ in 0..=self.random.below(STATEMENTS_MAX) {
            self.statement();
        }
        self.text
    }

    fn line(&mut self, line: &str) {
        for _ in 0..self.indent {
            self.text.push('\t');
        }
        self.text += line;
        self.text.push('\n');
    }

    /// One statement. Most of those of one line are protected: an error would end what they stand in.
    fn statement(&mut self) {
        let is_block = self.indent < DEPTH_MAX && self.random.below(5) < 2;
        if !is_block {
            let statement = self.expand(STATEMENT, self.indent);
            let bare = [BARE_AT_TOP, BARE_INSIDE][usize::from(self.indent > 0)];
            return match self.random.below(bare) {
                0 => self.line(&statement),
                _ => self.line(&format!("pcall(function() {statement} end)")),
            };
        }
        let block = self.template(BLOCK, self.indent);
        let (head, tail) = block
            .split_once(BODY)
            .expect("a block has a place for statements");
        let (head, tail) = (self.fill(head, self.indent), self.fill(tail, self.indent));
        self.line(&head);
        self.indent += 1;
        for _ in 0..=self.random.below(BLOCK_MAX) {
            self.statement();
        }
        self.indent -= 1;
        self.line(&tail);
    }

    /// A text of the kind `letter`, `depth` kinds deep.
    fn expand(&mut self, letter: char, depth: usize) -> String {
        let template = self.template(letter, depth);
        self.fill(template, depth)
    }

    fn template(&mut self, letter: char, depth: usize) -> &'static str {
        let is_deep = depth >= DEPTH_MAX;
        self.grammar.template(letter, is_deep, self.random)
    }

    /// `template` with a text for each kind that it names.
    fn fill(&mut self, template: &str, depth: usize) -> String {
        let mut text = String::new();
        let mut rest = template.chars().peekable();
        while let Some(c) = rest.next() {
            match rest
                .peek()
                .filter(|letter| c == '$' && letter.is_ascii_alphabetic())
            {
                Some(&letter) => {
                    rest.next();
                    text += &self.expand(letter, depth + 1);
                }
                None => text.push(c),
            }
        }
        text
    }
}
