-- After a trip the mod is asked for everything that it has: nothing of it runs, and what it would have changed is as it was.
-- > dispatch = "loops"
-- :   error time-limit hostile (hostile/scripts/main.lua:…): ran longer than its limit of 50 ms in a handler of `loops` and was stopped
-- :     hint: do less at once: spread the work over ticks with mod.every, or look for an endless loop
-- > dispatch = "go"
-- > advance = 3
-- > call = "count", of = "hostile"
-- : refused (1)
-- :   error bad-call hostile: does not run
-- :     hint: `mods.list` says which mods run, and why not the others
-- > eval = "1 + 1", of = "hostile"
-- : refused (1)
-- :   error bad-call hostile: does not run
-- :     hint: `mods.list` says which mods run, and why not the others
-- > log = true
-- > list = true
-- : bystander 1.0.0 active gen 1
-- : hostile 1.0.0 quarantined gen 0 because it ran longer than its limit of 50 ms in a handler of `loops` and was stopped
mod.state.count = 0
local function count()
    mod.state.count = mod.state.count + 1
    print("still here")
    return mod.state.count
end
mod.on("loops", function()
    while true do
    end
end)
mod.on("go", count)
mod.on_save(count)
mod.on_unload(count)
mod.every(1, "count", count)
mod.export({count = count})
