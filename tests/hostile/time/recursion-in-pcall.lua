-- A function that calls itself until the stack is full, catches that, and begins again.
-- > dispatch = "go"
-- :   error time-limit hostile (hostile/scripts/main.lua:…): ran longer than its limit of 50 ms in a handler of `go` and was stopped
-- :     hint: do less at once: spread the work over ticks with mod.every, or look for an endless loop
-- > list = true
-- : bystander 1.0.0 active gen 1
-- : hostile 1.0.0 quarantined gen 0 because it ran longer than its limit of 50 ms in a handler of `go` and was stopped
mod.on("go", function()
    local function deeper()
        return 1 + deeper()
    end
    while true do
        pcall(deeper)
    end
end)
