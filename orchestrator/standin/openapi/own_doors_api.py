"""The stand-in's own doors, described: the vendor's server has nothing like them."""

from openapi_pydantic import MediaType, RequestBody, Schema

from . import history_models as models
from .described import Described, file_answer, json_answer, json_body, path_parameters, query
from .models import Nothing

_STATE = json_answer("What is on.", models.Rehearsal, "rehearsal")
_OVERSEER = "Needs a user of all departments who may read test hosts."
_UPLOAD = "/runs/{run_id}/items/{sequence_number}/{kind}"
_SCENARIO = """\
[[faults]]
share = 0.1
status = [500, 503]
"""

OPERATIONS = (
    Described(
        id="read_upload",
        method="get",
        path=_UPLOAD,
        tag="uploads",
        summary="A log or a report, as it was uploaded",
        text="For a user of the run's department.",
        login="user",
        parameters=path_parameters(_UPLOAD),
        answers={200: file_answer("The file.", ["application/octet-stream", "multipart/related"])},
    ),
    Described(
        id="show_rehearsal",
        method="get",
        path="/scenario",
        tag="rehearsal",
        summary="What is being rehearsed",
        text="And what came of it so far.",
        login="user",
        answers={200: _STATE},
    ),
    Described(
        id="begin_rehearsal",
        method="put",
        path="/scenario",
        tag="rehearsal",
        summary="Begin a rehearsal",
        text="Takes the place of the one before. The README says what a scenario may hold.",
        login="user",
        body=RequestBody(
            required=True,
            content={
                "application/toml": MediaType(
                    media_type_schema=Schema(type="string"), example=_SCENARIO
                )
            },
        ),
        answers={200: _STATE},
        refusals={
            400: "It is no TOML, or says what no scenario has.",
            403: "Only a user of all departments who may read test hosts can do this.",
        },
    ),
    Described(
        id="end_rehearsal",
        method="delete",
        path="/scenario",
        tag="rehearsal",
        summary="End it",
        text="All goes well again; runs that are queued stay.",
        login="user",
        answers={200: _STATE},
        refusals={403: "Only a user of all departments who may read test hosts can do this."},
    ),
    Described(
        id="export_all",
        method="get",
        path="/export",
        tag="all data",
        summary="Everything, as a zip of JSON and files",
        text=_OVERSEER,
        login="user",
        parameters=(
            query("secrets", {"type": "boolean"}, "With password hashes and security tokens."),
        ),
        answers={200: file_answer("The export.", ["application/zip"])},
    ),
    Described(
        id="import_all",
        method="post",
        path="/import",
        tag="all data",
        summary="Put an export in the place of everything",
        text=_OVERSEER,
        login="user",
        body=RequestBody(
            required=True,
            content={
                "application/zip": MediaType(
                    media_type_schema=Schema(type="string", schema_format="binary")
                )
            },
        ),
        answers={200: json_answer("How much it brought.", models.Imported, "imported")},
        refusals={400: "It is no export."},
    ),
    Described(
        id="reset_all",
        method="post",
        path="/reset",
        tag="all data",
        summary="Remove hosts, tests, sets and runs",
        text=f"{_OVERSEER} Users, departments and projects stay.",
        login="user",
        body=json_body(models.Reset, "reset"),
        answers={200: json_answer("They are gone.", Nothing, "nothing")},
    ),
)
