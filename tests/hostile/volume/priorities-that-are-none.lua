-- Registers handlers with priorities that are no whole numbers, are far too high, or are misspelt. Each is an error.
-- > dispatch = "go"
-- : ["mod.on: argument 3 must be a table such as {priority = 10}, not boolean","mod.on: the only option is `priority`","mod.on: the only option is `priority`","mod.on: options.priority must be a whole number from -1000000 to 1000000"]
-- > dispatch = "order"
-- : "first"
-- : "last"
local function options(o)
    local ok, why = pcall(mod.on, "order", function() return "wrong" end, o)
    return ok or why
end
mod.on("go", function()
    local told = { options(true), options({ priorty = 1 }), options({ 1 }) }
    for _, priority in ipairs({ "a", "10", 0 / 0, 1 / 0, -1 / 0, 1e300, 1000001, 0.5, {}, true }) do
        local why = options({ priority = priority })
        if why == true then
            table.insert(told, "took " .. tostring(priority))
        end
    end
    table.insert(told, options({ priority = "a" }))
    mod.on("order", function() return "last" end, { priority = -1000000 })
    mod.on("order", function() return "first" end, { priority = 1000000 })
    return told
end)
