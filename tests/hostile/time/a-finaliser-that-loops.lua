-- A finaliser that never ends, which the engine would run whenever it likes, and again when the VM is closed. Only Lua 5.4 has them, for tables; they are refused. Luau takes it for a field like any other.
-- > dispatch = "go"
-- : "done"
-- > list = true
-- : bystander 1.0.0 active gen 1
-- : hostile 1.0.0 active gen 1
mod.on("go", function()
    setmetatable({}, {__gc = function()
        while true do
        end
    end})
    for i = 1, 100000 do
        local _ = {}
    end
    return "done"
end)
