-- Two modules that require each other: the circle is named, not walked.
-- > problems = true
-- :   error lua-error hostile (hostile/scripts/b.lua:1): raised an error while loading: require forms a circle: main → a → b → a; move what both need into a third file
-- :     hint: correct this line and save: a save is live at once
-- > list = true
-- : bystander 1.0.0 active gen 1
-- : hostile 1.0.0 rejected gen 0 because it raised an error while loading: require forms a circle: main → a → b → a; move what both need into a third file
require("a")
--@ file mods/hostile/scripts/a.lua
require("b")
--@ file mods/hostile/scripts/b.lua
require("a")
