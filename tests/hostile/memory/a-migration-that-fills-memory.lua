-- A migration fills the memory: the new code is refused, and the old one stays.
-- > write = "mods/hostile/migrations/0001-fills.lua", text = "return function(state) while true do state[#state + 1] = {} end end"
-- : kept hostile gen 1, script: migrations/0001-fills.lua
-- :   error memory-limit hostile (hostile/migrations/0001-fills.lua:1): wanted more memory than its limit in migrations/0001-fills.lua and was stopped
-- :     hint: look for a table or string that only grows; the limit is limits.memory in lunation.toml
-- lua54: kept hostile gen 1, script: migrations/0001-fills.lua
-- lua54:   error memory-limit hostile (hostile/migrations/0001-fills.lua): wanted more memory than its limit in migrations/0001-fills.lua and was stopped
-- lua54:     hint: look for a table or string that only grows; the limit is limits.memory in lunation.toml
-- > dispatch = "go"
-- : 1
mod.state.count = 1
mod.on("go", function() return mod.state.count end)
