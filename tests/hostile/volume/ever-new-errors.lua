-- A thousand handlers fail, each with words of its own. A few are kept; the others are counted.
-- > dispatch = "fail"
-- :   error lua-error hostile (hostile/scripts/main.lua:…): raised an error in a handler of `fail`: error number 1
-- :     hint: correct this line and save: a save is live at once
-- :   error lua-error hostile (hostile/scripts/main.lua:…): raised an error in a handler of `fail`: error number 2
-- :     hint: correct this line and save: a save is live at once
-- :   error limit hostile: has more problems than the 2 that are kept of one mod (×998)
-- :     hint: mend the first ones; the number is limits.problems in lunation.toml
-- lua54:   error lua-error hostile: raised an error in a handler of `fail`: error number 1
-- lua54:     hint: correct this line and save: a save is live at once
-- lua54:   error lua-error hostile: raised an error in a handler of `fail`: error number 2
-- lua54:     hint: correct this line and save: a save is live at once
-- lua54:   error limit hostile: has more problems than the 2 that are kept of one mod (×998)
-- lua54:     hint: mend the first ones; the number is limits.problems in lunation.toml
-- > request = "problems"
-- : {"problems":[]}
for i = 1, 1000 do
    mod.on("fail", function()
        error("error number " .. i, 0)
    end)
end
--@ file mods/lunation.toml
[limits]
load_time = 200
problems = 2
