-- animals: classes whose methods change under living objects.
--
-- The sheep are made while the game runs, so no file says which ones there are. When a file is saved, they
-- stay: the same names, the same ages. Their methods are those of the new file. It does not matter whether
-- an object is in a local (the flock) or in mod.state (the dog), nor whether the method is in its own class
-- or in the one behind it.
--
-- Try it while `lunation run mods` is running:
--   1. let Sheep:sound() below return "BAA!" and save.
--   2. change the words in Animal:tell(), in animal.lua: sheep and dog both follow.
--   3. give Sheep a method that it did not have, and call it in `day`: the old sheep have it, too.
--   4. press s and Enter: the report says what stayed, and that a save would keep the dog and lose the
--      flock, because only mod.state is saved.

local Animal = require("animal")

local Sheep = Animal.class(Animal)

function Sheep:sound()
    return "baa"
end

local Dog = Animal.class(Animal)

function Dog:sound()
    return "woof"
end

local NAMES = { "Dolly", "Molly", "Polly" }

local flock = {}
mod.state.dog = Animal.new(Dog, "Rex")

local function day()
    if #flock < #NAMES then
        flock[#flock + 1] = Animal.new(Sheep, NAMES[#flock + 1])
    end
    for _, sheep in ipairs(flock) do
        sheep:grow()
    end
    mod.state.dog:grow()
end

mod.every(100, "day", day)

mod.every(300, "talk", function()
    for _, sheep in ipairs(flock) do
        print(sheep:tell())
    end
    print(mod.state.dog:tell())
end)
