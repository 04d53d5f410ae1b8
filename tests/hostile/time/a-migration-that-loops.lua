-- A migration never ends: the new code is refused, and the old one stays.
-- > write = "mods/hostile/migrations/0001-loops.lua", text = "return function() while true do end end"
-- : kept hostile gen 1, script: migrations/0001-loops.lua
-- :   error time-limit hostile (hostile/migrations/0001-loops.lua:1): ran longer than its limit of 200 ms in migrations/0001-loops.lua and was stopped
-- :     hint: do less at once: spread the work over ticks with mod.every, or look for an endless loop
-- > dispatch = "go"
-- : 1
mod.state.count = 1
mod.on("go", function() return mod.state.count end)
