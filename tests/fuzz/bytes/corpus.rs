//! Where the rounds start: images and saves of mods that ran.

use lunation::ModManager;
use lunation::state::Image;

/// States of different shapes, as the code of a mod makes them.
const SCRIPTS: [&str; 8] = [
    "mod.state.count = 3",
    "mod.state.enemies = { { name = 'orc', hp = 10 }, { name = 'elf', hp = 5.5 } }",
    "local t = { 1, 2, 3 }  mod.state.a = t  mod.state.b = { t, t }  mod.state.c = mod.state",
    "mod.state.odd = { [0.5] = 1/0, [-1] = '\\0\\255', [true] = -1e300, [{}] = { 0/0 } }",
    "local t = mod.state  for n = 1, 200 do t.next = { at = n }  t = t.next end",
    "local Unit = {}  Unit.__index = Unit  function Unit.hit(u) u.hp = u.hp - 1 end
        mod.state.units = { setmetatable({ hp = 3 }, Unit), setmetatable({ hp = 4 }, Unit) }
        mod.state.plain = setmetatable({}, { __index = Unit, owner = mod.state })
        return Unit",
    "local count, seen = 1, { 'a' }
        local function make(n) return function() n = n + count  seen[n] = n end end
        mod.state.jobs = { make(1), make(2), math.floor }
        mod.state.brain = coroutine.create(print)
        function step() count = count + 1 end",
    "for n = 1, 300 do mod.state['key ' .. n % 50] = { ('long'):rep(n), kind = 'same' } end",
];

/// Saves, and images of all that the mods keep.
pub(super) fn corpus() -> Vec<Vec<u8>> {
    let mut corpus = Vec::new();
    for count in 1..=SCRIPTS.len() {
        let (mut mods, _folder) = load(&SCRIPTS[..count]);
        let save = mods.save();
        assert_eq!(save.mods.len(), count);
        corpus.push(save.bytes);
        corpus.push(image(&mods, count - 1).to_bytes());
    }
    corpus
}

/// A state that others are compared with.
pub(super) fn reference() -> Image {
    let (mods, _folder) = load(&SCRIPTS[1..2]);
    image(&mods, 0)
}

/// All that a mod keeps.
fn image(mods: &ModManager, n: usize) -> Image {
    let mod_id = format!("mod-{n}").parse().expect("an id");
    mods.image(&mod_id).expect("a state")
}

/// A mod for each script, loaded, and the folder that they are in.
fn load(scripts: &[&str]) -> (ModManager, tempfile::TempDir) {
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    for (n, script) in scripts.iter().enumerate() {
        let scripts = folder.path().join(format!("mods/mod-{n}/scripts"));
        std::fs::create_dir_all(&scripts).expect("a folder can be made");
        let manifest = format!("id = 'mod-{n}'\nversion = '1.0.0'\n");
        let write = |path, text: &str| std::fs::write(path, text).expect("a file can be written");
        write(scripts.with_file_name("mod.toml"), &manifest);
        write(scripts.join("main.lua"), script);
    }
    let builder = ModManager::builder(folder.path().join("mods")).watching(false);
    let mut mods = builder.build().expect("a manager can be built");
    let problems = mods.load();
    assert!(problems.is_empty(), "{problems:?}");
    (mods, folder)
}
