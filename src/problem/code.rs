//! [`Code`]: the stable name of each kind of problem.

use std::fmt;

use serde::Serialize;

/// The stable name of a kind of problem. All of them are listed in [`Code::ALL`].
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
pub struct Code(&'static str);

impl Code {
    /// The code as text: `unknown-key`.
    pub fn as_str(self) -> &'static str {
        self.0
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.0)
    }
}

impl fmt::Debug for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

#[cfg(feature = "schema")]
impl schemars::JsonSchema for Code {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Code".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({ "type": "string", "enum": Code::ALL.iter().map(|c| c.0).collect::<Vec<_>>() })
    }
}

macro_rules! codes {
    ($($(#[$doc:meta])* $name:ident = $text:literal;)*) => {
        impl Code {
            $($(#[$doc])* pub const $name: Code = Code($text);)*

            /// Every code that Lunation gives, in the order of the reference page.
            pub const ALL: &'static [Code] = &[$(Code::$name),*];
        }
    };
}

codes! {
    // Files and folders
    /// A file or folder can't be read.
    UNREADABLE = "unreadable";
    /// What could not be read is not tried again by itself.
    RETRIES_USED_UP = "retries-used-up";
    /// A file is larger than its limit.
    TOO_LARGE = "too-large";
    /// A folder has more files, or is deeper, than the limit.
    TOO_MANY_FILES = "too-many-files";
    /// A directory, FIFO, socket or device stands where a file should be.
    NOT_A_FILE = "not-a-file";
    /// A symbolic link that is not followed, or leads out of the folder.
    LINK_REFUSED = "link-refused";
    /// A file name that is not UTF-8 or can't be carried to other systems.
    BAD_FILE_NAME = "bad-file-name";
    /// The watcher can't work here, or has lost events; polling or a rescan helps out.
    WATCH_DEGRADED = "watch-degraded";

    // Manifests, settings, config
    /// The text is not UTF-8.
    NOT_UTF8 = "not-utf8";
    /// The TOML can't be parsed.
    TOML_SYNTAX = "toml-syntax";
    /// The JSON can't be parsed.
    JSON_SYNTAX = "json-syntax";
    /// A key that nobody knows.
    UNKNOWN_KEY = "unknown-key";
    /// A key that must be there is not.
    MISSING_KEY = "missing-key";
    /// A value of the wrong type.
    WRONG_TYPE = "wrong-type";
    /// A value outside its range or list, or otherwise not allowed.
    BAD_VALUE = "bad-value";
    /// An id that is not a legal mod id.
    BAD_ID = "bad-id";
    /// A version or a requirement that is not semver.
    BAD_VERSION = "bad-version";
    /// A mod folder without `mod.toml`.
    NO_MANIFEST = "no-manifest";
    /// A description of another game's mod that can't become a `mod.toml`.
    NOT_IMPORTED = "not-imported";
    /// What an import could not carry over as it was.
    CHANGED_BY_IMPORT = "changed-by-import";
    /// A config value that the mod's schema refuses.
    CONFIG_REFUSED = "config-refused";
    /// A profile names a mod that is not there.
    UNKNOWN_MOD = "unknown-mod";
    /// A profile that is not there.
    UNKNOWN_PROFILE = "unknown-profile";
    /// Only what is locked may run, and there is no lock.
    NO_LOCK = "no-lock";
    /// What is there is not what is locked.
    LOCK_DRIFT = "lock-drift";

    // Resolution
    /// Two candidates have the same id and version.
    DUPLICATE_ID = "duplicate-id";
    /// A dependency is not in the folder.
    MISSING_DEPENDENCY = "missing-dependency";
    /// A dependency is there, in a version that is not accepted.
    WRONG_DEPENDENCY_VERSION = "wrong-dependency-version";
    /// A dependency was itself rejected.
    DEPENDENCY_REJECTED = "dependency-rejected";
    /// The mod asks for another version of the host.
    WRONG_HOST_VERSION = "wrong-host-version";
    /// Two mods exclude each other.
    CONFLICT = "conflict";
    /// Mods that can't run beside each other, because of what they and others need.
    VERSION_CLASH = "version-clash";
    /// The user allows only versions of the mod that can't be had.
    WRONG_PINNED_VERSION = "wrong-pinned-version";
    /// The user's own order puts a mod before one that it needs.
    CONTRADICTORY_ORDER = "contradictory-order";
    /// A search for the best set of mods took too long; a good one is used.
    SEARCH_CUT_SHORT = "search-cut-short";
    /// Mods that require each other: they load as one group.
    DEPENDENCY_CYCLE = "dependency-cycle";
    /// Order hints that contradict each other; the weakest is ignored.
    ORDER_CYCLE = "order-cycle";
    /// A mod that runs in some load orders that the declarations allow, and fails in others.
    UNDECLARED_ORDER = "undeclared-order";
    /// A mod that names itself as dependency, conflict or order hint.
    SELF_REFERENCE = "self-reference";
    /// A chain of dependencies longer than the limit.
    TOO_DEEP = "too-deep";
    /// A capability that the host did not grant.
    CAPABILITY_REFUSED = "capability-refused";
    /// A change that asks the host for more than was granted: it waits for an answer.
    CAPABILITY_HELD = "capability-held";
    /// A capability that no function of the host needs.
    UNKNOWN_CAPABILITY = "unknown-capability";
    /// The mod is switched off.
    DISABLED = "disabled";

    // Loading
    /// The entry script is not there.
    MISSING_ENTRY = "missing-entry";
    /// A script can't be compiled.
    LUA_SYNTAX = "lua-syntax";
    /// Code of the mod raised an error.
    LUA_ERROR = "lua-error";
    /// A required module is not there, or `require` is used wrongly.
    REQUIRE_FAILED = "require-failed";
    /// Code of the mod ran longer than its limit.
    TIME_LIMIT = "time-limit";
    /// The mod wanted more memory than its limit.
    MEMORY_LIMIT = "memory-limit";
    /// Another limit of the mod: handlers, timers, events, log lines.
    LIMIT = "limit";
    /// A function of `mod` or of the host was called wrongly or at the wrong time.
    BAD_CALL = "bad-call";

    // Reloading
    /// A value that can't be carried to the new generation.
    UNCARRYABLE = "uncarryable";
    /// A reload that is put off until coroutines have ended, or that was.
    WAITING = "waiting";
    /// A module returned something, and its edited file returns nothing.
    MODULE_RETURN = "module-return";
    /// State larger than its limit.
    STATE_TOO_LARGE = "state-too-large";
    /// An image that is damaged or from another format.
    BAD_IMAGE = "bad-image";
    /// A migration whose name or whose answer is not that of one.
    BAD_MIGRATION = "bad-migration";
    /// The state has had migrations that the code does not have.
    STATE_TOO_NEW = "state-too-new";
    /// The reload was not tried, or not finished: see `because`.
    KEPT = "kept";
    /// The version policy refused the version.
    VERSION_POLICY = "version-policy";
    /// Automatic reloads of a mod pause after repeated failures.
    BREAKER_OPEN = "breaker-open";
    /// The mod broke a limit while running, and its code began anew.
    RESTARTED = "restarted";
    /// A transaction took longer than it may.
    RELOAD_TIMEOUT = "reload-timeout";
    /// The mod broke its limits while running and was stopped.
    QUARANTINED = "quarantined";
    /// The mod failed in its probation and went back to the generation before.
    ROLLED_BACK = "rolled-back";
    /// Another process has the history of this folder on disk.
    HISTORY_LOCKED = "history-locked";
    /// The history can't be written to disk.
    HISTORY_UNWRITTEN = "history-unwritten";
    /// A generation on disk can't be read.
    HISTORY_DAMAGED = "history-damaged";
    /// The audit log can't be written.
    AUDIT_UNWRITTEN = "audit-unwritten";
    /// The queue was full and collapsed into one rescan.
    QUEUE_COLLAPSED = "queue-collapsed";
}
