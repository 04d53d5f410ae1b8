-- The first handler takes off itself, the next, and all others but the last, and registers a new one. Who is
-- off is not called any more; who is new is called at the next event.
-- > dispatch = "go"
-- : "first"
-- : "handler 6"
-- : "off once"
-- > dispatch = "go"
-- : "handler 6"
-- : "new"
-- > dispatch = "go"
-- : "handler 6"
-- : "new"
local handles = {}
handles[1] = mod.on("go", function()
    mod.on("go", function() return "new" end)
    for i = 1, 5 do
        mod.off(handles[i])
    end
    return "first"
end)
for i = 2, 6 do
    handles[i] = mod.on("go", function() return "handler " .. i end)
end
handles[7] = mod.on("go", function()
    return mod.off(handles[7]) and not mod.off(handles[7]) and "off once"
end)
