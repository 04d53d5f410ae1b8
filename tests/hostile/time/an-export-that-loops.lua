-- A function for other mods never ends; the one who calls it is the host.
-- > call = "loops", of = "hostile"
-- : refused (1)
-- :   error time-limit hostile (hostile/scripts/main.lua:…): ran longer than its limit of 50 ms in loops and was stopped
-- :     hint: do less at once: spread the work over ticks with mod.every, or look for an endless loop
-- > list = true
-- : bystander 1.0.0 active gen 1
-- : hostile 1.0.0 quarantined gen 0 because it ran longer than its limit of 50 ms in loops and was stopped
mod.export({loops = function()
    while true do
    end
end})
