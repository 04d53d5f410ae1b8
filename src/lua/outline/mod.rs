//! What the source of a script says about its functions and their variables.
//!
//! At run time the engine tells of a closure only where it begins, how many parameters it has, and the
//! *names* of its upvalues. An [`Outline`] is read from the source: which function of the file that is,
//! which variable each upvalue is, and the text to make the function again.
//!
//! [`outline`] reads the source once, in one pass: `lexer` makes tokens, `reader` and its parts
//! (`statements`, `expressions`, `types`) follow the grammar of Luau, Lua 5.4 and LuaJIT at once, `scopes`
//! resolves names, `places` names functions, and [`remake`] writes a function as a chunk of its own. The
//! source was compiled before, so it is valid; where it is not understood there is no outline.

mod expressions;
mod finish;
#[cfg(test)]
mod hostile_tests;
mod lexer;
#[cfg(test)]
mod oracle_tests;
mod places;
#[cfg(test)]
mod random_program;
mod reader;
mod remake;
#[cfg(test)]
mod remake_tests;
mod scopes;
mod statements;
#[cfg(test)]
mod tests;
mod types;

use std::collections::HashMap;

/// The most bytes of a source that is read.
const SOURCE_BYTES_MAX: usize = 1 << 20;

/// The language of a source, where reading it differs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::lua) enum Dialect {
    /// Luau: types, string interpolation, `continue`.
    Luau,
    /// Lua 5.4: labels, `<const>`, bit operators.
    Lua54,
    /// LuaJIT: labels, names of any bytes.
    LuaJit,
}

impl Dialect {
    /// The language of this build's engine.
    pub(in crate::lua) const ENGINE: Dialect = if cfg!(feature = "luau") {
        Dialect::Luau
    } else if cfg!(feature = "lua54") {
        Dialect::Lua54
    } else {
        Dialect::LuaJit
    };
}

/// A function of one outline.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(in crate::lua) struct FunctionId(u32);

impl FunctionId {
    const MAIN: FunctionId = FunctionId(0);
}

/// A variable of one outline.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(in crate::lua) struct VariableId(u32);

/// What the source of one script says about its functions and variables.
#[derive(Debug)]
pub(in crate::lua) struct Outline {
    dialect: Dialect,
    /// The main chunk first, then in the order of their beginnings, so with lines that never fall.
    functions: Vec<Function>,
    variables: Vec<Variable>,
    by_place: HashMap<Box<str>, FunctionId>,
    returned: Option<VariableId>,
    /// Where variables of enclosing functions are named, in the order of the source.
    references: Vec<Reference>,
}

/// One function of a script.
#[derive(Debug)]
pub(in crate::lua) struct Function {
    /// Its name in the file, the same after edits elsewhere: `Unit.step`, `make > inc`,
    /// `mod.on("tick")#1`.
    pub(in crate::lua) place: Box<str>,
    /// Where it begins, as the engine counts (`linedefined`), from 1.
    pub(in crate::lua) line: u32,
    /// How many parameters it has, `self` too.
    pub(in crate::lua) params: u8,
    /// Whether it takes any number of arguments.
    pub(in crate::lua) is_vararg: bool,
    /// The variables of enclosing functions that it uses, or a function in it does, in the order of the
    /// source. No two have the same name. The engine may list fewer: constants are not captured.
    pub(in crate::lua) upvalues: Box<[VariableId]>,
    text: Text,
    /// What Luau calls it.
    debug_name: Option<Box<str>>,
    last_line: u32,
    /// Its number among the functions of the file, by their ends.
    number: u32,
    /// That of the first function in it; its own if there is none.
    first_number: u32,
    /// Whether a part of it may be dead code, which captures nothing.
    has_branches: bool,
}

/// Where a function is in the source.
#[derive(Clone, Copy, Debug, Default)]
struct Text {
    /// From its attributes or its keyword on.
    start: u32,
    attributes_end: u32,
    /// The keyword.
    keyword: u32,
    keyword_line: u32,
    /// The parameters, with the list of generic types.
    body: u32,
    body_line: u32,
    /// To before here.
    end: u32,
    /// Whether `self` is implicit.
    is_method: bool,
}

/// One local variable of a script, or parameter of a function.
#[derive(Debug)]
pub(in crate::lua) struct Variable {
    /// Its name.
    pub(in crate::lua) name: Box<str>,
    /// Where it is declared.
    pub(in crate::lua) line: u32,
    /// Whether one load of the file makes it at most once: it is in no function and in no loop.
    pub(in crate::lua) is_of_file: bool,
    /// Whether anything assigns it after its declaration.
    pub(in crate::lua) is_reassigned: bool,
    /// Its name in the file, the same after edits elsewhere: `local count`, `local count#2`,
    /// `make > local n`.
    pub(in crate::lua) slot: Box<str>,
    /// Whether its scope closes it (`<close>`).
    is_closed: bool,
    /// Its value, if the engine may put that in the place of its name.
    constant: Option<Constant>,
}

/// What a variable is declared with, where that can be worked out while compiling.
#[derive(Clone, Debug)]
struct Constant {
    /// The expression in the source; empty for nil.
    start: u32,
    end: u32,
    /// The variables in it.
    uses: Vec<VariableId>,
    /// Whether a table is in it, or in those: Luau may put its fields in the place of their names, if nothing
    /// ever changes them, or take it for a variable like any other.
    has_table: bool,
}

/// One mention of a variable of an enclosing function.
#[derive(Clone, Copy, Debug)]
struct Reference {
    at: u32,
    variable: VariableId,
    /// Whether it begins the name of a function statement, where no expression may stand.
    is_function_name: bool,
}

/// What the engine tells of a Lua function.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(in crate::lua) struct Described {
    /// The name of its chunk.
    pub(in crate::lua) chunk: String,
    /// Where it begins.
    pub(in crate::lua) line: u32,
    /// Where it ends, if the engine knows.
    pub(in crate::lua) last_line: Option<u32>,
    /// What Luau calls it.
    pub(in crate::lua) name: Option<String>,
    /// How many parameters it has and whether it takes more, if the engine tells.
    pub(in crate::lua) arity: Option<(u8, bool)>,
    /// Its number in its chunk, if the engine tells: Luau counts functions by their ends.
    pub(in crate::lua) number: Option<u32>,
    /// The names of its upvalues, in order.
    pub(in crate::lua) upvalues: Vec<String>,
}

/// Reads `source`, a script that the engine has compiled; `None` if it can't be read.
pub(in crate::lua) fn outline(source: &[u8]) -> Option<Outline> {
    outline_as(source, Dialect::ENGINE)
}

fn outline_as(source: &[u8], dialect: Dialect) -> Option<Outline> {
    // Luau takes a zero byte for the end.
    if source.len() > SOURCE_BYTES_MAX || source.contains(&0) {
        return None;
    }
    reader::Reader::new(source, dialect)?.read()
}

impl Outline {
    /// The function that the engine describes; none if there is none, or if several fit and the engine
    /// does not number them. [`Outline::remake`] keeps the numbers where they matter.
    pub(in crate::lua) fn find(&self, about: &Described) -> Option<FunctionId> {
        let from = self.functions.partition_point(|f| f.line < about.line);
        let here = self.functions[from..]
            .iter()
            .take_while(|function| function.line == about.line);
        let mut fits = (from as u32..)
            .map(FunctionId)
            .zip(here)
            .filter(|(_, function)| self.fits(function, about));
        let first = fits.next()?;
        let (id, _) = match fits.next() {
            None => first,
            Some(second) => {
                let number = about.number?;
                let mut all = [first, second].into_iter().chain(fits);
                all.find(|(_, function)| function.number == number)?
            }
        };
        (id != FunctionId::MAIN).then_some(id)
    }

    /// The function with the number `id`.
    pub(in crate::lua) fn function(&self, id: FunctionId) -> &Function {
        &self.functions[id.0 as usize]
    }

    /// The variable with the number `id`.
    pub(in crate::lua) fn variable(&self, id: VariableId) -> &Variable {
        &self.variables[id.0 as usize]
    }

    /// Every function, in the order of their beginnings. The main chunk is none of them.
    #[cfg(test)]
    pub(in crate::lua) fn functions(&self) -> impl Iterator<Item = (FunctionId, &Function)> {
        let numbered = (0..).map(FunctionId).zip(&self.functions);
        numbered.skip(1)
    }

    /// Every variable that is of the file or an upvalue of a function, in the order of the source.
    #[cfg(test)]
    pub(in crate::lua) fn variables(&self) -> impl Iterator<Item = (VariableId, &Variable)> {
        let numbered = (0..).map(VariableId).zip(&self.variables);
        numbered.filter(|(_, variable)| !variable.slot.is_empty())
    }

    /// The function at `place`.
    pub(in crate::lua) fn by_place(&self, place: &str) -> Option<FunctionId> {
        self.by_place.get(place).copied()
    }

    /// The upvalue of `id` that has the name `name`.
    pub(in crate::lua) fn upvalue(&self, id: FunctionId, name: &str) -> Option<VariableId> {
        let mut upvalues = self.function(id).upvalues.iter().copied();
        upvalues.find(|upvalue| &*self.variable(*upvalue).name == name)
    }

    /// The variables of enclosing functions that a function takes with it: its upvalues but for constants.
    pub(in crate::lua) fn captured(&self, id: FunctionId) -> impl Iterator<Item = VariableId> + '_ {
        let upvalues = self.function(id).upvalues.iter().copied();
        upvalues.filter(|upvalue| !self.variable(*upvalue).is_constant())
    }

    /// The line where the variable with this name in the file is declared.
    pub(in crate::lua) fn line_of_slot(&self, slot: &str) -> Option<u32> {
        let found = self
            .variables
            .iter()
            .find(|variable| *variable.slot == *slot);
        found.map(|variable| variable.line)
    }

    /// The file-level local that the script returns at its end (`return Unit`), if it is that simple.
    pub(in crate::lua) fn returned_local(&self) -> Option<&str> {
        self.returned.map(|id| &*self.variable(id).name)
    }

    fn fits(&self, function: &Function, about: &Described) -> bool {
        let is_luau = self.dialect == Dialect::Luau;
        about.last_line.is_none_or(|it| it == function.last_line)
            && (!is_luau || about.name.as_deref() == function.debug_name.as_deref())
            && about
                .arity
                .is_none_or(|it| it == (function.params, function.is_vararg))
            && self.fits_upvalues(function, about)
    }

    /// Whether the engine may list these upvalues for `function`: no other, and all but those that it may
    /// leave out.
    fn fits_upvalues(&self, function: &Function, about: &Described) -> bool {
        let listed = about
            .upvalues
            .iter()
            .filter(|name| !self.is_environment(name));
        let mut missing: Vec<&Variable> = function
            .upvalues
            .iter()
            .map(|id| self.variable(*id))
            .collect();
        for name in listed {
            let Some(at) = missing.iter().position(|it| *it.name == **name) else {
                return false;
            };
            missing.swap_remove(at);
        }
        // Luau also leaves out what it can work out, or finds to be dead; it numbers functions instead.
        self.dialect == Dialect::Luau || missing.iter().all(|it| it.is_constant())
    }

    /// Whether `name` is the upvalue through which Lua 5.4 finds globals.
    fn is_environment(&self, name: &str) -> bool {
        self.dialect == Dialect::Lua54 && name == "_ENV"
    }
}

impl Variable {
    /// Whether the engine puts its value in the place of its name.
    pub(in crate::lua) fn is_constant(&self) -> bool {
        let constant = self.constant.as_ref();
        constant.is_some_and(|constant| !constant.has_table)
    }

    /// Whether the engine may put its value, or those of its fields, in the place of their names.
    pub(in crate::lua) fn may_be_constant(&self) -> bool {
        self.constant.is_some()
    }
}
