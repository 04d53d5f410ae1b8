-- Logs 1,000 lines at once, some of 1 MiB, some with control characters. Nothing waits for it.
-- > dispatch = "go"
-- : "logged"
-- > list = true
-- : bystander 1.0.0 active gen 1
-- : hostile 1.0.0 active gen 1
local large = string.rep("x\27\n", 349525)
mod.on("go", function()
    for i = 1, 1000 do
        mod.log.info(i)
    end
    print(large)
    return "logged"
end)
