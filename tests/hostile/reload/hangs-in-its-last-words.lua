-- What is replaced hangs when it is told so. It is late: the new code runs, and a note says what its predecessor did.
-- Only luau: the others can't be stopped everywhere
-- > next
-- : reloaded hostile gen 2, script: scripts/main.lua
-- :   error time-limit hostile (hostile/scripts/main.lua:15): ran longer than its limit of 50 ms in a handler of `mod_unloaded` and was stopped
-- :     hint: do less at once: spread the work over ticks with mod.every, or look for an endless loop
-- :   error quarantined hostile: was stopped earlier and can't be used in on_unload
-- :     hint: save a corrected file, or reload the mod
-- > dispatch = "go"
-- : "new"
-- > list = true
-- : bystander 1.0.0 active gen 1
-- : hostile 1.0.0 active gen 2
mod.on("mod_unloaded", function()
    while true do end
end)
mod.on_unload(function()
    while true do end
end)
--@ next
mod.on("go", function() return "new" end)
