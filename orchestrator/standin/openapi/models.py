"""What the ten operations take and give, as typed models; only documents are made from them.

They say what the reference says and share nothing with the code that answers: tests hold the one to
the other. Source of every field: vendor reference, the operation's own page, or as its basis says.
"""

from typing import Annotated, Any, Literal

from pydantic import Field

from .basis import DATE, MAX_ID, Document, documented, inferred, neighbour, unknown

LongName = Literal[
    "TestComplete/TestExecute",
    "JUnit (Selenium)",
    "NUnit (Selenium)",
    "TestNG (Selenium)",
    "ReadyAPI / SoapUI OS",
]
ShortName = Literal["testcomplete", "junit", "nunit", "testng", "readyapi"]
AnyName = Literal[LongName, ShortName]
Reported = Literal["Passed", "Failed", "Blocked", "Skipped", "NA"]
ItemStatus = Literal["Awaiting Run", "Passed", "Failed", "Blocked", "Skipped", "NA"]
RunStatus = Literal[
    "Awaiting Run", "In Progress", "Passed", "Failed", "Paused", "Blocked", "Incomplete"
]
Id = Annotated[int, Field(ge=0, le=MAX_ID)]
Whole = Annotated[int, Field(ge=0)]
Date = Annotated[str, Field(pattern=DATE)]


class Error(Document):
    """One thing that went wrong."""

    message: Annotated[str, documented("For people.")]
    code: Annotated[int, documented("The HTTP status.")]


class Errors(Document):
    """The body of a refusal. It is optional: expect an empty body or HTML too."""

    errors: Annotated[list[Error], documented("Usually one.")]


class ResultSet(Document):
    """Where in the whole list this answer stands."""

    count: Annotated[int, documented("How many entries this answer holds.", ge=0)]
    offset: Annotated[int, documented("How many entries were left out before them.", ge=0)]
    limit: Annotated[int, documented("How many entries were asked for at most.", ge=0)]
    total: Annotated[int, documented("How many entries there are in all.", ge=0)]


class Permissions(Document):
    """What the caller may do with the entries."""

    acl: Annotated[int, neighbour("A sum of 1 (read), 2 (update) and 4 (delete).", ge=0, le=7)]


class Metadata(Document):
    """The frame of a list."""

    result_set: Annotated[ResultSet, documented("Paging.")]
    permissions: Annotated[Permissions, documented("No matter to an agent.")]


class Department(Document):
    """A department of the user's."""

    id: Annotated[Id, documented("What `dept_id` and `deptid` take.")]
    name: Annotated[str, documented("As people know it.")]
    company: Annotated[str, documented("Whose department it is.")]
    date_created: Annotated[Date, documented("UTC; samples show seven digits and no `Z`.")]


class Departments(Document):
    """A page of departments."""

    metadata: Metadata
    results: list[Department]


class _Described(Document):
    """What a host may say of itself at any time."""

    agents: Annotated[
        list[AnyName] | None,
        documented(
            "The test runners of the host, by long or short names, in any case. Whether it is"
            " required is unknown: it may be left out here. An unknown name is refused (inferred)."
        ),
    ] = None
    os: Annotated[str | None, documented("Operating system with its version.")] = None
    is_active: Annotated[
        bool | None,
        documented("Whether users may schedule runs on it. Left out: true (inferred)."),
    ] = None
    agent_version: Annotated[
        str | None, documented("Of the agent, in the form `x.xx.xxxx`.", examples=["3.01.0001"])
    ] = None


class HostRegistration(_Described):
    """The body that registers a host."""

    host_name: Annotated[
        str,
        documented("The computer's name; unique, case aside.", min_length=1, max_length=100),
    ]
    host_configuration: Annotated[
        str, documented("Free text on hard- and software.", min_length=1, max_length=4000)
    ]
    dept_id: Annotated[
        Id | None, documented("Which department; needed if the user has several.")
    ] = None


class HostChange(_Described):
    """What changes of a host; what is left out stays. `agents` replaces the whole list."""

    host_name: Annotated[
        str | None, documented("As in the registration.", min_length=1, max_length=100)
    ] = None
    host_configuration: Annotated[
        str | None, documented("As in the registration.", min_length=1, max_length=4000)
    ] = None


class Host(Document):
    """A host with its token: every operation on hosts answers it whole."""

    id: Annotated[Id, documented("The login of the operations for hosts.")]
    host_name: Annotated[str, documented("The computer's name.")]
    host_configuration: Annotated[str, documented("Free text.")]
    agents: Annotated[list[LongName], documented("By their long names (inferred from samples).")]
    os: Annotated[str | None, documented("Left out if it was never said.")] = None
    is_active: Annotated[bool, documented("Whether users may schedule runs on it.")]
    security_token: Annotated[
        str, documented("The password of the operations for hosts; take it as it is.")
    ]
    agent_version: Annotated[str | None, documented("Left out if it was never said.")] = None


class Automation(Document):
    """How a test is run by one agent. The vendor's pages never show this part."""

    agent: Annotated[LongName, neighbour("Which runner.")]
    title: Annotated[str | None, neighbour("The name that people gave it.")] = None
    entry_point: Annotated[str | None, neighbour("Which test inside of the script.")] = None
    timeout: Annotated[int | None, neighbour("Seconds; 0 or none: the agent's own.", ge=0)] = None
    run_mode: Annotated[int | None, neighbour("1 is all that was ever seen.")] = None
    params: Annotated[dict[str, str], neighbour("Names and values for the test.")]


class StepResult(Document):
    """One step of a test, as it stands."""

    sequence_number: Annotated[Id, documented("That of the item, repeated: see the item.")]
    status: Annotated[ItemStatus, documented("Of the step.")]
    step: Annotated[str | None, documented("What was to be done.")] = None
    expected_result: Annotated[str | None, documented("What was to be seen.")] = None
    actual_result: Annotated[str | None, documented("What was seen.")] = None


class RunItem(Document):
    """One test in a run."""

    id: Annotated[Id, neighbour("No operation takes it.")]
    sequence_number: Annotated[
        Id,
        documented(
            "The 1-based index of the test in its set, 1 for a single test; the operations on items"
            " take it. Pages show it inside of `test_run_results`, the server's metadata here"
            " (here: inferred); both carry it."
        ),
    ]
    stop_on_fail: Annotated[bool, documented("Whether its failure stops the set.")]
    test_id: Annotated[Id, neighbour("Of the test in the library.")]
    test_name: Annotated[str, neighbour("When the run was made.")]
    status: Annotated[ItemStatus, neighbour("Awaiting Run until there is a result.")]
    date_started: Annotated[Date | None, neighbour("As reported.")] = None
    date_finished: Annotated[Date | None, neighbour("As reported.")] = None
    run_time: Annotated[int | None, neighbour("Seconds.")] = None
    automations: Annotated[
        list[Automation], inferred("One for each agent; name and place are not documented.")
    ]
    test_run_results: Annotated[list[StepResult], documented("The steps; one bare one if none.")]


class Run(Document):
    """A run that waits for this host, in whole or in part. Only `id` and items are documented."""

    id: Annotated[Id, documented("The run ID; the same number is in Run History.")]
    project_id: Annotated[Id, neighbour("Whose tests they are.")]
    test_set_id: Annotated[Id, neighbour("0 for a single test.")]
    test_set_name: Annotated[str | None, neighbour("Left out for a single test.")] = None
    test_config_id: Annotated[Id | None, neighbour("Left out if none was chosen.")] = None
    configuration_name: Annotated[str | None, neighbour("Left out if none was chosen.")] = None
    release_id: Annotated[Id | None, neighbour("Left out if none was chosen.")] = None
    release_name: Annotated[str | None, neighbour("Left out if none was chosen.")] = None
    is_sequential: Annotated[bool, neighbour("Whether items are to be run in their order.")]
    status: Annotated[RunStatus, neighbour("Derived by the server.")]
    date_started: Annotated[Date | None, neighbour("Of the earliest item.")] = None
    test_run_items: Annotated[
        list[RunItem], documented("All its tests; that finished ones stay listed is inferred.")
    ]


class CurrentRuns(Document):
    """A page of runs, in ascending order of id."""

    metadata: Metadata
    results: list[Run]


class ReportedStep(Document):
    """The result of one step; the steps may be others than the library's."""

    status: Annotated[Reported, documented("As of the item.")]
    step: Annotated[str | None, documented("What was done.")] = None
    expected_result: Annotated[str | None, documented("Free text.")] = None
    actual_result: Annotated[str | None, documented("Free text.")] = None
    step_criteria: Annotated[
        Any, unknown("Stands in the server's metadata only. It is ignored here.")
    ] = None


class ItemResult(Document):
    """The result of one finished test."""

    status: Annotated[
        Reported,
        documented(
            "In any case. `NA` stands in the server's metadata only, and counts as neutral here."
        ),
    ]
    date_started: Annotated[Date, documented("UTC. An offset is read too (inferred).")]
    date_finished: Annotated[Date, documented("UTC; not before the start (inferred).")]
    run_time: Annotated[
        Whole | None, documented("Seconds. Left out: from the two dates (inferred).")
    ] = None
    test_run_results: Annotated[
        list[ReportedStep] | None, documented("Replaces earlier ones (inferred).")
    ] = None


class LogUpload(Document):
    """The tool's log."""

    log: Annotated[
        bytes, documented("File name with `.xml` or `.tcLogX`. Other types: refused (inferred).")
    ]


class ReportUpload(Document):
    """A report for browsers; its field is named `log` too."""

    log: Annotated[bytes, documented("File name with `.mht`. Other types: refused (inferred).")]


class Nothing(Document):
    """An empty object. What the vendor's server answers here is unknown: do not read it."""
