-- Two billion places are moved, all of them empty. Luau makes room for them, which is more than there is; Lua 5.4 goes through them until it is stopped.
-- Only luau, lua54: LuaJIT has no table.move.
-- > dispatch = "go"
-- :   error memory-limit hostile (hostile/scripts/main.lua:…): wanted more memory than its limit in a handler of `go` and was stopped
-- :     hint: look for a table or string that only grows; the limit is limits.memory in lunation.toml
-- lua54:   error time-limit hostile (hostile/scripts/main.lua:…): ran longer than its limit of 50 ms in a handler of `go` and was stopped
-- lua54:     hint: do less at once: spread the work over ticks with mod.every, or look for an endless loop
-- > list = true
-- : bystander 1.0.0 active gen 1
-- : hostile 1.0.0 quarantined gen 0 because it wanted more memory than its limit in a handler of `go` and was stopped
-- lua54: bystander 1.0.0 active gen 1
-- lua54: hostile 1.0.0 quarantined gen 0 because it ran longer than its limit of 50 ms in a handler of `go` and was stopped
mod.on("go", function()
    table.move({}, 1, 2 ^ 31 - 2, 1, {})
end)
