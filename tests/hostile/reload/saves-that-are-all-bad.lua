-- Save after save hangs while it loads, each for as long as it may. Soon its saves wait: the game loses no more time.
-- Only luau: the others can't be stopped everywhere
-- > next
-- : kept hostile gen 1, script: scripts/main.lua
-- :   error time-limit hostile (hostile/scripts/main.lua:1): ran longer than its limit of 200 ms while loading and was stopped
-- :     hint: do less at once: spread the work over ticks with mod.every, or look for an endless loop
-- > next
-- : kept hostile gen 1, script: scripts/main.lua
-- :   error time-limit hostile (hostile/scripts/main.lua:1): ran longer than its limit of 200 ms while loading and was stopped
-- :     hint: do less at once: spread the work over ticks with mod.every, or look for an endless loop
-- > next
-- : kept hostile gen 1, script: scripts/main.lua
-- :   error time-limit hostile (hostile/scripts/main.lua:1): ran longer than its limit of 200 ms while loading and was stopped
-- :     hint: do less at once: spread the work over ticks with mod.every, or look for an endless loop
-- :   warning breaker-open hostile: failed 3 reloads in a row; automatic reloads pause for 86400 s
-- :     hint: `reload` it by hand to try at once; a reload that succeeds ends the pause
-- > next
-- : nothing
-- > list = true
-- : bystander 1.0.0 active gen 1
-- : hostile 1.0.0 active gen 1
-- > problems = true
-- :   error time-limit hostile (hostile/scripts/main.lua:1): ran longer than its limit of 200 ms while loading and was stopped
-- :     hint: do less at once: spread the work over ticks with mod.every, or look for an endless loop
-- :   warning breaker-open hostile: failed 3 reloads in a row; automatic reloads pause for 86400 s
-- :     hint: `reload` it by hand to try at once; a reload that succeeds ends the pause
mod.on("go", function() return 1 end)
--@ next
while true do end -- 2
--@ next
while true do end -- 3
--@ next
while true do end -- 4
--@ next
while true do end -- 5
--@ file mods/lunation.toml
[limits]
load_time = 200
handler_time = 50
memory = 8388608

[hot_reload.breaker]
threshold = 3
cool_down = 86400
