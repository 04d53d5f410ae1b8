-- The code of the file itself fills the memory. It is not loaded.
-- > problems = true
-- :   error memory-limit hostile (hostile/scripts/main.lua:…): wanted more memory than its limit while loading and was stopped
-- :     hint: look for a table or string that only grows; the limit is limits.memory in lunation.toml
-- lua54:   error memory-limit hostile: wanted more memory than its limit while loading and was stopped
-- lua54:     hint: look for a table or string that only grows; the limit is limits.memory in lunation.toml
-- > list = true
-- : bystander 1.0.0 active gen 1
-- : hostile 1.0.0 rejected gen 0 because it wanted more memory than its limit while loading and was stopped
local t = {}
while true do
    t[#t + 1] = {}
end
