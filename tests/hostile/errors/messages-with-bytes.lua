-- Raises messages with NUL, escape sequences, bytes that are no text, and characters that turn the direction.
-- The message is one line of harmless text, with what is no text replaced.
-- > dispatch = "nul"
-- :   error lua-error hostile (hostile/scripts/main.lua:…): raised an error in a handler of `nul`: before after
-- :     hint: correct this line and save: a save is live at once
-- > dispatch = "escape"
-- :   error lua-error hostile (hostile/scripts/main.lua:…): raised an error in a handler of `escape`:  [2J ]0;title  red   31m
-- :     hint: correct this line and save: a save is live at once
-- > dispatch = "bytes"
-- :   error lua-error hostile (hostile/scripts/main.lua:…): raised an error in a handler of `bytes`: half � and ��
-- :     hint: correct this line and save: a save is live at once
-- > dispatch = "bidi"
-- :   error lua-error hostile (hostile/scripts/main.lua:…): raised an error in a handler of `bidi`:  gnp    ﻿
-- :     hint: correct this line and save: a save is live at once
-- > dispatch = "blank"
-- :   error lua-error hostile (hostile/scripts/main.lua:…): raised an error in a handler of `blank`: an error value that is an empty text
-- :     hint: correct this line and save: a save is live at once
-- lua54:   error lua-error hostile: raised an error in a handler of `blank`: an error value that is an empty text
-- lua54:     hint: correct this line and save: a save is live at once
mod.on("nul", function() error("before\0after") end)
mod.on("escape", function() error("\27[2J\27]0;title\7 red \194\155 31m") end)
mod.on("bytes", function() error("half \195 and \255\254") end)
mod.on("bidi", function() error("\226\128\174gnp\226\129\166 \226\128\168 \239\187\191") end)
mod.on("blank", function() error("   \n\t  ", 0) end)
