//! [`Names`]: what code calls its own tables and functions, so that a save can refer to them.

use rustc_hash::{FxHashMap, FxHashSet};

use super::code::Val;
use super::image::{FUNCTION, Image, Object};

/// The slot of what is saved. All others hold code, and what code keeps for itself.
pub(crate) const STATE: &str = "state";

/// The slots that tell what the mod has registered. What hangs on them alone has no name for it.
pub(crate) const REGISTRATIONS: [&str; 5] = ["handlers", "hooks", "timers", "tasks", "marks"];

/// How many tables get a name. More would be data, not code.
const NAMES_MAX: usize = 1 << 16;
/// The longest name in bytes.
const NAME_BYTES_MAX: usize = 200;
/// What the name of a function begins with.
const FUNCTION_NAME: &str = "function ";

/// What the code of an image calls its own tables and functions.
#[derive(Default)]
pub(super) struct Names {
    by_object: FxHashMap<u32, Box<str>>,
    by_name: FxHashMap<Box<str>, u32>,
}

impl Names {
    /// Goes from the slots that are code along their keys, the shortest ways first. What has several names
    /// gets the same one in every image of the same code.
    pub(super) fn of(image: &Image) -> Names {
        let mut names = Names::default();
        names.functions(image);
        let is_of_code = |name: &&str| *name != STATE && !REGISTRATIONS.contains(name);
        let mut slots: Vec<&str> = image.slots().filter(is_of_code).collect();
        slots.sort_unstable();
        let mut reached = Vec::new();
        for slot in slots {
            let value = image.slot(slot).unwrap_or(Val::Nil);
            names.reach(image, value, || slot.to_owned(), &mut reached);
        }
        let mut next = 0;
        while let Some((id, name)) = reached.get(next).cloned() {
            next += 1;
            let Object::Table(table) = image.object(id) else {
                continue;
            };
            let meta = || format!("{name}(metatable)");
            names.reach(image, table.meta, meta, &mut reached);
            for (_, key, value) in table.entries {
                let key = match key {
                    Val::Str(key) => key,
                    Val::Atom(key) => image.atom(key),
                    _ => continue,
                };
                let name = || format!("{name}.{}", String::from_utf8_lossy(key));
                names.reach(image, value, name, &mut reached);
            }
        }
        names
    }

    /// The name of an object.
    pub(super) fn name(&self, id: u32) -> Option<&str> {
        self.by_object.get(&id).map(|name| &**name)
    }

    /// The object with this name.
    pub(super) fn object(&self, name: &str) -> Option<u32> {
        self.by_name.get(name).copied()
    }

    /// Functions without variables of their own are told by their place.
    fn functions(&mut self, image: &Image) {
        for id in 0..image.objects() {
            if let Object::Table(table) = image.object(id)
                && let Some(place) = table.function()
                && table.entries.left() == 0
            {
                self.add(id, format!("{FUNCTION_NAME}{place}"));
            }
        }
    }

    fn reach(
        &mut self,
        image: &Image,
        value: Val<'_>,
        name: impl Fn() -> String,
        reached: &mut Vec<(u32, String)>,
    ) {
        let Val::Object(id) = value else { return };
        let Object::Table(table) = image.object(id) else {
            return;
        };
        let name = name();
        let is_function = table.flags & FUNCTION != 0;
        if is_function && table.entries.left() == 0
            || self.by_object.contains_key(&id)
            || name.len() > NAME_BYTES_MAX
            || self.by_object.len() >= NAMES_MAX
        {
            return;
        }
        self.add(id, name.clone());
        reached.push((id, name));
    }

    fn add(&mut self, id: u32, name: String) {
        let name: Box<str> = name.into();
        self.by_name.entry(name.clone()).or_insert(id);
        self.by_object.insert(id, name);
    }
}

impl Image {
    /// What the code calls its own tables and functions. Found out once.
    pub(super) fn names(&self) -> &Names {
        self.0.code_names.get_or_init(|| Names::of(self))
    }

    /// The objects that a save refers to by name: modules, classes (what is a metatable of something), and
    /// functions without variables of their own.
    pub(crate) fn saved_by_name(&self) -> FxHashMap<u32, &str> {
        let mut classes = FxHashSet::default();
        for slot in self.slots().filter(|slot| is_module(slot)) {
            classes.extend(object(self.slot(slot)));
        }
        for id in 0..self.objects() {
            if let Object::Table(table) = self.object(id) {
                classes.extend(object(Some(table.meta)));
                let is_function = table.flags & FUNCTION != 0 && table.entries.left() == 0;
                classes.extend(is_function.then_some(id));
            }
        }
        let named = classes.into_iter();
        named
            .filter_map(|id| Some((id, self.names().name(id)?)))
            .collect()
    }
}

/// Whether a slot holds what a file returns.
pub(super) fn is_module(slot: &str) -> bool {
    slot.ends_with(".lua") || slot.ends_with(".luau")
}

fn object(value: Option<Val<'_>>) -> Option<u32> {
    match value {
        Some(Val::Object(id)) => Some(id),
        _ => None,
    }
}
