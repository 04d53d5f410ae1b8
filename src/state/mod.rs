//! What survives a reload, as plain bytes: the image, and the replay rule as a pure function. Never names Lua.
