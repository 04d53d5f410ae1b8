-- Exports more functions than a mod may. What it exported before stays.
-- > dispatch = "flood"
-- : "mod.export: a mod has at most 1024 exported functions (limits.exports in lunation.toml); is it registering in a loop?"
-- > call = "answer"
-- : 42
-- > list = true
-- : bystander 1.0.0 active gen 1
-- : hostile 1.0.0 active gen 1
mod.export({ answer = function() return 42 end })
mod.on("flood", function()
    local functions = {}
    for i = 1, 1025 do
        functions["f" .. i] = function() end
    end
    return select(2, pcall(mod.export, functions))
end)
