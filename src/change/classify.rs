//! What a changed file means: an ordered table of globs, and the rule that decided.

use std::borrow::Cow;

use serde::Serialize;

use super::glob::PathGlob;
use crate::files::{CONFIG_FILE, MANIFEST_FILE};

/// What a change asks for, ordered by width.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum Kind {
    /// Used for files that the mod reads when it wants: a new asset version and `on_asset`, no VM work.
    Asset,
    /// Used for values: parsed, checked, compared and applied in place, no VM work.
    Config,
    /// Used for code: a new VM for each mod that had loaded the file.
    Script,
    /// Used for manifests: the mods are resolved again, and all of the above.
    Full,
}

impl std::fmt::Display for Kind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(match self {
            Kind::Asset => "asset",
            Kind::Config => "config",
            Kind::Script => "script",
            Kind::Full => "full",
        })
    }
}

/// The rule that decided a file's [`Kind`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Rule {
    /// The glob that matched, relative to the mod.
    pub pattern: Cow<'static, str>,
    /// What such a file is: "the manifest", "code in the scripts folder".
    pub meaning: &'static str,
}

impl Rule {
    const fn fixed(pattern: &'static str, meaning: &'static str) -> Rule {
        Rule {
            pattern: Cow::Borrowed(pattern),
            meaning,
        }
    }
}

/// The rules before the assets that a manifest declares: their place decides, whatever is declared.
const BY_PLACE: &[(&str, Kind, &str)] = &[
    (MANIFEST_FILE, Kind::Full, "the manifest"),
    (CONFIG_FILE, Kind::Config, "the values that the mod ships"),
    ("scripts/**", Kind::Script, "in the scripts folder"),
    ("migrations/**", Kind::Script, "a migration of the state"),
];

/// The rules after them; the last one matches everything.
const BY_NAME: &[(&str, Kind, &str)] = &[
    ("**/*.lua", Kind::Script, "Lua code"),
    ("**/*.luau", Kind::Script, "Luau code"),
    ("**", Kind::Asset, "neither code nor values"),
];

/// The rules for the files of one mod, compiled.
#[derive(Clone, Debug)]
pub(super) struct Classifier {
    rules: Vec<(PathGlob, Kind, Rule)>,
}

impl Classifier {
    /// The rules with the asset globs of the mod's manifest. One that is no glob is left out: reading the
    /// manifest has said so.
    pub(super) fn new(assets: &[String]) -> Classifier {
        let fixed = |(pattern, kind, meaning): &(&'static str, Kind, &'static str)| {
            let glob = PathGlob::new(pattern).ok()?;
            Some((glob, *kind, Rule::fixed(pattern, meaning)))
        };
        let declared = |pattern: &String| {
            let rule = Rule {
                pattern: Cow::Owned(pattern.clone()),
                meaning: "an asset that the manifest declares",
            };
            Some((PathGlob::new(pattern).ok()?, Kind::Asset, rule))
        };
        let rules = BY_PLACE.iter().filter_map(fixed);
        let rules = rules.chain(assets.iter().filter_map(declared));
        let rules = rules.chain(BY_NAME.iter().filter_map(fixed)).collect();
        Classifier { rules }
    }

    /// What a change of `path`, relative to the mod, asks for, and the rule that says so: the first
    /// that matches.
    pub(super) fn classify(&self, path: &str) -> (Kind, Rule) {
        let names: Vec<&str> = path.split('/').collect();
        self.rules
            .iter()
            .find(|(glob, _, _)| glob.matches(&names))
            .map(|(_, kind, rule)| (*kind, rule.clone()))
            .unwrap_or((Kind::Asset, Rule::fixed("**", "neither code nor values")))
    }
}

/// What a change of `path`, relative to the mod, asks for, and the rule that says so: the first that
/// matches. `assets` are the globs of the mod's manifest; one that is no glob is left out.
///
/// ```
/// use lunation::change::{Kind, classify};
/// let (kind, rule) = classify("scripts/main.lua", &[]);
/// assert_eq!((kind, &*rule.pattern), (Kind::Script, "scripts/**"));
/// ```
pub fn classify(path: &str, assets: &[String]) -> (Kind, Rule) {
    Classifier::new(assets).classify(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_path_has_the_kind_of_the_first_rule_that_matches() {
        let assets = [
            "assets/**".to_owned(),
            "data/*.lua".to_owned(),
            "[".to_owned(),
        ];
        let table = [
            ("mod.toml", Kind::Full, "mod.toml"),
            ("sub/mod.toml", Kind::Asset, "**"),
            ("config.toml", Kind::Config, "config.toml"),
            ("scripts/main.lua", Kind::Script, "scripts/**"),
            ("scripts/a/b/c.luau", Kind::Script, "scripts/**"),
            ("scripts/table.json", Kind::Script, "scripts/**"),
            ("main.lua", Kind::Script, "**/*.lua"),
            ("lib/x.luau", Kind::Script, "**/*.luau"),
            ("migrations/0002-split.lua", Kind::Script, "migrations/**"),
            ("assets/a/tree.png", Kind::Asset, "assets/**"),
            ("assets/demo.lua", Kind::Asset, "assets/**"),
            ("data/table.lua", Kind::Asset, "data/*.lua"),
            ("data/deep/table.lua", Kind::Script, "**/*.lua"),
            ("README.md", Kind::Asset, "**"),
            ("no_extension", Kind::Asset, "**"),
            ("plugin.wasm", Kind::Asset, "**"),
        ];
        for (path, kind, pattern) in table {
            let (found, rule) = classify(path, &assets);
            assert_eq!((found, &*rule.pattern), (kind, pattern), "{path}");
        }
    }

    #[test]
    fn a_mod_can_not_declare_its_manifest_or_scripts_to_be_assets() {
        let all = ["**".to_owned()];
        assert_eq!(classify("mod.toml", &all).0, Kind::Full);
        assert_eq!(classify("scripts/main.lua", &all).0, Kind::Script);
        assert_eq!(classify("main.lua", &all).0, Kind::Asset);
    }

    #[test]
    fn kinds_are_ordered_by_width() {
        assert!(Kind::Asset < Kind::Config && Kind::Config < Kind::Script);
        assert!(Kind::Script < Kind::Full);
        assert_eq!(serde_json::to_string(&Kind::Full).unwrap(), "\"full\"");
        assert_eq!(Kind::Script.to_string(), "script");
    }
}
