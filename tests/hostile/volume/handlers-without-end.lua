-- Registers handlers without end. The first one too many is an error, which names the limit; the others stay.
-- > dispatch = "flood"
-- : {"count":1023,"why":"mod.on: a mod has at most 1024 handlers (limits.handlers in lunation.toml); is it registering in a loop?"}
-- > dispatch = "tick"
-- : 1023
-- > list = true
-- : bystander 1.0.0 active gen 1
-- : hostile 1.0.0 active gen 1
local calls = 0
mod.on("flood", function()
    local count = 0
    while true do
        local ok, why = pcall(mod.on, "tick", function()
            calls = calls + 1
            return calls == 1023 and calls or nil
        end)
        if not ok then
            return { count = count, why = why }
        end
        count = count + 1
    end
end)
