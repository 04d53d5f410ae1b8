//! [`Settings::parse`]: a `lunation.toml` walked key by key.

use glob::Pattern;

use super::names::{
    CARRY, DEBOUNCE, ON_UNCARRYABLE, RETRY_STRATEGY, STATE_COMPRESSION, STATE_SERIALIZATION,
    VERSION_POLICY,
};
use super::{
    Audit, Breaker, Dependencies, HotReload, Limits, Probation, Quarantine, ReloadQueue, Retry,
    Settings, StateManagement, range,
};
use crate::problem::Problem;
use crate::toml_reader::{Item, Section, TomlText};

/// The largest `lunation.toml`, in bytes; the limit of a manifest, for the same reason.
const SETTINGS_BYTES_MAX: usize = 64 * 1024;

/// The longest glob, in bytes.
const GLOB_BYTES_MAX: usize = 256;

/// The longest extension, in bytes.
const EXTENSION_BYTES_MAX: usize = 16;

impl Settings {
    /// Reads `text`, the content of `file`, such as `lunation.toml`.
    ///
    /// What is wrong keeps its default and is among the problems, so the settings can be used as they
    /// are.
    ///
    /// ```
    /// use lunation::Settings;
    /// let text = b"[limits]\nmemory = 67108864\nhandler_time = 'long'";
    /// let (settings, problems) = Settings::parse(text, "lunation.toml");
    /// assert_eq!(settings.limits.memory, 64 * 1024 * 1024);
    /// assert_eq!(settings.limits.handler_time, 50);
    /// assert_eq!(
    ///     problems[0].to_string(),
    ///     "lunation.toml:3:16: sets `limits.handler_time` to a string, but it takes a whole number \
    ///      (hint: write it without quotes)"
    /// );
    /// ```
    pub fn parse(text: &[u8], file: &str) -> (Settings, Vec<Problem>) {
        let mut settings = Settings::default();
        let toml = match TomlText::read(text, file, SETTINGS_BYTES_MAX) {
            Ok(toml) => toml,
            Err(problem) => return (settings, vec![*problem]),
        };
        let mut root = toml.root();
        hot_reload(root.section("hot_reload"), &mut settings.hot_reload);
        limits(root.section("limits"), &mut settings.limits);
        audit(root.section("audit"), &mut settings.audit);
        root.finish();
        (settings, toml.into_problems())
    }
}

fn hot_reload(mut section: Section<'_>, into: &mut HotReload) {
    section.boolean("enabled", &mut into.enabled);
    section.boolean("watch_mod_directory", &mut into.watch_mod_directory);
    section.boolean("watch_subdirectories", &mut into.watch_subdirectories);
    section.boolean("follow_symlinks", &mut into.follow_symlinks);
    section.boolean("bytecode_on_disk", &mut into.bytecode_on_disk);
    section.one_of("debounce", DEBOUNCE, &mut into.debounce);
    let delay = range::DELAY_MS.inclusive();
    section.whole("debounce_delay", delay.clone(), &mut into.debounce_delay);
    section.whole("debounce_min", delay.clone(), &mut into.debounce_min);
    section.whole("debounce_max", delay, &mut into.debounce_max);
    let file = range::FILE_BYTES.inclusive();
    section.whole("max_file_size", file, &mut into.max_file_size);
    let script = range::SCRIPT_BYTES.inclusive();
    section.whole("max_script_size", script, &mut into.max_script_size);
    section.one_of("version_policy", VERSION_POLICY, &mut into.version_policy);
    if let Some(list) = section.item("supported_extensions") {
        texts(&list, extension, &mut into.supported_extensions);
    }
    ignore_patterns(section.section("ignore_patterns"), into);
    reload_queue(section.section("reload_queue"), &mut into.reload_queue);
    retry(section.section("retry"), &mut into.retry);
    breaker(section.section("breaker"), &mut into.breaker);
    probation(section.section("probation"), &mut into.probation);
    quarantine(section.section("quarantine"), &mut into.quarantine);
    state_management(
        section.section("state_management"),
        &mut into.state_management,
    );
    dependencies(section.section("dependencies"), &mut into.dependencies);
    debounce_order(&mut section, into);
    section.finish();
}

/// `debounce_min` above `debounce_max` would leave `adaptive` no time to choose from.
fn debounce_order(section: &mut Section<'_>, into: &mut HotReload) {
    if into.debounce_min <= into.debounce_max {
        return;
    }
    let (min, max) = (into.debounce_min, into.debounce_max);
    let written = section
        .item("debounce_min")
        .or_else(|| section.item("debounce_max"));
    if let Some(item) = written {
        let because = format!("sets `debounce_min` ({min}) above `debounce_max` ({max})");
        item.bad(because, "let debounce_min be the smaller one");
    }
    let default = HotReload::default();
    into.debounce_min = default.debounce_min;
    into.debounce_max = default.debounce_max;
}

fn ignore_patterns(mut section: Section<'_>, into: &mut HotReload) {
    if let Some(list) = section.item("patterns") {
        texts(&list, pattern, &mut into.ignore_patterns);
    }
    section.finish();
}

fn reload_queue(mut section: Section<'_>, into: &mut ReloadQueue) {
    let pending = range::PENDING.inclusive();
    section.whole(
        "max_pending_reloads",
        pending,
        &mut into.max_pending_reloads,
    );
    let seconds = range::SECONDS.inclusive();
    section.whole("reload_timeout", seconds, &mut into.reload_timeout);
    section.boolean("priority_handling", &mut into.priority_handling);
    section.finish();
}

fn retry(mut section: Section<'_>, into: &mut Retry) {
    let delay = range::RETRY_MS.inclusive();
    section.one_of("strategy", RETRY_STRATEGY, &mut into.strategy);
    section.whole("initial_delay", delay.clone(), &mut into.initial_delay);
    let multiplier = range::MULTIPLIER.inclusive();
    section.number("multiplier", multiplier, &mut into.multiplier);
    section.whole("increment", delay.clone(), &mut into.increment);
    section.whole("max_delay", delay, &mut into.max_delay);
    let count = range::COUNT.inclusive();
    section.whole("max_retries", count, &mut into.max_retries);
    section.finish();
}

fn breaker(mut section: Section<'_>, into: &mut Breaker) {
    let count = range::COUNT_FROM_1.inclusive();
    section.whole("threshold", count, &mut into.threshold);
    let seconds = range::SECONDS.inclusive();
    section.whole("cool_down", seconds, &mut into.cool_down);
    section.finish();
}

fn quarantine(mut section: Section<'_>, into: &mut Quarantine) {
    let count = range::COUNT_FROM_1.inclusive();
    section.whole("strikes", count, &mut into.strikes);
    let seconds = range::SECONDS.inclusive();
    section.whole("window", seconds, &mut into.window);
    section.finish();
}

fn probation(mut section: Section<'_>, into: &mut Probation) {
    let count = range::COUNT.inclusive();
    section.whole("dispatches", count.clone(), &mut into.dispatches);
    section.whole("max_errors", count, &mut into.max_errors);
    section.finish();
}

fn state_management(mut section: Section<'_>, into: &mut StateManagement) {
    section.boolean("preserve_state", &mut into.preserve_state);
    section.one_of("carry", CARRY, &mut into.carry);
    section.one_of("on_uncarryable", ON_UNCARRYABLE, &mut into.on_uncarryable);
    if let Some(item) = section.item("state_serialization") {
        state_serialization(&item);
    }
    section.one_of(
        "state_compression",
        STATE_COMPRESSION,
        &mut into.state_compression,
    );
    let bytes = range::STATE_BYTES.inclusive();
    section.whole("max_state_size", bytes, &mut into.max_state_size);
    let history = range::HISTORY.inclusive();
    section.whole("history", history, &mut into.history);
    let bytes = range::HISTORY_BYTES.inclusive();
    section.whole("history_bytes", bytes, &mut into.history_bytes);
    let seconds = range::CHECKPOINT_SECONDS.inclusive();
    section.whole(
        "checkpoint_interval",
        seconds,
        &mut into.checkpoint_interval,
    );
    section.finish();
}

/// There is one encoding, so nothing is set here; whoever asks for another one learns why.
fn state_serialization(item: &Item<'_>) {
    let Some(written) = item.string() else { return };
    let is_known = STATE_SERIALIZATION.iter().any(|(name, _)| *name == written);
    if !is_known {
        let because = format!("sets `{}` to {}", item.name(), item.source());
        let hint = "use \"native\": only Lunation's own image keeps cycles, shared tables, exact \
                    numbers and any bytes";
        item.bad(because, hint);
    }
}

fn dependencies(mut section: Section<'_>, into: &mut Dependencies) {
    section.boolean("auto_resolve", &mut into.auto_resolve);
    section.boolean("validate_versions", &mut into.validate_versions);
    section.boolean("cache_resolutions", &mut into.cache_resolutions);
    let depth = range::DEPTH.inclusive();
    section.whole(
        "max_dependency_depth",
        depth,
        &mut into.max_dependency_depth,
    );
    section.finish();
}

fn limits(mut section: Section<'_>, into: &mut Limits) {
    let memory = range::MEMORY_BYTES.inclusive();
    section.whole("memory", memory, &mut into.memory);
    let time = range::TIME_MS.inclusive();
    section.whole("load_time", time.clone(), &mut into.load_time);
    section.whole("handler_time", time, &mut into.handler_time);
    let handlers = range::HANDLERS.inclusive();
    section.whole("handlers", handlers.clone(), &mut into.handlers);
    section.whole("timers", handlers.clone(), &mut into.timers);
    section.whole("exports", handlers.clone(), &mut into.exports);
    section.whole("names", handlers, &mut into.names);
    let count = range::COUNT_FROM_1.inclusive();
    section.whole("queued_events", count.clone(), &mut into.queued_events);
    section.whole("problems", count, &mut into.problems);
    let bytes = range::FILE_BYTES.inclusive();
    section.whole("queued_bytes", bytes.clone(), &mut into.queued_bytes);
    section.whole(
        "log_bytes_per_second",
        bytes,
        &mut into.log_bytes_per_second,
    );
    let depth = range::CALL_DEPTH.inclusive();
    section.whole("call_depth", depth, &mut into.call_depth);
    let lines = range::LOG_LINES.inclusive();
    section.whole(
        "log_lines_per_second",
        lines,
        &mut into.log_lines_per_second,
    );
    section.finish();
}

fn audit(mut section: Section<'_>, into: &mut Audit) {
    let bytes = range::AUDIT_BYTES.inclusive();
    section.whole("max_bytes", bytes, &mut into.max_bytes);
    section.finish();
}

/// Sets `into` to the texts of a list, if every one is fine.
fn texts(list: &Item<'_>, is_fine: fn(&Item<'_>) -> Option<String>, into: &mut Vec<String>) {
    let items = list.list();
    let texts: Vec<String> = items.iter().filter_map(is_fine).collect();
    if list.is_list() && texts.len() == items.len() {
        *into = texts;
    }
}

fn extension(item: &Item<'_>) -> Option<String> {
    let text = item.string()?;
    let is_extension = (1..=EXTENSION_BYTES_MAX).contains(&text.len())
        && text
            .bytes()
            .all(|c| c.is_ascii_alphanumeric() || matches!(c, b'_' | b'-'));
    if is_extension {
        return Some(text.to_owned());
    }
    let because = format!("lists {}, which is not an extension", item.source());
    item.bad(because, "write it without the dot, such as \"lua\"");
    None
}

fn pattern(item: &Item<'_>) -> Option<String> {
    let text = item.string()?;
    let why = match Pattern::new(text) {
        Err(error) => format!("which is not a glob: {}", error.msg),
        Ok(_) if !(1..=GLOB_BYTES_MAX).contains(&text.len()) => {
            format!("which has not 1 to {GLOB_BYTES_MAX} bytes")
        }
        Ok(_) => return Some(text.to_owned()),
    };
    let because = format!("lists {}, {why}", item.source());
    item.bad(because, "write it like \"*.tmp\" or \".git/*\"");
    None
}
