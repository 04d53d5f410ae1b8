-- Two mods answer each other's events for ever. Each event of the game ends all the same.
-- > dispatch = "go"
-- : "sent"
-- > dispatch = "nothing"
-- > list = true
-- : bystander 1.0.0 active gen 1
-- : echo 1.0.0 active gen 1
-- : hostile 1.0.0 active gen 1
mod.on("go", function() mod.emit("ping", 1) return "sent" end)
mod.on("echo:pong", function(n) mod.emit("ping", n + 1) end)
--@ file mods/echo/mod.toml
id = "echo"
version = "1.0.0"
--@ file mods/echo/scripts/main.lua
mod.on("hostile:ping", function(n) mod.emit("pong", n + 1) end)
mod.after(1000000, "far", function() end)
