-- Its migrations raise values of every kind, one after the other. Each refuses the reload, and the old code runs on.
-- > write = "mods/hostile/migrations/0001-x.lua", text = "return function() error() end"
-- : kept hostile gen 1, script: migrations/0001-x.lua
-- :   error lua-error hostile (hostile/migrations/0001-x.lua:1): raised an error in migrations/0001-x.lua: an error value that is nil
-- :     hint: correct this line and save: a save is live at once
-- lua54: kept hostile gen 1, script: migrations/0001-x.lua
-- lua54:   error lua-error hostile (hostile/migrations/0001-x.lua): raised an error in migrations/0001-x.lua: an error value that is nil
-- lua54:     hint: correct this line and save: a save is live at once
-- > next
-- : kept hostile gen 1, script: migrations/0001-x.lua, scripts/main.lua
-- :   error lua-error hostile (hostile/migrations/0001-x.lua:1): raised an error in migrations/0001-x.lua: an error value that is nil
-- :     hint: correct this line and save: a save is live at once
-- lua54: kept hostile gen 1, script: migrations/0001-x.lua, scripts/main.lua
-- lua54:   error lua-error hostile (hostile/migrations/0001-x.lua): raised an error in migrations/0001-x.lua: an error value that is nil
-- lua54:     hint: correct this line and save: a save is live at once
-- > write = "mods/hostile/migrations/0001-x.lua", text = "return function() error(setmetatable({}, { __tostring = function() error('trap') end })) end"
-- : kept hostile gen 1, script: migrations/0001-x.lua, scripts/main.lua
-- :   error lua-error hostile (hostile/migrations/0001-x.lua:1): raised an error in migrations/0001-x.lua: an error value that is a table, without a message field
-- :     hint: correct this line and save: a save is live at once
-- lua54: kept hostile gen 1, script: migrations/0001-x.lua, scripts/main.lua
-- lua54:   error lua-error hostile (hostile/migrations/0001-x.lua): raised an error in migrations/0001-x.lua: an error value that is a table, without a message field
-- lua54:     hint: correct this line and save: a save is live at once
-- > write = "mods/hostile/migrations/0001-x.lua", text = "error({ message = 'while loading' })"
-- : kept hostile gen 1, script: migrations/0001-x.lua, scripts/main.lua
-- :   error lua-error hostile (hostile/migrations/0001-x.lua:1): raised an error in migrations/0001-x.lua: while loading
-- :     hint: correct this line and save: a save is live at once
-- lua54: kept hostile gen 1, script: migrations/0001-x.lua, scripts/main.lua
-- lua54:   error lua-error hostile (hostile/migrations/0001-x.lua): raised an error in migrations/0001-x.lua: while loading
-- lua54:     hint: correct this line and save: a save is live at once
-- > write = "mods/hostile/migrations/0001-x.lua", text = "return 7"
-- : kept hostile gen 1, script: migrations/0001-x.lua, scripts/main.lua
-- :   error bad-migration hostile (hostile/migrations/0001-x.lua): has a migration that returns number, not a function
-- :     hint: write `return function(state) … end`
-- > write = "mods/hostile/migrations/0001-x.lua", text = "return function(state) state.n = 10 end"
-- : reloaded hostile gen 2, script: migrations/0001-x.lua, scripts/main.lua
-- :   migrated: migrations/0001-x.lua
-- > eval = "mod.state.n"
-- : 10
mod.state.n = 1
mod.on("go", function() mod.state.n = mod.state.n + 1 end)
--@ next
mod.state.n = 1
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
