//! The house rules as data: which room may name what, how long a file may be, what nothing may contain.
//!
//! A rule grows or moves here only after `docs/architecture.md` says so, with the reason. It is never
//! loosened to let a change pass.

mod rules;
mod scan;
mod tests;

use std::fs;
use std::path::Path;

use rules::Failure;

/// Words that code in some rooms never contains. Comments and strings may.
struct Arrow {
    /// What the rule says.
    rule: &'static str,
    /// The rooms that it holds in.
    rooms: &'static [&'static str],
    /// The rooms inside those that are free of it.
    except: &'static [&'static str],
    /// The words, matched whole; groups in `use` are taken apart first.
    words: &'static [&'static str],
    /// How to mend a breach.
    mend: &'static str,
}

const EVERYWHERE: &[&str] = &["src", "tests", "docs"];

/// The rooms with an outside: the edges, the one who acts, and the doors. All others are pure, new ones too.
const NOT_PURE: &[&str] = &[
    "src/disk",
    "src/lua",
    "src/manager",
    "src/cli",
    "src/protocol",
    "src/demo",
    "src/main",
];

const ARROWS: &[Arrow] = &[
    Arrow {
        rule: "words and decisions are pure: no disk, no clock, no network, no Lua",
        rooms: &["src"],
        except: NOT_PURE,
        words: &[
            "mlua",
            "notify",
            "std::fs",
            "fs::",
            "std::net",
            "std::thread",
            "Instant",
            "SystemTime",
        ],
        mend: "take the time, the text or the files as an argument, and let an edge or the manager fetch it",
    },
    Arrow {
        rule: "only disk touches the file system",
        rooms: &["src"],
        except: &["src/disk"],
        words: &[
            "std::fs",
            "fs::",
            "File::open",
            "File::create",
            "OpenOptions",
            "tempfile",
            ".exists()",
            ".is_file()",
            ".is_dir()",
            ".canonicalize()",
            ".symlink_metadata()",
            "notify::",
        ],
        mend: "give src/disk a function for it and call that",
    },
    Arrow {
        rule: "only lua names mlua",
        rooms: &["src"],
        except: &["src/lua"],
        words: &["mlua"],
        mend: "let src/lua offer it in the words of the house (Value, Problem, ModFiles)",
    },
    Arrow {
        rule: "only lua/raw has unsafe code",
        rooms: &["src"],
        except: &["src/lua/raw"],
        words: &["unsafe"],
        mend: "move it into src/lua/raw behind a safe function, with a SAFETY comment",
    },
    Arrow {
        rule: "lua never names disk",
        rooms: &["src/lua"],
        except: &[],
        words: &["crate::disk", "super::disk"],
        mend: "take ModFiles or a closure as an argument; the manager joins the two",
    },
    Arrow {
        rule: "disk never names lua",
        rooms: &["src/disk"],
        except: &[],
        words: &["crate::lua", "super::lua"],
        mend: "return bytes or ModFiles; the manager joins the two",
    },
    Arrow {
        rule: "reload never names lua or disk",
        rooms: &["src/reload"],
        except: &[],
        words: &["crate::lua", "super::lua", "crate::disk", "super::disk"],
        mend: "put what the plan needs into its arguments",
    },
    Arrow {
        rule: "state never names lua",
        rooms: &["src/state"],
        except: &[],
        words: &["crate::lua", "super::lua"],
        mend: "say it with an Image: lua/carry captures it and applies the operations",
    },
    Arrow {
        rule: "only doors print, read arguments or exit",
        rooms: &["src"],
        except: &["src/cli", "src/protocol", "src/demo", "src/main"],
        words: &[
            "println!",
            "eprintln!",
            "print!",
            "eprint!",
            "io::stdout",
            "io::stderr",
            "io::stdin",
            "env::args",
            "env::args_os",
            "process::exit",
        ],
        mend: "return the value and let a door say it, or log through tracing",
    },
    Arrow {
        rule: "nothing sleeps",
        rooms: EVERYWHERE,
        except: &[],
        words: &["thread::sleep", "sleep_ms"],
        mend: "pass the time in, or wait on a channel or a condition with a generous limit",
    },
    Arrow {
        rule: "no state behind the caller's back",
        rooms: &["src"],
        except: &[],
        words: &["thread_local!", "static mut"],
        mend: "give the value an owner and pass it",
    },
    Arrow {
        rule: "nothing unfinished is committed",
        rooms: EVERYWHERE,
        except: &[],
        words: &["todo!", "unimplemented!", "dbg!"],
        mend: "finish it, or take it out and write an issue",
    },
];

/// Texts that no file of the repository contains, comments and documents included. They are spelled in
/// two parts here, so that this table does not match itself.
struct Ban {
    rule: &'static str,
    words: &'static [&'static str],
    mend: &'static str,
}

const BANS: &[Ban] = &[
    Ban {
        rule: "nothing unfinished is committed",
        words: &[
            concat!("TO", "DO"),
            concat!("FIX", "ME"),
            concat!("XX", "X"),
        ],
        mend: "finish it, or take it out and write an issue",
    },
    Ban {
        rule: "no path of one machine",
        words: &[
            concat!("/wo", "rk/"),
            concat!("/ho", "me/"),
            concat!("/ro", "ot/"),
            concat!("/Us", "ers/"),
        ],
        mend: "use a path relative to the repository, or a temporary folder",
    },
    Ban {
        rule: "the project speaks of games and mods, not of who typed it",
        words: &[
            concat!("A", "I"),
            concat!("LL", "M"),
            concat!("LL", "Ms"),
            concat!("ag", "ent"),
            concat!("ag", "ents"),
            concat!("Ag", "ent"),
            concat!("Ag", "ents"),
            concat!("chat", "bot"),
            concat!("language ", "model"),
            concat!("Co-authored", "-by"),
        ],
        mend: "say what the thing is or does instead",
    },
];

/// Files whose text is not ours.
const FOREIGN: &[&str] = &["Cargo.lock", "LICENSE-APACHE", "LICENSE-MIT"];

/// Everything that may stand at the top of the repository.
const TOP_LEVEL: &[&str] = &[
    "Cargo.toml",
    "src",
    "mods",
    "schemas",
    "tests",
    "docs",
    "README.md",
    "Cargo.lock",
    ".gitignore",
    ".cargo",
    ".ci",
    "LICENSE-APACHE",
    "LICENSE-MIT",
];

/// The most lines of a Rust file in these folders.
const LINES_MAX: usize = 400;
const LINES_LIMITED: &[&str] = &["src", "tests"];

/// Ends of type names that say nothing, and the one exception.
const EMPTY_NAMES: &[&str] = &[
    "Manager",
    "Handler",
    "Processor",
    "Helper",
    "Util",
    "Utils",
    "Data",
    "Info",
];
const EMPTY_NAMES_ALLOWED: &[&str] = &["ModManager"];
/// Type names that say nothing by themselves.
const EMPTY_NAMES_WHOLE: &[&str] = &["Context"];

/// Types that make a `static` changeable. Matched at the start of a word.
const CHANGEABLE: &[&str] = &[
    "Mutex",
    "RwLock",
    "Atomic",
    "OnceLock",
    "OnceCell",
    "LazyLock",
    "LazyCell",
    "Lazy",
    "RefCell",
    "Cell",
    "UnsafeCell",
];
const CHANGEABLE_HELD: &[&str] = &["src"];

#[test]
fn every_file_keeps_the_rules_of_the_house() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut failures: Vec<Failure> = Vec::new();
    let gitignore = read(&root.join(".gitignore"));
    let mut files = 0;
    let mut pending = names_in(root);
    pending.retain(|name| !rules::is_ignored(&gitignore, name));
    failures.extend(
        pending
            .iter()
            .filter_map(|name| rules::check_top_level(name)),
    );
    while let Some(path) = pending.pop() {
        let full = root.join(&path);
        if full.is_dir() {
            let inside = names_in(&full)
                .into_iter()
                .map(|name| format!("{path}/{name}"));
            pending.extend(inside.filter(|path| !rules::is_ignored(&gitignore, path)));
        } else if let Ok(text) = String::from_utf8(fs::read(&full).unwrap_or_default()) {
            files += 1;
            failures.extend(rules::check(&path, &text));
        }
    }
    assert!(files > 20, "the walk found only {files} files");
    failures.sort();
    let report: Vec<String> = failures.iter().map(Failure::to_string).collect();
    assert!(
        report.is_empty(),
        "{} breaches of the house rules:\n{}",
        report.len(),
        report.join("\n")
    );
}

fn names_in(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).expect("a folder of the repository can be listed");
    entries
        .flatten()
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .collect()
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_default()
}
