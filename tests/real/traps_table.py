"""The tests that hold each rule about lying tools, by file.

A name without a file is in `test_traps.py`, where the tool is real and the run goes the whole way.
"""

from collections.abc import Mapping

TABLE: Mapping[str, tuple[str, ...]] = {
    # 1. The exit code is a hint, the report is the verdict, no report a verdict of its own.
    "all skipped by a failed configuration, exit 0": (
        "test_exit_0_with_all_skipped_by_a_failed_configuration_is_blocked",
        "adapters/test_testng_rules.py::test_a_failed_configuration_blocks_the_skips_of_its_class",
    ),
    "a successful build whose report counts 0 tests and 1 failure": (
        "test_a_successful_build_whose_fixture_died_is_blocked",
        "adapters/test_junit_xml_cases.py::test_a_fixture_that_died_is_blocked",
    ),
    "a filter that matches nothing, exit 0": (
        "test_exit_0_of_a_filter_that_matches_nothing_is_blocked",
        "adapters/test_junit_command.py::test_a_whole_script_is_scanned",
        "adapters/test_maven_real.py::"
        "test_a_title_that_matches_nothing_is_blocked_whatever_earlier_runs_left",
    ),
    "failures that a build ignores": (
        "test_failures_that_maven_is_told_to_ignore_are_failures",
        "adapters/test_ant_real.py::test_a_named_target_reports_in_the_scripts_folder",
    ),
    "a build that skips its tests": (
        "test_a_build_without_tests_is_not_passed_by_an_earlier_ones_reports",
    ),
    "a build that was cut short, or whose parts failed, exit 0": (
        "test_a_green_module_does_not_speak_for_the_build",
        "adapters/test_maven_real.py::test_a_test_that_ends_maven_with_0_is_blocked_and_named",
        "adapters/test_maven_real.py::"
        "test_green_reports_beside_a_dead_jvm_are_no_pass_though_maven_says_success",
        "adapters/test_ant_real.py::test_what_ends_ant_itself_with_0_is_no_pass",
        "adapters/test_testng_outcome.py::"
        "test_green_reports_of_a_build_that_did_not_end_well_are_no_pass",
    ),
    "an empty report of a run that was killed": (
        "test_a_killed_launcher_that_leaves_an_empty_report_is_blocked",
        "adapters/test_results.py::test_a_killed_run_that_left_only_an_empty_report_is_blocked",
        "adapters/test_junit_partial.py::"
        "test_the_green_report_of_one_engine_does_not_speak_for_another_that_was_ended_by_a_test",
    ),
    "no report, exit 0": (
        "test_end_to_end.py::test_exit_0_without_a_report_is_not_a_pass",
        "adapters/test_testng_outcome.py::test_no_report_is_blocked_whatever_the_exit_code",
    ),
    "good cases and a bad exit code": ("adapters/test_verdict.py::test_the_verdict_of",),
    # 2. A process that we ended is never Passed.
    "a run that we ended": (
        "test_end_to_end.py::test_a_timed_out_run_is_never_passed",
        "adapters/test_verdict.py::test_only_a_sound_report_of_a_run_that_ended_itself_can_pass",
        "test_guard.py::test_a_tool_that_exits_0_when_told_to_end_has_still_timed_out",
    ),
    # 3. A fresh, empty folder for each run.
    "reports of an earlier run": (
        "test_a_build_without_tests_is_not_passed_by_an_earlier_ones_reports",
        "real/test_real_tools.py::test_the_server_has_the_verdict_and_the_steps_of",
        "test_end_to_end.py::test_a_report_that_the_script_brought_along_is_not_read",
        "test_results.py::test_a_file_that_is_older_than_the_run_is_a_problem_and_no_result",
        "test_workspace.py::test_a_new_attempt_has_empty_folders_for_this_user_only",
        "test_workspace.py::test_a_workspace_is_never_used_twice",
    ),
    "an empty file": ("adapters/test_results.py::test_all_files_of_a_run_make_one_outcome",),
    # 4. The cases that were asked for.
    "named tests that the report lacks": (
        "test_a_test_that_is_left_out_is_blocked_by_its_name",
        "adapters/test_expected.py::test_what_the_plan_names_and_the_report_lacks_is_blocked",
        "adapters/test_testng_real.py::test_a_title_runs_what_it_names",
    ),
    # 5. Exit codes with a sign.
    "a negative exit code, modulo 256 and as unsigned": (
        "test_a_negative_exit_code_is_explained",
        "adapters/test_exit_codes.py::test_an_exit_code_is_said_so_that_it_can_be_looked_up",
        "adapters/test_exit_codes.py::test_windows_codes_get_their_sign",
        "adapters/test_nunit_outcome.py::test_the_runners_own_error_is_said_in_words",
    ),
    # 6. XML as tools write it.
    "characters that XML forbids": (
        "test_a_report_that_ant_wrote_with_an_illegal_character_is_read",
        "adapters/test_junit_xml_documents.py::test_characters_that_xml_forbids_are_replaced",
    ),
    "the DOCTYPE of TestComplete, and what else a DOCTYPE can do": (
        "test_a_testcomplete_log_that_points_elsewhere_is_refused_and_nothing_fetched",
        "adapters/test_tclogx_doctype.py::test_a_doctype_with_idle_parameter_entities_is_read",
        "adapters/test_tclogx_doctype.py::test_whatever_could_be_fetched_or_expanded_is_refused",
        "adapters/test_junit_xml_documents.py::test_entities_are_refused_in_every_form",
    ),
    "a byte order mark": (
        "test_a_byte_order_mark_says_more_than_the_declaration_behind_it",
        "adapters/test_junit_xml_documents.py::test_a_report_is_read_in_every_encoding",
        "adapters/test_nunit_golden.py::test_every_case_of_a_real_report_is_read",
    ),
    "odd numbers": (
        "adapters/test_junit_xml_cases.py::test_a_time_is_read_in_every_spelling",
        "adapters/test_nunit2_xml.py::test_a_time_is_read_in_any_locale",
        "adapters/test_testng_rules.py::test_durations_are_milliseconds",
    ),
    # 7. One dialect for each run.
    "the same results told several times": (
        "test_results_told_in_four_dialects_are_counted_once",
        "test_a_report_that_ant_merged_again_is_counted_once",
        "adapters/test_testng_outcome.py::test_surefires_own_report_tells_nothing_twice",
        "adapters/test_junit_reports.py::test_what_testng_writes_a_second_time_is_counted_once",
        "adapters/test_testng_golden.py::test_the_suite_of_what_failed_is_no_result",
    ),
    # 8. The whole tree of processes.
    "a browser that its test leaves": (
        "test_nothing_of_a_browser_outlives_the_time_of_its_run",
        "test_a_daemon_that_sheds_every_mark_of_its_run_is_still_of_its_tree",
        "test_guard.py::test_nothing_that_left_the_tree_outlives_the_run",
    ),
    # 9. Standard input is at its end.
    "a tool that reads its input": (
        "test_temporary_folder_home_and_input_of_a_jvm_are_the_runs_own",
        "test_guard.py::test_a_tool_has_default_signals_an_empty_stdin_and_no_foreign_files",
        "real/test_standin_tools.py::"
        "test_a_readyapi_standin_that_asks_for_a_licence_is_ended_and_blocked",
    ),
    # 10. Nobody waits for the end of a pipe.
    "a process left behind that holds the output": (
        "test_guard.py::test_a_background_process_that_holds_the_output_does_not_hold_the_run",
    ),
    # 11. Folders for what a tool forgets.
    "temporary folder and home": (
        "test_temporary_folder_home_and_input_of_a_jvm_are_the_runs_own",
        "test_a_browsers_profile_is_in_the_runs_folder_and_gone_with_it",
        "test_what_a_tool_forgot_is_gone_though_its_report_is_still_owed",
        "test_order.py::test_a_tool_has_a_home_of_its_own",
        "test_order.py::test_options_of_every_jvm_are_the_profiles_and_then_the_adapters",
    ),
}
