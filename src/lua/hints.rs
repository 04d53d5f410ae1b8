//! Hints for what people write who know another Lua, and for the commonest mistakes.

/// The hint where none knows better.
pub(super) const MEND_AND_SAVE: &str = "correct this line and save: a save is live at once";

/// A hint for a syntax error, from the compiler's words and the line of source.
pub(super) fn for_syntax(reason: &str, line: &str) -> Option<String> {
    let code = line.split("--").next().unwrap_or_default();
    if code.contains("&&") || code.contains("||") {
        return Some("`and` and `or` are the words in Lua".into());
    }
    let marks = ["<<<<<<<", "=======", ">>>>>>>"];
    if marks.iter().any(|mark| code.starts_with(mark)) {
        return Some(
            "these are the marks of a merge conflict: keep one side, and delete the marks".into(),
        );
    }
    let luau = cfg!(feature = "luau");
    if luau {
        let has_goto = code.split_whitespace().any(|word| word == "goto");
        if has_goto || code.contains("::") && reason.contains("::") {
            return Some(
                "Luau has no goto: use `continue`, `break`, or a function with `return`".into(),
            );
        }
        if code.contains("<close>") || code.contains("<const>") {
            return Some(
                "Luau has no <close> and <const>: close things by hand, and leave the attribute out".into(),
            );
        }
        for (operator, function) in [
            ("<<", "bit32.lshift(a, n)"),
            (">>", "bit32.rshift(a, n)"),
            ("&", "bit32.band(a, b)"),
            ("|", "bit32.bor(a, b)"),
            ("~", "bit32.bxor(a, b), or bit32.bnot(a) for one operand"),
        ] {
            if code.replace("~=", "").contains(operator) {
                return Some(format!(
                    "Luau has no operator `{operator}`: write {function}"
                ));
            }
        }
    }
    if code.contains("!=") {
        return Some("not equal is `~=` in Lua".into());
    }
    if code.contains("++") {
        return Some("Lua has no `++`: write `n = n + 1` (or `n += 1` in Luau)".into());
    }
    if reason.contains("near <eof>")
        || reason.contains("got <eof>")
        || reason.contains("near '<eof>'")
    {
        return Some(
            "something opened above is not closed: look for a missing `end`, `)` or `}`".into(),
        );
    }
    if code.contains("if ") && reason.contains("'='") {
        return Some("comparing is `==`; a single `=` assigns".into());
    }
    None
}

/// A hint for an error at run time, from its words.
pub(super) fn for_error(message: &str) -> Option<&'static str> {
    const HINTS: &[(&str, &str)] = &[
        (
            "require forms a circle",
            "put this require into the function that needs it, which runs when all has loaded; or move what both need into a third file",
        ),
        (
            "math.type",
            "Luau has one number type: compare with `n % 1 == 0` or use math.floor",
        ),
        (
            "utf8.",
            "Luau's utf8 has char, charpattern, codepoint, codes, len and offset, without `lax`",
        ),
        (
            "attempt to index nil",
            "a name on this line is nil: check the spelling, or that it is set before",
        ),
        (
            "attempt to index a nil value",
            "a name on this line is nil: check the spelling, or that it is set before",
        ),
        (
            "attempt to call a nil value",
            "the function is nil here: check its name, or whether it is a local defined below",
        ),
        (
            "attempt to perform arithmetic",
            "one of the values is not a number here: give it a default, such as `or 0`",
        ),
        (
            "attempt to compare",
            "compare numbers with numbers and strings with strings; one of them may be nil",
        ),
        (
            "attempt to concatenate",
            "use tostring(value) for what is not a string or number",
        ),
        (
            "readonly table",
            "this table is read-only; copy what you need into one of your own",
        ),
        (
            "not enough memory",
            "the mod is over its memory limit: look for a table that only grows",
        ),
        ("stack overflow", "a function calls itself without an end"),
        (
            "coroutine.yield",
            "handlers run to their end: use mod.after to go on later",
        ),
    ];
    HINTS
        .iter()
        .find(|(words, _)| message.contains(words))
        .map(|(_, hint)| *hint)
}
