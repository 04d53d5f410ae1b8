-- The class behind all animals. Edit it while they live, as main.lua says.

local Animal = {}
Animal.__index = Animal

-- Makes a class whose objects have the methods of `parent` where they have none of their own.
function Animal.class(parent)
    local class = setmetatable({}, { __index = parent })
    class.__index = class
    return class
end

function Animal.new(class, name)
    return setmetatable({ name = name, age = 0 }, class)
end

function Animal:grow()
    self.age = self.age + 1
end

function Animal:sound()
    return "nothing"
end

function Animal:tell()
    return self.name .. ", " .. self.age .. " days old, says " .. self:sound()
end

return Animal
