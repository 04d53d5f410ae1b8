-- Emits large payloads: what waits lies outside of the memory of the mod, so the bytes have a limit, too.
-- > dispatch = "flood"
-- : {"count":7,"why":"mod.emit: the events of this mod that wait have more than 8388608 bytes (limits.queued_bytes in lunation.toml); send less with each"}
-- > list = true
-- : bystander 1.0.0 active gen 1
-- : hostile 1.0.0 active gen 1
local large = string.rep("x", 1024 * 1024)
mod.on("flood", function()
    local count = 0
    while true do
        local ok, why = pcall(mod.emit, "spam", large)
        if not ok then
            return { count = count, why = why }
        end
        count = count + 1
    end
end)
