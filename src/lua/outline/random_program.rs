//! Random programs: nested scopes, shadowing, loops and closures of all kinds, from a list of choices.

use std::fmt::Write;

use super::Dialect;

/// The deepest nesting of blocks and functions.
const DEPTH_MAX: usize = 5;

/// The most functions of one program.
const FUNCTIONS_MAX: usize = 24;

/// Few names, so that they hide each other.
const NAMES: [&str; 5] = ["a", "b", "c", "step", "_f0"];

/// The source of a program that is valid on `dialect`. It hands each function that it makes to the global
/// `keep` with its number, which is also in a comment `--[[@number]]` behind its parameters. Values are
/// numbers, but for functions; the global `num` makes a number of either.
pub(super) fn program(dialect: Dialect, choices: &[u8]) -> String {
    let mut writer = Writer {
        dialect,
        choices: choices.iter(),
        text: String::new(),
        scopes: vec![Vec::new()],
        functions: 0,
    };
    while writer.choices.len() > 0 {
        writer.statement();
    }
    writer.text
}

struct Writer<'c> {
    dialect: Dialect,
    choices: std::slice::Iter<'c, u8>,
    text: String,
    /// The locals of each open block.
    scopes: Vec<Vec<&'static str>>,
    functions: usize,
}

impl Writer<'_> {
    fn choose(&mut self, count: usize) -> usize {
        self.choices
            .next()
            .map_or(0, |choice| usize::from(*choice) % count)
    }

    fn push(&mut self, text: &str) {
        self.text.push_str(text);
    }

    fn name(&mut self) -> &'static str {
        NAMES[self.choose(NAMES.len())]
    }

    fn declare(&mut self, name: &'static str) {
        self.scopes.last_mut().expect("a block is open").push(name);
    }

    /// A local that is visible, if there is one.
    fn local(&mut self) -> Option<&'static str> {
        let all: Vec<&'static str> = self.scopes.concat();
        let index = self.choose(all.len().max(1));
        all.get(index).copied()
    }

    fn is_luau(&self) -> bool {
        self.dialect == Dialect::Luau
    }

    fn break_line(&mut self) {
        let space = [" ", "\n", ";\n", " -- end\n", " --[[\n]] "][self.choose(5)];
        self.push(space);
    }

    fn block(&mut self) {
        self.scopes.push(Vec::new());
        self.statements();
        self.scopes.pop();
    }

    fn statements(&mut self) {
        self.push(" ");
        if self.scopes.len() <= DEPTH_MAX {
            for _ in 0..self.choose(4) {
                self.statement();
            }
        }
    }

    fn statement(&mut self) {
        match self.choose(16) {
            0 | 1 => self.local_statement(),
            2 | 3 => self.assignment(),
            4 => {
                self.push("do");
                self.block();
                self.push("end");
            }
            5 => self.if_statement(),
            6..=8 => self.loop_statement(),
            9 => {
                let name = self.name();
                let _ = write!(self.text, "local function {name}");
                self.declare(name);
                let number = self.function();
                let _ = write!(self.text, " keep({number}, {name})");
            }
            10 => {
                let name = self.local().unwrap_or("global");
                let _ = write!(self.text, "function {name}");
                let number = self.function();
                let _ = write!(self.text, " keep({number}, {name})");
            }
            11 => {
                let name = self.name();
                let _ = write!(self.text, "local {name} = function");
                let number = self.function();
                let _ = write!(self.text, " keep({number}, {name})");
                self.declare(name);
            }
            12 => self.table_of_functions(),
            13 => {
                self.push("local m = { x = {} } function m.x:y");
                let number = self.function();
                let _ = write!(self.text, " keep({number}, m.x.y)");
            }
            14 => {
                self.push("call(\"x\", ");
                self.closure();
                self.push(")");
            }
            _ => {
                self.push("do return ");
                self.expression();
                self.push(" end");
            }
        }
        self.break_line();
    }

    /// Functions that nothing but a field names.
    fn table_of_functions(&mut self) {
        let fields = ["k = function", "k = 1, function", "[\"k\"] = function"];
        let casts = if self.is_luau() { 4 } else { 3 };
        let field = fields[self.choose(3)];
        let _ = write!(self.text, "local _t = {{ {field}");
        let number = self.function();
        let end = ["", ",", " or nil", " :: any"][self.choose(casts)];
        let _ = write!(self.text, "{end} }} keep({number}, _t[1] or _t.k)");
    }

    fn local_statement(&mut self) {
        let (first, second) = (self.name(), self.name());
        let is_const = self.choose(3) == 0;
        let const_mark = match self.dialect {
            Dialect::Lua54 if is_const => " <const>",
            _ => "",
        };
        match self.choose(6) {
            0 => {
                let _ = write!(self.text, "local {first}{const_mark} = 5");
                self.declare_unless(first, const_mark);
            }
            1 => {
                let _ = write!(self.text, "local {first}, {second} = 7, ");
                self.expression();
                self.declare(first);
                self.declare(second);
            }
            2 => {
                let _ = write!(self.text, "local {first}");
                self.declare(first);
            }
            3 if self.is_luau() => {
                let _ = write!(self.text, "local {first}: typeof({second}) = ");
                self.expression();
                self.declare(first);
            }
            _ => {
                let _ = write!(self.text, "local {first}{const_mark} = ");
                self.expression();
                self.declare_unless(first, const_mark);
            }
        }
    }

    /// A constant can't be assigned, so it is not among the locals to choose from; what it hides is gone
    /// from there too.
    fn declare_unless(&mut self, name: &'static str, const_mark: &str) {
        if const_mark.is_empty() {
            self.declare(name);
        } else {
            for scope in &mut self.scopes {
                scope.retain(|other| *other != name);
            }
        }
    }

    fn assignment(&mut self) {
        let name = self.local().unwrap_or("global");
        self.push(name);
        let compound = if self.is_luau() { 2 } else { 0 };
        match self.choose(2 + compound) {
            0 => self.push(" = "),
            1 => {
                self.push(", unused.x = 2, ");
                self.expression();
                return self.assigned_again(name);
            }
            _ => {
                let _ = write!(self.text, " = num({name}) {name} += ");
            }
        }
        self.expression();
    }

    fn assigned_again(&mut self, name: &str) {
        let _ = write!(self.text, " {name} = num({name}) + 1");
    }

    fn if_statement(&mut self) {
        let conditions = ["if false then", "if true then", "if num(a) > 3 then"];
        let condition = conditions[self.choose(3)];
        self.push(condition);
        self.block();
        if self.choose(2) == 1 {
            self.push("else");
            self.block();
        }
        self.push("end");
    }

    fn loop_statement(&mut self) {
        let name = self.name();
        self.scopes.push(Vec::new());
        match self.choose(4) {
            0 => {
                let _ = write!(self.text, "for {name} = 1, 2 do");
                self.declare(name);
                self.block();
                self.push("end");
            }
            1 => {
                let _ = write!(self.text, "for _, {name} in pairs({{ 3, 4 }}) do");
                self.declare(name);
                self.block();
                self.push("end");
            }
            2 => {
                self.push("repeat");
                self.statements();
                self.push("until num(a) == num(a)");
            }
            _ => {
                let _ = write!(self.text, "while num(b) ~= num(b) do");
                self.block();
                self.push("end");
            }
        }
        self.scopes.pop();
    }

    /// A function expression, handed to `keep`.
    fn closure(&mut self) {
        let at = self.text.len();
        self.push("function");
        let number = self.function();
        self.text.insert_str(at, &format!("keep({number}, "));
        self.push(")");
    }

    /// Parameters and body of a function; its number.
    fn function(&mut self) -> usize {
        self.functions += 1;
        let number = self.functions;
        let hidden = std::mem::replace(&mut self.scopes, vec![Vec::new(); DEPTH_MAX]);
        if self.functions < FUNCTIONS_MAX {
            self.scopes.clone_from(&hidden);
            self.scopes.push(Vec::new());
        }
        let name = self.name();
        let heads = [
            "()".to_owned(),
            format!("({name})"),
            format!("({name}, x, ...)"),
            "(...)".to_owned(),
            if self.is_luau() {
                format!("<T>({name}: T, x: number?): (number, ...any)")
            } else {
                format!("\n({name}, x)")
            },
        ];
        let head = self.choose(heads.len());
        self.push(&heads[head]);
        if heads[head].contains(name) {
            self.declare(name);
        }
        let _ = write!(self.text, " --[[@{number}]]");
        self.block();
        self.push("return ");
        self.expression();
        self.push(" end");
        self.scopes = hidden;
        number
    }

    fn expression(&mut self) {
        let name = self.name();
        let flavoured = if self.is_luau() { 3 } else { 0 };
        match self.choose(6 + flavoured) {
            0 => self.push("3"),
            1 => {
                let _ = write!(self.text, "num({name}) % 97 + 1");
            }
            2 => {
                let _ = write!(self.text, "num(({{ {name} = {name} }}).{name})");
            }
            3 => {
                let _ = write!(self.text, "{name}");
            }
            4 => {
                self.push("num(({ ");
                self.expression();
                self.push(" })[1]) - 1");
            }
            5 => self.push("2 * 3 - 1"),
            6 => {
                let _ = write!(self.text, "#`{{num({name}) % 10}}{{name}}!`");
            }
            7 => {
                let _ = write!(self.text, "if num({name}) > 2 then {name} else 1");
            }
            _ => {
                let _ = write!(self.text, "({name} :: any) :: number");
            }
        }
    }
}
