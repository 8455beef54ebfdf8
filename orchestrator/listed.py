"""What the server lists, as assignments."""

from orchestrator.api import wire
from orchestrator.assignment import Assignment, Wanted


def assignments_of(host: str, run: wire.Run) -> list[Assignment]:
    """Return what *run* still wants of *host*, by item number.

    A run that lists no items is one assignment with a problem: its first item is the only one
    that can exist, and to say nothing would leave the run pending for ever.
    """
    if not run.items:
        return [Assignment(host, run.id, 1, problem="the server lists this run without items")]
    in_order = run.is_sequential or any(item.stop_on_fail for item in run.items)
    pending = [item for item in run.items if item.pending]
    return [
        Assignment(
            host=host,
            run_id=run.id,
            item=item.sequence_number,
            wanted=tuple(_wanted(automation) for automation in item.automations),
            in_order=in_order,
            stop_on_fail=item.stop_on_fail and len(run.items) > 1,
            test_name=item.test_name,
            test_set=run.test_set_name,
            configuration=run.configuration_name,
            release=run.release_name,
            awaited=any(map(str.isalpha, item.status)),
            test_id=item.test_id or 0,
            by_position=item.by_position,
        )
        for item in sorted(pending, key=lambda item: item.sequence_number)
    ]


def _wanted(automation: wire.AutomationDocument) -> Wanted:
    return Wanted(
        agent=wire.agent_name(automation.agent),
        # The title is the path of the test inside its script in every sample; the entry point,
        # where a server has one, is the same path under its own name.
        title=automation.entry_point or automation.title,
        # Zero and absent both mean: no limit of the test's own. NaN is no limit either.
        timeout_s=automation.timeout if (automation.timeout or 0) > 0 else None,
        run_mode=automation.run_mode,
        params=automation.params,
    )
