-- Each coroutine starts another one and, when that fails, the next: for ever, at every level.
-- Only luau: the hook of the others raises an error, and each resume catches one.
-- > dispatch = "go"
-- :   error time-limit hostile (hostile/scripts/main.lua:…): ran longer than its limit of 50 ms in a handler of `go` and was stopped
-- :     hint: do less at once: spread the work over ticks with mod.every, or look for an endless loop
-- > list = true
-- : bystander 1.0.0 active gen 1
-- : hostile 1.0.0 quarantined gen 0 because it ran longer than its limit of 50 ms in a handler of `go` and was stopped
mod.on("go", function()
    local function nest()
        while true do
            coroutine.resume(coroutine.create(nest))
        end
    end
    nest()
end)
