//! Functions that a host offers to mods: how they are declared, when they may be called, and what they get.

use std::any::Any;
use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::mod_id::ModId;
use crate::value::{HostObject, Value};

use super::codec::{Codec, ObjectBuilder, is_kind};
use super::raw::objects::KIND_BYTES_MAX;
use super::raw::{Borrowed, Lent};

/// When a host function may be called.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// Used for functions that only look: they work at any time, while a mod loads too.
    Setup,
    /// Used for functions that change the game: not while a mod is being staged, since a stage can fail and
    /// must leave no trace.
    Runtime,
}

/// An error of a host function: it is raised in Lua at the line that called.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HostError(pub String);

impl<T: fmt::Display> From<T> for HostError {
    fn from(error: T) -> HostError {
        HostError(error.to_string())
    }
}

/// One call of a host function: who calls, and the game.
pub struct Call<'a> {
    pub(super) mod_id: &'a ModId,
    pub(super) generation: u64,
    pub(super) lent: &'a Lent,
}

impl Call<'_> {
    /// The mod that calls.
    pub fn mod_id(&self) -> &ModId {
        self.mod_id
    }

    /// The generation of the mod that calls.
    pub fn generation(&self) -> u64 {
        self.generation
    }

    /// The game, as it was lent with [`ModManager::with`](crate::ModManager::with).
    ///
    /// # Errors
    /// No `T` is lent at the moment, or a host function further up the stack is using it.
    pub fn host<T: Any + Send>(&mut self) -> Result<Borrowed<'_, T>, HostError> {
        self.lent
            .borrow()
            .ok_or_else(|| HostError("the game can't be reached at this moment".into()))
    }
}

type Body = dyn Fn(&mut Call<'_>, &[Value]) -> Result<Value, HostError> + Send + Sync;

/// One function that a host offers.
#[derive(Clone)]
pub(super) struct HostFunction {
    pub(super) phase: Phase,
    pub(super) capability: Option<Arc<str>>,
    pub(super) body: Arc<Body>,
}

/// What a host offers to all mods.
#[derive(Clone, Default)]
pub struct HostRegistry {
    pub(super) functions: BTreeMap<Arc<str>, HostFunction>,
    /// Other names for functions of `mod`.
    pub(super) aliases: BTreeMap<Arc<str>, &'static str>,
    pub(super) namespaces: Vec<Arc<str>>,
    /// The kinds of objects, and how those are written down that can be.
    pub(super) objects: BTreeMap<Arc<str>, Option<Codec>>,
}

/// Shared by all VMs of a manager.
pub(super) type HostFunctions = Arc<HostRegistry>;

/// Functions of `mod` that a host may offer under a name of its own.
const ALIASES: &[&str] = &[
    "on", "off", "emit", "after", "every", "cancel", "export", "import", "asset",
];

impl HostRegistry {
    /// Adds the namespace `name`: a global table of that name, with what `declare` puts into it.
    ///
    /// # Panics
    /// When the name is taken: namespaces are written by the host's programmer.
    pub fn namespace(&mut self, name: &'static str, declare: impl FnOnce(&mut ApiBuilder<'_>)) {
        let taken = ["mod", "require", "print", "package"].contains(&name)
            || self.namespaces.iter().any(|namespace| &**namespace == name);
        assert!(!taken, "the namespace `{name}` is taken");
        self.namespaces.push(name.into());
        declare(&mut ApiBuilder {
            registry: self,
            namespace: name,
        });
    }

    /// Every capability that some function asks for.
    pub fn capabilities(&self) -> impl Iterator<Item = &str> {
        self.functions
            .values()
            .filter_map(|function| function.capability.as_deref())
    }

    /// Refuses a value that is too large to cross, or has objects that mods could do nothing with; completes
    /// "it …".
    pub(crate) fn check_value(&self, value: &Value) -> Result<(), String> {
        // First, since what comes after goes as deep as the value.
        value.check().map_err(|why| why.to_string())?;
        match value.unknown_kind(&|kind| self.objects.contains_key(kind)) {
            Some(kind) => Err(format!(
                "has an object of the kind \"{kind}\", which the game has not declared"
            )),
            None => Ok(()),
        }
    }
}

/// Declares the functions of one namespace.
pub struct ApiBuilder<'a> {
    registry: &'a mut HostRegistry,
    namespace: &'static str,
}

impl ApiBuilder<'_> {
    /// Declares `namespace.name`. A dot in `name` makes tables: `"jobs.create"`. `capability` is what a mod
    /// must have been granted to call it; `None` is free for all.
    ///
    /// The arguments are a tuple of types that serde can read, `()` for none; the result is anything that
    /// serde can write, `()` for nothing.
    pub fn function<A, R, F>(
        &mut self,
        name: &str,
        phase: Phase,
        capability: impl Into<Option<&'static str>>,
        body: F,
    ) -> &mut Self
    where
        A: FromValues,
        R: IntoValues,
        F: Fn(&mut Call<'_>, A) -> Result<R, HostError> + Send + Sync + 'static,
    {
        let function = HostFunction {
            phase,
            capability: capability.into().map(Into::into),
            body: Arc::new(move |call, values| body(call, A::from_values(values)?)?.into_value()),
        };
        let path = format!("{}.{name}", self.namespace);
        self.registry.functions.insert(path.into(), function);
        self
    }

    /// Declares the kind of host object `T`, and its methods and codec with `declare`. Functions of the host
    /// give and take such objects as [`ObjectId<T>`](crate::ObjectId), mods hold them and call their methods.
    ///
    /// # Panics
    /// When the kind is declared already, or is not a name within this namespace.
    pub fn object<T: HostObject>(
        &mut self,
        declare: impl FnOnce(&mut ObjectBuilder<'_>),
    ) -> &mut Self {
        let kind = T::KIND;
        let name = kind.strip_prefix(self.namespace);
        let name = name.and_then(|name| name.strip_prefix('.'));
        let namespace = self.namespace;
        assert!(
            name.is_some_and(|name| !name.is_empty()) && is_kind(kind),
            "the kind of object `{kind}` has a name such as `{namespace}.thing`, of at most {KIND_BYTES_MAX} bytes"
        );
        let before = self.registry.objects.insert(kind.into(), None);
        assert!(
            before.is_none(),
            "the kind of object `{kind}` is declared twice"
        );
        declare(&mut ObjectBuilder {
            registry: self.registry,
            kind,
        });
        self
    }

    /// Offers a function of `mod` under `namespace.name`, so that mods written for another framework run.
    ///
    /// # Panics
    /// When `mod` has no such function that can be offered.
    pub fn alias(&mut self, name: &str, function: &str) -> &mut Self {
        let function = ALIASES.iter().find(|known| **known == function);
        let function =
            function.expect("a function of `mod` that can be offered under another name");
        self.registry
            .aliases
            .insert(format!("{}.{name}", self.namespace).into(), function);
        self
    }
}

/// Arguments of a host function.
pub trait FromValues: Sized {
    /// Reads the arguments; missing ones are nil.
    ///
    /// # Errors
    /// Which argument is wrong, and why.
    fn from_values(values: &[Value]) -> Result<Self, HostError>;
}

/// Results of a host function: anything that serde can write, or a [`Value`] as it is.
pub trait IntoValues {
    /// The result as a value.
    ///
    /// # Errors
    /// See [`Value::of`].
    fn into_value(self) -> Result<Value, HostError>;
}

impl<R: Serialize + 'static> IntoValues for R {
    fn into_value(mut self) -> Result<Value, HostError> {
        // A `Value` is given as it is: through serde it would lose sharing and bytes.
        match (&mut self as &mut dyn Any).downcast_mut::<Value>() {
            Some(value) => Ok(std::mem::take(value)),
            None => Ok(Value::of(&self)?),
        }
    }
}

fn argument<T: DeserializeOwned>(values: &[Value], index: usize) -> Result<T, HostError> {
    let value = values.get(index).unwrap_or(&Value::Nil);
    value.to().map_err(|why| {
        let (why, number) = (why.to_string(), index + 1);
        let colon = if why.starts_with("must ") { "" } else { ":" };
        HostError(format!("argument {number}{colon} {why}"))
    })
}

impl FromValues for () {
    fn from_values(_: &[Value]) -> Result<(), HostError> {
        Ok(())
    }
}

/// All arguments as they are.
impl FromValues for Vec<Value> {
    fn from_values(values: &[Value]) -> Result<Vec<Value>, HostError> {
        Ok(values.to_vec())
    }
}

macro_rules! arguments {
    ($($type:ident $index:tt),*) => {
        impl<$($type: Argument),*> FromValues for ($($type,)*) {
            fn from_values(values: &[Value]) -> Result<Self, HostError> {
                Ok(($($type::read(values, $index)?,)*))
            }
        }
    };
}

/// One argument: what serde can read, or a [`Value`] as it is.
pub trait Argument: Sized {
    /// Reads the argument at `index`.
    ///
    /// # Errors
    /// Which argument is wrong, and why.
    fn read(values: &[Value], index: usize) -> Result<Self, HostError>;
}

impl<T: DeserializeOwned + 'static> Argument for T {
    fn read(values: &[Value], index: usize) -> Result<Self, HostError> {
        // A `Value` argument is taken as it is: through serde it would lose sharing and bytes.
        let mut out: Option<T> = None;
        if let Some(slot) = (&mut out as &mut dyn Any).downcast_mut::<Option<Value>>() {
            *slot = Some(values.get(index).cloned().unwrap_or_default());
        }
        match out {
            Some(value) => Ok(value),
            None => argument(values, index),
        }
    }
}

arguments!(A 0);
arguments!(A 0, B 1);
arguments!(A 0, B 1, C 2);
arguments!(A 0, B 1, C 2, D 3);
arguments!(A 0, B 1, C 2, D 3, E 4);
arguments!(A 0, B 1, C 2, D 3, E 4, F 5);
