-- Calls every function of the API with nothing and with odd values, and reads the messages.
-- They speak of what the mod called, never of files of Lunation, of folders of the machine, or of native functions.
-- > dispatch = "go"
-- : {"calls_were_many":true,"told":{}}
local odd = { 1, true, "x", {}, print, 0 / 0, -1, "\0" }

mod.on("go", function()
    local told, calls = {}, 0
    local function look(name, ok, why)
        calls = calls + 1
        local text = not ok and tostring(why) or ""
        if text:find("lunation/") or text:find("prelude") or text:find("native") or text:find("^/") or text:find("src/") or text:find("0x") then
            told[#told + 1] = name .. ": " .. text
        end
    end
    local handle = mod.asset("assets/a.txt")
    local functions = { require = require, print = print, read = handle.read, twice = mod.import("bystander").twice, log = mod.log.info }
    for _, name in ipairs({ "on", "off", "emit", "after", "every", "task", "cancel", "export", "import", "asset", "register",
        "on_save", "on_load", "on_unload", "on_config", "on_asset" }) do
        functions[name] = mod[name]
    end
    for name, f in pairs(functions) do
        look(name, pcall(f))
        for _, a in ipairs(odd) do
            look(name, pcall(f, a))
            for _, b in ipairs(odd) do
                look(name, pcall(f, a, b))
                look(name, pcall(f, a, b, 1))
            end
        end
    end
    table.sort(told)
    return { told = told, calls_were_many = calls > 1000 }
end)
--@ file mods/hostile/assets/a.txt
mine
