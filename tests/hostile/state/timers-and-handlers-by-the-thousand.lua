-- Registers as many handlers, timers and hooks as it may, and is reloaded and rolled back.
-- All come over once; one more than the limit is an error that names the setting.
-- > dispatch = "handlers"
-- : "hostile/scripts/main.lua:…: mod.on: a mod has at most 1024 handlers (limits.handlers in lunation.toml); is it registering in a loop?"
-- > dispatch = "timers"
-- : "hostile/scripts/main.lua:…: mod.every: a mod has at most 1024 timers and tasks (limits.timers in lunation.toml); is it registering in a loop?"
-- > dispatch = "hooks"
-- : "hostile/scripts/main.lua:…: mod.on_save: a mod has at most 1024 hooks (limits.handlers in lunation.toml); is it registering in a loop?"
-- > reload = "hostile"
-- : reloaded hostile gen 2, script
-- > dispatch = "count"
-- : [1024,true,true,false]
-- > rollback = "hostile"
-- : rolled-back hostile gen 3, full
-- > dispatch = "count"
-- : [2048,false,false,false]
local fired = 0
local function fire() fired = fired + 1 end

local function fill(register)
    local why
    for i = 1, 1030 do
        local ok, message = pcall(register, i)
        why = why or not ok and message
    end
    return why
end

mod.on("handlers", function() return fill(function() mod.on("many", fire) end) end)
mod.on("timers", function() return fill(function(i) mod.every(100000, "timer" .. i, fire) end) end)
mod.on("hooks", function() return fill(function() mod.on_save(fire) end) end)
mod.on("count", function() return { fired, mod.cancel("timer1"), mod.cancel("timer1024"), mod.cancel("timer1025") } end)
