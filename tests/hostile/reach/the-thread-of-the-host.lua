-- Gets hold of the coroutine that its handler runs on, and resumes, closes, wraps and keeps it, in this call, in a
-- nested one by way of another mod, and in later ones. None of it does anything to the calls.
-- > dispatch = "keep"
-- : "thread"
-- > dispatch = "use"
-- : [{"closed":false,"resumed":false,"status":"running"}]
-- > dispatch = "nest"
-- : {"closed":false,"resumed":false,"status":"normal"}
-- lua54: {"closed":false,"resumed":false,"status":"running"}
-- > advance = 1
-- > dispatch = "use"
-- : [{"closed":false,"resumed":false,"status":"running"},{"closed":true,"resumed":false,"status":"dead"}]
-- lua54: [{"closed":false,"resumed":false,"status":"running"},{"closed":false,"resumed":false,"status":"running"}]
-- > reload = "hostile", drop = true
-- : reloaded hostile gen 2, script
-- :   dropped: scripts/main.lua: local kept[1], scripts/main.lua: local kept[2]
-- : reloaded relay gen 2, script
-- > dispatch = "use"
-- : {}
local kept = {}

local function use(thread)
    return {
        status = coroutine.status(thread),
        resumed = (coroutine.resume(thread)),
        closed = coroutine.close and (pcall(coroutine.close, thread)) or false,
    }
end

mod.on("keep", function()
    kept[1] = coroutine.running()
    return type(kept[1])
end)
mod.on("use", function()
    local answers = {}
    for i, thread in ipairs(kept) do
        answers[i] = use(thread)
        coroutine.wrap(function() use(thread) end)()
    end
    return answers
end)
mod.on("nest", function()
    kept[1] = coroutine.running()
    return mod.import("relay").back()
end)
mod.export({
    inner = function()
        kept[2] = coroutine.running()
        local answers = use(kept[1])
        use(kept[2])
        return answers
    end,
})
mod.after(1, "timer", function() use(kept[1]) use(kept[2]) end)
--@ file mods/hostile/mod.toml
id = "hostile"
version = "1.0.0"

[dependencies]
bystander = "*"
relay = "*"
--@ file mods/relay/mod.toml
id = "relay"
version = "1.0.0"

[dependencies]
hostile = "*"
--@ file mods/relay/scripts/main.lua
mod.export({ back = function() return mod.import("hostile").inner() end })
