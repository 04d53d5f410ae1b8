-- Exports under names that are none, values that are no function, tables with traps, and itself again and again.
-- An export is a function under a name; traps don't run; what is refused leaves the exports as they were.
-- > dispatch = "go"
-- : ["number: mod.export: a key is a number; export functions, by name","no function: mod.export: `x` is a number; export functions, by name","table: mod.export: `x` is a table; export functions, by name","nothing: mod.export: argument 1 must be a table of functions, not nil","string: mod.export: argument 1 must be a table of functions, not string","bytes: mod.export: the name of a function must be UTF-8","empty: mod.export: the name of a function must have 1 to 128 bytes","long: mod.export: the name of a function must have 1 to 128 bytes","control: mod.export: the name of a function must have no control characters","table key: mod.export: a key is a table; export functions, by name","builtin: taken","traps: taken"]
-- > call = "good"
-- : "good"
-- > call = "a b"
-- : "it"
-- > call = "__index"
-- : refused (1)
-- :   error bad-call hostile: exports no function `__index`
-- :     hint: it exports a b, good
-- > request = "call", params = { mod = "hostile", function = "" }
-- : refused (1)
-- :   error bad-call hostile: exports no function ``
-- :     hint: it exports a b, good
mod.export({ good = function() return "good" end })

mod.on("go", function()
    local words = {}
    local function try(what, value)
        local ok, why = pcall(mod.export, value)
        words[#words + 1] = what .. ": " .. (ok and "taken" or tostring(why))
    end
    local function trap() error("a trap ran") end
    local function f() return "it" end
    try("number", { f })
    try("no function", { x = 1 })
    try("table", { x = {} })
    try("nothing", nil)
    try("string", "x")
    try("bytes", { ["\255"] = f })
    try("empty", { [""] = f })
    try("long", { [("x"):rep(1000000)] = f })
    try("control", { ["a\0b"] = f })
    try("table key", { [{}] = f })
    try("builtin", { print = print, pcall = pcall })
    try("traps", setmetatable({ good = function() return "good" end, ["a b"] = f }, { __index = trap, __pairs = trap, __iter = trap, __len = trap }))
    return words
end)
