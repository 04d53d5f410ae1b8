//! Remaking: a function as the text of a chunk of its own, which gets the upvalues as arguments.

use super::{Dialect, Function, FunctionId, Outline, Reference, SOURCE_BYTES_MAX, VariableId};

/// The most locals of one function, in every engine.
const LOCALS_MAX: usize = 200;

/// How many names are tried for the table that the function is made in.
const HOLDERS_MAX: u32 = 64;

impl Outline {
    /// The text of a chunk that makes the function `id` again: loaded, and called with the values of
    /// `upvalues` in that order, it returns a closure with the same code on the same lines.
    ///
    /// `source` is what this outline was read from, `upvalues` the names that the engine lists. A variable
    /// that `is_boxed` is handed over as a table with the value at `[1]`, and used as that.
    ///
    /// `None` where that can't be said in Lua: an upvalue that the source does not have, a `<close>`
    /// variable, `function n()` on a boxed `n`, too many names.
    pub(in crate::lua) fn remake<S: AsRef<str>>(
        &self,
        source: &[u8],
        id: FunctionId,
        upvalues: &[S],
        is_boxed: &dyn Fn(VariableId) -> bool,
    ) -> Option<Vec<u8>> {
        let function = self.function(id);
        let constants = self.constants_of(function, upvalues)?;
        let holder = free_name(source)?;
        // A constant may take two; two more are for the numbers and the table that the function is made in.
        if upvalues.len() + 2 * constants.len() + 2 > LOCALS_MAX {
            return None;
        }
        let boxed = self.boxed(function, upvalues, is_boxed)?;
        let mut chunk =
            Vec::with_capacity((function.text.end - function.text.start) as usize + 256);
        for id in constants {
            self.push_constant(&mut chunk, source, id, &holder)?;
        }
        if self.needs_numbers(id) {
            push_numbers(&mut chunk, function, &holder);
        }
        pad(&mut chunk, self.first_line(source, function))?;
        push_parameters(&mut chunk, upvalues);
        push_head(&mut chunk, source, function, &holder);
        self.push_body(&mut chunk, source, function, &boxed)?;
        if let Some(name) = &function.debug_name {
            chunk.extend_from_slice(format!(" return {holder}.{name}").as_bytes());
        }
        Some(chunk)
    }

    /// Whether the function `id`, or one in it, is told from others on its line only by its number.
    fn needs_numbers(&self, id: FunctionId) -> bool {
        let end = self.function(id).text.end;
        let inside = self.functions[id.0 as usize..].iter();
        self.dialect == Dialect::Luau
            && inside
                .take_while(|function| function.text.start < end)
                .any(|function| self.has_twin(function))
    }

    /// Whether another function on the line of `function` looks like it.
    fn has_twin(&self, function: &Function) -> bool {
        let from = self.functions.partition_point(|f| f.line < function.line);
        let here = self.functions[from..].iter();
        here.take_while(|other| other.line == function.line)
            .any(|other| {
                other.number != function.number
                    && (other.params, other.is_vararg) == (function.params, function.is_vararg)
                    && other.debug_name == function.debug_name
            })
    }

    /// The line of the first byte of the text of `function`.
    fn first_line(&self, source: &[u8], function: &Function) -> u32 {
        let text = function.text;
        // Only Luau has attributes, and it counts line feeds.
        text.keyword_line - line_feeds(source, text.start, text.keyword)
    }

    /// The variables that `function` uses without capturing them, because the engine knows their values.
    fn constants_of<S: AsRef<str>>(
        &self,
        function: &Function,
        upvalues: &[S],
    ) -> Option<Vec<VariableId>> {
        let is_luau = self.dialect == Dialect::Luau;
        let mut constants = Vec::new();
        for id in &function.upvalues {
            let variable = self.variable(*id);
            if upvalues.iter().any(|name| *name.as_ref() == *variable.name) {
                continue;
            }
            if variable.is_constant() || is_luau && variable.may_be_constant() {
                constants.push(*id);
            } else if !is_luau || !function.has_branches {
                return None;
            } // else it is only used in dead code
        }
        Some(constants)
    }

    /// The upvalues of `function` that are boxed.
    fn boxed<S: AsRef<str>>(
        &self,
        function: &Function,
        upvalues: &[S],
        is_boxed: &dyn Fn(VariableId) -> bool,
    ) -> Option<Vec<VariableId>> {
        let mut boxed = Vec::new();
        for name in upvalues.iter().map(AsRef::as_ref) {
            if self.is_environment(name) {
                continue;
            }
            let id = *function
                .upvalues
                .iter()
                .find(|id| *self.variable(**id).name == *name)?;
            if self.variable(id).is_closed {
                return None;
            }
            if is_boxed(id) {
                boxed.push(id);
            }
        }
        Some(boxed)
    }

    /// Declares a constant for the function to see. What it is made of, the function must not see.
    fn push_constant(
        &self,
        chunk: &mut Vec<u8>,
        source: &[u8],
        id: VariableId,
        holder: &str,
    ) -> Option<()> {
        let parts = self.parts_of(id)?;
        if parts.is_empty() {
            self.push_declaration(chunk, source, id)?;
        } else {
            // In a block, not in a function: that would take a number among the functions of the chunk.
            let name = &self.variable(id).name;
            chunk.extend_from_slice(format!("local {holder} do ").as_bytes());
            for part in parts {
                self.push_declaration(chunk, source, part)?;
            }
            self.push_declaration(chunk, source, id)?;
            chunk.extend_from_slice(format!("{holder} = {name} end ").as_bytes());
            chunk.extend_from_slice(format!("local {name} = {holder} ").as_bytes());
        }
        (chunk.len() <= SOURCE_BYTES_MAX).then_some(())
    }

    /// The constants that the constant `id` is made of, in the order of the source.
    fn parts_of(&self, id: VariableId) -> Option<Vec<VariableId>> {
        let mut parts = Vec::new();
        let mut next = Some(id);
        let mut done = 0;
        while let Some(id) = next {
            for part in &self.variable(id).constant.as_ref()?.uses {
                if !parts.contains(part) {
                    parts.push(*part);
                }
            }
            if parts.len() >= LOCALS_MAX {
                return None;
            }
            next = parts.get(done).copied();
            done += 1;
        }
        parts.sort_unstable();
        Some(parts)
    }

    fn push_declaration(&self, chunk: &mut Vec<u8>, source: &[u8], id: VariableId) -> Option<()> {
        let variable = self.variable(id);
        let constant = variable.constant.as_ref()?;
        let value = source.get(constant.start as usize..constant.end as usize)?;
        let value = if value.is_empty() { b"nil" } else { value };
        let attribute = match self.dialect {
            Dialect::Lua54 => " <const>",
            Dialect::Luau | Dialect::LuaJit => "",
        };
        chunk.extend_from_slice(format!("local {}{attribute} = ", variable.name).as_bytes());
        chunk.extend_from_slice(value);
        chunk.push(b' ');
        Some(())
    }

    /// Writes the function from its parameters on, with `[1]` behind each mention of a boxed variable.
    fn push_body(
        &self,
        chunk: &mut Vec<u8>,
        source: &[u8],
        function: &Function,
        boxed: &[VariableId],
    ) -> Option<()> {
        let text = function.text;
        let first = self.references.partition_point(|it| it.at < text.body);
        let inside = self.references[first..]
            .iter()
            .take_while(|reference| reference.at < text.end);
        let mut written = text.body as usize;
        for reference in inside.filter(|it| boxed.contains(&it.variable)) {
            let Reference { at, variable, .. } = *reference;
            if reference.is_function_name {
                return None;
            }
            let end = at as usize + self.variable(variable).name.len();
            chunk.extend_from_slice(source.get(written..end)?);
            chunk.extend_from_slice(b"[1]");
            written = end;
        }
        chunk.extend_from_slice(source.get(written..text.end as usize)?);
        Some(())
    }
}

/// Writes as many functions as end before `function` begins, so that it has its number in this chunk too.
fn push_numbers(chunk: &mut Vec<u8>, function: &Function, holder: &str) {
    let others = "function() end,".repeat(function.first_number as usize);
    chunk.extend_from_slice(format!("local {holder} = {{{others}}} ").as_bytes());
}

/// Goes to the line `line`, from where the constants ended.
fn pad(chunk: &mut Vec<u8>, line: u32) -> Option<()> {
    let used = chunk.iter().filter(|byte| **byte == b'\n').count();
    let more = (line as usize).checked_sub(1 + used)?;
    chunk.resize(chunk.len() + more, b'\n');
    Some(())
}

fn push_parameters<S: AsRef<str>>(chunk: &mut Vec<u8>, upvalues: &[S]) {
    for (index, name) in upvalues.iter().enumerate() {
        chunk.extend_from_slice(if index == 0 { b"local " } else { b"," });
        chunk.extend_from_slice(name.as_ref().as_bytes());
    }
    if !upvalues.is_empty() {
        chunk.extend_from_slice(b" = ... ");
    }
}

/// Writes what comes before the parameters: a function that Luau knows by a name keeps it, as a field of
/// a table `holder`, since a local variable of that name might be in the way.
fn push_head(chunk: &mut Vec<u8>, source: &[u8], function: &Function, holder: &str) {
    let text = function.text;
    match &function.debug_name {
        Some(_) => chunk.extend_from_slice(format!("local {holder} = {{}} ").as_bytes()),
        None => chunk.extend_from_slice(b"return "),
    }
    if let Some(attributes) = source.get(text.start as usize..text.attributes_end as usize) {
        chunk.extend_from_slice(attributes);
    }
    // Where the engine counts a function from its parameters, the keyword moves to their line.
    let keyword_line = function.line.max(text.keyword_line);
    let breaks = line_feeds(source, text.attributes_end, text.keyword);
    let breaks = breaks + keyword_line - text.keyword_line;
    chunk.extend(std::iter::repeat_n(b'\n', breaks as usize));
    chunk.extend_from_slice(b" function ");
    let breaks = text.body_line - keyword_line;
    chunk.extend(std::iter::repeat_n(b'\n', breaks as usize));
    if let Some(name) = &function.debug_name {
        let joint = if text.is_method { ':' } else { '.' };
        chunk.extend_from_slice(format!("{holder}{joint}{name}").as_bytes());
    }
}

/// A name that `source` does not contain.
fn free_name(source: &[u8]) -> Option<String> {
    (0..HOLDERS_MAX)
        .map(|number| format!("_f{number}"))
        .find(|name| !contains(source, name.as_bytes()))
}

fn contains(text: &[u8], part: &[u8]) -> bool {
    text.windows(part.len()).any(|window| window == part)
}

fn line_feeds(source: &[u8], start: u32, end: u32) -> u32 {
    let part = source.get(start as usize..end as usize).unwrap_or_default();
    part.iter().filter(|byte| **byte == b'\n').count() as u32
}
