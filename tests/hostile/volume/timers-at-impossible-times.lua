-- Sets timers in the past, at no time, at the end of time. Each is an error, or far away.
-- > dispatch = "go"
-- : {"told":{},"why":"mod.after: argument 1 must be a number of ticks from 1 to 9e15, not inf"}
-- > advance = 5
-- > list = true
-- : bystander 1.0.0 active gen 1
-- : hostile 1.0.0 active gen 1
mod.on("go", function()
    local told = {}
    for _, ticks in ipairs({ 0, -1, 0.5, 0 / 0, 1 / 0, -1 / 0, 1e300, "1", {}, false }) do
        for name, set in pairs({ after = mod.after, every = mod.every }) do
            if pcall(set, ticks, name, function() return "ran" end) then
                table.insert(told, name .. " took " .. tostring(ticks))
            end
        end
    end
    mod.every(8e15, "far", function() return "ran" end)
    return { told = told, why = select(2, pcall(mod.after, 1 / 0, "never", function() end)) }
end)
