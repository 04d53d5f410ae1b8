-- The new code hangs in on_load, in which it could object to the reload: it is refused, and what ran runs on.
-- Only luau: the others can't be stopped everywhere
-- > next
-- : kept hostile gen 1, script: scripts/main.lua
-- :   error time-limit hostile (hostile/scripts/main.lua:3): ran longer than its limit of 50 ms in on_load and was stopped
-- :     hint: on_load runs before the switch; the generation before runs on
-- > dispatch = "go"
-- : "old"
-- > list = true
-- : bystander 1.0.0 active gen 1
-- : hostile 1.0.0 active gen 1
mod.on("go", function() return "old" end)
--@ next
mod.on("go", function() return "new" end)
mod.on_load(function()
    while true do end
end)
