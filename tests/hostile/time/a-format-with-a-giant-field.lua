-- A field of string.pack that is to be filled up to a gigabyte, byte by byte. It is refused.
-- Only luau, lua54: LuaJIT has no string.pack.
-- > dispatch = "go"
-- :   error lua-error hostile (hostile/scripts/main.lua:…): raised an error in a handler of `go`: string.pack: the format is too long; use several
-- :     hint: correct this line and save: a save is live at once
-- > list = true
-- : bystander 1.0.0 active gen 1
-- : hostile 1.0.0 active gen 1
mod.on("go", function()
    string.pack("c1000000000", "")
end)
