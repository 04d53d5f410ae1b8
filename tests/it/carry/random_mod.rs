//! Random mods: locals, modules, classes, closures and functions that change all of them, from random choices.

use super::dump::DUMP;
use super::world::Files;

/// How many actions each file has.
pub(super) const ACTIONS: i64 = 5;
/// How many files have actions: the entry script, and two modules.
pub(super) const FILES: i64 = 3;
const LOCALS: usize = 5;

/// Random choices, one after the other. What is left out counts as 0, the simplest.
pub(super) struct Choices<'a> {
    left: std::slice::Iter<'a, u16>,
}

impl Choices<'_> {
    pub(super) fn of(choices: &[u16]) -> Choices<'_> {
        Choices {
            left: choices.iter(),
        }
    }

    fn below(&mut self, n: usize) -> usize {
        self.left
            .next()
            .map_or(0, |choice| usize::from(*choice) % n)
    }

    fn one_of<'s>(&mut self, all: &[&'s str]) -> &'s str {
        all[self.below(all.len())]
    }
}

/// The scripts of a random mod. It does what the event `act` says, a number below `ACTIONS * FILES`; with
/// `dump` it shows itself, with `outline` without its random numbers.
pub(super) fn random_mod(choices: &mut Choices<'_>) -> Files {
    let a = file(choices, "local other = require(\"dump\")", "return M");
    let b = file(choices, "local other = require(\"a\")", "return M");
    let main = file(choices, "local other = require(\"a\")", MAIN);
    vec![
        ("dump.lua", DUMP.to_owned()),
        ("a.lua", a),
        ("b.lua", b),
        ("main.lua", main),
    ]
}

/// The file `b` is loaded when it is first needed.
const MAIN: &str = r#"
local modules = { function() return M end, function() return other end, function() return require("b") end }
mod.on("act", function(n)
    local actions = modules[n % 3 + 1]().actions
    local action = actions[(n - n % 3) / 3 + 1]
    if type(action) == "function" then pcall(action) end
end)
local function show(hides_random)
    local roots = { n = 0 }
    local function add(values)
        for i = 1, values.n do roots[roots.n + i] = values[i] end
        roots.n = roots.n + values.n
    end
    add(M.peek())
    add(other.peek())
    add(require("b").peek())
    add({ n = 2, mod.state, G1 })
    return require("dump")(roots, hides_random)
end
mod.on("dump", function() return show(false) end)
mod.on("outline", function() return show(true) end)
return M
"#;

const PRELUDE: &str = r#"
local M = {}
local Parent = {}
Parent.__index = Parent
function Parent:grow()
    self.n = (tonumber(self.n) or 0) + 1
    return self
end
local Class = setmetatable({}, { __index = Parent })
Class.__index = Class
function Class:shrink()
    self.n = (tonumber(self.n) or 0) - 1
    return self.n
end
local function counter(n)
    return function()
        n = n + 1
        return n
    end
end
local function pair(n)
    return {
        up = function() n = n + 1 end,
        get = function() return n end,
    }
end
-- Where a list with holes ends, `#` leaves open.
local function push(list, value)
    local n = 1
    while rawget(list, n) ~= nil do n = n + 1 end
    list[n] = value
end
local STEP, RULES = 1, { step = 2, name = "rules" }
local calls = 0
local function call(f, ...)
    calls = calls + 1
    if calls % 50 > 0 and type(f) == "function" then return select(2, pcall(f, ...)) end
end
"#;

fn file(choices: &mut Choices<'_>, head: &str, tail: &str) -> String {
    let mut writer = Writer {
        choices,
        locals: vec!["M".to_owned(), "mod.state".to_owned()],
        functions: vec!["math.floor".to_owned(), "call".to_owned()],
        text: format!("{head}\n{PRELUDE}"),
    };
    let [one, two, three] = [0; 3].map(|_| writer.choices.below(100));
    writer.line(&format!(
        "local made = {{ counter({one}), counter({two}), pair({three}) }}"
    ));
    for n in 0..LOCALS {
        let value = writer.value(2);
        writer.line(&format!("local v{n} = {value}"));
        writer.locals.push(format!("v{n}"));
    }
    writer.line("local by_object = {}");
    for n in 0..ACTIONS {
        let name = match writer.choices.below(3) {
            0 => format!("M.act{n}"),
            _ => format!("act{n}"),
        };
        let local = if name.contains('.') { "" } else { "local " };
        writer.line(&format!("{local}function {name}()"));
        for _ in 0..=writer.choices.below(3) {
            writer.statement();
        }
        writer.line("end");
        writer.functions.push(name);
    }
    let actions = writer.functions[2..].join(", ");
    writer.line(&format!("M.actions = {{ {actions} }}"));
    for _ in 0..writer.choices.below(3) {
        writer.line("do");
        writer.statement();
        writer.line("end");
    }
    let all: Vec<String> = (0..LOCALS).map(|n| format!("v{n}")).collect();
    writer.line(&format!(
        "function M.peek() return {{ n = {}, {}, by_object, calls, Parent, Class, M, made }} end",
        LOCALS + 6,
        all.join(", ")
    ));
    writer.line(tail);
    writer.text
}

/// Writes one script.
struct Writer<'a, 'c> {
    choices: &'a mut Choices<'c>,
    /// Expressions that can be tables.
    locals: Vec<String>,
    functions: Vec<String>,
    text: String,
}

impl Writer<'_, '_> {
    fn line(&mut self, line: &str) {
        self.text.push_str(line);
        self.text.push('\n');
    }

    fn local(&mut self) -> String {
        let n = self.choices.below(self.locals.len());
        self.locals[n].clone()
    }

    fn function(&mut self) -> String {
        let n = self.choices.below(self.functions.len());
        self.functions[n].clone()
    }

    /// An expression.
    fn value(&mut self, depth: usize) -> String {
        let n = self.choices.below(100);
        match self.choices.below(15) {
            0 | 1 => n.to_string(),
            2 => format!("\"text {n}\""),
            3 => self
                .choices
                .one_of(&["nil", "true", "0.5", "-0.0", "1/0"])
                .to_owned(),
            4 | 5 => self.local(),
            6 if depth > 0 => {
                let [x, y, z] = [0; 3].map(|_| self.value(depth - 1));
                format!("{{ x = {x}, y = {y}, {z} }}")
            }
            7 if depth > 0 => {
                let [one, two] = [0; 2].map(|_| self.value(depth - 1));
                format!("{{ {one}, {two}, {n} }}")
            }
            8 => format!("setmetatable({{ n = {n} }}, Class)"),
            9 => self.function(),
            10 => "other".to_owned(),
            11 => "G1".to_owned(),
            12 => self
                .choices
                .one_of(&["made[1]", "made[2]", "made[3]"])
                .to_owned(),
            13 => format!("counter({n})"),
            14 => "1e6 + math.random(1000000)".to_owned(),
            _ => format!("{{ n = {n} }}"),
        }
    }

    fn key(&mut self) -> &'static str {
        self.choices
            .one_of(&["x", "y", "n", "z", "[1]", "[2]", "[7]"])
    }

    fn statement(&mut self) {
        let table = self.local();
        let value = self.value(1);
        let key = self.key();
        let dot = if key.starts_with('[') { "" } else { "." };
        let line = match self.choices.below(9) {
            0 if !table.contains(['M', '.']) => format!("{table} = {value}"),
            1 if !table.contains(['M', '.']) => {
                format!("{table} = (tonumber({table}) or 0) + STEP + RULES.step")
            }
            2 => format!("if type({table}) == \"table\" then push({table}, {value}) end"),
            3 => format!("call({table}) call(made[1]) call(made[3].up)"),
            4 => {
                format!(
                    "if type({table}) == \"table\" then call({table}.grow, {table}) call({table}.up) end"
                )
            }
            5 => format!("G1 = {value}"),
            6 => format!("if type({table}) == \"table\" then by_object[{table}] = {value} end"),
            7 => format!("if type({table}) == \"table\" then {table}{dot}{key} = nil end"),
            _ => format!("if type({table}) == \"table\" then {table}{dot}{key} = {value} end"),
        };
        self.line(&line);
    }
}
