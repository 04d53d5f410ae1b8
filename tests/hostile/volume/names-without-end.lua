-- Gives names with mod.register without end. The same name for the same value needs no more room.
-- > dispatch = "flood"
-- : {"again":true,"count":4096,"why":"mod.register: a mod has at most 4096 registered names (limits.names in lunation.toml); is it registering in a loop?"}
-- > list = true
-- : bystander 1.0.0 active gen 1
-- : hostile 1.0.0 active gen 1
mod.on("flood", function()
    local class, count = {}, 0
    while true do
        local ok, why = pcall(mod.register, "n" .. count, class)
        if not ok then
            return { count = count, why = why, again = pcall(mod.register, "n0", class) }
        end
        count = count + 1
    end
end)
