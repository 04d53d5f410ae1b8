-- A loop that never ends, inside 20,000 pcalls, in a coroutine: each pcall would catch an error and go on.
-- The time limit of a handler stops it by a yield, which no pcall can catch. It is quarantined.
-- Only luau: the hook of the others raises an error, and each of the pcalls catches one.
-- > dispatch = "go"
-- :   error time-limit hostile (hostile/scripts/main.lua:…): ran longer than its limit of 50 ms in a handler of `go` and was stopped
-- :     hint: do less at once: spread the work over ticks with mod.every, or look for an endless loop
-- > list = true
-- : bystander 1.0.0 active gen 1
-- : hostile 1.0.0 quarantined gen 0 because it ran longer than its limit of 50 ms in a handler of `go` and was stopped
local function deeper(n)
    while true do
        if n > 0 then
            pcall(deeper, n - 1)
        end
    end
end

mod.on("go", function()
    coroutine.wrap(function()
        deeper(20000)
    end)()
end)
