-- A step of a task never ends.
-- > advance = 1
-- :   error time-limit hostile (hostile/scripts/main.lua:…): ran longer than its limit of 50 ms in the task `loops` and was stopped
-- :     hint: do less at once: spread the work over ticks with mod.every, or look for an endless loop
-- > list = true
-- : bystander 1.0.0 active gen 1
-- : hostile 1.0.0 quarantined gen 0 because it ran longer than its limit of 50 ms in the task `loops` and was stopped
mod.task("loops", function()
    while true do
    end
end)
