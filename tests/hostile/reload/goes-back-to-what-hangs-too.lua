-- The new code hangs and goes back; the old code hangs as well, and has nowhere to go: it is stopped, and there is no
-- way back and forth.
-- Only luau: the others can't be stopped everywhere
-- > next
-- : reloaded hostile gen 2, script: scripts/main.lua
-- :   added: state.new
-- > dispatch = "go"
-- :   error time-limit hostile (hostile/scripts/main.lua:3): ran longer than its limit of 50 ms in a handler of `go` and was stopped
-- :     hint: do less at once: spread the work over ticks with mod.every, or look for an endless loop
-- > wait = true
-- : rolled-back hostile gen 3, full
-- :   replaced: state.new
-- :   error rolled-back hostile: broke a limit in its probation and went back to the code of generation 1
-- :     hint: mend the code and save: the files are not tried again as they are
-- :   error time-limit hostile (hostile/scripts/main.lua:3): ran longer than its limit of 50 ms in a handler of `go` and was stopped
-- :     hint: do less at once: spread the work over ticks with mod.every, or look for an endless loop
-- > dispatch = "go"
-- :   error time-limit hostile (hostile/scripts/main.lua:26): ran longer than its limit of 50 ms in a handler of `go` and was stopped
-- :     hint: do less at once: spread the work over ticks with mod.every, or look for an endless loop
-- > wait = true
-- : nothing
-- > list = true
-- : bystander 1.0.0 active gen 1
-- : hostile 1.0.0 quarantined gen 0 because it ran longer than its limit of 50 ms in a handler of `go` and was stopped
mod.on("go", function()
    while true do end
end)
--@ next
mod.state.new = true
mod.on("go", function()
    while true do end
end)
