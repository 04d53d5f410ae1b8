-- mod.on_load of the new code never ends: the old code stays.
-- > next
-- : kept hostile gen 1, script: scripts/main.lua
-- :   error time-limit hostile (hostile/scripts/main.lua:…): ran longer than its limit of 50 ms in on_load and was stopped
-- :     hint: on_load runs before the switch; the generation before runs on
-- > dispatch = "go"
-- : "old"
mod.on("go", function() return "old" end)
--@ next
mod.on_load(function()
    while true do
    end
end)
