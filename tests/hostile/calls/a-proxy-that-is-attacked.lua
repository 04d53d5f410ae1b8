-- Writes to the functions of another mod, asks for impossible ones, and looks for what is behind them.
-- > dispatch = "go"
-- : {"call":"false: hostile/scripts/main.lua:…: attempt to call a nil value…","call the proxy":"false: hostile/scripts/main.lua:…: attempt to call a table value…","itself":"false: mod.import: hostile is not in [dependencies] of hostile's mod.toml; add `hostile = \"*\"`","large key":"true: nil","metatable":"true: import of bystander","mine":"mine","missing":"true: nil","odd key":"true: nil","set metatable":"false: hostile/scripts/main.lua:…: cannot change a protected metatable","undeclared":"false: mod.import: caller is not in [dependencies] of hostile's mod.toml; add `caller = \"*\"`","write":"false: hostile/scripts/main.lua:…: what mod.import gives can't be changed; ask bystander to export a function for it"}
-- > call = "twice", of = "bystander", args = [4]
-- : 8
local bystander = mod.import("bystander")
mod.on("go", function()
    local told = {}
    local function try(name, f, ...)
        local ok, why = pcall(f, ...)
        told[name] = tostring(ok) .. ": " .. tostring(why)
    end
    try("write", function() bystander.twice = print end)
    try("missing", function() return bystander.nothing end)
    try("call", function() return bystander.nothing() end)
    try("odd key", function() return bystander[{}] end)
    try("large key", function() return bystander[string.rep("x", 1000000)] end)
    try("metatable", function() return getmetatable(bystander) end)
    try("set metatable", function() setmetatable(bystander, {}) end)
    try("call the proxy", function() bystander() end)
    try("undeclared", mod.import, "caller")
    try("itself", mod.import, "hostile")
    rawset(bystander, "twice", function() return "mine" end)
    told.mine = bystander.twice()
    return told
end)
