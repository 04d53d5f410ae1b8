-- mod.on_unload of the old code never ends: the new one runs already.
-- > next
-- : reloaded hostile gen 2, script: scripts/main.lua
-- :   error time-limit hostile (hostile/scripts/main.lua:…): ran longer than its limit of 50 ms in on_unload and was stopped
-- :     hint: do less at once: spread the work over ticks with mod.every, or look for an endless loop
-- > dispatch = "go"
-- : "new"
mod.on_unload(function()
    while true do
    end
end)
--@ next
mod.on("go", function() return "new" end)
