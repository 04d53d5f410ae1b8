-- Its exports raise errors to whoever calls them. They are errors of the call: neither the caller that catches them
-- nor the callee goes back for them.
-- > next
-- : reloaded hostile gen 2, script: scripts/main.lua
-- > dispatch = "go"
-- : "well"
-- > dispatch = "go"
-- : "well"
-- > dispatch = "go"
-- : "well"
-- > dispatch = "go"
-- : "well"
-- > wait = true
-- : nothing
-- > list = true
-- : bystander 1.0.0 active gen 1
-- : hostile 1.0.0 active gen 2
-- : caller 1.0.0 active gen 1
mod.export({ ask = function() return 1 end })
--@ next
mod.export({ ask = function() error("no") end })
--@ file mods/caller/mod.toml
id = "caller"
version = "1.0.0"
[dependencies]
hostile = "*"
--@ file mods/caller/scripts/main.lua
local hostile = mod.import("hostile")
mod.on("go", function()
    for _ = 1, 10 do
        pcall(hostile.ask)
    end
    return "well"
end)
