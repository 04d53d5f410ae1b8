-- An event, a timer, an export, an asset and a module whose names have a million bytes. All are refused.
-- > dispatch = "go"
-- : [false,false,false,false,true]
-- > list = true
-- : bystander 1.0.0 active gen 1
-- : hostile 1.0.0 active gen 1
mod.on("go", function()
    local name, all = ("x"):rep(1000000), {}
    for _, f in ipairs({
        function() mod.on(name, print) end,
        function() mod.every(1, name, print) end,
        function() mod.export({[name] = print}) end,
        function() require(name) end,
    }) do
        local ok = pcall(f)
        all[#all + 1] = ok
    end
    all[#all + 1] = mod.asset(name) == nil
    return all
end)
