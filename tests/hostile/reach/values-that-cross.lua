-- Hands functions, coroutines, metatables, traps and its own tables to another mod, and takes what comes back.
-- Just data crosses, as a copy: nothing of this mod is called over there, and no table is shared.
-- > dispatch = "go"
-- : {"back_is_plain":true,"called":0,"copied":1,"cycle":true,"functions":"nilnilnilnil","inside":"nil","keys":"nil","mod_table":"nil","shared":true,"too_deep":"bystander.ask: an argument can't cross because it is nested deeper than 128 tables"}
mod.on("go", function()
    local ask = mod.import("bystander").ask
    local traps = 0
    local function trap() traps = traps + 1 return 1 end
    local trapped = setmetatable({ x = 1 }, {
        __index = trap, __newindex = trap, __len = trap, __pairs = trap, __iter = trap, __tostring = trap, __call = trap, __eq = trap,
        __metatable = trap,
    })
    local back = ask(trapped)
    local cycle = {}
    cycle.self = cycle
    local same = {}
    local shared = ask({ a = same, b = same })
    local sent = { n = 1 }
    local copy = ask(sent)
    copy.n = 2
    return {
        called = traps,
        back_is_plain = getmetatable(back) == nil and back.x == 1 and not rawequal(back, trapped),
        functions = tostring((ask(function() end))) .. tostring((ask(coroutine.create(print)))) .. tostring((ask(print))) .. tostring((ask(mod.on))),
        inside = tostring(ask({ f = print, t = coroutine.create(print), p = mod.import("bystander") }).f),
        keys = tostring(next(ask({ [print] = 1 }))),
        cycle = ask(cycle).self ~= cycle,
        shared = shared.a == shared.b,
        copied = sent.n,
        mod_table = tostring(next(ask(mod))),
        too_deep = (function()
            local deep = {}
            for _ = 1, 1000 do deep = { deep } end
            local _, why = pcall(ask, deep)
            return why
        end)(),
    }
end)
