-- A replacement of each of four million places by the function of another mod: neither side runs Lua code of its own
-- between two calls. It ends at the limit all the same, long before the last place.
-- > dispatch = "go"
-- :   error time-limit hostile (hostile/scripts/main.lua:…): ran longer than its limit of 50 ms in a handler of `go` and was stopped
-- :     hint: do less at once: spread the work over ticks with mod.every, or look for an endless loop
-- lua54:   error time-limit hostile: ran longer than its limit of 50 ms in a handler of `go` and was stopped
-- lua54:     hint: do less at once: spread the work over ticks with mod.every, or look for an endless loop
-- > call = "is_before_the_end", of = "counter"
-- : true
-- > list = true
-- : bystander 1.0.0 active gen 1
-- : counter 1.0.0 active gen 1
-- : hostile 1.0.0 quarantined gen 0 because it ran longer than its limit of 50 ms in a handler of `go` and was stopped
local counter = mod.import("counter")
mod.on("go", function()
    local text = ("abcd"):rep(1000000)
    pcall(string.gsub, text, "()", counter.count)
    text:gsub("()", counter.count)
end)
--@ file mods/hostile/mod.toml
id = "hostile"
version = "1.0.0"
[dependencies]
counter = "*"
--@ file mods/counter/mod.toml
id = "counter"
version = "1.0.0"
--@ file mods/counter/scripts/main.lua
local calls = 0
mod.export({
    count = function()
        calls = calls + 1
    end,
    is_before_the_end = function()
        return calls > 0 and calls < 3000000
    end,
})
