//! JSON whose values know their places. Only what is asked for is looked into, so nothing nests too deep.

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

use super::Format;
use super::draft::Said;
use super::text::Text;
use crate::problem::{Place, Problem};

/// One value.
#[derive(Clone, Copy)]
pub(super) struct Json<'t> {
    text: &'t Text<'t>,
    raw: &'t str,
}

/// What an object says, in its order.
pub(super) type Entries<'t> = Vec<(String, Json<'t>)>;

impl<'t> Json<'t> {
    /// The object that a text is.
    ///
    /// # Errors
    /// If the text is no JSON, or no object.
    pub(super) fn root(text: &'t Text<'t>) -> Result<Entries<'t>, Box<Problem>> {
        let raw: &RawValue = serde_json::from_str(text.text).map_err(|why| {
            let mut problem = text.refuse(
                format!("is no JSON: {why}"),
                "mend it, or ask its author to",
            );
            if let Ok(line @ 1..) = u32::try_from(why.line()) {
                problem.place = Some(Place::line(text.whole().file, line));
            }
            problem
        })?;
        let json = Json {
            text,
            raw: raw.get(),
        };
        json.entries()
            .ok_or_else(|| text.refuse("is no JSON object", "it begins with { in every format"))
    }

    /// What an object says.
    pub(super) fn entries(self) -> Option<Entries<'t>> {
        let Object(entries) = serde_json::from_str(self.raw).ok()?;
        let within = |(key, raw): (String, &'t RawValue)| (key, self.within(raw));
        Some(entries.into_iter().map(within).collect())
    }

    /// The items of a list; of anything else: that alone.
    pub(super) fn items(self) -> Vec<Json<'t>> {
        match serde_json::from_str::<Vec<&'t RawValue>>(self.raw) {
            Ok(items) => items.into_iter().map(|raw| self.within(raw)).collect(),
            Err(_) => vec![self],
        }
    }

    /// A text, or a number as it is written.
    pub(super) fn string(self) -> Option<String> {
        let is_number = || self.raw.starts_with(|c: char| c.is_ascii_digit());
        serde_json::from_str(self.raw)
            .ok()
            .or_else(|| is_number().then(|| self.raw.to_owned()))
    }

    /// A text, and where it stands.
    pub(super) fn said(self) -> Option<Said> {
        Some(Said {
            text: self.string()?,
            place: self.place(),
        })
    }

    pub(super) fn place(self) -> Place {
        // Every value is a part of the text.
        let offset = self.raw.as_ptr() as usize - self.text.text.as_ptr() as usize;
        self.text.place(offset)
    }

    fn within(self, raw: &'t RawValue) -> Json<'t> {
        Json {
            raw: raw.get(),
            ..self
        }
    }
}

/// Which game's mod a JSON file of any name describes.
pub(super) fn format_of(text: &[u8]) -> Option<Format> {
    let Object(entries) = serde_json::from_slice(text).ok()?;
    let has = |name: &str| entries.iter().any(|(key, _)| key == name);
    if has("identifier") {
        Some(Format::Ckan)
    } else if has("name") && (has("factorio_version") || has("dependencies")) {
        Some(Format::Factorio)
    } else {
        None
    }
}

/// The entries of an object, none of them read yet.
struct Object<'t>(Vec<(String, &'t RawValue)>);

impl<'t> Deserialize<'t> for Object<'t> {
    fn deserialize<D: Deserializer<'t>>(deserializer: D) -> Result<Self, D::Error> {
        struct InOrder;
        impl<'t> Visitor<'t> for InOrder {
            type Value = Object<'t>;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'t>>(self, mut map: A) -> Result<Object<'t>, A::Error> {
                let mut entries = Vec::new();
                while let Some(entry) = map.next_entry()? {
                    entries.push(entry);
                }
                Ok(Object(entries))
            }
        }
        deserializer.deserialize_map(InOrder)
    }
}
