-- A storm of saves: good, broken, good, broken. The newest good one runs, the broken ones cost nobody anything, and
-- since each success ends the count, nothing pauses.
-- > next
-- : kept hostile gen 1, script: scripts/main.lua
-- :   error lua-error hostile (hostile/scripts/main.lua:1): raised an error while loading: two
-- :     hint: correct this line and save: a save is live at once
-- > next
-- : reloaded hostile gen 2, script: scripts/main.lua
-- > next
-- : kept hostile gen 2, script: scripts/main.lua
-- :   error lua-error hostile (hostile/scripts/main.lua:1): raised an error while loading: four
-- :     hint: correct this line and save: a save is live at once
-- > next
-- : reloaded hostile gen 3, script: scripts/main.lua
-- > dispatch = "go"
-- : 5
-- > list = true
-- : bystander 1.0.0 active gen 1
-- : hostile 1.0.0 active gen 3
mod.on("go", function() return 1 end)
--@ next
error("two")
--@ next
mod.on("go", function() return 3 end)
--@ next
error("four")
--@ next
mod.on("go", function() return 5 end)
