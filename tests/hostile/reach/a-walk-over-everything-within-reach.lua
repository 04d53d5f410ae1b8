-- Walks over every value that it can get hold of, by keys, values, metatables and results of getters, from
-- the globals, its proxies and handles on, and looks for what no mod should hold.
-- There are plain tables and functions only: no userdata, no coroutine of somebody else, no forbidden name.
-- > dispatch = "go"
-- : {"found":"","has_tables":true,"others":0}
local forbidden = {
    dump = true, load = true, loadstring = true, getfenv = true, setfenv = true, getupvalue = true, native = true,
    getregistry = true, open = true, execute = true, collectgarbage = true, newproxy = true, sethook = true,
}

mod.on("go", function()
    local seen, waiting, kinds, found = {}, {}, {}, {}
    local function visit(value, path)
        local kind = type(value)
        if value == nil or seen[value] then return end
        if kind == "table" or kind == "function" or kind == "userdata" or kind == "thread" then
            seen[value] = true
            kinds[kind] = (kinds[kind] or 0) + 1
            if kind ~= "function" then
                waiting[#waiting + 1] = { value, path }
            end
            if kind == "userdata" or kind == "thread" then
                found[#found + 1] = path
            end
        end
    end
    visit(_G, "_G")
    visit(mod.import("bystander"), "proxy")
    visit(mod.asset("assets/a.txt"), "asset")
    for _, value in ipairs({ "", 1, true, print, string.upper }) do
        visit(getmetatable(value), "metatable of " .. type(value))
    end
    visit(getmetatable(nil), "metatable of nil")
    while #waiting > 0 do
        local value, path = (unpack or table.unpack)(table.remove(waiting))
        if value == nil then break end
        if type(value) == "table" then
            for key, member in next, value do
                if forbidden[key] then
                    found[#found + 1] = path .. "." .. tostring(key)
                end
                visit(key, path .. "'s key")
                visit(member, path .. "." .. tostring(key))
            end
        end
        visit(getmetatable(value), path .. "'s metatable")
    end
    table.sort(found)
    return { found = table.concat(found, ", "), has_tables = (kinds.table or 0) > 5, others = (kinds.userdata or 0) + (kinds.thread or 0) }
end)
--@ file mods/hostile/assets/a.txt
mine
