//! [`Object`]: a thing of the game, named by kind and number, so that mods hold nothing that could dangle.

use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;

use serde::de::{Deserialize, Deserializer, Error as _};
use serde::ser::{Serialize, SerializeStruct, Serializer};

use super::Value;

/// What [`Object`] is called as a struct of serde: by it [`Value`] knows an object from a table that looks
/// like one, which any mod could make.
pub(super) const OBJECT: &str = "$lunation::Object";
/// Its fields, as the control protocol writes them.
pub(super) const KIND: &str = "$userdata";
pub(super) const ID: &str = "id";
/// How a refusal of what is no object begins.
pub(super) const NO_OBJECT: &str = "must be an object of the game";

/// A thing of the game that mods hold, pass on and call methods of: a *host object*.
///
/// It is only a name. The game finds the thing by it, or answers an error when it is gone; so a mod can keep
/// one as long as it likes. Two with the same kind and number are one and the same in a VM.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Object {
    /// What it is, such as `colony.colonist`: declared with
    /// [`ApiBuilder::object`](crate::ApiBuilder::object).
    pub kind: Arc<str>,
    /// Which one, as the game counts them. A number that is given to another thing later makes old objects
    /// stand for that.
    pub id: u64,
}

impl Object {
    /// A value that is this object.
    pub fn value(self) -> Value {
        Value::Object(Box::new(self))
    }
}

/// `colony.colonist 7`
impl fmt::Display for Object {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.kind, self.id)
    }
}

/// For formats other than [`Value`] it is what the control protocol writes.
impl Serialize for Object {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut fields = serializer.serialize_struct(OBJECT, 2)?;
        fields.serialize_field(KIND, &*self.kind)?;
        fields.serialize_field(ID, &self.id)?;
        fields.end()
    }
}

impl<'de> Deserialize<'de> for Object {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Object, D::Error> {
        #[derive(serde::Deserialize)]
        #[serde(rename = "$lunation::Object")]
        struct Fields {
            #[serde(rename = "$userdata")]
            kind: String,
            id: u64,
        }
        let Fields { kind, id } = Fields::deserialize(deserializer)?;
        Ok(Object {
            kind: kind.into(),
            id,
        })
    }
}

/// Names a kind of host object as a type, so that host functions say what they take and give.
pub trait HostObject: 'static {
    /// The kind, with its namespace: `colony.colonist`.
    const KIND: &'static str;
}

/// The number of a host object that is of the kind `T`: as an argument of a host function it refuses others.
pub struct ObjectId<T> {
    /// Which one, as the game counts them.
    pub id: u64,
    kind: PhantomData<fn() -> T>,
}

impl<T: HostObject> ObjectId<T> {
    /// The object of this kind with this number.
    pub fn new(id: u64) -> ObjectId<T> {
        ObjectId {
            id,
            kind: PhantomData,
        }
    }

    /// It as an object.
    pub fn object(self) -> Object {
        Object {
            kind: T::KIND.into(),
            id: self.id,
        }
    }
}

impl<T> Clone for ObjectId<T> {
    fn clone(&self) -> ObjectId<T> {
        *self
    }
}

impl<T> Copy for ObjectId<T> {}

impl<T: HostObject> fmt::Debug for ObjectId<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", T::KIND, self.id)
    }
}

impl<T: HostObject> Serialize for ObjectId<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.object().serialize(serializer)
    }
}

impl<'de, T: HostObject> Deserialize<'de> for ObjectId<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<ObjectId<T>, D::Error> {
        let wanted = T::KIND;
        let object = Object::deserialize(deserializer).map_err(|why| {
            match why.to_string().strip_prefix(NO_OBJECT) {
                Some(found) => D::Error::custom(format_args!("must be a {wanted}{found}")),
                None => why,
            }
        })?;
        match &*object.kind == wanted {
            true => Ok(ObjectId::new(object.id)),
            false => Err(D::Error::custom(format_args!(
                "must be a {wanted}, not a {}",
                object.kind
            ))),
        }
    }
}
