-- The new code makes as many errors as it may while it is on probation, and more only afterwards. It stays: its
-- errors are told, and harm nobody.
-- > next
-- : reloaded hostile gen 2, script: scripts/main.lua
-- :   added: scripts/main.lua: local gone
-- > dispatch = "go"
-- :   error lua-error hostile (hostile/scripts/main.lua:5): raised an error in a handler of `go`: error 1
-- :     hint: correct this line and save: a save is live at once
-- > dispatch = "go"
-- :   error lua-error hostile (hostile/scripts/main.lua:5): raised an error in a handler of `go`: error 2
-- :     hint: correct this line and save: a save is live at once
-- > dispatch = "go"
-- > dispatch = "go"
-- :   error lua-error hostile (hostile/scripts/main.lua:5): raised an error in a handler of `go`: error 4
-- :     hint: correct this line and save: a save is live at once
-- > dispatch = "go"
-- :   error lua-error hostile (hostile/scripts/main.lua:5): raised an error in a handler of `go`: error 5
-- :     hint: correct this line and save: a save is live at once
-- > wait = true
-- : nothing
-- > list = true
-- : bystander 1.0.0 active gen 1
-- : hostile 1.0.0 active gen 2
mod.on("go", function() return "old" end)
--@ next
local gone = 0
mod.on("go", function()
    gone = gone + 1
    if gone ~= 3 then
        error("error " .. gone)
    end
end)
--@ file mods/lunation.toml
[hot_reload.probation]
dispatches = 6
max_errors = 3
