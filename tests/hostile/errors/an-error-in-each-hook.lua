-- Raises an error in on_load, on_save, on_unload, on_config, on_asset, mod_loaded and mod_unloaded.
-- Before the switch an error refuses the reload; after it, it is a note (and one of the few of its probation).
-- > reload = "hostile"
-- : reloaded hostile gen 2, script
-- > eval = "fail('on_load')"
-- > reload = "hostile"
-- : kept hostile gen 2, script
-- :   error lua-error hostile (hostile/scripts/main.lua:…): raised an error in on_load: in on_load
-- :     hint: on_load runs before the switch; the generation before runs on
-- > list = true
-- : bystander 1.0.0 active gen 1
-- : hostile 1.0.0 active gen 2
-- > eval = "fail('on_save')"
-- > reload = "hostile"
-- : reloaded hostile gen 3, script
-- :   error lua-error hostile (hostile/scripts/main.lua:…): raised an error in on_save: in on_save
-- :     hint: correct this line and save: a save is live at once
-- > request = "save", params = { path = "s.save" }
-- : {"mods":["bystander","hostile"],"bytes":…,"problems":[{"code":"lua-error","severity":"error","mod":"hostile","because":"raised an error in on_save: in on_save","file":"hostile/scripts/main.lua","line":49,"hint":"correct this line and save: a save is live at once"}]}
-- > eval = "fail('on_unload', 'mod_unloaded')"
-- > reload = "hostile"
-- : reloaded hostile gen 4, script
-- :   error lua-error hostile (hostile/scripts/main.lua:…): raised an error in a handler of `mod_unloaded`: in mod_unloaded
-- :     hint: correct this line and save: a save is live at once
-- :   error lua-error hostile (hostile/scripts/main.lua:…): raised an error in on_unload: in on_unload
-- :     hint: correct this line and save: a save is live at once
-- > eval = "fail('mod_loaded')"
-- > reload = "hostile"
-- : reloaded hostile gen 5, script
-- :   error lua-error hostile (hostile/scripts/main.lua:…): raised an error in a handler of `mod_loaded`: in mod_loaded
-- :     hint: correct this line and save: a save is live at once
-- > eval = "fail('on_config', 'on_asset')"
-- > request = "config.set", params = { mod = "hostile", key = "tax", value = 4 }
-- : {"tax":4}
-- > write = "mods/hostile/assets/a.txt", text = "2"
-- : applied hostile gen 5, config: config/hostile.toml
-- :   error lua-error hostile (hostile/scripts/main.lua:…): raised an error in on_config: in on_config
-- :     hint: correct this line and save: a save is live at once
-- : applied hostile gen 5, asset: assets/a.txt
-- :   error lua-error hostile (hostile/scripts/main.lua:…): raised an error in on_asset: in on_asset
-- :     hint: correct this line and save: a save is live at once
-- > list = true
-- : bystander 1.0.0 active gen 1
-- : hostile 1.0.0 active gen 5
mod.state.failing = {}
local function hook(name)
    return function()
        if mod.state.failing[name] then
            error("in " .. name)
        end
    end
end

function fail(...)
    mod.state.failing = {}
    for _, name in ipairs({ ... }) do
        mod.state.failing[name] = true
    end
end

for _, name in ipairs({ "on_load", "on_save", "on_unload", "on_config", "on_asset" }) do
    mod[name](hook(name))
end
mod.on("mod_loaded", hook("mod_loaded"))
mod.on("mod_unloaded", hook("mod_unloaded"))
mod.asset("assets/a.txt")
--@ file mods/hostile/assets/a.txt
1
--@ file mods/hostile/mod.toml
id = "hostile"
version = "1.0.0"

[dependencies]
bystander = "*"

[config.tax]
type = "int"
default = 1
--@ file mods/lunation.toml
[limits]
load_time = 200
handler_time = 50
memory = 8388608

[hot_reload.probation]
max_errors = 10
