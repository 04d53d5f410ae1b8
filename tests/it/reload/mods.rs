//! Mods that appear, vanish, are rejected, fail, go back.

use super::check;

#[test]
fn a_new_mod_loads_and_reloads_who_waited_for_it() {
    check(
        "waits base
         runs economy main
         now economy < base
         rescan base",
        "base: load because it is new

         economy: reload (full) because dependency base appeared",
    );
}

#[test]
fn a_removed_mod_goes_after_those_that_can_live_without_it_have_switched() {
    check(
        "runs base main
         runs economy < base : main
         removed base
         now economy <
         rescan base",
        "economy: reload (full) because dependency base vanished
         base: unload because its folder is gone",
    );
}

#[test]
fn mods_that_need_a_removed_one_go_with_it_in_reverse_load_order() {
    check(
        "runs base main
         runs economy < base : main
         runs shops < economy : main
         removed base
         rejected economy by base : needs base
         rejected shops by economy : needs economy
         rescan base",
        "shops: unload because it needs economy, which goes
         economy: unload because it needs base, which goes
         base: unload because its folder is gone",
    );
}

#[test]
fn a_mod_that_is_switched_off_goes() {
    check(
        "runs economy main
         disabled economy
         rescan economy",
        "economy: unload because it is switched off",
    );
}

#[test]
fn a_renamed_mod_is_a_new_one_and_an_old_one_and_the_old_one_goes_last() {
    check(
        "runs economy main
         waits markets
         removed economy
         rescan economy
         rescan markets",
        "markets: load because it is new

         economy: unload because its folder is gone",
    );
}

#[test]
fn a_running_mod_whose_files_are_rejected_runs_on() {
    check(
        "runs economy main
         edit economy mod.toml
         edit economy scripts/main.lua
         rejected economy : has the unknown key `nmae`",
        "economy: keep because its files are rejected: it has the unknown key `nmae`",
    );
}

#[test]
fn an_unrelated_change_does_not_repeat_that_a_mod_is_rejected() {
    check(
        "runs economy main
         runs palette main
         rejected economy : has the unknown key `nmae`
         edit palette a.png",
        "palette: apply 1 asset because a.png changed",
    );
}

#[test]
fn a_new_manifest_that_would_leave_a_running_mod_rejected_is_held_back_with_all_that_switches_with_it()
 {
    check(
        "runs base main
         runs economy < base : main
         runs weather < base : main
         rejected economy by base : needs base ^1, and it would be 2.0.0
         edit base mod.toml
         edit weather mod.toml",
        "base: keep because else economy would be rejected: it needs base ^1, and it would be 2.0.0; \
         mod.toml changed
         weather: keep because it switches with base, which is kept; mod.toml changed",
    );
}

#[test]
fn a_mod_that_rejects_itself_holds_nobody_back() {
    check(
        "runs base main
         runs economy < base : main
         rejected economy by base : needs base ^9, and it is 1.0.0
         edit economy mod.toml
         edit base mod.toml",
        "base: reload (full) because mod.toml changed

         economy: keep because its files are rejected: it needs base ^9, and it is 1.0.0",
    );
}

#[test]
fn a_mod_that_failed_is_left_alone_until_somebody_asks() {
    check(
        "runs palette main
         failed economy
         edit palette a.png
         rescan economy",
        "palette: apply 1 asset because a.png changed

         economy: nothing because nothing is different from what runs",
    );
    check(
        "failed economy
         asked economy",
        "economy: load because asked by the host",
    );
}

#[test]
fn a_mod_that_failed_gets_another_try_with_its_dependency_and_so_do_those_that_wait_for_it() {
    check(
        "runs base main
         failed economy < base
         failed shops < economy
         edit base scripts/main.lua",
        "base: reload (script) because scripts/main.lua changed, and base had loaded it

         economy: load because it did not come up before, and its dependency base loads

         shops: load because it did not come up before, and its dependency economy loads",
    );
}

#[test]
fn a_quarantined_mod_can_be_rolled_back_without_running() {
    check(
        "failed economy
         rollback economy",
        "economy: roll back to gen 3 because rollback to gen 3",
    );
}

#[test]
fn a_mod_that_nobody_knows_gets_an_answer() {
    check(
        "runs economy main
         asked nobody",
        "nobody: nothing because its folder is gone",
    );
}

#[test]
fn scripts_of_a_rejected_dependency_are_not_taken_by_its_users() {
    check(
        "runs base main
         runs weather < base : main @base/strings
         rejected base : has no version
         edit base scripts/strings.lua
         edit base mod.toml",
        "base: keep because its files are rejected: it has no version",
    );
}
