-- Sends events with traps, functions and cycles as their payload; the bystander hears them.
-- It gets a plain copy. What it gets has no metatable, and no function of this mod runs.
-- > eval = "mod.on('hostile:gift', function(p) print(type(p), getmetatable(p) == nil, type(p) == 'table' and type(p.f), type(p) == 'table' and p.self == p) end)", of = "bystander"
-- : 4294967297
-- > dispatch = "go"
-- > log = true
-- : info bystander: table true nil true (eval:1)
-- : info bystander: nil true false false (eval:1)
-- : info bystander: nil true false false (eval:1)
-- : info bystander: table true nil false (eval:1)
-- : info bystander: nil true false false (eval:1)
mod.on("go", function()
    local function trap() error("a trap ran") end
    local cycle = { f = trap }
    cycle.self = cycle
    mod.emit("gift", setmetatable(cycle, { __index = trap, __pairs = trap, __len = trap, __iter = trap }))
    mod.emit("gift", trap)
    mod.emit("gift", coroutine.create(trap))
    mod.emit("gift", mod)
    mod.emit("gift")
end)
