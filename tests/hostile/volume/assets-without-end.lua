-- Asks for assets that are not there, and outside of its folder, and for functions that nobody exports: no
-- handle is made for any of them.
-- > dispatch = "go"
-- : {"found":0,"sign":"open\n","twice":42}
-- > request = "ledger", params = { mod = "hostile" }
-- : {"entries":[{"mod":"hostile","generation":1,"kind":"handler","name":"go","count":1},{"mod":"hostile","generation":1,"kind":"asset","name":"assets/sign.txt","count":1},{"mod":"hostile","generation":1,"kind":"import","name":"bystander","count":1}]}
mod.on("go", function()
    local bystander = mod.import("bystander")
    local found = 0
    for i = 1, 2000 do
        found = found + (mod.asset("assets/" .. i) and 1 or 0) + (bystander["f" .. i] and 1 or 0)
    end
    for _, path in ipairs({ "../bystander/mod.toml", "/etc/passwd", "assets/../mod.toml", "assets/sign.txt\0" }) do
        found = found + (mod.asset(path) and 1 or 0)
    end
    return { found = found, sign = mod.asset("assets/sign.txt"):read(), twice = bystander.twice(21) }
end)
--@ file mods/hostile/assets/sign.txt
open
