-- A mod that asks for nothing calls what needs a capability: plainly, through pcall, xpcall and a coroutine,
-- by a copy of the function, and with the game's table replaced.
-- It is refused each time, with the name of the capability; nothing of the game has changed.
-- > dispatch = "go"
-- : ["false  capability \"colony.jobs\", which mod.toml does not ask for: add it to [capabilities], and the game must grant it","false  capability \"colony.jobs\", which mod.toml does not ask for: add it to [capabilities], and the game must grant it","false  capability \"colony.jobs\", which mod.toml does not ask for: add it to [capabilities], and the game must grant it","false  capability \"colony.jobs\", which mod.toml does not ask for: add it to [capabilities], and the game must grant it","false  capability \"colony.jobs\", which mod.toml does not ask for: add it to [capabilities], and the game must grant it","false  capability \"colony.jobs\", which mod.toml does not ask for: add it to [capabilities], and the game must grant it",0]
-- > request = "grants"
-- : []
local create, list = colony.jobs.create, colony.jobs.list
mod.on("go", function()
    local said = {}
    local function note(is_done, why)
        said[#said + 1] = tostring(is_done) .. " " .. tostring(why):sub(-112)
    end
    note(pcall(colony.jobs.create, "greet", 1))
    note(pcall(create, "greet", 1))
    note(xpcall(create, function(why) return why end, "greet", 1))
    note(coroutine.resume(coroutine.create(create), "greet", 1))
    pcall(function() colony.jobs = {create = create} end)
    note(pcall(colony.jobs.create, "greet", 1))
    pcall(function() colony.jobs = nil end)
    pcall(function() colony = {jobs = setmetatable({}, {__index = function() return create end})} end)
    note(pcall(function() return colony.jobs.create("greet", 1) end))
    said[#said + 1] = #list()
    return said
end)
