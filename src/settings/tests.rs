//! Tests of what a settings file becomes; the words for bad ones stand in `tests/settings`.

use super::*;
use crate::problem::Code;

fn read(text: &str) -> Settings {
    let (settings, problems) = Settings::parse(text.as_bytes(), "lunation.toml");
    assert_eq!(problems, []);
    settings
}

#[test]
fn the_documented_file_says_the_defaults() {
    let everything = include_str!("../../tests/settings/good/everything.toml");
    assert_eq!(read(everything), Settings::default());
    assert_eq!(read(""), Settings::default());
}

#[test]
fn each_key_reaches_its_setting() {
    let text = include_str!("../../tests/settings/good/largest-numbers.toml");
    let settings = read(text);
    let hot = &settings.hot_reload;
    assert_eq!(hot.max_script_size, 1024 * 1024);
    assert_eq!(hot.reload_queue.max_pending_reloads, 100_000);
    assert_eq!(hot.retry.multiplier, 100.0);
    assert_eq!(hot.breaker.cool_down, 86_400);
    assert_eq!(hot.probation.max_errors, 1_000_000);
    assert_eq!(hot.state_management.history, 1000);
    assert_eq!(hot.dependencies.max_dependency_depth, 100_000);
    assert_eq!(settings.limits.log_lines_per_second, 100_000);
    let off = read(include_str!("../../tests/settings/good/switched-off.toml"));
    assert!(!off.hot_reload.enabled && off.hot_reload.follow_symlinks);
    assert!(!off.hot_reload.dependencies.cache_resolutions);
}

#[test]
fn names_become_what_they_mean() {
    let settings = read(include_str!("../../tests/settings/good/every-name.toml"));
    assert_eq!(settings.hot_reload.debounce, Debounce::Fixed);
    assert_eq!(settings.hot_reload.version_policy, VersionPolicy::Newer);
    assert_eq!(settings.hot_reload.retry.strategy, RetryStrategy::Linear);
    let state = settings.hot_reload.state_management;
    assert_eq!(state.carry, Carry::State);
    assert_eq!(state.on_uncarryable, OnUncarryable::Drop);
    assert_eq!(state.state_compression, StateCompression::Gzip);
}

#[test]
fn a_bad_value_keeps_its_default_and_the_others_count() {
    let text =
        b"[limits]\nmemory = 'much'\nhandlers = 7\n[hot_reload.ignore_patterns]\npatterns = ['[']";
    let (settings, problems) = Settings::parse(text, "lunation.toml");
    let codes: Vec<Code> = problems.iter().map(|problem| problem.code).collect();
    assert_eq!(codes, [Code::WRONG_TYPE, Code::BAD_VALUE]);
    assert_eq!(settings.limits.handlers, 7);
    let expected = Settings {
        limits: Limits {
            handlers: 7,
            ..Limits::default()
        },
        ..Settings::default()
    };
    assert_eq!(settings, expected);
}

#[test]
fn contradicting_waits_keep_both_defaults() {
    let text = b"[hot_reload]\ndebounce_min = 500\ndebounce_max = 100";
    let (settings, problems) = Settings::parse(text, "lunation.toml");
    assert_eq!(problems.len(), 1);
    assert_eq!(settings, Settings::default());
}
