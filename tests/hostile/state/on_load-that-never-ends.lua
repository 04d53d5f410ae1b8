-- Its next version loops in on_load, then takes all memory there, then throws a table, then yields, then has 10,000 handlers.
-- Each is refused before the switch; the generation before runs on with its state.
-- > next
-- : kept hostile gen 1, script: scripts/main.lua
-- :   error time-limit hostile (hostile/scripts/main.lua:…): ran longer than its limit of 50 ms in on_load and was stopped
-- :     hint: on_load runs before the switch; the generation before runs on
-- > next
-- : kept hostile gen 1, script: scripts/main.lua
-- :   error memory-limit hostile (hostile/scripts/main.lua:…): wanted more memory than its limit in on_load and was stopped
-- :     hint: on_load runs before the switch; the generation before runs on
-- lua54: kept hostile gen 1, script: scripts/main.lua
-- lua54:   error memory-limit hostile: wanted more memory than its limit in on_load and was stopped
-- lua54:     hint: on_load runs before the switch; the generation before runs on
-- > next
-- : kept hostile gen 1, script: scripts/main.lua
-- :   error lua-error hostile (hostile/scripts/main.lua:…): raised an error in on_load: an error value that is a table, without a message field
-- :     hint: on_load runs before the switch; the generation before runs on
-- lua54: kept hostile gen 1, script: scripts/main.lua
-- lua54:   error lua-error hostile: raised an error in on_load: an error value that is a table, without a message field
-- lua54:     hint: on_load runs before the switch; the generation before runs on
-- > next
-- : kept hostile gen 1, script: scripts/main.lua
-- :   error lua-error hostile (hostile/scripts/main.lua:…): raised an error in on_load: called coroutine.yield outside of a coroutine of its own
-- :     hint: on_load runs before the switch; the generation before runs on
-- lua54: kept hostile gen 1, script: scripts/main.lua
-- lua54:   error lua-error hostile: raised an error in on_load: attempt to yield from outside a coroutine
-- lua54:     hint: on_load runs before the switch; the generation before runs on
-- > next
-- : kept hostile gen 1, script: scripts/main.lua
-- :   error lua-error hostile (hostile/scripts/main.lua:…): raised an error in on_load: mod.on: a mod has at most 1024 handlers (limits.handlers in lunation.toml); is it registering in a loop?
-- :     hint: on_load runs before the switch; the generation before runs on
-- > dispatch = "go"
-- : 7
-- > list = true
-- : bystander 1.0.0 active gen 1
-- : hostile 1.0.0 active gen 1
mod.state.n = 7
mod.on("go", function() return mod.state.n end)
--@ next
mod.on_load(function() while true do end end)
--@ next
mod.on_load(function() local t = {} while true do t[#t + 1] = ("x"):rep(100000) .. #t end end)
--@ next
mod.on_load(function() error(setmetatable({}, { __tostring = function() while true do end end })) end)
--@ next
mod.on_load(function() coroutine.yield() end)
--@ next
mod.on_load(function() for i = 1, 10000 do mod.on("e" .. i, print) end end)
--@ file mods/lunation.toml
[limits]
load_time = 200
handler_time = 50
memory = 8388608

[hot_reload.quarantine]
strikes = 1

[hot_reload.breaker]
threshold = 100
