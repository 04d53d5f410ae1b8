-- Another mod calls an exported function that never returns. The time that is over is that of the call: the mod
-- that was called is stopped; the one that called gets an error, and runs on.
-- Only luau: elsewhere the error is raised in whatever runs.
-- > call = "go", of = "caller"
-- : false
-- : "hostile/scripts/main.lua:…: ran longer than its limit of 400 ms in hostile.hang and was stopped (hint: do less at once: spread the work over ticks with mod.every, or look for an endless loop)"
-- > call = "go", of = "caller"
-- : false
-- : "hostile is quarantined because it ran longer than its limit of 400 ms in an exported function and was stopped, so hostile.hang can't be called"
-- > list = true
-- : bystander 1.0.0 active gen 1
-- : caller 1.0.0 active gen 1
-- : hostile 1.0.0 quarantined gen 0 because it ran longer than its limit of 400 ms in an exported function and was stopped
mod.export({ hang = function() while true do end end })
--@ file mods/caller/mod.toml
id = "caller"
version = "1.0.0"
[dependencies]
hostile = { version = "*", optional = true }
--@ file mods/caller/scripts/main.lua
local hostile = mod.import("hostile")
mod.export({
    go = function()
        local ok, why = pcall(hostile.hang)
        return ok, why
    end,
})
--@ file mods/lunation.toml
[limits]
handler_time = 400

[hot_reload.quarantine]
strikes = 1
