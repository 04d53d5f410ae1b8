-- A file of a dependency requires its neighbour, plainly, by pcall, by xpcall, and in a coroutine; this mod has
-- files of the same names, to be taken for them. Each name means the file beside the one that asks;
-- where a coroutine begins with require itself nobody asks, and it is a file of the mod.
-- > dispatch = "go"
-- : {"guarded":"the library's","handled":"the library's","plain":"the library's","threaded":"taken over"}
mod.on("go", function()
    return require("@library/main")
end)
--@ file mods/hostile/mod.toml
id = "hostile"
version = "1.0.0"

[dependencies]
bystander = "*"
library = "*"
--@ file mods/hostile/scripts/plain.lua
return "taken over"
--@ file mods/hostile/scripts/guarded.lua
return "taken over"
--@ file mods/hostile/scripts/handled.lua
return "taken over"
--@ file mods/hostile/scripts/threaded.lua
return "taken over"
--@ file mods/library/mod.toml
id = "library"
version = "1.0.0"
--@ file mods/library/scripts/plain.lua
return "the library's"
--@ file mods/library/scripts/guarded.lua
return "the library's"
--@ file mods/library/scripts/handled.lua
return "the library's"
--@ file mods/library/scripts/threaded.lua
return "the library's"
--@ file mods/library/scripts/main.lua
local plain = require("plain")
local _, guarded = pcall(require, "guarded")
local _, handled = xpcall(require, tostring, "handled")
local threaded = coroutine.wrap(require)
local ok, answer = pcall(threaded, "threaded")
return { plain = plain, guarded = guarded, handled = handled, threaded = answer }
