-- It hangs, and two mods require it, one through the other. They stop with a reason, and nobody else does.
-- Only luau: the others can't be stopped everywhere
-- > dispatch = "go"
-- :   error time-limit hostile (hostile/scripts/main.lua:22): ran longer than its limit of 50 ms in a handler of `go` and was stopped
-- :     hint: do less at once: spread the work over ticks with mod.every, or look for an endless loop
-- > wait = true
-- : unloaded far gen 0, full
-- : unloaded near gen 0, full
-- > dispatch = "go"
-- > list = true
-- : bystander 1.0.0 active gen 1
-- : far 1.0.0 rejected gen 0 because it requires `near`, which is rejected
-- : hostile 1.0.0 quarantined gen 0 because it ran longer than its limit of 50 ms in a handler of `go` and was stopped
-- : near 1.0.0 rejected gen 0 because it requires `hostile`, which is quarantined because it ran longer than its limit of 50 ms in a handler of `go` and was stopped
-- > request = "resume", params = { mod = "hostile" }
-- : {"reports":[…"outcome":"loaded"…"outcome":"loaded"…"outcome":"loaded"…
-- > dispatch = "ask"
-- : "near"
-- : 1
-- : "far"
mod.on("go", function()
    while true do end
end)
--@ file mods/near/mod.toml
id = "near"
version = "1.0.0"
[dependencies]
hostile = "*"
--@ file mods/near/scripts/main.lua
mod.state.asked = 0
mod.on("ask", function() mod.state.asked = mod.state.asked + 1 return "near", mod.state.asked end)
--@ file mods/far/mod.toml
id = "far"
version = "1.0.0"
[dependencies]
near = "*"
--@ file mods/far/scripts/main.lua
mod.on("ask", function() return "far" end)
