//! The JSON Schema of a profile. The types here are never filled: they describe the file for editors, and a
//! test holds them and the parser together on the same good and bad files.
#![allow(
    dead_code,
    reason = "the fields are read by schemars alone; their docs become the descriptions"
)]

use std::collections::{BTreeMap, BTreeSet};

use schemars::transform::{RecursiveTransform, Transform};
use schemars::{JsonSchema, SchemaGenerator};

use crate::manifest::{ByModId, RequirementSchema, Scalar, without_null};
use crate::mod_id::ModId;

/// The JSON Schema of a profile, as `schemas/profile.schema.json` has it.
pub fn json_schema() -> serde_json::Value {
    let mut schema = SchemaGenerator::default().into_root_schema_for::<ProfileFile>();
    RecursiveTransform(without_null).transform(&mut schema);
    schema.to_value()
}

/// What a player has chosen.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields, title = "Lunation profile (profiles/NAME.toml)")]
struct ProfileFile {
    /// The mods that are asked for; those that they need come along. By default all mods of the folder.
    mods: Option<BTreeSet<ModId>>,
    /// Mods that are switched off.
    disabled: Option<BTreeSet<ModId>>,
    /// Mods that load in this order, whatever their authors wish.
    order: Option<Order>,
    /// The versions that you allow of some mods.
    pins: Option<ByModId<RequirementSchema>>,
    /// Config values by mod; they go over config/ID.toml.
    config: Option<ByModId<Values>>,
}

/// Mods in the order in which they load.
#[derive(JsonSchema)]
#[schemars(transparent, extend("uniqueItems" = true))]
struct Order(Vec<ModId>);

/// Config values by key.
#[derive(JsonSchema)]
#[schemars(transparent)]
struct Values(BTreeMap<String, ConfigValue>);

/// A value, or a list of values.
#[derive(JsonSchema)]
#[schemars(untagged)]
enum ConfigValue {
    One(Scalar),
    List(Vec<Scalar>),
}
