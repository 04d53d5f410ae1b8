-- Calls functions of the game that need a capability which it has not asked for, also by a detour and while loading.
-- Each call is an error that names the capability and says where to ask for it.
-- > dispatch = "go"
-- : ["while loading: colony.jobs.create needs the capability \"colony.jobs\", which mod.toml does not ask for: add it to [capabilities], and the game must grant it","colony.jobs.create needs the capability \"colony.jobs\", which mod.toml does not ask for: add it to [capabilities], and the game must grant it","colony.jobs.cancel needs the capability \"colony.jobs\", which mod.toml does not ask for: add it to [capabilities], and the game must grant it","colony.colonists.set_mood needs the capability \"colony.colonists\", which mod.toml does not ask for: add it to [capabilities], and the game must grant it","colony.jobs.create needs the capability \"colony.jobs\", which mod.toml does not ask for: add it to [capabilities], and the game must grant it","reached: "]
-- lua54: ["while loading: colony.jobs.create needs the capability \"colony.jobs\", which mod.toml does not ask for: add it to [capabilities], and the game must grant it","colony.jobs.create needs the capability \"colony.jobs\", which mod.toml does not ask for: add it to [capabilities], and the game must grant it","colony.jobs.cancel needs the capability \"colony.jobs\", which mod.toml does not ask for: add it to [capabilities], and the game must grant it","colony.colonists.set_mood needs the capability \"colony.colonists\", which mod.toml does not ask for: add it to [capabilities], and the game must grant it","colony.jobs.create needs the capability \"colony.jobs\", which mod.toml does not ask for: add it to [capabilities], and the game must grant it","reached: write, rawset, setmetatable"]
-- > problems = true
-- : no problem
local words = { "while loading: " .. tostring(select(2, pcall(colony.jobs.create, "dig", 1))) }

mod.on("go", function()
    for _, f in ipairs({ colony.jobs.create, colony.jobs.cancel, colony.colonists.set_mood }) do
        local _, why = pcall(f, 1, 2)
        words[#words + 1] = tostring(why)
    end
    local _, why = coroutine.resume(coroutine.create(colony.jobs.create))
    words[#words + 1] = tostring(why)
    local reached = {}
    if pcall(function() colony.jobs.create = print end) then reached[#reached + 1] = "write" end
    if pcall(rawset, colony.jobs, "list", print) then reached[#reached + 1] = "rawset" end
    if pcall(setmetatable, colony, {}) then reached[#reached + 1] = "setmetatable" end
    words[#words + 1] = "reached: " .. table.concat(reached, ", ")
    return words
end)
