-- Everything is full when the mod is reloaded. Nothing comes twice, and there is no more room than before.
-- > dispatch = "flood"
-- : 2047
-- > next
-- : reloaded hostile gen 2, script: scripts/main.lua
-- > dispatch = "flood"
-- : {"more":0}
-- > list = true
-- : bystander 1.0.0 active gen 1
-- : hostile 1.0.0 active gen 2
local function flood()
    local count = 0
    local function nothing() end
    while pcall(mod.on, "tick", nothing) do
        count = count + 1
    end
    while pcall(mod.after, 1000, "t" .. count, nothing) do
        count = count + 1
    end
    return count
end
mod.on("flood", flood)
--@ next
local function flood()
    local count = 0
    local function nothing() end
    while pcall(mod.on, "tick", nothing) do
        count = count + 1
    end
    while pcall(mod.after, 1000, "s" .. count, nothing) do
        count = count + 1
    end
    return { more = count }
end
mod.on("flood", flood)
