-- It hangs when it is called, and is then called again and again by one that can do without it. Each call of what is
-- quarantined is an error that says so, costs next to nothing, and the caller runs on.
-- Only luau: the others can't be stopped everywhere
-- > call = "hang"
-- > dispatch = "go"
-- > wait = true
-- > dispatch = "go"
-- > list = true
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
