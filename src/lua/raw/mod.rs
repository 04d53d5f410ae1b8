//! The only unsafe code: raw calls into the Lua engine, each with the reason why it is sound.
