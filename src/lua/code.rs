//! [`Code`]: what is where: the place in the source of each function that the engine describes.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::files::display_path;
use crate::mod_id::ModId;
use crate::state::NewCode;

use super::compile::Scripts;
use super::modules::Modules;
use super::outline::{Described, FunctionId, Outline, VariableId};
use super::raw::describe;

/// The source of the scripts that a VM can reach.
#[derive(Clone, Debug, Default)]
pub(in crate::lua) struct Code {
    own: Option<ModId>,
    scripts: BTreeMap<ModId, Arc<Scripts>>,
    /// Files of earlier generations of which functions are left.
    past: Vec<Arc<File>>,
}

/// One script.
#[derive(Clone, Debug)]
pub(in crate::lua) struct File {
    /// What places of functions call it.
    name: String,
    /// What slots call it: its variables are those of the newest code.
    slots: String,
    /// What messages call it.
    pub(in crate::lua) place: String,
    pub(in crate::lua) source: Arc<[u8]>,
    pub(in crate::lua) outline: Arc<Outline>,
    is_of_the_past: bool,
}

/// A script as the engine knows it, by the name of its chunk.
pub(in crate::lua) struct Chunk<'a> {
    /// What places of functions call its file.
    name: Box<str>,
    /// What slots call it.
    slots: Box<str>,
    outline: &'a Outline,
}

/// A function in a script.
#[derive(Clone, Debug)]
pub(in crate::lua) struct At {
    pub(in crate::lua) file: Arc<File>,
    pub(in crate::lua) id: FunctionId,
}

/// What the source says about one function.
#[derive(Clone, Debug)]
pub(in crate::lua) struct Function {
    /// Its place: the file, and what it is in there.
    pub(in crate::lua) place: Box<str>,
    /// What each of its upvalues is, in the order of the engine.
    pub(in crate::lua) variables: Vec<Variable>,
}

/// What an upvalue is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::lua) enum Variable {
    /// A variable of the file, shared by all functions that use it: a slot with this name.
    Slot(Box<str>),
    /// A variable that a call made for this function, and maybe for its siblings.
    Own {
        /// Its name.
        name: Box<str>,
        /// Its place, if it is ever assigned: then it matters who shares it.
        assigned: Option<Box<str>>,
    },
    /// Nothing that can change: a constant, or what the engine adds.
    Engine,
}

impl Code {
    /// The source behind `modules`.
    pub(in crate::lua) fn of(modules: &Modules) -> Code {
        let (own, scripts) = modules.scripts();
        Code {
            own: Some(own.clone()),
            scripts: scripts.clone(),
            past: modules.past().to_vec(),
        }
    }

    /// The function that the engine describes, if the source tells which one it is.
    pub(in crate::lua) fn function(&self, about: &Described) -> Option<Function> {
        self.chunk(&about.chunk)?.function(about)
    }

    /// The variable of a file that a key path begins with, as people look for it: its name, file and line.
    pub(in crate::lua) fn variable_at(&self, path: &str) -> Option<String> {
        let (name, within) = path.split_once(": ")?;
        let file = self.open(name)?;
        let line = file
            .outline
            .line_of_slot(within.split(['.', '[']).next()?)?;
        Some(format!("{within} ({name}:{line})"))
    }

    /// The function at a place.
    pub(in crate::lua) fn at(&self, place: &str) -> Option<At> {
        let (name, within) = place.split_once(": ")?;
        let past = self.past.iter().find(|file| file.name == name);
        let file = match past {
            Some(file) => file.clone(),
            None => Arc::new(self.open(name)?),
        };
        let id = file.outline.by_place(within)?;
        Some(At { file, id })
    }

    /// The file that is called `name`.
    fn open(&self, name: &str) -> Option<File> {
        let of_another = name.strip_prefix('@').and_then(|rest| rest.split_once('/'));
        let (scripts, path) = match of_another {
            Some((owner, path)) => {
                let mut others = self.scripts.iter();
                (others.find(|(id, _)| id.as_str() == owner)?.1, path)
            }
            None => (self.scripts.get(self.own.as_ref()?)?, name),
        };
        Some(File {
            name: name.to_owned(),
            slots: name.to_owned(),
            place: display_path(&scripts.folder, path),
            source: scripts.source(path)?.clone(),
            outline: scripts.outline(path)?.clone(),
            is_of_the_past: false,
        })
    }

    /// The place of a function; none where the source does not tell which one it is.
    pub(in crate::lua) fn place_of(
        &self,
        lua: &mlua::Lua,
        function: &mlua::Function,
    ) -> Option<Box<str>> {
        let about = describe(lua, function).ok().flatten()?;
        self.function(&about).map(|function| function.place)
    }

    /// What a listener for `event` is called: by the event and by its function.
    pub(in crate::lua) fn name_of(
        &self,
        lua: &mlua::Lua,
        event: &str,
        function: &mlua::Function,
    ) -> Arc<str> {
        match self.place_of(lua, function) {
            Some(place) => format!("{event}: {place}").into(),
            None => event.into(),
        }
    }

    /// What a module is called: its file in slots; in key paths with the name that the file has for what it
    /// returns.
    pub(in crate::lua) fn module(&self, owner: &ModId, path: &str) -> (String, String) {
        let file = self.file(owner, path);
        let scripts = self.scripts.get(owner);
        let outline = scripts.and_then(|scripts| scripts.outline(path));
        let returned = outline.and_then(|outline| outline.returned_local());
        let label = format!("{file}: {}", returned.unwrap_or("return"));
        (file, label)
    }

    /// The chunk that messages call `name`.
    pub(in crate::lua) fn chunk(&self, name: &str) -> Option<Chunk<'_>> {
        if let Some(file) = self.past.iter().find(|file| file.place == name) {
            return Some(Chunk {
                name: file.name.as_str().into(),
                slots: file.slots.as_str().into(),
                outline: &file.outline,
            });
        }
        self.scripts.iter().find_map(|(owner, scripts)| {
            let path = match &*scripts.folder {
                "" => name,
                folder => name.strip_prefix(folder)?.strip_prefix('/')?,
            };
            let outline: &Outline = scripts.outline(path)?;
            let file = self.file(owner, path);
            Some(Chunk {
                name: file.clone().into(),
                slots: file.into(),
                outline,
            })
        })
    }

    /// What a file is called: by its path, with the mod before it if that is another one.
    fn file(&self, owner: &ModId, path: &str) -> String {
        if self.own.as_ref() == Some(owner) {
            path.to_owned()
        } else {
            display_path(&format!("@{owner}"), path)
        }
    }
}

impl Chunk<'_> {
    /// The function of this chunk that the engine describes, if the source tells which one it is.
    pub(in crate::lua) fn function(&self, about: &Described) -> Option<Function> {
        let id = self.outline.find(about)?;
        let variable = |name: &String| match self.outline.upvalue(id, name) {
            None => Variable::Engine,
            Some(upvalue) => variable_of(&self.slots, self.outline, upvalue),
        };
        Some(Function {
            place: [&*self.name, ": ", &*self.outline.function(id).place]
                .concat()
                .into(),
            variables: about.upvalues.iter().map(variable).collect(),
        })
    }
}

impl At {
    /// The line where the function begins.
    pub(in crate::lua) fn line(&self) -> u32 {
        self.file.outline.function(self.id).line
    }

    /// The variables that the function takes from around it, with their names, and what each is.
    pub(in crate::lua) fn captured(&self) -> impl Iterator<Item = (VariableId, &str, Variable)> {
        let File { slots, outline, .. } = &*self.file;
        let captured = outline.captured(self.id);
        captured.map(|id| {
            let variable = variable_of(slots, outline, id);
            (id, &*outline.variable(id).name, variable)
        })
    }

    /// The same, in a file that is told from the one of the code that comes after `generation`.
    pub(in crate::lua) fn of_the_past(self, generation: u64) -> At {
        if self.file.is_of_the_past {
            return self;
        }
        let mark = |name: &str| format!("{name} (generation {generation})");
        let file = File {
            name: mark(&self.file.name),
            place: mark(&self.file.place),
            is_of_the_past: true,
            ..(*self.file).clone()
        };
        At {
            file: Arc::new(file),
            ..self
        }
    }
}

impl File {
    /// Whether both are the same file of the same generation.
    pub(in crate::lua) fn is(&self, other: &File) -> bool {
        self.name == other.name
    }
}

impl NewCode for Code {
    fn has_function(&self, place: &str) -> bool {
        self.at(place).is_some_and(|at| !at.file.is_of_the_past)
    }
}

/// What a variable of a file is.
fn variable_of(file: &str, outline: &Outline, id: VariableId) -> Variable {
    let variable = outline.variable(id);
    if variable.is_constant() {
        return Variable::Engine;
    }
    let place = || format!("{file}: {}", variable.slot).into();
    if variable.is_of_file {
        return Variable::Slot(place());
    }
    Variable::Own {
        name: variable.name.clone(),
        assigned: variable.is_reassigned.then(place),
    }
}
