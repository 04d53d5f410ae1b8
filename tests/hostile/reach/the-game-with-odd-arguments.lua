-- Calls functions of the game, with leave, and hands them nothing, too much, traps, functions, depth, nan, bytes.
-- Each answers with an error of this call; the game goes on.
-- > dispatch = "go"
-- : {"panicked":{},"tick":0,"trapped":0,"tried":424}
-- > dispatch = "job_created"
mod.on("go", function()
    local function trap() error("a trap ran") end
    local deep = {}
    for _ = 1, 1000 do deep = { deep } end
    local odd = { 0 / 0, -1, 1e300, 1 / 0, "", "\255", ("x"):rep(100000), {}, deep, print, true, coroutine.create(print),
        setmetatable({}, { __index = trap, __tostring = trap, __len = trap, __iter = trap, __pairs = trap }) }
    local tried, trapped, panicked = 0, 0, {}
    for _, f in ipairs({ colony.jobs.create, colony.jobs.cancel, colony.jobs.list, colony.colonists.set_mood, colony.colonists.get,
        colony.state.save_mod_state, colony.state.get_mod_state, colony.time.get_current_tick }) do
        local function try(...)
            tried = tried + 1
            local ok, why = pcall(f, ...)
            if not ok and tostring(why):find("a trap ran") then trapped = trapped + 1 end
            if not ok and tostring(why):find("panic") then panicked[#panicked + 1] = tostring(why) end
        end
        try()
        for _, a in ipairs(odd) do
            try(a)
            try(1, a)
            try("x", a)
            try(a, a, a, a, a, a, a, a, a, a)
        end
    end
    return { tried = tried, trapped = trapped, panicked = panicked, tick = colony.time.get_current_tick() }
end)
--@ file mods/hostile/mod.toml
id = "hostile"
version = "1.0.0"

[dependencies]
bystander = "*"

[capabilities]
required = ["colony.jobs", "colony.colonists"]
