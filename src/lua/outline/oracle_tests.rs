//! What the engine says is the oracle: each closure is found in its source, and its copy behaves alike.

use std::sync::{Arc, Mutex};

use mlua::chunk::ChunkMode;
use mlua::{Function, Lua, Table, Value, Variadic};
use proptest::prelude::*;

use super::random_program::program;
use super::*;
use crate::lua::compile::compile_own;
use crate::lua::raw::{describe, upvalues};

/// A closure that a program made.
#[derive(Clone)]
struct Kept {
    number: usize,
    closure: Function,
    /// The function whose copy made it.
    remade: Option<FunctionId>,
}

/// A program that runs, and what it has made.
struct Run {
    lua: Lua,
    source: String,
    outline: Outline,
    kept: Arc<Mutex<Vec<Kept>>>,
    maker: Arc<Mutex<Option<FunctionId>>>,
}

impl Run {
    fn new(source: &str) -> Run {
        let lua = Lua::new();
        let kept = Arc::new(Mutex::new(Vec::new()));
        let maker = Arc::new(Mutex::new(None));
        let (keeps, made_by) = (kept.clone(), maker.clone());
        let keep = lua
            .create_function(move |_, (number, closure): (usize, Function)| {
                let remade = *made_by.lock().unwrap();
                let mut kept = keeps.lock().unwrap();
                kept.push(Kept {
                    number,
                    closure: closure.clone(),
                    remade,
                });
                Ok(closure)
            })
            .unwrap();
        let globals = lua.globals();
        globals.set("keep", keep).unwrap();
        let run = Run {
            source: source.to_owned(),
            outline: outline(source.as_bytes()).unwrap_or_else(|| panic!("unread: {source}")),
            lua,
            kept,
            maker,
        };
        run.load("function num(x) return type(x) == 'number' and x or 1 end call = function() end unused = {}".as_bytes())
            .call::<()>(())
            .unwrap();
        run
    }

    fn load(&self, source: &[u8]) -> Function {
        let code = compile_own(source, "program")
            .unwrap_or_else(|why| panic!("{why} in {}", String::from_utf8_lossy(source)));
        let chunk = self.lua.load(&code[..]).set_name("=program");
        chunk.set_mode(ChunkMode::Binary).into_function().unwrap()
    }

    /// Runs `closure`; what it returned, or that it failed.
    fn call(&self, closure: &Function, maker: Option<FunctionId>) -> String {
        *self.maker.lock().unwrap() = maker;
        let result = closure.call::<Variadic<Value>>((1, 2, 3));
        let shown = match result {
            Ok(values) => values.iter().map(show).collect::<Vec<_>>().join(", "),
            Err(_) => "failed".to_owned(),
        };
        *self.maker.lock().unwrap() = None;
        shown
    }

    /// Checks everything that the program made, and what that makes when it is called.
    fn check_all(&self) -> usize {
        let main = self.load(self.source.as_bytes());
        let described = describe(&self.lua, &main).unwrap().unwrap();
        assert_eq!(
            self.outline.find(&described),
            None,
            "the main chunk is no function"
        );
        self.call(&main, None);
        let mut index = 0;
        while index < 80 {
            let Some(kept) = self.kept.lock().unwrap().get(index).cloned() else {
                break;
            };
            index += 1;
            self.check(&kept);
        }
        index
    }

    fn check(&self, kept: &Kept) {
        let about = describe(&self.lua, &kept.closure).unwrap().unwrap();
        let found = self.outline.find(&about);
        let Some(id) = found else {
            // Luau numbers its functions; elsewhere several of one kind on one line are not told apart.
            let here = self
                .outline
                .functions()
                .filter(|(_, it)| it.line == about.line);
            assert_ne!(
                self.outline.dialect,
                Dialect::Luau,
                "{about:?} in\n{}",
                self.source
            );
            assert!(here.count() > 1, "{about:?} in\n{}", self.source);
            return;
        };
        let function = self.outline.function(id);
        let Text { body, end, .. } = function.text;
        let marked = &self.source[body as usize..end as usize];
        let mark = format!("--[[@{}]]", kept.number);
        let first = marked.find("--[[@");
        assert_eq!(
            first,
            marked.find(&mark),
            "{about:?} is not {marked} in\n{}",
            self.source
        );
        assert_eq!(self.outline.by_place(&function.place), Some(id));
        for name in about.upvalues.iter().filter(|name| *name != "_ENV") {
            assert!(
                self.outline.upvalue(id, name).is_some(),
                "{name} of {marked}"
            );
        }
        let numberless = Described {
            number: None,
            ..about.clone()
        };
        let guess = self.outline.find(&numberless);
        assert!(
            guess.is_none_or(|guess| guess == id),
            "{about:?} in\n{}",
            self.source
        );
        if kept.remade.is_none() {
            self.check_remade(kept, id, &about);
        } else {
            self.call(&kept.closure, kept.remade);
        }
    }

    /// Both return the same, and make functions that return the same.
    fn check_alike(&self, remade: &Function, original: &Function, id: FunctionId, shown: &str) {
        let made = |closure: &Function, maker| {
            let before = self.kept.lock().unwrap().len();
            let results = self.call(closure, maker);
            (results, self.kept.lock().unwrap()[before..].to_vec())
        };
        let (results, inner) = made(remade, Some(id));
        let (expected, originals) = made(original, None);
        assert_eq!(results, expected, "{shown}\nin\n{}", self.source);
        assert_eq!(inner.len(), originals.len(), "{shown}\nin\n{}", self.source);
        for (inner, original) in inner.iter().zip(&originals) {
            let results = self.call(&inner.closure, Some(id));
            let expected = self.call(&original.closure, None);
            assert_eq!(
                results, expected,
                "{} in {shown}\nin\n{}",
                inner.number, self.source
            );
        }
    }

    /// The copy of a function does what the function does, to the same values.
    fn check_remade(&self, kept: &Kept, id: FunctionId, about: &Described) {
        let is_boxed = |variable: VariableId| self.outline.variable(variable).is_reassigned;
        let source = self.source.as_bytes();
        let Some(text) = self.outline.remake(source, id, &about.upvalues, &is_boxed) else {
            let Text { body, end, .. } = self.outline.function(id).text;
            let body = &self.source[body as usize..end as usize];
            let names_boxed = about
                .upvalues
                .iter()
                .any(|name| body.contains(&format!("function {name}")));
            assert!(names_boxed, "{body} can't be remade in\n{}", self.source);
            return;
        };
        let values = upvalues(&self.lua, &kept.closure).unwrap();
        let boxes: Vec<Option<Table>> = about
            .upvalues
            .iter()
            .zip(&values)
            .map(|(name, value)| {
                let is_boxed = self.outline.upvalue(id, name).is_some_and(is_boxed);
                is_boxed.then(|| self.lua.create_sequence_from([value]).unwrap())
            })
            .collect();
        let arguments = boxes.iter().zip(&values).map(|(boxed, value)| match boxed {
            Some(table) => Value::Table(table.clone()),
            None => value.clone(),
        });
        let remade: Function = self
            .load(&text)
            .call(arguments.collect::<Variadic<_>>())
            .unwrap();
        let shown = String::from_utf8_lossy(&text);
        let copy = describe(&self.lua, &remade).unwrap().unwrap();
        assert_eq!(
            (copy.line, &copy.name),
            (about.line, &about.name),
            "{shown}"
        );
        assert_eq!(copy.arity, about.arity, "{shown}");
        assert_eq!(self.outline.find(&copy), Some(id), "{shown}");
        self.check_alike(&remade, &kept.closure, id, &shown);
        let after = upvalues(&self.lua, &kept.closure).unwrap();
        for (boxed, value) in boxes.iter().zip(&after) {
            if let Some(boxed) = boxed {
                let copied: Value = boxed.raw_get(1).unwrap();
                assert_eq!(show(&copied), show(value), "{shown}\nin\n{}", self.source);
            }
        }
    }
}

fn show(value: &Value) -> String {
    match value {
        Value::Integer(n) => (*n as f64).to_string(),
        Value::Number(n) => n.to_string(),
        other => other.type_name().to_owned(),
    }
}

/// The scripts of the sample mods.
const MODS: &[&str] = &[
    include_str!("../../../mods/base/scripts/main.lua"),
    include_str!("../../../mods/base/scripts/strings.lua"),
    include_str!("../../../mods/counter/scripts/main.lua"),
    include_str!("../../../mods/economy/scripts/main.lua"),
    include_str!("../../../mods/hello/scripts/main.lua"),
    include_str!("../../../mods/my_mod/scripts/main.lua"),
    include_str!("../../../mods/palette/scripts/main.lua"),
    include_str!("../../../mods/weather/scripts/main.lua"),
];

/// Whatever a script asks for is there, answers every call, and hands the functions it gets to `keep`.
const ANYTHING: &str = "
local anything = {}
local function take(value)
    if type(value) == 'function' then keep(0, value) end
    if type(value) == 'table' and value ~= anything then
        for _, inner in pairs(value) do take(inner) end
    end
end
setmetatable(anything, {
    __index = function(_, key)
        if key == 'gmatch' then return function() return function() end end end
        return type(key) == 'string' and anything or nil
    end,
    __newindex = function(_, _, value) take(value) end,
    __call = function(_, ...) for _, value in ipairs({ ... }) do take(value) end return anything end,
})
mod, game, colony, require = anything, anything, anything, function() return anything end
function take_all(...) for _, value in ipairs({ ... }) do take(value) end end
";

#[test]
fn every_function_that_a_sample_mod_hands_out_is_found_and_can_be_remade() {
    let mut functions = 0;
    for source in MODS {
        let run = Run::new(source);
        run.load(ANYTHING.as_bytes()).call::<()>(()).unwrap();
        let results = run
            .load(source.as_bytes())
            .call::<Variadic<Value>>(())
            .unwrap();
        let take_all: Function = run.lua.globals().get("take_all").unwrap();
        take_all.call::<()>(results).unwrap();
        for kept in run.kept.lock().unwrap().iter() {
            functions += 1;
            let about = describe(&run.lua, &kept.closure).unwrap().unwrap();
            let id = run.outline.find(&about);
            let id = id.unwrap_or_else(|| panic!("{about:?} is not in {source}"));
            let text = run
                .outline
                .remake(source.as_bytes(), id, &about.upvalues, &|_| true);
            let place = &run.outline.function(id).place;
            let text = text.unwrap_or_else(|| panic!("{place} can't be remade"));
            run.load(&text);
        }
    }
    assert!(functions > 12, "only {functions} functions were handed out");
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(256) })]

    #[test]
    fn every_closure_of_a_random_program_is_found_and_its_copy_behaves_alike(
        choices in proptest::collection::vec(any::<u8>(), 0..300)
    ) {
        Run::new(&program(Dialect::ENGINE, &choices)).check_all();
    }
}
