-- Tries to open, list, run and load files of the machine.
-- There is no function for it, and no name that leads to one.
-- > dispatch = "go"
-- : "reached: "
local reached = {}

local function try(name, f)
    local ok, value = pcall(f)
    if ok and value then
        reached[#reached + 1] = name
    end
end

mod.on("go", function()
    try("io.open", function() return io.open("/etc/passwd") end)
    try("io.popen", function() return io.popen("id") end)
    try("os.execute", function() return os.execute("id") end)
    try("os.getenv", function() return os.getenv("HOME") end)
    try("os.remove", function() return os.remove("mod.toml") end)
    try("os.time", function() return os.time() end)
    try("loadfile", function() return loadfile("/etc/passwd") end)
    try("dofile", function() return dofile("/etc/passwd") end)
    try("package.loadlib", function() return package.loadlib("libc.so.6", "system") end)
    try("package.path", function() return package.path end)
    try("package.cpath", function() return package.cpath end)
    for _, name in ipairs({ "io", "os", "ffi", "jit", "debug", "/etc/passwd", "/etc/passwd.lua", "libc", "socket" }) do
        try("require " .. name, function() return require(name) end)
        try("asset " .. name, function() return mod.asset(name) end)
    end
    return "reached: " .. table.concat(reached, ", ")
end)
