-- Shares tables so that walking each path would take for ever: forty levels of ten references to the next.
-- Each table is captured once. Showing it numbers the tables.
-- > dispatch = "make"
-- > next
-- : reloaded hostile gen 2, script: scripts/main.lua
-- > dispatch = "look"
-- : [40,"ha"]
-- > request = "save", params = { path = "s.save" }
-- : {"mods":["bystander","hostile"],"bytes":…,"problems":[]}
-- > state = "laughs"
-- : [[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[["ha"],{"$ref":40},{"$ref":40},{"$ref":40},{"$ref":40},{"$ref":40},{"$ref":40},{"$ref":40},{"$ref":40},{"$ref":40}],{"$ref":39},{"$ref":39},{"$ref":39},{"$ref":39},{"$ref":39},{"$ref":39},{"$ref":39},{"$ref":39},{"$ref":39}],{"$ref":38},{"$ref":38},{"$ref":38},{"$ref":38},{"$ref":38},{"$ref":38},{"$ref":38},{"$ref":38},{"$ref":38}],{"$ref":37},{"$ref":37},{"$ref":37},{"$ref":37},{"$ref":37},{"$ref":37},{"$ref":37},{"$ref":37},{"$ref":37}],{"$ref":36},{"$ref":36},{"$ref":36},{"$ref":36},{"$ref":36},{"$ref":36},{"$ref":36},{"$ref":36},{"$ref":36}],{"$ref":35},{"$ref":35},{"$ref":35},{"$ref":35},{"$ref":35},{"$ref":35},{"$ref":35},{"$ref":35},{"$ref":35}],{"$ref":34},{"$ref":34},{"$ref":34},{"$ref":34},{"$ref":34},{"$ref":34},{"$ref":34},{"$ref":34},{"$ref":34}],{"$ref":33},{"$ref":33},{"$ref":33},{"$ref":33},{"$ref":33},{"$ref":33},{"$ref":33},{"$ref":33},{"$ref":33}],{"$ref":32},{"$ref":32},{"$ref":32},{"$ref":32},{"$ref":32},{"$ref":32},{"$ref":32},{"$ref":32},{"$ref":32}],{"$ref":31},{"$ref":31},{"$ref":31},{"$ref":31},{"$ref":31},{"$ref":31},{"$ref":31},{"$ref":31},{"$ref":31}],{"$ref":30},{"$ref":30},{"$ref":30},{"$ref":30},{"$ref":30},{"$ref":30},{"$ref":30},{"$ref":30},{"$ref":30}],{"$ref":29},{"$ref":29},{"$ref":29},{"$ref":29},{"$ref":29},{"$ref":29},{"$ref":29},{"$ref":29},{"$ref":29}],{"$ref":28},{"$ref":28},{"$ref":28},{"$ref":28},{"$ref":28},{"$ref":28},{"$ref":28},{"$ref":28},{"$ref":28}],{"$ref":27},{"$ref":27},{"$ref":27},{"$ref":27},{"$ref":27},{"$ref":27},{"$ref":27},{"$ref":27},{"$ref":27}],{"$ref":26},{"$ref":26},{"$ref":26},{"$ref":26},{"$ref":26},{"$ref":26},{"$ref":26},{"$ref":26},{"$ref":26}],{"$ref":25},{"$ref":25},{"$ref":25},{"$ref":25},{"$ref":25},{"$ref":25},{"$ref":25},{"$ref":25},{"$ref":25}],{"$ref":24},{"$ref":24},{"$ref":24},{"$ref":24},{"$ref":24},{"$ref":24},{"$ref":24},{"$ref":24},{"$ref":24}],{"$ref":23},{"$ref":23},{"$ref":23},{"$ref":23},{"$ref":23},{"$ref":23},{"$ref":23},{"$ref":23},{"$ref":23}],{"$ref":22},{"$ref":22},{"$ref":22},{"$ref":22},{"$ref":22},{"$ref":22},{"$ref":22},{"$ref":22},{"$ref":22}],{"$ref":21},{"$ref":21},{"$ref":21},{"$ref":21},{"$ref":21},{"$ref":21},{"$ref":21},{"$ref":21},{"$ref":21}],{"$ref":20},{"$ref":20},{"$ref":20},{"$ref":20},{"$ref":20},{"$ref":20},{"$ref":20},{"$ref":20},{"$ref":20}],{"$ref":19},{"$ref":19},{"$ref":19},{"$ref":19},{"$ref":19},{"$ref":19},{"$ref":19},{"$ref":19},{"$ref":19}],{"$ref":18},{"$ref":18},{"$ref":18},{"$ref":18},{"$ref":18},{"$ref":18},{"$ref":18},{"$ref":18},{"$ref":18}],{"$ref":17},{"$ref":17},{"$ref":17},{"$ref":17},{"$ref":17},{"$ref":17},{"$ref":17},{"$ref":17},{"$ref":17}],{"$ref":16},{"$ref":16},{"$ref":16},{"$ref":16},{"$ref":16},{"$ref":16},{"$ref":16},{"$ref":16},{"$ref":16}],{"$ref":15},{"$ref":15},{"$ref":15},{"$ref":15},{"$ref":15},{"$ref":15},{"$ref":15},{"$ref":15},{"$ref":15}],{"$ref":14},{"$ref":14},{"$ref":14},{"$ref":14},{"$ref":14},{"$ref":14},{"$ref":14},{"$ref":14},{"$ref":14}],{"$ref":13},{"$ref":13},{"$ref":13},{"$ref":13},{"$ref":13},{"$ref":13},{"$ref":13},{"$ref":13},{"$ref":13}],{"$ref":12},{"$ref":12},{"$ref":12},{"$ref":12},{"$ref":12},{"$ref":12},{"$ref":12},{"$ref":12},{"$ref":12}],{"$ref":11},{"$ref":11},{"$ref":11},{"$ref":11},{"$ref":11},{"$ref":11},{"$ref":11},{"$ref":11},{"$ref":11}],{"$ref":10},{"$ref":10},{"$ref":10},{"$ref":10},{"$ref":10},{"$ref":10},{"$ref":10},{"$ref":10},{"$ref":10}],{"$ref":9},{"$ref":9},{"$ref":9},{"$ref":9},{"$ref":9},{"$ref":9},{"$ref":9},{"$ref":9},{"$ref":9}],{"$ref":8},{"$ref":8},{"$ref":8},{"$ref":8},{"$ref":8},{"$ref":8},{"$ref":8},{"$ref":8},{"$ref":8}],{"$ref":7},{"$ref":7},{"$ref":7},{"$ref":7},{"$ref":7},{"$ref":7},{"$ref":7},{"$ref":7},{"$ref":7}],{"$ref":6},{"$ref":6},{"$ref":6},{"$ref":6},{"$ref":6},{"$ref":6},{"$ref":6},{"$ref":6},{"$ref":6}],{"$ref":5},{"$ref":5},{"$ref":5},{"$ref":5},{"$ref":5},{"$ref":5},{"$ref":5},{"$ref":5},{"$ref":5}],{"$ref":4},{"$ref":4},{"$ref":4},{"$ref":4},{"$ref":4},{"$ref":4},{"$ref":4},{"$ref":4},{"$ref":4}],{"$ref":3},{"$ref":3},{"$ref":3},{"$ref":3},{"$ref":3},{"$ref":3},{"$ref":3},{"$ref":3},{"$ref":3}],{"$ref":2},{"$ref":2},{"$ref":2},{"$ref":2},{"$ref":2},{"$ref":2},{"$ref":2},{"$ref":2},{"$ref":2}],{"$ref":1},{"$ref":1},{"$ref":1},{"$ref":1},{"$ref":1},{"$ref":1},{"$ref":1},{"$ref":1},{"$ref":1}]
mod.on("make", function()
    local laughs = { "ha" }
    for _ = 1, 40 do
        local more = {}
        for i = 1, 10 do more[i] = laughs end
        laughs = more
    end
    mod.state.laughs = laughs
end)
--@ next
mod.on("look", function()
    local at, depth = mod.state.laughs, 0
    while type(at[1]) == "table" do
        if at[1] ~= at[10] then return "split" end
        at, depth = at[1], depth + 1
    end
    return { depth, at[1] }
end)
