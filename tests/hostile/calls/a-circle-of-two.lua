-- Calls another mod that calls back, without end. The circle ends at a depth with an error, which names the setting,
-- and is told once, however many calls pass it on.
-- > dispatch = "go"
-- : {"ok":false,"why":"hostile: is called 16 times within each other in hostile.back (hint: mods call each other in a circle: let one of them use an event instead, or lower limits.call_depth in lunation.toml)"}
-- > list = true
-- : bystander 1.0.0 active gen 1
-- : echo 1.0.0 active gen 1
-- : hostile 1.0.0 active gen 1
local echo = mod.import("echo")
mod.export({ back = function(n) return echo.back(n + 1) end })
mod.on("go", function()
    local ok, why = pcall(echo.back, 1)
    return { ok = ok, why = why }
end)
--@ file mods/hostile/mod.toml
id = "hostile"
version = "1.0.0"
[dependencies]
echo = "*"
--@ file mods/echo/mod.toml
id = "echo"
version = "1.0.0"
[dependencies]
hostile = "*"
--@ file mods/echo/scripts/main.lua
local hostile = mod.import("hostile")
mod.export({ back = function(n) return hostile.back(n + 1) end })
