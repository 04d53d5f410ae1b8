-- It hangs when it is called, and is then called again and again by one that can do without it. Each call of what is
-- quarantined is an error that says so, costs next to nothing, and the caller runs on.
-- Only luau: the others can't be stopped everywhere
-- > call = "hang"
-- : refused (1)
-- :   error time-limit hostile (hostile/scripts/main.lua:20): ran longer than its limit of 50 ms in hang and was stopped
-- :     hint: do less at once: spread the work over ticks with mod.every, or look for an endless loop
-- > dispatch = "go"
-- : false
-- : "hostile is quarantined because it ran longer than its limit of 50 ms in hang and was stopped, so hostile.hang can't be called"
-- > wait = true
-- : nothing
-- > dispatch = "go"
-- : false
-- : "hostile is quarantined because it ran longer than its limit of 50 ms in hang and was stopped, so hostile.hang can't be called"
-- > list = true
-- : bystander 1.0.0 active gen 1
-- : caller 1.0.0 active gen 1
-- : hostile 1.0.0 quarantined gen 0 because it ran longer than its limit of 50 ms in hang and was stopped
mod.export({ hang = function() while true do end end })
--@ file mods/caller/mod.toml
id = "caller"
version = "1.0.0"
[dependencies]
hostile = { version = "*", optional = true }
--@ file mods/caller/scripts/main.lua
local hostile = mod.import("hostile")
mod.on("go", function()
    local ok, why
    for _ = 1, 100 do
        ok, why = pcall(hostile.hang)
    end
    return ok, why
end)
