"""What the data-access subset takes and gives of runs, and what the stand-in's own doors do."""

from typing import Annotated, Any

from .basis import Document, documented, inferred, own
from .models import Date, Id, ItemStatus, Metadata, Reported, RunStatus, Whole


class RunOrder(Document):
    """What is to be run, and where: a test or a set."""

    run_by_host_id: Annotated[Id, documented("An active host of the project's department.")]
    test_id: Annotated[Id | None, documented("Either this or the set; 0 is none.")] = None
    test_set_id: Annotated[Id | None, documented("Either this or the test; 0 is none.")] = None
    test_config_id: Annotated[Id | None, documented("A configuration; 0 is none.")] = None
    release_id: Annotated[Id | None, documented("A release; 0 is none.")] = None
    is_sequential: Annotated[bool | None, documented("Left out: as the set has it.")] = None
    force_new_run_creation: Annotated[
        bool | None, documented("Taken for granted here: each call makes a run.")
    ] = None


class HistoryRun(Document):
    """A run in Run History, with its counters."""

    id: Annotated[Id, documented("The run ID.")]
    project_id: Annotated[Id, documented("Whose tests they are.")]
    test_set_id: Annotated[Id, documented("0 for a single test.")]
    test_set_name: Annotated[str | None, documented("Left out for a single test.")] = None
    test_config_id: Annotated[Id | None, documented("Left out if none was chosen.")] = None
    configuration_name: Annotated[str | None, documented("Left out if none was chosen.")] = None
    release_id: Annotated[Id | None, documented("Left out if none was chosen.")] = None
    release_name: Annotated[str | None, documented("Left out if none was chosen.")] = None
    is_sequential: Annotated[bool, documented("Whether in order, or in any.")]
    status: Annotated[RunStatus, documented("Derived from the items (how: inferred).")]
    execution_type: Annotated[str, documented("Always Automated here.")]
    run_by_user_id: Annotated[Id, documented("Who ordered it.")]
    run_by_user_name: Annotated[str, documented("The e-mail address.")]
    run_by_host_id: Annotated[Id, documented("Which host.")]
    run_by_host_name: Annotated[str, documented("Its name.")]
    date_created: Annotated[Date, documented("UTC.")]
    date_started: Annotated[Date | None, documented("Of the earliest item.")] = None
    date_finished: Annotated[Date | None, documented("Of the last item, once all are.")] = None
    run_time: Annotated[int | None, documented("Seconds, of all items.")] = None
    nbr_tests: Annotated[Whole, documented("Items.")]
    nbr_passed: Annotated[Whole, documented("Of these.")]
    nbr_failed: Annotated[Whole, documented("Of these.")]
    nbr_blocked: Annotated[Whole, documented("Of these.")]
    nbr_skipped: Annotated[Whole, inferred("Of these.")]
    nbr_awaiting_run: Annotated[Whole, documented("Of these.")]


class HistoryRuns(Document):
    """A page of runs, in ascending order of id."""

    metadata: Metadata
    results: list[HistoryRun]


class HistoryStep(Document):
    """The result of a step."""

    status: Annotated[ItemStatus, documented("Of the step.")]
    step: Annotated[str | None, documented("What was to be done.")] = None
    expected_result: Annotated[str | None, documented("What was to be seen.")] = None
    actual_result: Annotated[str | None, documented("What was seen.")] = None


class HistoryItem(Document):
    """One test of a run, with its steps and where its files can be read."""

    id: Annotated[Id, documented("What the operations on items take.")]
    test_run_id: Annotated[Id, documented("Its run.")]
    sequence_number: Annotated[Id, documented("Its place in the set, from 1.")]
    stop_on_fail: Annotated[bool, documented("Whether its failure stops the set.")]
    test_id: Annotated[Id, documented("Of the library; the test may be gone.")]
    test_name: Annotated[str, documented("When the run was made.")]
    automated: Annotated[bool, documented("Always true here.")]
    status: Annotated[ItemStatus, documented("Awaiting Run until there is a result.")]
    date_started: Annotated[Date | None, documented("As reported.")] = None
    date_finished: Annotated[Date | None, documented("As reported.")] = None
    run_time: Annotated[int | None, documented("Seconds.")] = None
    log: Annotated[str | None, own("Address of the log, if one was uploaded.")] = None
    report: Annotated[str | None, own("Address of the report, if one was uploaded.")] = None
    test_run_results: Annotated[list[HistoryStep], inferred("The steps.")]


class HistoryItems(Document):
    """A page of items, in order."""

    metadata: Metadata
    results: list[HistoryItem]


class CorrectedStep(Document):
    """A user's result for a step."""

    seq: Annotated[Whole | None, documented("Its place, from 1; left out: where it stands.")] = None
    status_code: Annotated[Reported, documented("Of the step.")]
    step_name: Annotated[str | None, documented("What was done.")] = None
    expected_result: Annotated[str | None, documented("What was to be seen.")] = None
    actual_result: Annotated[str | None, documented("What was seen.")] = None


class Correction(Document):
    """A user's result for an item."""

    status_code: Annotated[Reported, documented("Of the item.")]
    run_time: Annotated[Whole | None, documented("Seconds.")] = None
    steps: Annotated[list[CorrectedStep] | None, documented("Laid over those there are.")] = None


class Rehearsal(Document):
    """What is being rehearsed."""

    on: Annotated[bool, own("Whether anything is.")]
    elapsed_s: Annotated[float | None, own("Seconds since it began.")] = None
    faults: Annotated[list[dict[str, Any]] | None, own("Each rule, and how often it struck.")] = (
        None
    )
    runs_queued: Annotated[int | None, own("By the rehearsal.")] = None
    trouble: Annotated[str | None, own("Why no run can be queued, if so.")] = None


class Imported(Document):
    """What an import brought, and what is left to be done after it."""

    runs: Annotated[Whole, own("How many came.")]
    without_password: Annotated[Whole, own("Users who need a new password.")]
    with_new_token: Annotated[Whole, own("Hosts whose agents need their new token.")]


class Reset(Document):
    """The word that makes a reset meant."""

    confirm: Annotated[str, own("Must be `reset`.", pattern="^reset$")]
