-- Calls itself without an end while it loads, in a hook, and in a handler where nothing catches it.
-- Each is a problem at that line.
-- > list = true
-- : bystander 1.0.0 active gen 1
-- : hostile 1.0.0 rejected gen 0 because it raised an error while loading: stack overflow
-- lua54: bystander 1.0.0 active gen 1
-- lua54: hostile 1.0.0 rejected gen 0 because it wanted more memory than its limit while loading and was stopped
-- > next
-- : loaded hostile gen 1, full
-- > dispatch = "go"
-- :   error lua-error hostile (hostile/scripts/main.lua:…): raised an error in a handler of `go`: stack overflow
-- :     hint: a function calls itself without an end
-- lua54:   error memory-limit hostile: wanted more memory than its limit in a handler of `go` and was stopped
-- lua54:     hint: look for a table or string that only grows; the limit is limits.memory in lunation.toml
-- > next
-- : kept hostile gen 1, script: scripts/main.lua
-- :   error lua-error hostile (hostile/scripts/main.lua:…): raised an error in on_load: stack overflow
-- :     hint: on_load runs before the switch; the generation before runs on
-- lua54: kept hostile gen 0, full
-- lua54:   error memory-limit hostile: wanted more memory than its limit in on_load and was stopped
-- lua54:     hint: on_load runs before the switch; the generation before runs on
local function deeper() return 1 + deeper() end
deeper()
--@ next
local function deeper() return 1 + deeper() end
mod.on("go", deeper)
--@ next
local function deeper() return 1 + deeper() end
mod.on_load(deeper)
