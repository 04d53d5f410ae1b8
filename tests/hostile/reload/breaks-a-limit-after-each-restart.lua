-- Hangs each time it begins anew: a mod that is let run again is stopped again, within the strikes that it has.
-- Only luau: the others can't be stopped everywhere
-- > dispatch = "go"
-- :   error time-limit hostile (hostile/scripts/main.lua:31): ran longer than its limit of 50 ms in a handler of `go` and was stopped
-- :     hint: do less at once: spread the work over ticks with mod.every, or look for an endless loop
-- > wait = true
-- : restarted hostile gen 2, full
-- :   error time-limit hostile (hostile/scripts/main.lua:27): ran longer than its limit of 50 ms in a handler of `mod_loaded` and was stopped
-- :     hint: do less at once: spread the work over ticks with mod.every, or look for an endless loop
-- :   warning restarted hostile: broke a limit and began anew with its state: strike 1 of 3 within 60 s
-- :     hint: strike 3 stops it until it is mended
-- :   error time-limit hostile (hostile/scripts/main.lua:31): ran longer than its limit of 50 ms in a handler of `go` and was stopped
-- :     hint: do less at once: spread the work over ticks with mod.every, or look for an endless loop
-- : restarted hostile gen 3, full
-- :   error time-limit hostile (hostile/scripts/main.lua:27): ran longer than its limit of 50 ms in a handler of `mod_loaded` and was stopped
-- :     hint: do less at once: spread the work over ticks with mod.every, or look for an endless loop
-- :   warning restarted hostile: broke a limit and began anew with its state: strike 2 of 3 within 60 s
-- :     hint: strike 3 stops it until it is mended
-- :   error time-limit hostile (hostile/scripts/main.lua:27): ran longer than its limit of 50 ms in a handler of `mod_loaded` and was stopped
-- :     hint: do less at once: spread the work over ticks with mod.every, or look for an endless loop
-- > dispatch = "go"
-- > list = true
-- : bystander 1.0.0 active gen 1
-- : hostile 1.0.0 quarantined gen 0 because it ran longer than its limit of 50 ms in a handler of `mod_loaded` and was stopped; it broke a limit 3 times within 60 s
mod.on("mod_loaded", function(about)
    if about.reason == "restart" then
        while true do end
    end
end)
mod.on("go", function()
    while true do end
end)
--@ file mods/lunation.toml
[limits]
load_time = 200
handler_time = 50
memory = 8388608

