-- Uses names of 1 MiB, of no bytes, with control characters, and that are no text, wherever there is a name.
-- > dispatch = "go"
-- : {"told":{},"why":"mod.on: the name of an event must have no control characters"}
-- > request = "ledger", params = { mod = "hostile" }
-- : {"entries":[{"mod":"hostile","generation":1,"kind":"handler","name":"go","count":1}]}
-- > list = true
-- : bystander 1.0.0 active gen 1
-- : hostile 1.0.0 active gen 1
mod.on("go", function()
    local function nothing() end
    local calls = {
        function(name) mod.on(name, nothing) end,
        function(name) mod.emit(name) end,
        function(name) mod.after(1, name, nothing) end,
        function(name) mod.every(1, name, nothing) end,
        function(name) mod.task(name, nothing) end,
        function(name) mod.cancel(name) end,
        function(name) mod.export({ [name] = nothing }) end,
        function(name) mod.register(name, nothing) end,
        function(name) mod.import(name) end,
        function(name) require(name) end,
    }
    local names = { string.rep("x", 1048576), "", "two\nlines", "\27[31mred", "\226\128\174turned", "\255", {}, 1 }
    local told = {}
    for _, name in ipairs(names) do
        for i, call in ipairs(calls) do
            local ok, why = pcall(call, name)
            if ok then
                table.insert(told, "call " .. i .. " took a name that is a " .. type(name))
            elseif #why > 300 then
                table.insert(told, "call " .. i .. " says too much")
            end
        end
    end
    return { told = told, why = select(2, pcall(mod.on, "two\nlines", nothing)), asset = mod.asset(names[1]) }
end)
