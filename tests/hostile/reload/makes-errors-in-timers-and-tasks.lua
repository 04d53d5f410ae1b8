-- The new code fails in timers alone, many at a time. They count like any error, and it goes back once.
-- > next
-- : reloaded hostile gen 2, script: scripts/main.lua
-- > advance = 1
-- :   error lua-error hostile (hostile/scripts/main.lua:2): raised an error in the timer `beat1`: in timer 1
-- :     hint: correct this line and save: a save is live at once
-- :   error lua-error hostile (hostile/scripts/main.lua:2): raised an error in the timer `beat2`: in timer 2
-- :     hint: correct this line and save: a save is live at once
-- :   error lua-error hostile (hostile/scripts/main.lua:2): raised an error in the timer `beat3`: in timer 3
-- :     hint: correct this line and save: a save is live at once
-- :   error lua-error hostile (hostile/scripts/main.lua:2): raised an error in the timer `beat4`: in timer 4
-- :     hint: correct this line and save: a save is live at once
-- > wait = true
-- : rolled-back hostile gen 3, full
-- :   error rolled-back hostile: made 3 errors in its probation and went back to the code of generation 1
-- :     hint: mend the code and save: the files are not tried again as they are
-- :   error lua-error hostile (hostile/scripts/main.lua:2): raised an error in the timer `beat1`: in timer 1
-- :     hint: correct this line and save: a save is live at once
-- :   error lua-error hostile (hostile/scripts/main.lua:2): raised an error in the timer `beat2`: in timer 2
-- :     hint: correct this line and save: a save is live at once
-- :   error lua-error hostile (hostile/scripts/main.lua:2): raised an error in the timer `beat3`: in timer 3
-- :     hint: correct this line and save: a save is live at once
-- > advance = 5
-- > wait = true
-- : nothing
-- > list = true
-- : bystander 1.0.0 active gen 1
-- : hostile 1.0.0 active gen 3
mod.on("go", function() return "old" end)
--@ next
for n = 1, 4 do
    mod.every(1, "beat" .. n, function() error("in timer " .. n) end)
end
