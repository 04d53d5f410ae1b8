//! The JSON Schema of `lunation.toml`, generated from [`Settings`], and what the types can't say alone.

use schemars::transform::{RecursiveTransform, Transform};
use schemars::{JsonSchema, Schema, SchemaGenerator};

use super::{HotReload, Settings};

/// `[hot_reload.ignore_patterns]`
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
pub(super) struct IgnorePatterns {
    /// Globs of the files that are no part of a mod, on the path relative to the mods folder or any part
    /// of its end.
    #[schemars(default = "default_patterns", inner(length(min = 1, max = 256)))]
    #[allow(dead_code, reason = "only the schema of the field is used")]
    patterns: Vec<String>,
}

fn default_patterns() -> Vec<String> {
    HotReload::default().ignore_patterns
}

/// The items of `supported_extensions`.
pub(super) fn extensions(schema: &mut Schema) {
    let item = serde_json::json!({ "type": "string", "pattern": "^[A-Za-z0-9_-]{1,16}$" });
    schema.insert("items".to_owned(), item);
}

/// The JSON Schema of `lunation.toml`, as `schemas/lunation.schema.json` has it.
pub fn json_schema() -> serde_json::Value {
    let mut schema = SchemaGenerator::default().into_root_schema_for::<Settings>();
    RecursiveTransform(without_defaults_of_tables).transform(&mut schema);
    let title = "Lunation settings (lunation.toml)";
    schema.insert("title".to_owned(), title.into());
    let description = "The settings of a mods folder. What is left out has its default.";
    schema.insert("description".to_owned(), description.into());
    schema.to_value()
}

/// The default of a table stands at its keys already.
fn without_defaults_of_tables(schema: &mut Schema) {
    let is_table_or_list = schema
        .get("default")
        .is_some_and(|default| default.is_object() || default.is_array());
    if schema.get("$ref").is_some() && is_table_or_list {
        schema.remove("default");
    }
}
