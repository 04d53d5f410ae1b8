-- A table of 200,000 entries is moved by one place, back and forth.
-- Only luau, lua54: LuaJIT has no table.move.
-- > dispatch = "go"
-- :   error time-limit hostile (hostile/scripts/main.lua:…): ran longer than its limit of 50 ms in a handler of `go` and was stopped
-- :     hint: do less at once: spread the work over ticks with mod.every, or look for an endless loop
-- > list = true
-- : bystander 1.0.0 active gen 1
-- : hostile 1.0.0 quarantined gen 0 because it ran longer than its limit of 50 ms in a handler of `go` and was stopped
mod.on("go", function()
    local t = {}
    for i = 1, 200000 do
        t[i] = i
    end
    while true do
        table.move(t, 1, 200000, 2)
        table.move(t, 2, 200001, 1)
    end
end)
