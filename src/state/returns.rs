//! [`lost_returns`]: modules that gave something and give nothing any more: a forgotten `return`.

use super::code::Val;
use super::image::{FUNCTION, Image};
use super::names::is_module;

/// A module that returned something and now returns nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct LostReturn<'a> {
    /// Its file.
    pub(crate) file: &'a str,
    /// What it returned, such as `a table`.
    pub(crate) what: &'static str,
}

/// The first module that is a table or a function in `live` and that returned nothing in `new`, which
/// `require` answers with `true`.
///
/// Who required it holds the table, and would hold `true` after a switch: no edit means that.
pub(crate) fn lost_return<'a>(live: &'a Image, new: &Image) -> Option<LostReturn<'a>> {
    let mut modules = live.slots().filter(|slot| is_module(slot));
    modules.find_map(|file| {
        let before = live.table(live.slot(file)?)?;
        let what = match before.flags & FUNCTION {
            0 => "a table",
            _ => "a function",
        };
        let is_nothing = matches!(new.slot(file), Some(Val::Bool(true)));
        is_nothing.then_some(LostReturn { file, what })
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state::Builder;

    /// An image with one slot; `None` stands for a table.
    fn image(slot: &str, value: Option<Val<'_>>) -> Image {
        let mut builder = Builder::new(0);
        let value = value.unwrap_or_else(|| Val::Object(builder.discover()));
        builder.slot(slot, None, value);
        while builder.next().is_some() {
            let mut open = builder.open(0, Val::Nil);
            builder.array_end(&mut open);
            builder.close(open);
        }
        builder.finish()
    }

    #[test]
    fn only_a_module_that_was_something_can_lose_its_return() {
        let nothing = || Some(Val::Bool(true));
        let lost = |slot, live, new| lost_return(&image(slot, live), &image(slot, new)).is_some();
        assert!(lost("scripts/unit.lua", None, nothing()));
        assert!(lost("@base/scripts/unit.luau", None, nothing()));
        assert!(!lost("scripts/unit.lua", None, None));
        assert!(!lost("scripts/unit.lua", nothing(), nothing()));
        assert!(!lost("scripts/unit.lua", None, Some(Val::Num(1.0))));
        assert!(!lost("state", None, nothing()));
        assert!(!lost("scripts/main.lua: local unit", None, nothing()));
    }
}
