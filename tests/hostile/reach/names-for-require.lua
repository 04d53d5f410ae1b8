-- Requires by names that lead elsewhere: upwards, absolute, other letters, NUL, backslash, bytes that are no text.
-- A name is words between dots or slashes, looked up in the mod's files in memory.
-- > dispatch = "go"
-- : {"own":"mine","reached":""}
-- > dispatch = "words"
-- : ["require(\"..\") is not a module name: write parts separated by dots, such as \"units.worker\"","require(\"a/\") is not a module name: write parts separated by dots, such as \"units.worker\"","require: a module name must have no control characters","require: a module name must be UTF-8","module \"a\\b\" is not there: no scripts/a\\b.lua in the mod hostile; did you mean \"a\"?","module \"A\" is not there: no scripts/A.lua in the mod hostile; did you mean \"a\"?","require: a module name must have 1 to 128 bytes","require: a module name must have 1 to 128 bytes"]
local names = {
    "..", "../bystander/scripts/main", "../../mods/bystander/scripts/main", "/etc/passwd", "/a", "a/", "a//b", ".a", "a.",
    "A", "a\0", "\0a", "a\\b", "scripts/a", "scripts.a", "a.lua", "a.luau", "C:/a", "./a", "a/../a", "~", "*", "a%00",
    "\255", "a\204\129", "mod", "lunation/prelude", "lunation.prelude", "prelude", "@", "@/a", "@/", "@@bystander/main",
}

mod.on("go", function()
    local reached = {}
    for _, name in ipairs(names) do
        if pcall(require, name) then
            reached[#reached + 1] = name
        end
    end
    for _, odd in ipairs({ 1, true, {}, print }) do
        if pcall(require, odd) then
            reached[#reached + 1] = type(odd)
        end
    end
    return { reached = table.concat(reached, ", "), own = require("a") }
end)

mod.on("words", function()
    local words = {}
    for _, name in ipairs({ "..", "a/", "\0a", "\255", "a\\b", "A", ("x"):rep(1000000), "" }) do
        local _, why = pcall(require, name)
        words[#words + 1] = tostring(why):sub(1, 200)
    end
    return words
end)
--@ file mods/hostile/scripts/a.lua
return "mine"
