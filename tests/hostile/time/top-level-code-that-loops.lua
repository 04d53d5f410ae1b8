-- The code of the file itself never ends. The limit for loading stops it, and the mod is not loaded.
-- > problems = true
-- :   error time-limit hostile (hostile/scripts/main.lua:…): ran longer than its limit of 200 ms while loading and was stopped
-- :     hint: do less at once: spread the work over ticks with mod.every, or look for an endless loop
-- > list = true
-- : bystander 1.0.0 active gen 1
-- : hostile 1.0.0 rejected gen 0 because it ran longer than its limit of 200 ms while loading and was stopped
while true do
end
