-- A format of string.pack with a million fields: one call goes through all of it. It is refused.
-- Only luau, lua54: LuaJIT has no string.pack.
-- > dispatch = "go"
-- :   error lua-error hostile (hostile/scripts/main.lua:…): raised an error in a handler of `go`: string.pack: the format is too long; use several
-- :     hint: correct this line and save: a save is live at once
-- > list = true
-- : bystander 1.0.0 active gen 1
-- : hostile 1.0.0 active gen 1
mod.on("go", function()
    string.pack(("x"):rep(1000000))
end)
