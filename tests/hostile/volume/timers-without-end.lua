-- Sets timers and begins tasks without end. They share one limit, and what is there goes on.
-- > dispatch = "flood"
-- : {"count":1024,"why":"hostile/scripts/main.lua:…: mod.after: a mod has at most 1024 timers and tasks (limits.timers in lunation.toml); is it registering in a loop?"}
-- > advance = 1
-- : "512 timers ran"
-- > list = true
-- : bystander 1.0.0 active gen 1
-- : hostile 1.0.0 active gen 1
local ran = 0
mod.on("flood", function()
    local count = 0
    local function set()
        if count % 2 == 0 then
            mod.after(1, "t" .. count, function()
                ran = ran + 1
                return ran == 512 and "512 timers ran" or nil
            end)
        else
            mod.task("t" .. count, function() return true end)
        end
    end
    while true do
        local ok, why = pcall(set)
        if not ok then
            return { count = count, why = why }
        end
        count = count + 1
    end
end)
