"""Operations 1 to 3 of the Test Automation API, described: what a user does for a host, once.

Source: vendor reference, the page of each operation; what these leave open is said to be so.
"""

from . import models
from .described import ID, PAGING, Described, json_answer, json_body, link, query

_DEPARTMENT = query("deptid", ID, "Needed if the user has several departments.")
_RIGHT = "The user's group lacks the Read right on Test Hosts"
_BY_ID = {"host_id": "$response.body#/id"}
_AS_HOST = "Sign in as the host: its id, and the `security_token` of this answer."
HOST_LINKS = {
    "host": link("get_host", _AS_HOST, **_BY_ID),
    "change": link("update_host", _AS_HOST, **_BY_ID),
    "runs": link("current_runs", _AS_HOST, **_BY_ID),
}

OPERATIONS = (
    Described(
        id="list_departments",
        method="get",
        path="/depts",
        tag="setting up",
        summary="The user's departments",
        text=(
            "Needs no right. With one department, leave the department out of later calls; with"
            " several, name one. That paging works here is inferred."
        ),
        login="user",
        parameters=PAGING,
        answers={
            200: json_answer(
                "The departments.",
                models.Departments,
                "departments",
                {
                    "register": link(
                        "register_host",
                        "The first of these departments.",
                        deptid="$response.body#/results/0/id",
                    ),
                    "find": link(
                        "find_host",
                        "The first of these departments.",
                        deptid="$response.body#/results/0/id",
                    ),
                },
            )
        },
        refusals={400: "`offset` or `limit` is negative or no number (inferred)."},
    ),
    Described(
        id="register_host",
        method="post",
        path="/hosts",
        tag="setting up",
        summary="Register a host",
        text=(
            "The only way in which a host comes to be. Needs the Read right on Test Hosts."
            " The host belongs to the department, and serves all its projects."
        ),
        login="user",
        parameters=(
            query("deptid", ID, "The server's metadata shows it here too; the body wins."),
        ),
        body=json_body(models.HostRegistration, "host_registration"),
        answers={200: json_answer("The host.", models.Host, "host", HOST_LINKS)},
        refusals={
            400: "Name or configuration is missing or too long, or an agent is unknown (inferred)."
            " Also: several departments and none named (inferred).",
            403: f"{_RIGHT}, or the department is not the user's (inferred).",
            500: "A host of that name is there already (inferred from the general table, where 500"
            " stands for an existing resource). Also any internal error.",
        },
    ),
    Described(
        id="find_host",
        method="get",
        path="/hosts",
        tag="setting up",
        summary="Find a host by its name",
        text=(
            "Needs the Read right on Test Hosts. Answers one host, token included: no array, no"
            " frame. The whole name is compared, case aside (inferred)."
        ),
        login="user",
        parameters=(
            query("name", {"type": "string", "minLength": 1}, "The host's name.", required=True),
            _DEPARTMENT,
        ),
        answers={200: json_answer("The host.", models.Host, "host", HOST_LINKS)},
        refusals={
            400: "`name` is missing, or the user has several departments and none is named"
            " (inferred).",
            403: f"{_RIGHT}, or the department is not the user's (inferred).",
            404: "No host of that name (inferred: an empty 200 is another reading).",
        },
    ),
)
