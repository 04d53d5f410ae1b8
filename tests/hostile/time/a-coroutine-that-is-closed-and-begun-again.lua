-- A coroutine yields, is closed, and another one takes its place, for ever.
-- Only luau, lua54: LuaJIT has no coroutine.close.
-- > dispatch = "go"
-- :   error time-limit hostile (hostile/scripts/main.lua:…): ran longer than its limit of 50 ms in a handler of `go` and was stopped
-- :     hint: do less at once: spread the work over ticks with mod.every, or look for an endless loop
-- > list = true
-- : bystander 1.0.0 active gen 1
-- : hostile 1.0.0 quarantined gen 0 because it ran longer than its limit of 50 ms in a handler of `go` and was stopped
mod.on("go", function()
    while true do
        local one = coroutine.create(coroutine.yield)
        coroutine.resume(one)
        coroutine.close(one)
    end
end)
