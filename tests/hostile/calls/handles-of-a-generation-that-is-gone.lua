-- Keeps what the generation before has made: handles, an asset, functions of another mod. Each works as its new
-- one, or says what is wrong.
-- > dispatch = "keep"
-- : "open\n"
-- > delete = "mods/hostile/assets/sign.txt", wait = false
-- > next
-- : reloaded hostile gen 2, script: assets/sign.txt, scripts/main.lua
-- :   dropped: mod.asset(assets/sign.txt)
-- > dispatch = "use"
-- : {"asset":"hostile/scripts/main.lua:…: attempt to index …","off":true,"off_again":false,"off_impossible":false,"twice":8}
-- > request = "ledger", params = { mod = "hostile" }
-- : {"entries":[{"mod":"hostile","generation":2,"kind":"handler","name":"use","count":1},{"mod":"hostile","generation":2,"kind":"import","name":"bystander","count":1}]}
mod.on("keep", function()
    mod.state.asset = mod.asset("assets/sign.txt")
    mod.state.handle = mod.on("tick", print)
    mod.state.twice = mod.import("bystander").twice
    return mod.state.asset:read()
end)
--@ next
mod.on("use", function()
    local ok, why = pcall(function() return mod.state.asset:read() end)
    return {
        asset = why,
        off = mod.off(mod.state.handle),
        off_again = mod.off(mod.state.handle),
        off_impossible = mod.off(1e300),
        twice = mod.state.twice(4),
    }
end)
--@ file mods/hostile/assets/sign.txt
open
