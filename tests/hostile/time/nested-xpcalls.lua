-- xpcall within xpcall, 100 deep, each with a handler that calls the next, and a loop at the bottom.
-- Only luau: the hook of the others raises an error, and each of the pcalls catches one.
-- > dispatch = "go"
-- :   error time-limit hostile (hostile/scripts/main.lua:…): ran longer than its limit of 50 ms in a handler of `go` and was stopped
-- :     hint: do less at once: spread the work over ticks with mod.every, or look for an endless loop
-- > list = true
-- : bystander 1.0.0 active gen 1
-- : hostile 1.0.0 quarantined gen 0 because it ran longer than its limit of 50 ms in a handler of `go` and was stopped
mod.on("go", function()
    local function deeper(n)
        if n > 0 then
            xpcall(deeper, deeper, n - 1)
        end
        while true do
        end
    end
    deeper(100)
end)
