//! Kinds of host objects: how a host declares their methods and their codec, and what a saved one is called.

use std::fmt::Write;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use super::host::{Call, FromValues, HostError, HostFunction, HostRegistry, IntoValues, Phase};
use super::raw::objects::KIND_BYTES_MAX;
use crate::value::Value;

type Save = dyn Fn(&mut Call<'_>, u64) -> Option<Vec<u8>> + Send + Sync;
type Load = dyn Fn(&mut Call<'_>, &[u8]) -> Option<u64> + Send + Sync;

/// How the host writes objects of a kind down, and finds them again.
#[derive(Clone)]
pub(super) struct Codec {
    save: Arc<Save>,
    load: Arc<Load>,
}

/// Declares one kind of host object.
pub struct ObjectBuilder<'a> {
    pub(super) registry: &'a mut HostRegistry,
    pub(super) kind: &'static str,
}

impl ObjectBuilder<'_> {
    /// Declares the method `object:name(…)`. As [`ApiBuilder::function`](crate::ApiBuilder::function), but
    /// `body` gets the number of the object besides; if the game has let that go, it answers an error.
    pub fn method<A, R, F>(
        &mut self,
        name: &str,
        phase: Phase,
        capability: impl Into<Option<&'static str>>,
        body: F,
    ) -> &mut Self
    where
        A: FromValues,
        R: IntoValues,
        F: Fn(&mut Call<'_>, u64, A) -> Result<R, HostError> + Send + Sync + 'static,
    {
        let kind = self.kind;
        let function = HostFunction {
            phase,
            capability: capability.into().map(Into::into),
            body: Arc::new(move |call, values| match values.split_first() {
                Some((Value::Object(this), values)) if *this.kind == *kind => {
                    body(call, this.id, A::from_values(values)?)?.into_value()
                }
                this => {
                    let this = this.map_or("nothing", |(this, _)| this.type_name());
                    Err(HostError(format!(
                        "must be called on a {kind}, as object:name(), not on {this}"
                    )))
                }
            }),
        };
        let path = format!("{kind}:{name}");
        self.registry.functions.insert(path.into(), function);
        self
    }

    /// Lets mods keep objects of this kind over reloads and in saves. `save` says how the game finds the object
    /// again, such as its name; `None` if it is gone, or can't be kept. `load` finds it by that; `None` if there
    /// is none any more. The same bytes mean the same object.
    ///
    /// Both are called while the game is lent, and get it with [`Call::host`]. What `save` gives is short: it is
    /// a part of the state of the mod, whose size is limited.
    pub fn codec(
        &mut self,
        save: impl Fn(&mut Call<'_>, u64) -> Option<Vec<u8>> + Send + Sync + 'static,
        load: impl Fn(&mut Call<'_>, &[u8]) -> Option<u64> + Send + Sync + 'static,
    ) -> &mut Self {
        let codec = Codec {
            save: Arc::new(save),
            load: Arc::new(load),
        };
        self.registry.objects.insert(self.kind.into(), Some(codec));
        self
    }
}

impl HostRegistry {
    /// What the object is called in an image: `/colony.colonist(Ada)`; `None` if the host can't save it.
    pub(super) fn saved_name(&self, call: &mut Call<'_>, kind: &str, id: u64) -> Option<String> {
        let codec = self.objects.get(kind)?.as_ref()?;
        let bytes = guarded(kind, || (codec.save)(call, id))?;
        Some(name_of(kind, &bytes))
    }

    /// The object that is called so in an image: its kind and its number.
    pub(super) fn loaded(&self, call: &mut Call<'_>, name: &str) -> Option<(Arc<str>, u64)> {
        let (kind, bytes) = of_name(name)?;
        let (kind, codec) = self.objects.get_key_value(kind)?;
        let codec = codec.as_ref()?;
        let id = guarded(kind, || (codec.load)(call, &bytes))?;
        Some((kind.clone(), id))
    }
}

/// Runs a codec. If it panics, the object is one that it does not know.
fn guarded<T>(kind: &str, work: impl FnOnce() -> Option<T>) -> Option<T> {
    catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|_| {
        tracing::error!(kind, "the codec of a host object panicked");
        None
    })
}

/// What a saved object is called in an image. No name of code or of the host begins with a slash, so no mod can
/// make one up. Whatever can't be printed is escaped, each byte as `%` and two digits.
fn name_of(kind: &str, bytes: &[u8]) -> String {
    let mut name = format!("/{kind}(");
    for byte in bytes {
        match byte {
            b' '..=b'~' if *byte != b'%' => name.push(char::from(*byte)),
            // Writing to a string can't fail.
            _ => drop(write!(name, "%{byte:02X}")),
        }
    }
    name.push(')');
    name
}

/// The kind and the bytes of an object that is called so, if that is how one is called.
fn of_name(name: &str) -> Option<(&str, Vec<u8>)> {
    let (kind, text) = name.strip_prefix('/')?.strip_suffix(')')?.split_once('(')?;
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        rest = after;
        bytes.push(match first {
            b'%' => {
                let (digits, after) = rest.split_at_checked(2)?;
                rest = after;
                u8::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()?
            }
            byte => *byte,
        });
    }
    Some((kind, bytes))
}

/// What has this name in an image, if it is the name of an object: `a colony.colonist`. Names come from files,
/// too, so only a sound kind is repeated.
pub(super) fn what_of_name(name: &str) -> Option<String> {
    let name = name.strip_prefix('/')?;
    let kind = name.split_once('(').map(|(kind, _)| kind);
    Some(match kind.filter(|kind| is_kind(kind)) {
        Some(kind) => format!("a {kind}"),
        None => "an object of the game".into(),
    })
}

/// Whether a kind can be called so.
pub(super) fn is_kind(name: &str) -> bool {
    let is_part = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '.';
    (1..=KIND_BYTES_MAX).contains(&name.len()) && name.chars().all(is_part)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(bytes: &[u8], expected: &str) {
        let name = name_of("colony.colonist", bytes);
        assert_eq!(name, expected);
        assert_eq!(of_name(&name), Some(("colony.colonist", bytes.to_vec())));
    }

    #[test]
    fn the_name_of_a_saved_object_holds_any_bytes_and_prints_on_one_line() {
        check(b"Ada", "/colony.colonist(Ada)");
        check(b"", "/colony.colonist()");
        check(b"a (b): 100 %", "/colony.colonist(a (b): 100 %25)");
        check("Zoë\n".as_bytes(), "/colony.colonist(Zo%C3%AB%0A)");
        check(&[0, 0xff, b'%'], "/colony.colonist(%00%FF%25)");
    }

    #[test]
    fn what_is_no_name_of_an_object_is_none() {
        let names = [
            "",
            "/",
            "colony.colonist(Ada)",
            "/colony.colonist(Ada",
            "/colony",
        ];
        for name in names {
            assert_eq!(of_name(name), None, "{name}");
        }
        for name in ["/k(%)", "/k(%1)", "/k(%xy)", "/k(%é)"] {
            assert_eq!(of_name(name), None, "{name}");
        }
    }

    #[test]
    fn a_name_from_a_file_is_repeated_only_if_it_is_sound() {
        let what = |name: &str| what_of_name(name);
        assert_eq!(what("/game.unit(%)"), Some("a game.unit".into()));
        let junk = [
            "/",
            "/(",
            "/\u{202e}(x)",
            "/a b(x)",
            &format!("/{}(x)", "k".repeat(65)),
        ];
        for name in junk {
            assert_eq!(what(name), Some("an object of the game".into()), "{name}");
        }
        assert_eq!(what("mod.on"), None);
    }
}
