-- Puts bytecode into a script file, for Lua 5.4, LuaJIT and Luau, and requires it.
-- Scripts are text: the compiler reads the file and finds no program in it.
-- > write = "mods/hostile/scripts/puc.lua", bytes = [27, 76, 117, 97, 84, 0, 25, 147, 13, 10, 26, 10, 4, 8, 8]
-- : unchanged hostile gen 1, script: scripts/puc.lua
-- > write = "mods/hostile/scripts/jit.lua", bytes = [27, 76, 74, 2, 10, 0, 0]
-- : unchanged hostile gen 1, script: scripts/jit.lua
-- > write = "mods/hostile/scripts/luau.lua", bytes = [6, 3, 0, 1, 0, 0, 0, 1, 0, 0]
-- : unchanged hostile gen 1, script: scripts/luau.lua
-- > write = "mods/hostile/scripts/error.lua", bytes = [0, 58, 49, 58, 32, 111, 104]
-- : unchanged hostile gen 1, script: scripts/error.lua
-- > reload = "hostile"
-- : reloaded hostile gen 2, script
-- > dispatch = "go"
-- : ["puc: hostile/scripts/puc.lua: is bytecode; mods are Lua source text (hint: put the source file there)","jit: hostile/scripts/jit.lua: is bytecode; mods are Lua source text (hint: put the source file there)","luau: hostile/scripts/luau.lua: has a NUL byte in it, which no text has (hint: the file is damaged, or not a script: take a copy from before; in a string, write \\0)","error: hostile/scripts/error.lua: has a NUL byte in it, which no text has (hint: the file is damaged, or not a script: take a copy from before; in a string, write \\0)"]
mod.on("go", function()
    local answers = {}
    for _, name in ipairs({ "puc", "jit", "luau", "error" }) do
        local ok, value = pcall(require, name)
        answers[#answers + 1] = name .. ": " .. (ok and "loaded" or (tostring(value):gsub("[^%w%p ]", "?")))
    end
    return answers
end)
