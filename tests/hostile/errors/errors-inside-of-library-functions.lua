-- Raises errors inside of sort, gsub, metamethods, iterators and coroutines: where C code is in between.
-- Each arrives as its text, with the line that raised it.
-- > dispatch = "sort"
-- :   error lua-error hostile (hostile/scripts/main.lua:…): raised an error in a handler of `sort`: inside
-- :     hint: correct this line and save: a save is live at once
-- > dispatch = "gsub"
-- :   error lua-error hostile (hostile/scripts/main.lua:…): raised an error in a handler of `gsub`: inside
-- :     hint: correct this line and save: a save is live at once
-- > dispatch = "gsub_value"
-- :   error lua-error hostile (hostile/scripts/main.lua:…): raised an error in a handler of `gsub_value`: invalid replacement value (a table)
-- :     hint: correct this line and save: a save is live at once
-- lua54:   error lua-error hostile: raised an error in a handler of `gsub_value`: invalid replacement value (a table)
-- lua54:     hint: correct this line and save: a save is live at once
-- > dispatch = "concat"
-- :   error lua-error hostile (hostile/scripts/main.lua:…): raised an error in a handler of `concat`: inside
-- :     hint: correct this line and save: a save is live at once
-- > dispatch = "index"
-- :   error lua-error hostile (hostile/scripts/main.lua:…): raised an error in a handler of `index`: inside
-- :     hint: correct this line and save: a save is live at once
-- > dispatch = "compare"
-- :   error lua-error hostile (hostile/scripts/main.lua:…): raised an error in a handler of `compare`: inside
-- :     hint: correct this line and save: a save is live at once
-- > dispatch = "call"
-- :   error lua-error hostile (hostile/scripts/main.lua:…): raised an error in a handler of `call`: inside
-- :     hint: correct this line and save: a save is live at once
-- > dispatch = "iterator"
-- :   error lua-error hostile (hostile/scripts/main.lua:…): raised an error in a handler of `iterator`: inside
-- :     hint: correct this line and save: a save is live at once
-- > dispatch = "wrap"
-- :   error lua-error hostile (hostile/scripts/main.lua:…): raised an error in a handler of `wrap`: inside
-- :     hint: correct this line and save: a save is live at once
-- > dispatch = "resume"
-- : "hostile/scripts/main.lua:…: inside"
-- > dispatch = "tostring"
-- :   error lua-error hostile (hostile/scripts/main.lua:…): raised an error in a handler of `tostring`: inside
-- :     hint: correct this line and save: a save is live at once
local function fail() error("inside") end

mod.on("sort", function() table.sort({ 3, 2, 1 }, fail) end)
mod.on("gsub", function() return (("abc"):gsub(".", fail)) end)
mod.on("gsub_value", function() return (("abc"):gsub(".", function() return {} end)) end)
mod.on("concat", function() return setmetatable({}, { __concat = fail }) .. "x" end)
mod.on("index", function() return setmetatable({}, { __index = fail }).x end)
mod.on("compare", function() return setmetatable({}, { __lt = fail }) < setmetatable({}, { __lt = fail }) end)
mod.on("call", function() return setmetatable({}, { __call = fail })() end)
mod.on("iterator", function() for _ in fail do end end)
mod.on("wrap", function() coroutine.wrap(fail)() end)
mod.on("resume", function()
    local _, why = coroutine.resume(coroutine.create(fail))
    return why
end)
mod.on("tostring", function() return tostring(setmetatable({}, { __tostring = fail })) end)
