-- Raises errors in a timer that comes once, one that comes again and again, and a task, many ticks long.
-- Each is told at its tick, by name; the timers of others go on.
-- > advance = 3
-- :   error lua-error hostile (hostile/scripts/main.lua:…): raised an error in the timer `once`: once only
-- :     hint: correct this line and save: a save is live at once
-- :   error lua-error hostile (hostile/scripts/main.lua:…): raised an error in the task `task`: step 1
-- :     hint: correct this line and save: a save is live at once
-- :   error lua-error hostile (hostile/scripts/main.lua:…): raised an error in the timer `again`: every time
-- :     hint: correct this line and save: a save is live at once
-- :   error lua-error hostile (hostile/scripts/main.lua:…): raised an error in the task `task`: step 2
-- :     hint: correct this line and save: a save is live at once
-- :   error lua-error hostile (hostile/scripts/main.lua:…): raised an error in the task `task`: step 3
-- :     hint: correct this line and save: a save is live at once
-- lua54:   error lua-error hostile (hostile/scripts/main.lua:…): raised an error in the timer `once`: once only
-- lua54:     hint: correct this line and save: a save is live at once
-- lua54:   error lua-error hostile (hostile/scripts/main.lua:…): raised an error in the task `task`: step 1
-- lua54:     hint: correct this line and save: a save is live at once
-- lua54:   error lua-error hostile: raised an error in the timer `again`: every time
-- lua54:     hint: correct this line and save: a save is live at once
-- lua54:   error lua-error hostile (hostile/scripts/main.lua:…): raised an error in the task `task`: step 2
-- lua54:     hint: correct this line and save: a save is live at once
-- lua54:   error lua-error hostile (hostile/scripts/main.lua:…): raised an error in the task `task`: step 3
-- lua54:     hint: correct this line and save: a save is live at once
-- > eval = "mod.cancel('again')"
-- : true
-- > advance = 1
mod.after(1, "once", function() error("once only") end)
mod.every(2, "again", function() error({ msg = "every time" }) end)
mod.task("task", function(job)
    job.n = (job.n or 0) + 1
    if job.n == 4 then return true end
    error("step " .. job.n)
end)
