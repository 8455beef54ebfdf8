"""What the data-access subset takes and gives of the test library: tests, automations, test sets.

Source of names and limits: vendor reference of the data-access API and its data dictionary.
"""

from typing import Annotated

from pydantic import Field

from .basis import Document, documented, inferred, own
from .models import AnyName, Automation, Date, Id, Metadata, Whole

_Title = Annotated[str, Field(min_length=1, max_length=255)]
_Short = Annotated[str, Field(max_length=255)]


class DataDepartment(Document):
    """A department; the other API calls the name `name`."""

    id: Annotated[Id, documented("Its number.")]
    dept_name: Annotated[str, documented("As people know it.")]
    company: Annotated[str, documented("Whose department it is.")]
    date_created: Annotated[Date, documented("UTC.")]


class DataDepartments(Document):
    """A page of departments."""

    metadata: Metadata
    results: list[DataDepartment]


class NewStep(Document):
    """A step of a test in the library."""

    seq: Annotated[Whole | None, documented("Its place; left out: where it stands.")] = None
    step: Annotated[str | None, documented("What to do.")] = None
    expected_result: Annotated[str | None, documented("What to expect.")] = None


class NewTest(Document):
    """A test, as it is added or replaced."""

    title: Annotated[_Title, documented("As people know it.")]
    test_steps: Annotated[list[NewStep] | None, documented("In order.")] = None


class TestChange(Document):
    """What changes of a test."""

    title: Annotated[_Title | None, documented("As people know it.")] = None
    test_steps: Annotated[list[NewStep] | None, documented("In place of all steps.")] = None


class LibraryStep(Document):
    """A step of a test in the library."""

    seq: Annotated[Whole, documented("Its place, from 1.")]
    step: Annotated[str | None, documented("What to do.")] = None
    expected_result: Annotated[str | None, documented("What to expect.")] = None


class ListedTest(Document):
    """A test in a list."""

    id: Annotated[Id, documented("Its number.")]
    project_id: Annotated[Id, documented("Whose test it is.")]
    title: Annotated[str, documented("As people know it.")]
    date_created: Annotated[Date, documented("UTC.")]


class LibraryTest(ListedTest):
    """A test with its steps."""

    test_steps: Annotated[list[LibraryStep], documented("In order.")]


class LibraryTests(Document):
    """A page of tests, in ascending order of id."""

    metadata: Metadata
    results: list[ListedTest]


class AutomationChange(Document):
    """How a test is to be run by one agent."""

    title: Annotated[_Short | None, documented("The name that people see.")] = None
    entry_point: Annotated[_Short | None, documented("Which test inside of the script.")] = None
    timeout: Annotated[Whole | None, documented("Seconds; 0 or none: the agent's own limit.")] = (
        None
    )
    run_mode: Annotated[Whole | None, documented("1 is all that was ever seen.")] = None
    params: Annotated[
        dict[str, str | int | bool] | None, documented("Values become text (inferred).")
    ] = None


class NewAutomation(AutomationChange):
    """A new automation, where the path does not name the agent."""

    agent: Annotated[AnyName, inferred("Which runner, in any case; one automation for each.")]


class LibraryAutomation(Automation):
    """An automation, and where its script is."""

    file_name: Annotated[str | None, own("Of the zip, if one is attached.")] = None
    link: Annotated[str | None, documented("Where the script is, if it was a link.")] = None
    comment: Annotated[str | None, documented("On the link.")] = None


class LibraryAutomations(Document):
    """A page of automations."""

    metadata: Metadata
    results: list[LibraryAutomation]


class ScriptFile(Document):
    """A zip with the script."""

    file: Annotated[bytes, documented("The first part that has a file name is taken.")]


class ScriptLink(Document):
    """Where the script is."""

    link: Annotated[
        str,
        documented(
            "A web address, a UNC path, or an absolute path on the host; a `file:` address too.",
            min_length=1,
            max_length=2000,
        ),
    ]
    comment: Annotated[str | None, documented("For people.")] = None


class NewSetItem(Document):
    """A test that goes into a set."""

    test_id: Annotated[Id, documented("Of the project's library.")]
    is_stopped_on_fail: Annotated[
        bool | None, documented("Whether its failure stops the set; `stop_on_fail` is read too.")
    ] = None
    is_active: Annotated[bool | None, documented("If false, runs leave it out.")] = None


class SetItems(Document):
    """Tests for a set, in order."""

    items: Annotated[list[NewSetItem], documented("In order.")]


class SetChange(Document):
    """What changes of a set; its items are changed by themselves."""

    title: Annotated[_Title | None, documented("As people know it.")] = None
    is_sequential: Annotated[bool | None, documented("Whether in order, or in any.")] = None


class SetReplacement(Document):
    """A set anew; its items stay."""

    title: Annotated[_Title, documented("As people know it; `name` is read too.")]
    is_sequential: Annotated[bool | None, documented("Left out: true (inferred).")] = None


class NewSet(SetReplacement):
    """A new set."""

    items: Annotated[list[NewSetItem] | None, inferred("In order.")] = None


class ListedSet(Document):
    """A set in a list."""

    id: Annotated[Id, documented("Its number.")]
    project_id: Annotated[Id, documented("Whose set it is.")]
    title: Annotated[str, documented("As people know it.")]
    is_sequential: Annotated[bool, documented("Whether in order, or in any.")]


class ListedSets(Document):
    """A page of sets, in ascending order of id."""

    metadata: Metadata
    results: list[ListedSet]


class SetItem(Document):
    """A test in a set."""

    sequence_number: Annotated[Id, documented("Its place, from 1.")]
    test_id: Annotated[Id, documented("Of the library.")]
    title: Annotated[str, documented("Of the test.")]
    is_stopped_on_fail: Annotated[bool, documented("Whether its failure stops the set.")]
    is_active: Annotated[bool, documented("If false, runs leave it out.")]


class ItemsOfSet(Document):
    """A page of the tests in a set."""

    metadata: Metadata
    results: list[SetItem]


class TestSet(ListedSet):
    """A set with its tests."""

    items: Annotated[list[SetItem], inferred("In order.")]
