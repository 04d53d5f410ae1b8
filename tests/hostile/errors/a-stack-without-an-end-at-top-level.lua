-- Calls itself without an end while it loads, in a hook, and in a handler where nothing catches it.
-- Each is a problem at that line.
-- > list = true
-- : bystander 1.0.0 active gen 1
-- : hostile 1.0.0 rejected gen 0 because it raised an error while loading: stack overflow
-- > next
-- : loaded hostile gen 1, full
-- > dispatch = "go"
-- :   error lua-error hostile (hostile/scripts/main.lua:…): raised an error in a handler of `go`: stack overflow
-- :     hint: a function calls itself without an end
-- > next
-- : kept hostile gen 1, script: scripts/main.lua
-- :   error lua-error hostile (hostile/scripts/main.lua:…): raised an error in on_load: stack overflow
-- :     hint: on_load runs before the switch; the generation before runs on
local function deeper() return 1 + deeper() end
deeper()
--@ next
local function deeper() return 1 + deeper() end
mod.on("go", deeper)
--@ next
local function deeper() return 1 + deeper() end
mod.on_load(deeper)
