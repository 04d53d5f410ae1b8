-- Looks for an environment that is not its own: by getfenv, _ENV, the metatable of _G, by globals of libraries.
-- All of them are its own table or nothing.
-- > dispatch = "go"
-- : "reached: "
local reached = {}

local function try(name, f)
    local ok, value = pcall(f)
    if ok and value ~= nil and value ~= _G then
        reached[#reached + 1] = name .. " = " .. type(value)
    end
end

mod.on("go", function()
    try("getfenv", function() return getfenv(0) end)
    try("getfenv of print", function() return getfenv(print) end)
    try("setfenv", function() return setfenv(1, {}) end)
    try("_ENV", function() return _ENV end)
    try("metatable of _G", function() return getmetatable(_G) end)
    try("_G._G", function() return _G._G end)
    try("shared", function() return shared end)
    try("registry", function() return debug.getregistry() end)
    try("package.loaded._G", function() return package.loaded._G end)
    try("package.preload", function() return package.preload end)
    try("package.searchers", function() return package.searchers or package.loaders end)
    try("require _G", function() return require("_G") end)
    try("require string", function() return require("string") end)
    try("a handle that is a mod", function() return mod.import("hostile") end)
    return "reached: " .. table.concat(reached, ", ")
end)
