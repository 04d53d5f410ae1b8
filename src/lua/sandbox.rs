//! The allow-list: what of Lua's own globals a mod can reach. Never "everything but".
//!
//! Left out on purpose: `load` and its kin (bytecode, code from strings), `collectgarbage` and `gcinfo`
//! (other mods' timing), `getfenv`, `setfenv`, `newproxy`, `debug`, `io`, `os`, `package.loadlib`, and the
//! engine's own `require`, which reads files.

use mlua::StdLib;

/// Functions and values of the base library.
pub(super) const BUILTINS: &[&str] = &[
    "assert",
    "error",
    "getmetatable",
    "ipairs",
    "next",
    "pairs",
    "pcall",
    "rawequal",
    "rawget",
    "rawlen",
    "rawset",
    "select",
    "setmetatable",
    "tonumber",
    "tostring",
    "type",
    "typeof",
    "unpack",
    "xpcall",
];

/// Libraries and their members. On Luau the libraries are read-only and shared as they are; elsewhere each
/// VM gets a copy with just these members.
pub(super) const LIBRARIES: &[(&str, &[&str])] = &[
    (
        "string",
        &[
            "byte", "char", "find", "format", "gmatch", "gsub", "len", "lower", "match", "pack",
            "packsize", "rep", "reverse", "split", "sub", "unpack", "upper",
        ],
    ),
    (
        "table",
        &[
            "clear", "clone", "concat", "create", "find", "foreach", "foreachi", "freeze", "getn",
            "insert", "isfrozen", "maxn", "move", "pack", "remove", "sort", "unpack",
        ],
    ),
    (
        "math",
        &[
            "abs",
            "acos",
            "asin",
            "atan",
            "atan2",
            "ceil",
            "clamp",
            "cos",
            "cosh",
            "deg",
            "exp",
            "floor",
            "fmod",
            "frexp",
            "huge",
            "isfinite",
            "isinf",
            "isnan",
            "ldexp",
            "lerp",
            "log",
            "log10",
            "map",
            "max",
            "maxinteger",
            "min",
            "mininteger",
            "modf",
            "noise",
            "pi",
            "pow",
            "rad",
            "random",
            "randomseed",
            "round",
            "sign",
            "sin",
            "sinh",
            "sqrt",
            "tan",
            "tanh",
            "tointeger",
            "type",
            "ult",
        ],
    ),
    (
        "coroutine",
        &[
            "close",
            "create",
            "isyieldable",
            "resume",
            "running",
            "status",
            "wrap",
            "yield",
        ],
    ),
    (
        "bit32",
        &[
            "arshift", "band", "bnot", "bor", "btest", "bxor", "byteswap", "countlz", "countrz",
            "extract", "lrotate", "lshift", "replace", "rrotate", "rshift",
        ],
    ),
    (
        "bit",
        &[
            "arshift", "band", "bnot", "bor", "bswap", "bxor", "lshift", "rol", "ror", "rshift",
            "tobit", "tohex",
        ],
    ),
    (
        "utf8",
        &[
            "char",
            "charpattern",
            "codepoint",
            "codes",
            "graphemes",
            "len",
            "nfcnormalize",
            "nfdnormalize",
            "offset",
        ],
    ),
    ("buffer", &[]),
    ("vector", &[]),
];

/// The libraries that a VM opens at all.
#[cfg(feature = "luau")]
pub(super) fn libraries() -> StdLib {
    StdLib::COROUTINE
        | StdLib::TABLE
        | StdLib::STRING
        | StdLib::UTF8
        | StdLib::BIT
        | StdLib::MATH
        | StdLib::BUFFER
        | StdLib::VECTOR
}

#[cfg(feature = "lua54")]
pub(super) fn libraries() -> StdLib {
    StdLib::COROUTINE | StdLib::TABLE | StdLib::STRING | StdLib::UTF8 | StdLib::MATH
}

#[cfg(feature = "luajit")]
pub(super) fn libraries() -> StdLib {
    StdLib::TABLE | StdLib::STRING | StdLib::BIT | StdLib::MATH
}
