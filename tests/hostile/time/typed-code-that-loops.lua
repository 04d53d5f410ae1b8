-- Code that somebody types at a running mod never ends.
-- > eval = "(function() while true do end end)()", of = "hostile"
-- : refused (1)
-- :   error time-limit hostile (eval:1): ran longer than its limit of 50 ms in the code to evaluate and was stopped
-- :     hint: do less at once: spread the work over ticks with mod.every, or look for an endless loop
-- > list = true
-- : bystander 1.0.0 active gen 1
-- : hostile 1.0.0 quarantined gen 0 because it ran longer than its limit of 50 ms in the code to evaluate and was stopped
mod.on("go", function() end)
