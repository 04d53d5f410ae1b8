//! One change of the text of a profile; comments, order and spacing of the rest stay.

use toml_edit::{Array, DocumentMut, Item, Table, Value as TomlValue, value};

use crate::config::to_toml;
use crate::mod_id::ModId;
use crate::problem::{Code, Place, Problem};
use crate::value::Value;

/// What a new profile says.
pub const NEW_PROFILE: &str = "\
# mods = [\"economy\"]           # the mods that you want, with what they need; left out: all
disabled = []                  # mods that are switched off

# [pins]
# economy = \"=1.4.0\"           # the versions that you allow

# [config.economy]
# tax_rate = 0.2               # goes over config/economy.toml while this profile is on
";

/// `text`, the content of `file`, with the mod switched on or off.
///
/// To switch it off takes it out of `mods`, too, and to switch it on puts it in, if there is such a list.
///
/// # Errors
/// A [`Problem`] if `text` is not TOML, or if one of the lists is something else.
///
/// ```
/// use lunation::profile::switch;
/// let mine = "disabled = ['noise'] # too loud\n";
/// let new = switch(mine, "profiles/quiet.toml", &"rain".parse().unwrap(), false).unwrap();
/// assert_eq!(new, "disabled = ['noise', \"rain\"] # too loud\n");
/// ```
pub fn switch(text: &str, file: &str, mod_id: &ModId, is_on: bool) -> Result<String, Box<Problem>> {
    let mut document = document(text, file)?;
    if document.contains_key("mods") {
        put(list(&mut document, "mods", file)?, mod_id, is_on);
    }
    if document.contains_key("disabled") || !is_on {
        put(list(&mut document, "disabled", file)?, mod_id, !is_on);
    }
    Ok(document.to_string())
}

/// `text`, the content of `file`, with another config value for the mod.
///
/// # Errors
/// A [`Problem`] if `text` is not TOML, if its `config` is no table, or if TOML has no such value.
pub fn set_value(
    text: &str,
    file: &str,
    mod_id: &ModId,
    key: &str,
    new: &Value,
) -> Result<String, Box<Problem>> {
    let mut document = document(text, file)?;
    let mut new = to_toml(new).ok_or_else(|| {
        let because = format!("can't hold `{key}` = {new}");
        let hint = "set true, false, a finite number, a string or a list of them";
        refused(file, Code::BAD_VALUE, &because, hint)
    })?;
    let config = table(document.as_table_mut(), "config", file)?;
    config.set_implicit(true);
    let values = table(config, mod_id.as_str(), file)?;
    match values.get_mut(key).and_then(Item::as_value_mut) {
        Some(old) => {
            *new.decor_mut() = old.decor().clone();
            *old = new;
        }
        None => drop(values.insert(key, value(new))),
    }
    Ok(document.to_string())
}

fn document(text: &str, file: &str) -> Result<DocumentMut, Box<Problem>> {
    text.parse().map_err(|error: toml_edit::TomlError| {
        let because = format!("is not TOML here: {}", error.message());
        let at = error.span().map_or(0, |span| span.start);
        let problem = Problem::error(Code::TOML_SYNTAX, because);
        let problem = problem.at(Place::offset(file, text, at));
        Box::new(problem.hint("mend the file by hand, then try again"))
    })
}

/// The list `key`; an empty one is made if there is none.
fn list<'d>(
    document: &'d mut DocumentMut,
    key: &str,
    file: &str,
) -> Result<&'d mut Array, Box<Problem>> {
    let item = document.entry(key).or_insert_with(|| value(Array::new()));
    item.as_array_mut().ok_or_else(|| {
        let because = format!("sets `{key}` to something that is no list");
        refused(
            file,
            Code::WRONG_TYPE,
            &because,
            "write it as [\"economy\"]",
        )
    })
}

fn table<'t>(above: &'t mut Table, key: &str, file: &str) -> Result<&'t mut Table, Box<Problem>> {
    let item = above.entry(key).or_insert_with(toml_edit::table);
    // `config = { … }` becomes sections, which can be added to.
    if let Some(inline) = item.as_inline_table() {
        *item = Item::Table(inline.clone().into_table());
    }
    item.as_table_mut().ok_or_else(|| {
        let because = format!("sets `{key}` to something that is no table");
        refused(
            file,
            Code::WRONG_TYPE,
            &because,
            "write it as [config.economy]",
        )
    })
}

/// Puts a mod into a list, or takes it out.
fn put(list: &mut Array, mod_id: &ModId, is_in: bool) {
    let is_it = |item: &TomlValue| item.as_str() == Some(mod_id.as_str());
    let was_in = list.iter().any(is_it);
    match (was_in, is_in) {
        (false, true) => list.push(mod_id.as_str()),
        (true, false) => list.retain(|item| !is_it(item)),
        _ => {}
    }
}

fn refused(file: &str, code: Code, because: &str, hint: &str) -> Box<Problem> {
    let problem = Problem::error(code, because).at(Place::file(file));
    Box::new(problem.hint(hint))
}
