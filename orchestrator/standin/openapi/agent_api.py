"""Operations 4 to 10 of the Test Automation API, described: what a host does by itself.

Source: vendor reference, the page of each operation; what these leave open is said to be so.
"""

from openapi_pydantic import Header, Response, Schema

from . import models, registering_api
from .described import (
    AGENT,
    PAGING,
    Described,
    file_answer,
    file_body,
    in_path,
    json_answer,
    json_body,
    link,
    query,
)
from .registering_api import HOST_LINKS

_HOST = "/hosts/{host_id}"
_ITEM = _HOST + "/runs/{run_id}/items/{sequence_number}"
_OF_HOST = (in_path("host_id", "The host that signs in; another one is refused."),)
_OF_ITEM = (
    *_OF_HOST,
    in_path("run_id", "From the list of current runs."),
    in_path("sequence_number", "The 1-based index of the test in its set; 1 for a single test."),
)
_HERE = {"host_id": "$request.path.host_id", "run_id": "$request.path.run_id"}
_SAME_ITEM = {**_HERE, "sequence_number": "$request.path.sequence_number"}
_FIRST_ITEM = {
    "host_id": "$request.path.host_id",
    "run_id": "$response.body#/results/0/id",
    "sequence_number": "$response.body#/results/0/test_run_items/0/sequence_number",
}
_ITEM_LINKS = {
    "log": link("upload_log", "Result first, files second.", **_SAME_ITEM),
    "report": link("upload_report", "Result first, files second.", **_SAME_ITEM),
    "again": link("update_item", "Sent again, a result replaces the earlier one.", **_SAME_ITEM),
    "rest": link("current_runs", "What is left.", host_id="$request.path.host_id"),
}
_NO_ITEM = "This host has no such run, or the run no such item (inferred)."

_AT_WORK = (
    Described(
        id="get_host",
        method="get",
        path=_HOST,
        tag="at work",
        summary="The host's own record",
        text="What users see on the Test Hosts screen, and the token.",
        login="host",
        parameters=_OF_HOST,
        answers={200: json_answer("The host.", models.Host, "host", HOST_LINKS)},
    ),
    Described(
        id="update_host",
        method="patch",
        path=_HOST,
        tag="at work",
        summary="Change the host's record",
        text="Send only what changes. Users may edit the same on the Test Hosts screen.",
        login="host",
        parameters=_OF_HOST,
        body=json_body(models.HostChange, "host_change"),
        answers={200: json_answer("The host as it is now (inferred).", models.Host, "host")},
        refusals={
            400: "A value is too long or of a wrong type, or an agent is unknown (inferred).",
            500: "Another host has that name (inferred). Also any internal error.",
        },
    ),
    Described(
        id="current_runs",
        method="get",
        path=f"{_HOST}/currentruns",
        tag="at work",
        summary="Runs that wait for this host",
        text=(
            "Poll it, about once a minute. `limit` counts runs. Reading changes nothing (inferred);"
            " a run is listed while one of its tests awaits its result (inferred)."
        ),
        login="host",
        parameters=(*_OF_HOST, *PAGING),
        answers={
            200: json_answer(
                "The runs, in ascending order of id.",
                models.CurrentRuns,
                "current_runs",
                {
                    "result": link("update_item", "The first test's result.", **_FIRST_ITEM),
                    "script": link(
                        "get_script",
                        "The first test's script.",
                        **_FIRST_ITEM,
                        agent="$response.body#/results/0/test_run_items/0/automations/0/agent",
                    ),
                    "log": link("upload_log", "The first test's log.", **_FIRST_ITEM),
                    "report": link("upload_report", "The first test's report.", **_FIRST_ITEM),
                },
            )
        },
        refusals={400: "`offset` or `limit` is negative or no number (inferred)."},
    ),
    Described(
        id="get_script",
        method="get",
        path=f"{_ITEM}/script",
        tag="at work",
        summary="The script of a test",
        text=(
            "What the test has for that agent now. A page cannot follow a redirect to another"
            " site: here, 302 is shown with its `Location`, other programs get it as it is."
        ),
        login="host",
        parameters=(
            *_OF_ITEM,
            query(
                "agent",
                AGENT,
                "The long name; `+` stands for a space. Short names and any case: inferred.",
                required=True,
            ),
        ),
        answers={
            200: file_answer(
                "The zip that is attached to the test. Its headers are inferred.",
                ["application/zip"],
            ),
            302: Response(
                description=(
                    "The script is somewhere else. For a web site: documented, `Location` is its"
                    " address; send no credentials there. For a network or local folder: a `file:`"
                    " address (unknown what the vendor's server answers)."
                ),
                headers={
                    "Location": Header(
                        description="Where it is.",
                        required=True,
                        param_schema=Schema(type="string"),
                    )
                },
            ),
        },
        refusals={
            400: "`agent` is missing (inferred).",
            404: f"{_NO_ITEM} Or the test has no script for that agent (inferred).",
        },
    ),
)

_REPORTING = (
    Described(
        id="update_item",
        method="patch",
        path=_ITEM,
        tag="reporting",
        summary="The result of one finished test",
        text=(
            "The run's own status is derived. In a set, `Failed` for a test with `stop_on_fail`"
            " blocks those that still wait, and `Skipped` makes the run Incomplete. Sent again, it"
            " replaces (inferred)."
        ),
        login="host",
        parameters=_OF_ITEM,
        body=json_body(models.ItemResult, "item_result"),
        answers={
            200: json_answer(
                "The item; all but its first two fields is inferred.",
                models.RunItem,
                "run_item",
                _ITEM_LINKS,
            )
        },
        refusals={
            400: "Status or a date is missing or unreadable, or it ends before it starts"
            " (inferred).",
            404: _NO_ITEM,
        },
    ),
    Described(
        id="upload_log",
        method="post",
        path=f"{_ITEM}/logs",
        tag="reporting",
        summary="Attach the tool's log",
        text="Overwrites an earlier one. Send it after the result (inferred).",
        login="host",
        parameters=_OF_ITEM,
        body=file_body(models.LogUpload),
        answers={200: json_answer("Taken; the body is unknown.", models.Nothing, "nothing")},
        refusals={
            400: "No part named `log` with a file name, or a file of another type (inferred).",
            404: _NO_ITEM,
        },
    ),
    Described(
        id="upload_report",
        method="post",
        path=f"{_ITEM}/report",
        tag="reporting",
        summary="Attach a report for browsers",
        text="An MHT file; an item may have a log and a report. Overwrites an earlier one.",
        login="host",
        parameters=_OF_ITEM,
        body=file_body(models.ReportUpload),
        answers={200: json_answer("Taken; the body is unknown.", models.Nothing, "nothing")},
        refusals={
            400: "No part named `log` with a file name, or a file of another type (inferred).",
            404: _NO_ITEM,
        },
    ),
)

OPERATIONS = (*registering_api.OPERATIONS, *_AT_WORK, *_REPORTING)
"""All ten."""
