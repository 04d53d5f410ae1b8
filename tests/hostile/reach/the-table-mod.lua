-- Assigns to, clears, wraps and unseals the table `mod` and what hangs on it.
-- Just mod.state can be assigned. Where tables can't be read-only, rawset reaches the mod's own view of
-- `mod`, and nothing behind it: its id stays what it is for all others.
-- > dispatch = "go"
-- : "reached: "
-- lua54: "reached: log.info, setmetatable of log"
-- > log = true
-- : info hostile: who am I (hostile/scripts/main.lua:…)
-- > list = true
-- : bystander 1.0.0 active gen 1
-- : hostile 1.0.0 active gen 1
mod.on("go", function()
    local reached = {}
    local function try(name, f, ...)
        if pcall(f, ...) then
            reached[#reached + 1] = name
        end
    end
    for _, field in ipairs({ "id", "version", "generation", "config", "on", "emit", "export", "log", "no_such" }) do
        try("mod." .. field, function() mod[field] = "bystander" end)
    end
    try("mod[nil]", function() mod[nil] = 1 end)
    try("mod[{}]", function() mod[{}] = 1 end)
    try("setmetatable", setmetatable, mod, {})
    try("metatable", function() return getmetatable(mod).__index.state end)
    try("log.info", function() mod.log.info = print end)
    try("setmetatable of log", setmetatable, mod.log, {})
    try("next", function() assert(next(mod)) end)
    try("state = nil", function() mod.state = nil end)
    try("state = 1", function() mod.state = 1 end)
    try("state = print", function() mod.state = print end)
    local answer = "reached: " .. table.concat(reached, ", ")
    pcall(rawset, mod, "id", "bystander")
    pcall(rawset, mod.log, "info", function() end)
    mod.emit("signed")
    print("who am I")
    return answer
end)
