-- Registers hooks without end, of every kind. All kinds together have one limit.
-- > dispatch = "flood"
-- : {"count":1024,"why":"mod.on_config: a mod has at most 1024 hooks (limits.handlers in lunation.toml); is it registering in a loop?"}
-- > list = true
-- : bystander 1.0.0 active gen 1
-- : hostile 1.0.0 active gen 1
mod.on("flood", function()
    local hooks = { mod.on_config, mod.on_asset, mod.on_save, mod.on_unload }
    local count = 0
    while true do
        local ok, why = pcall(hooks[count % 4 + 1], function() end)
        if not ok then
            return { count = count, why = why }
        end
        count = count + 1
    end
end)
