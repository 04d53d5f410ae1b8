-- Replaces the methods of strings, the metatable of strings, and the library behind both.
-- On Luau all of it is read-only. Elsewhere a mod can spoil its own, and finds Lunation as it was.
-- > dispatch = "go"
-- : "reached: "
-- lua54: "reached: string.upper =, rawset, setmetatable of string"
-- > next
-- : reloaded hostile gen 2, script: scripts/main.lua
-- lua54: reloaded hostile gen 2, script: scripts/main.lua
-- lua54:   dropped: scripts/main.lua: local reached
-- > dispatch = "go"
-- : "WHOLE"
local reached = {}

local function try(name, f)
    local ok = pcall(f)
    if ok then
        reached[#reached + 1] = name
    end
end

local function evil() error("poisoned") end

mod.on("go", function()
    reached = {}
    try("string.upper =", function() string.upper = evil end)
    try("rawset", function() rawset(string, "upper", evil) end)
    try("index of strings", function() getmetatable("").__index = evil end)
    try("the table behind", function() getmetatable("").__index.upper = evil end)
    try("__tostring", function() getmetatable("").__tostring = evil end)
    try("__len", function() rawset(getmetatable(""), "__concat", evil) end)
    try("setmetatable", function() setmetatable("", { __index = evil }) end)
    try("setmetatable of string", function() setmetatable(string, { __index = evil }) end)
    try("clear", function() table.clear(string) end)
    mod.log.info("still logs")
    return "reached: " .. table.concat(reached, ", ")
end)
--@ next
-- A reload reads and fills as if nothing had been poisoned.
mod.on("go", function()
    return ("whole"):upper()
end)
