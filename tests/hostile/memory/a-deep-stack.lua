-- A function with many arguments that calls itself: the stack is the memory. The engine ends it by the depth of the stack, and what it took is free again.
-- > dispatch = "go"
-- : false
-- > list = true
-- : bystander 1.0.0 active gen 1
-- : hostile 1.0.0 active gen 1
mod.on("go", function()
    local function deeper(...)
        return 1 + deeper(1, 2, 3, 4, 5, 6, 7, 8, ...)
    end
    local ok = pcall(deeper)
    return ok
end)
