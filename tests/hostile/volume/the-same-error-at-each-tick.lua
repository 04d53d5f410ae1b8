-- Fails in the same way at each of 500 ticks, in a timer, a task and a handler. Each is told once, with its number.
-- > advance = 500
-- :   error lua-error hostile (hostile/scripts/main.lua:…): raised an error in a handler of `tick_start`: the handler fails (×500)
-- :     hint: correct this line and save: a save is live at once
-- :   error lua-error hostile (hostile/scripts/main.lua:…): raised an error in the task `task`: the task fails (×500)
-- :     hint: correct this line and save: a save is live at once
-- :   error lua-error hostile (hostile/scripts/main.lua:…): raised an error in the timer `timer`: the timer fails (×500)
-- :     hint: correct this line and save: a save is live at once
-- > list = true
-- : bystander 1.0.0 active gen 1
-- : hostile 1.0.0 active gen 1
mod.every(1, "timer", function() error("the timer fails") end)
mod.task("task", function() error("the task fails") end)
mod.on("tick_start", function() error("the handler fails") end)
