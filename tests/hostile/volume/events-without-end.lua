-- Emits without end. It has its share of the events that wait, and no more: the bystander can still emit.
-- > dispatch = "flood"
-- : {"count":1000,"why":"mod.emit: 1000 events of this mod wait already (limits.queued_events in lunation.toml); does it answer itself in a loop?"}
-- > dispatch = "flood"
-- : {"count":1000,"why":"mod.emit: 1000 events of this mod wait already (limits.queued_events in lunation.toml); does it answer itself in a loop?"}
-- > list = true
-- : bystander 1.0.0 active gen 1
-- : hostile 1.0.0 active gen 1
mod.on("flood", function()
    local count = 0
    while true do
        local ok, why = pcall(mod.emit, "spam", count)
        if not ok then
            return { count = count, why = why }
        end
        count = count + 1
    end
end)
