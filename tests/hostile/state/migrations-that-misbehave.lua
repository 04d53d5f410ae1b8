-- Its migrations loop, take all memory, replace the state by odd values, return odd values, rename slots to clash, freeze and
-- trap. Each refuses the reload in words or does what it says to the copy; the old state is whole.
-- > dispatch = "go"
-- > next
-- : reloaded hostile gen 2, script: scripts/main.lua
-- :   added: state.added
-- > write = "mods/hostile/migrations/0001-x.lua", text = "return function(state) while true do end end"
-- : kept hostile gen 2, script: migrations/0001-x.lua
-- :   error time-limit hostile (hostile/migrations/0001-x.lua:1): ran longer than its limit of 200 ms in migrations/0001-x.lua and was stopped
-- :     hint: do less at once: spread the work over ticks with mod.every, or look for an endless loop
-- > write = "mods/hostile/migrations/0001-x.lua", text = "while true do end"
-- : kept hostile gen 2, script: migrations/0001-x.lua
-- :   error time-limit hostile (hostile/migrations/0001-x.lua:1): ran longer than its limit of 200 ms in migrations/0001-x.lua and was stopped
-- :     hint: do less at once: spread the work over ticks with mod.every, or look for an endless loop
-- > write = "mods/hostile/migrations/0001-x.lua", text = "return function(state) local t = {} while true do t[#t + 1] = ('x'):rep(100000) .. #t end end"
-- : kept hostile gen 2, script: migrations/0001-x.lua
-- :   error memory-limit hostile (hostile/migrations/0001-x.lua:1): wanted more memory than its limit in migrations/0001-x.lua and was stopped
-- :     hint: look for a table or string that only grows; the limit is limits.memory in lunation.toml
-- lua54: kept hostile gen 2, script: migrations/0001-x.lua
-- lua54:   error memory-limit hostile (hostile/migrations/0001-x.lua): wanted more memory than its limit in migrations/0001-x.lua and was stopped
-- lua54:     hint: look for a table or string that only grows; the limit is limits.memory in lunation.toml
-- > write = "mods/hostile/migrations/0001-x.lua", text = "return function(state) state.f = coroutine.create(print) end"
-- : kept hostile gen 2, script: migrations/0001-x.lua
-- :   error uncarryable hostile: can't be carried: state.f is a running coroutine
-- :     hint: keep its progress as plain data, and go on from there in a handler
-- > write = "mods/hostile/migrations/0001-x.lua", text = "return function(state, slots) slots.state = print end"
-- : kept hostile gen 2, script: migrations/0001-x.lua
-- :   error bad-migration hostile (hostile/migrations/0001-x.lua): has a migration that leaves something in `slots` whose key is no name of a slot
-- :     hint: a slot has the name that the report gives it; what is to be kept goes into the state
-- > write = "mods/hostile/migrations/0001-x.lua", text = "return function(state, slots) slots.state = nil end"
-- : reloaded hostile gen 3, script: migrations/0001-x.lua
-- :   migrated: migrations/0001-x.lua
-- > write = "mods/hostile/migrations/0001-x.lua", text = "return function(state, slots) slots[1] = 2 slots[state] = 3 slots[''] = 4 end"
-- : unchanged hostile gen 3, script: migrations/0001-x.lua
-- > write = "mods/hostile/migrations/0001-x.lua", text = "return function(state) setmetatable(state, { __index = function() error('trap') end, __newindex = function() error('trap') end }) state = 7 return 8 end"
-- : unchanged hostile gen 3, script: migrations/0001-x.lua
-- > eval = "rawget(mod.state, 'n')"
-- : 6
-- > request = "state.get", params = { mod = "hostile" }
-- : {"added":true,"n":6}
mod.state.n = 5
mod.on("go", function() mod.state.n = mod.state.n + 1 end)
--@ next
mod.state.n = 5
mod.state.added = true
mod.on("go", function() mod.state.n = mod.state.n + 2 end)
--@ file mods/lunation.toml
[limits]
load_time = 200
handler_time = 50
memory = 8388608

[hot_reload.quarantine]
strikes = 1

[hot_reload.breaker]
threshold = 100
