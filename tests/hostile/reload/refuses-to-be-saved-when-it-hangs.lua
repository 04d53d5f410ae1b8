-- It hangs in on_save as well, and its metatables lie to whoever reads the state. No code of a stopped VM runs: it begins
-- anew with what it had.
-- Only luau: the others can't be stopped everywhere
-- > dispatch = "go"
-- :   error time-limit hostile (hostile/scripts/main.lua:27): ran longer than its limit of 50 ms in a handler of `go` and was stopped
-- :     hint: do less at once: spread the work over ticks with mod.every, or look for an endless loop
-- > wait = true
-- : restarted hostile gen 2, full
-- :   warning restarted hostile: broke a limit and began anew with its state: strike 1 of 3 within 60 s
-- :     hint: strike 3 stops it until it is mended
-- :   error time-limit hostile (hostile/scripts/main.lua:27): ran longer than its limit of 50 ms in a handler of `go` and was stopped
-- :     hint: do less at once: spread the work over ticks with mod.every, or look for an endless loop
-- > eval = "return mod.state.n, mod.state.list.x"
-- : 5
-- : 2
mod.state.n = 1
mod.state.list = setmetatable({ x = 2 }, {
    __index = function() while true do end end,
    __iter = function() while true do end end,
    __len = function() while true do end end,
})
mod.on_save(function()
    while true do end
end)
mod.on("go", function()
    mod.state.n = 5
    while true do end
end)
--@ file mods/lunation.toml
[limits]
load_time = 200
handler_time = 50
memory = 8388608

