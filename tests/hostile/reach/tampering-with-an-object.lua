-- A mod tries to open an object of the game, to change what all objects have in common, and to call a method on
-- something else. An object is opaque: its metatable can't be had, nothing can be assigned, and methods look at what
-- they are called on. (That a look-alike is no object: scenarios/objects.)
-- > dispatch = "go"
-- : {"assign":"a colony.colonist is the game's: `name` can't be assigned; keep what you know of it in a table, with the object as the key","inherited":"colony.colonist:name: must be called on a colony.colonist, as object:name(), not on table","key":"kept","metatable":"colony.colonist","next":true,"no_self":"colony.colonist:name: must be called on a colony.colonist, as object:name(), not on nothing","rawget":true,"rawset":true,"same":true,"setmetatable":true,"whole":[true,"userdata","Ada","colony.colonist 1",true],"wrong_self":"colony.colonist:name: must be called on a colony.colonist, as object:name(), not on number"}
local function is_refused(f, ...)
    return not pcall(f, ...)
end

local function why(f, ...)
    return (tostring(select(2, pcall(f, ...))):gsub("^[^:]+:%d+: ", ""))
end

mod.on("go", function()
    local ada = colony.colonists.find("Ada")
    local name = ada.name
    return {
        metatable = getmetatable(ada),
        setmetatable = is_refused(setmetatable, ada, {}),
        rawset = is_refused(rawset, ada, "name", 1),
        rawget = is_refused(rawget, ada, "name"),
        next = is_refused(next, ada),
        assign = why(function() ada.name = 1 end),
        inherited = why(function() return (setmetatable({}, { __index = ada }):name()) end),
        wrong_self = why(function() return (name(1)) end),
        no_self = why(function() return (name()) end),
        whole = { ada.id == ada.id, type(ada), ada:name(), tostring(ada), ada.nothing == nil },
        same = ada == colony.colonists.find("Ada"),
        key = ({ [ada] = "kept" })[colony.colonists.all()[1]],
    }
end)
