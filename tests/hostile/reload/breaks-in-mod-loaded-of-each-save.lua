-- Each save goes live and hangs when it hears that. Each goes back, to what worked, and never to a save that hung.
-- Only luau: the others can't be stopped everywhere
-- > next
-- : reloaded hostile gen 2, script: scripts/main.lua
-- :   error time-limit hostile (hostile/scripts/main.lua:3): ran longer than its limit of 50 ms in a handler of `mod_loaded` and was stopped
-- :     hint: do less at once: spread the work over ticks with mod.every, or look for an endless loop
-- : rolled-back hostile gen 3, full
-- :   error rolled-back hostile: broke a limit in its probation and went back to the code of generation 1
-- :     hint: mend the code and save: the files are not tried again as they are
-- :   error time-limit hostile (hostile/scripts/main.lua:3): ran longer than its limit of 50 ms in a handler of `mod_loaded` and was stopped
-- :     hint: do less at once: spread the work over ticks with mod.every, or look for an endless loop
-- > next
-- : reloaded hostile gen 4, script: scripts/main.lua
-- :   error time-limit hostile (hostile/scripts/main.lua:3): ran longer than its limit of 50 ms in a handler of `mod_loaded` and was stopped
-- :     hint: do less at once: spread the work over ticks with mod.every, or look for an endless loop
-- : rolled-back hostile gen 5, full
-- :   error rolled-back hostile: broke a limit in its probation and went back to the code of generation 3
-- :     hint: mend the code and save: the files are not tried again as they are
-- :   error time-limit hostile (hostile/scripts/main.lua:3): ran longer than its limit of 50 ms in a handler of `mod_loaded` and was stopped
-- :     hint: do less at once: spread the work over ticks with mod.every, or look for an endless loop
-- > dispatch = "go"
-- : "works"
-- > list = true
-- : bystander 1.0.0 active gen 1
-- : hostile 1.0.0 active gen 5
mod.on("go", function() return "works" end)
--@ next
mod.on("go", function() return "hung 1" end)
mod.on("mod_loaded", function()
    while true do end
end)
--@ next
mod.on("go", function() return "hung 2" end)
mod.on("mod_loaded", function()
    while true do end
end)
