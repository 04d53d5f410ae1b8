-- palette: assets, and config that is applied live.
--
-- Neither saving assets/palette.txt nor setting `accent` loads any code: the first calls the function given
-- to mod.on_asset, the second the one given to mod.on_config.

local FILE = "assets/palette.txt"

local colors = {}

local function read(asset)
    colors = {}
    for name, color in asset:read():gmatch("(%w+)%s+(#%x+)") do
        colors[name] = color
    end
    colors.accent = mod.config.accent
end

local function count()
    local n = 0
    for _ in pairs(colors) do
        n = n + 1
    end
    return n
end

read(mod.asset(FILE))

mod.on_asset(function(path, asset)
    if path == FILE then
        read(asset)
        mod.log.info(("%d colours, version %d of the file"):format(count(), asset.version))
    end
end)

mod.on_config(function(changes)
    if changes.accent then
        colors.accent = mod.config.accent
        mod.log.info("the accent is now " .. colors.accent)
    end
end)

mod.export({
    color = function(name)
        return colors[name]
    end,
})
