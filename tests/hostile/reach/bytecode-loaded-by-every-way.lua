-- Tries all functions that ever made code out of text or bytes, in every Lua.
-- None of them is there.
-- > dispatch = "go"
-- : "reached: "
local names = {
    "load", "loadstring", "loadfile", "dofile", "loadlib", "collectgarbage", "gcinfo", "module", "setfenv",
    "getfenv", "newproxy", "debug", "io", "os", "jit", "ffi", "lualib", "luaL_loadbuffer", "__lua", "mlua",
}

mod.on("go", function()
    local reached = {}
    for _, name in ipairs(names) do
        if _G[name] ~= nil or rawget(_G, name) ~= nil then
            reached[#reached + 1] = name
        end
        for library, members in pairs(_G) do
            if type(members) == "table" and members ~= _G and rawget(members, name) ~= nil then
                reached[#reached + 1] = library .. "." .. name
            end
        end
    end
    return "reached: " .. table.concat(reached, ", ")
end)
