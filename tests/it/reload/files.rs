//! Which mods reload for which file, and which of them together.

use super::check;

#[test]
fn an_edited_script_reloads_the_mod_whose_vm_had_loaded_it() {
    check(
        "runs economy main
         runs weather main
         edit economy scripts/main.lua",
        "economy: reload (script) because scripts/main.lua changed, and economy had loaded it",
    );
}

#[test]
fn a_script_that_no_vm_has_loaded_reloads_nothing() {
    check(
        "runs economy main
         edit economy scripts/unused.lua",
        "economy: nothing because no VM has loaded scripts/unused.lua: nothing to do",
    );
}

#[test]
fn a_deleted_script_that_was_loaded_is_a_change_like_any_other() {
    check(
        "runs economy main strings
         delete economy scripts/strings.lua",
        "economy: reload (script) because scripts/strings.lua was deleted, and economy had loaded it",
    );
}

#[test]
fn a_script_that_require_looked_for_in_vain_reloads_when_it_appears() {
    check(
        "runs economy main ?strings
         add economy scripts/strings.lua",
        "economy: reload (script) because economy had looked for strings in vain, which appeared",
    );
}

#[test]
fn a_script_of_a_dependency_reloads_who_requires_it_and_not_its_owner() {
    check(
        "runs base main
         runs weather < base : main @base/strings
         edit base scripts/strings.lua",
        "weather: reload (script) because weather requires @base/strings, which changed

         base: nothing because only other mods use scripts/strings.lua: nothing to do here",
    );
}

#[test]
fn users_of_one_script_switch_together_with_its_owner_in_load_order() {
    check(
        "runs base main strings
         runs weather < base : main @base/strings
         runs economy < base : main @base/strings
         edit base scripts/strings.lua",
        "base: reload (script) because scripts/strings.lua changed, and base had loaded it
         weather: reload (script) because weather requires @base/strings, which changed
         economy: reload (script) because economy requires @base/strings, which changed",
    );
}

#[test]
fn users_of_one_script_switch_together_even_if_its_owner_does_not_run_it() {
    check(
        "runs base main
         runs weather < base : main ?@base/strings
         runs economy < base : main ?@base/strings
         add base scripts/strings.lua",
        "weather: reload (script) because weather had looked for @base/strings in vain, which appeared
         economy: reload (script) because economy had looked for @base/strings in vain, which appeared

         base: nothing because only other mods use scripts/strings.lua: nothing to do here",
    );
}

#[test]
fn users_by_import_are_not_reloaded() {
    check(
        "runs base main
         runs economy < base : main
         edit base scripts/main.lua",
        "base: reload (script) because scripts/main.lua changed, and base had loaded it",
    );
}

#[test]
fn mods_that_have_nothing_to_do_with_each_other_are_apart() {
    check(
        "runs economy main
         runs weather main
         edit weather scripts/main.lua
         edit economy scripts/main.lua",
        "economy: reload (script) because scripts/main.lua changed, and economy had loaded it

         weather: reload (script) because scripts/main.lua changed, and weather had loaded it",
    );
}

#[test]
fn a_mod_and_its_dependency_edited_at_once_switch_together() {
    check(
        "runs base main
         runs economy < base : main
         edit economy scripts/main.lua
         edit base scripts/main.lua",
        "base: reload (script) because scripts/main.lua changed, and base had loaded it
         economy: reload (script) because scripts/main.lua changed, and economy had loaded it",
    );
}

#[test]
fn mods_that_require_each_other_load_and_switch_as_one() {
    check(
        "runs aa < bb : main
         runs bb < aa : main
         groups aa bb
         edit bb scripts/main.lua",
        "aa: reload (script) because it loads as one group with bb
         bb: reload (script) because scripts/main.lua changed, and bb had loaded it",
    );
}

#[test]
fn an_asset_is_applied_in_place() {
    check(
        "runs palette main
         edit palette assets/a.png
         add palette assets/b.png",
        "palette: apply 2 assets because assets/a.png changed; assets/b.png appeared",
    );
}

#[test]
fn config_is_applied_in_place_with_the_assets() {
    check(
        "runs palette main
         edit palette config.toml
         edit palette assets/a.png",
        "palette: apply config and 1 asset because config.toml changed; assets/a.png changed",
    );
}

#[test]
fn a_config_value_that_only_a_reload_puts_into_effect_reloads() {
    check(
        "runs economy main
         edit economy config.toml
         key economy tax_rate",
        "economy: reload (script) because config.toml changed; \
         the config value tax_rate takes effect by a reload",
    );
}

#[test]
fn what_is_applied_in_place_does_not_wait_for_the_reload_of_a_dependency() {
    check(
        "runs base main
         runs economy < base : main
         edit base scripts/main.lua
         edit economy assets/coin.png",
        "base: reload (script) because scripts/main.lua changed, and base had loaded it

         economy: apply 1 asset because assets/coin.png changed",
    );
}

#[test]
fn the_widest_change_of_a_mod_decides() {
    check(
        "runs economy main
         edit economy assets/coin.png
         edit economy scripts/main.lua
         edit economy mod.toml",
        "economy: reload (full) because scripts/main.lua changed, and economy had loaded it; \
         assets/coin.png changed; mod.toml changed",
    );
}

#[test]
fn many_reasons_are_counted_after_the_first_few() {
    check(
        "runs economy main
         edit economy a.png
         edit economy b.png
         edit economy c.png
         edit economy d.png
         edit economy e.png
         edit economy f.png
         edit economy g.png",
        "economy: apply 7 assets because a.png changed; b.png changed; c.png changed; \
         d.png changed; e.png changed; and 2 more",
    );
}

#[test]
fn an_event_without_a_difference_does_nothing() {
    check(
        "runs economy main
         rescan economy",
        "economy: nothing because nothing is different from what runs",
    );
}

#[test]
fn what_is_asked_for_happens_though_nothing_is_different() {
    check(
        "runs economy main
         asked economy",
        "economy: reload (script) because asked by the host",
    );
    check(
        "runs economy main
         config economy",
        "economy: apply config because asked by the host",
    );
}

#[test]
fn asking_for_assets_when_none_is_different_does_nothing() {
    check(
        "runs economy main
         asset economy",
        "economy: nothing because nothing is different from what runs",
    );
}

#[test]
fn a_user_of_what_a_dependency_no_longer_offers_reloads_with_it() {
    check(
        "runs base main
         runs economy < base : main
         edit base scripts/main.lua
         depends economy",
        "base: reload (script) because scripts/main.lua changed, and base had loaded it
         economy: reload (script) because base changed what it offers",
    );
}

#[test]
fn rollback_and_quarantine_win_over_what_the_files_say() {
    check(
        "runs economy main
         edit economy scripts/main.lua
         rollback economy",
        "economy: roll back to gen 3 because scripts/main.lua changed, and economy had loaded it; \
         rollback to gen 3",
    );
    check(
        "runs economy main
         edit economy scripts/main.lua
         quarantine economy",
        "economy: unload because scripts/main.lua changed, and economy had loaded it; \
         quarantined because it ran too long",
    );
}
