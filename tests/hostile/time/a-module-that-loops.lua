-- A module that never ends is required by the entry script.
-- > problems = true
-- :   error time-limit hostile (hostile/scripts/loops.lua:1): ran longer than its limit of 200 ms while loading and was stopped
-- :     hint: do less at once: spread the work over ticks with mod.every, or look for an endless loop
-- > list = true
-- : bystander 1.0.0 active gen 1
-- : hostile 1.0.0 rejected gen 0 because it ran longer than its limit of 200 ms while loading and was stopped
require("loops")
--@ file mods/hostile/scripts/loops.lua
while true do
end
