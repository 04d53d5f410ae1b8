-- Requires itself while it loads, in a circle of three, from a coroutine that never goes on, and a file that
-- fails each time. Each is an error that names the files, and the modules that are whole still load.
-- > dispatch = "go"
-- : ["main: require forms a circle: hostile/scripts/main.lua:9 → hostile/scripts/main.lua; without require(\"main\") at hostile/scripts/main.lua:9 there is none","one: hostile/scripts/three.lua:1: require forms a circle: hostile/scripts/one.lua:1 → hostile/scripts/two.lua:1 → hostile/scripts/three.lua:1 → hostile/scripts/one.lua; without require(\"one\") at hostile/scripts/three.lua:1 there is none","fails: hostile/scripts/fails.lua:1: never","fails: hostile/scripts/fails.lua:1: never","yields: attempt to yield across metamethod/C-call boundary","whole: whole"]
-- lua54: ["main: require forms a circle: hostile/scripts/main.lua:9 → hostile/scripts/main.lua; without require(\"main\") at hostile/scripts/main.lua:9 there is none","one: require forms a circle: hostile/scripts/one.lua → hostile/scripts/two.lua → hostile/scripts/three.lua → hostile/scripts/one.lua; without require(\"one\") at hostile/scripts/three.lua there is none","fails: hostile/scripts/fails.lua:1: never","fails: hostile/scripts/fails.lua:1: never","yields: attempt to yield from outside a coroutine","whole: whole"]
local words = {}

local function try(name)
    local ok, value = pcall(require, name)
    words[#words + 1] = name .. ": " .. tostring(value)
end

try("main")
try("one")
mod.on("go", function()
    try("fails")
    try("fails")
    local stuck = coroutine.create(function() return require("yields") end)
    coroutine.resume(stuck)
    try("yields")
    try("whole")
    return words
end)
--@ file mods/hostile/scripts/one.lua
return require("two")
--@ file mods/hostile/scripts/two.lua
return require("three")
--@ file mods/hostile/scripts/three.lua
return require("one")
--@ file mods/hostile/scripts/fails.lua
error("never")
--@ file mods/hostile/scripts/yields.lua
coroutine.yield()
return "went on"
--@ file mods/hostile/scripts/whole.lua
return "whole"
