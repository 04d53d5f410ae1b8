//! The JSON Schema of `mod.toml`. The types here are never filled: they describe the file for editors,
//! and a test holds them and the parser together on the same good and bad files.
#![allow(
    dead_code,
    reason = "the fields are read by schemars alone; their docs become the descriptions"
)]

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::marker::PhantomData;

use schemars::generate::SchemaSettings;
use schemars::transform::{RecursiveTransform, Transform};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use semver::Version;

use super::Apply;
use super::kind::WHOLE_MAX;
use crate::mod_id::ModId;
use crate::settings::{Carry, DELAY_MS, OnUncarryable, Range};

const WHOLE: Range<i64> = Range(-WHOLE_MAX, WHOLE_MAX);
const STEP: Range<i64> = Range(1, WHOLE_MAX);
const LENGTH: Range<i64> = Range(1, super::options::LENGTH_MAX);

/// The JSON Schema of `mod.toml`, as `schemas/mod.schema.json` has it.
pub fn json_schema() -> serde_json::Value {
    let mut schema = SchemaGenerator::default().into_root_schema_for::<ManifestFile>();
    RecursiveTransform(without_null).transform(&mut schema);
    schema.to_value()
}

/// TOML has no null: a key that is optional is left out.
pub(crate) fn without_null(schema: &mut Schema) {
    let is_null = |value: &serde_json::Value| value == "null" || value["type"] == "null";
    for key in ["type", "anyOf", "enum"] {
        let Some(choices) = schema.get_mut(key).and_then(|value| value.as_array_mut()) else {
            continue;
        };
        choices.retain(|choice| !is_null(choice) && !choice.is_null());
        if let [only] = choices.as_slice() {
            let only = only.clone();
            match (key, only.as_object()) {
                ("type", _) => {
                    schema.insert("type".to_owned(), only);
                }
                ("anyOf", Some(only)) => {
                    schema.remove("anyOf");
                    let only = only.clone();
                    only.into_iter().for_each(|(key, value)| {
                        schema.insert(key, value);
                    });
                }
                _ => {}
            }
        }
    }
}

/// What a mod says of itself.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields, title = "Lunation manifest (mod.toml)")]
struct ManifestFile {
    /// The name that other mods use.
    id: ModId,
    /// The name that people read; by default the id.
    name: Option<String>,
    /// The version of the mod, as in semver.org.
    version: Version,
    /// One sentence about the mod.
    description: Option<String>,
    /// Who made it.
    authors: Option<Vec<String>>,
    /// An SPDX expression, such as MIT.
    license: Option<String>,
    /// The script that runs first, relative to the mod; by default scripts/main.lua.
    entry: Option<Entry>,
    /// Which versions of the host's API the mod works with.
    game: Option<Requirement>,
    /// Other names under which this mod can be depended on, with the version of that interface.
    provides: Option<ByModId<Version>>,
    /// The mods that this one uses.
    dependencies: Option<ByModId<Dependency>>,
    /// The mods that this one can't run beside.
    conflicts: Option<ByModId<Conflict>>,
    /// Load order, for mods that are present; requires nothing.
    order: Option<Order>,
    /// What the mod asks of the host.
    capabilities: Option<Capabilities>,
    /// The values that a player may change, by key.
    config: Option<Config>,
    /// Which files are assets whatever their extension says.
    assets: Option<Assets>,
    /// Settings of lunation.toml that this mod overrides.
    hot_reload: Option<HotReload>,
}

/// Mods by id.
pub(crate) struct ByModId<V>(PhantomData<V>);

impl<V: JsonSchema> JsonSchema for ByModId<V> {
    fn schema_name() -> Cow<'static, str> {
        format!("{}ByModId", V::schema_name()).into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "object",
            "propertyNames": generator.subschema_for::<ModId>(),
            "additionalProperties": generator.subschema_for::<V>(),
        })
    }
}

/// A version requirement, alone or with more to say.
#[derive(JsonSchema)]
#[schemars(untagged)]
enum Dependency {
    Version(Requirement),
    Table(DependencyTable),
}

/// A mod that this one uses.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
struct DependencyTable {
    /// The accepted versions; by default every one.
    version: Option<Requirement>,
    /// Whether the mod works without it; by default false.
    optional: Option<bool>,
    /// Why, in your words.
    reason: Option<String>,
}

/// A version requirement, alone or with more to say.
#[derive(JsonSchema)]
#[schemars(untagged)]
enum Conflict {
    Version(Requirement),
    Table(ConflictTable),
}

/// A mod that this one can't run beside.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
struct ConflictTable {
    /// The versions in conflict; by default every one.
    version: Option<Requirement>,
    /// Why, in your words.
    reason: Option<String>,
}

/// Load order, for mods that are present.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
struct Order {
    /// Mods that load before this one.
    after: Option<Vec<ModId>>,
    /// Mods that load after this one.
    before: Option<Vec<ModId>>,
}

/// What the mod asks of the host.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
struct Capabilities {
    /// Without these the mod can't run.
    required: Option<Vec<Capability>>,
    /// Nice to have.
    optional: Option<Vec<Capability>>,
}

/// Which files are assets whatever their extension says.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
struct Assets {
    /// Globs on the path inside the mod, such as assets/**.
    include: Option<Vec<Glob>>,
}

/// Settings of lunation.toml that this mod overrides.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
struct HotReload {
    /// Whether changes of this mod are applied.
    enabled: Option<bool>,
    /// Milliseconds of waiting for a burst of changes to end.
    #[schemars(transform = DELAY_MS.in_schema())]
    debounce_delay: Option<u64>,
    /// What a reload carries.
    carry: Option<Carry>,
    /// What happens to a value that can't be carried.
    on_uncarryable: Option<OnUncarryable>,
}

/// Config options by key.
#[derive(JsonSchema)]
#[schemars(transparent, transform = keys_are_names)]
struct Config(BTreeMap<String, ConfigOption>);

fn keys_are_names(schema: &mut Schema) {
    let names = serde_json::json!({ "pattern": "^[A-Za-z_][A-Za-z0-9_]{0,63}$" });
    schema.insert("propertyNames".to_owned(), names);
}

/// A value that a player may change.
#[derive(JsonSchema)]
#[schemars(
    tag = "type",
    rename_all = "lowercase",
    deny_unknown_fields,
    transform = with_common_keys
)]
enum ConfigOption {
    /// true or false
    Bool { default: bool },
    /// A whole number.
    Int {
        #[schemars(transform = WHOLE.in_schema())]
        default: i64,
        /// The smallest value.
        #[schemars(transform = WHOLE.in_schema())]
        min: Option<i64>,
        /// The largest value.
        #[schemars(transform = WHOLE.in_schema())]
        max: Option<i64>,
        /// The distance of neighbouring values, for sliders.
        #[schemars(transform = STEP.in_schema())]
        step: Option<i64>,
    },
    /// A number.
    Float {
        default: f64,
        /// The smallest value.
        min: Option<f64>,
        /// The largest value.
        max: Option<f64>,
        /// The distance of neighbouring values, for sliders.
        #[schemars(extend("exclusiveMinimum" = 0))]
        step: Option<f64>,
    },
    /// A text.
    String {
        default: String,
        /// The most characters.
        #[schemars(transform = LENGTH.in_schema())]
        max_length: Option<u32>,
    },
    /// One of a list of texts.
    Enum { default: String, values: EnumValues },
    /// A color: #rrggbb or #rrggbbaa.
    Color { default: Color },
    /// A list of values of one kind.
    List {
        default: Vec<Scalar>,
        /// What each item is.
        items: Items,
        /// The most items.
        #[schemars(transform = LENGTH.in_schema())]
        max_length: Option<u32>,
    },
}

/// The keys of every config option beside its type.
#[derive(JsonSchema)]
struct CommonKeys {
    /// The name that people read; by default the key.
    label: Option<String>,
    /// What it does.
    description: Option<String>,
    /// How a change takes effect: in place, or by a reload of the mod. By default live.
    apply: Option<Apply>,
}

/// A struct in each variant would do, but schemars can't flatten where unknown keys are refused.
fn with_common_keys(schema: &mut Schema) {
    let mut inline = SchemaSettings::default();
    inline.inline_subschemas = true;
    let common = SchemaGenerator::new(inline).into_root_schema_for::<CommonKeys>();
    let mut common = common.to_value()["properties"].take();
    common["default"] = serde_json::json!({ "description": "The value where nobody sets one." });
    let branches = schema.get_mut("oneOf").and_then(|list| list.as_array_mut());
    for branch in branches.into_iter().flatten() {
        for (key, described) in common.as_object().into_iter().flatten() {
            let property = &mut branch["properties"][key];
            if property.is_null() {
                *property = described.clone();
            } else if property["description"].is_null() {
                property["description"] = described["description"].clone();
            }
        }
    }
}

/// What each item of a list is: the name of a type, or a table with its limits.
#[derive(JsonSchema)]
#[schemars(untagged)]
enum Items {
    Name(ItemName),
    Table(ItemTable),
}

#[derive(JsonSchema)]
#[schemars(rename_all = "lowercase")]
enum ItemName {
    Bool,
    Int,
    Float,
    String,
    Color,
}

/// The kind of an item, with its limits.
#[derive(JsonSchema)]
#[schemars(tag = "type", rename_all = "lowercase", deny_unknown_fields)]
enum ItemTable {
    Bool {},
    Int {
        #[schemars(transform = WHOLE.in_schema())]
        min: Option<i64>,
        #[schemars(transform = WHOLE.in_schema())]
        max: Option<i64>,
        #[schemars(transform = STEP.in_schema())]
        step: Option<i64>,
    },
    Float {
        min: Option<f64>,
        max: Option<f64>,
        #[schemars(extend("exclusiveMinimum" = 0))]
        step: Option<f64>,
    },
    String {
        #[schemars(transform = LENGTH.in_schema())]
        max_length: Option<u32>,
    },
    Enum {
        values: EnumValues,
    },
    Color {},
}

#[derive(JsonSchema)]
#[schemars(untagged)]
pub(crate) enum Scalar {
    Bool(bool),
    Number(f64),
    String(String),
}

/// The texts that are allowed.
#[derive(JsonSchema)]
#[schemars(transparent, extend("minItems" = 1, "uniqueItems" = true))]
struct EnumValues(Vec<String>);

macro_rules! text_with_pattern {
    ($($(#[$doc:meta])* $name:ident = $pattern:expr;)*) => {$(
        $(#[$doc])*
        #[derive(JsonSchema)]
        #[schemars(transparent, extend("pattern" = $pattern))]
        pub(crate) struct $name(String);
    )*};
}

text_with_pattern! {
    /// #rrggbb or #rrggbbaa
    Color = "^#([0-9A-Fa-f]{6}|[0-9A-Fa-f]{8})$";
    /// Small words with dots between, such as colony.jobs
    Capability = r"^[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)*$";
    /// A path inside the mod, with '/', that ends with .lua or .luau
    Entry = r"^([^./\\:\x00-\x1f\x7f][^/\\:\x00-\x1f\x7f]*/)*[^./\\:\x00-\x1f\x7f][^/\\:\x00-\x1f\x7f]*\.luau?$";
    /// A glob on the path inside the mod
    Glob = r"^[^/\\][^\\]{0,255}$";
    /// A version requirement: ^1.2, >=1.0, <2 or *
    Requirement = requirement();
}

/// What the semver crate reads as a requirement.
fn requirement() -> String {
    let number = r"(0|[1-9][0-9]*)";
    let pre = r"(0|[1-9][0-9]*|[0-9]*[A-Za-z-][0-9A-Za-z-]*)";
    let full = format!(r"{number}(-{pre}(\.{pre})*)?(\+[0-9A-Za-z-]+(\.[0-9A-Za-z-]+)*)?");
    let minor = format!(r"\.([*xX](\.[*xX])?|{number}(\.([*xX]|{full}))?)");
    let comparator = format!(r"(=|>=?|<=?|~|\^)? *{number}({minor})?");
    format!("^ *([*xX]|{comparator}( *, *{comparator}){{0,31}}) *$")
}
