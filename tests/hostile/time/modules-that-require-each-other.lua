-- Two modules that require each other: the circle is named, not walked.
-- > problems = true
-- :   error lua-error hostile (hostile/scripts/b.lua:1): raised an error while loading: require forms a circle: hostile/scripts/a.lua:1 → hostile/scripts/b.lua:1 → hostile/scripts/a.lua; without require("a") at hostile/scripts/b.lua:1 there is none
-- :     hint: put this require into the function that needs it, which runs when all has loaded; or move what both need into a third file
-- > list = true
-- : bystander 1.0.0 active gen 1
-- : hostile 1.0.0 rejected gen 0 because it raised an error while loading: require forms a circle: hostile/scripts/a.lua:1 → hostile/scripts/b.lua:1 → hostile/scripts/a.lua; without require("a") at hostile/scripts/b.lua:1 there is none
require("a")
--@ file mods/hostile/scripts/a.lua
require("b")
--@ file mods/hostile/scripts/b.lua
require("a")
