"""How sure a document is of what it says: every field and answer names what it rests on."""

from collections.abc import Callable
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field
from pydantic.fields import FieldInfo

Basis = Literal["documented", "neighbour", "inferred", "unknown", "stand-in"]

LEGEND = """
`x-basis` says how sure a fact is:

| `x-basis` | meaning |
|---|---|
| `documented` | the vendor's documents of this API say so |
| `neighbour` | the vendor's documents of a neighbouring API or product say so |
| `inferred` | follows from what is documented; another reading is possible |
| `unknown` | no public document says it; the stand-in had to choose |
| `stand-in` | the stand-in's own: the vendor's server has no such thing |
"""


def _field(basis: Basis) -> Callable[..., FieldInfo]:
    def say(text: str, **limits: Any) -> FieldInfo:
        field: FieldInfo = Field(description=text, json_schema_extra={"x-basis": basis}, **limits)
        return field

    return say


documented = _field("documented")
neighbour = _field("neighbour")
inferred = _field("inferred")
unknown = _field("unknown")
own = _field("stand-in")


def _no_null_defaults(schema: dict[str, Any]) -> None:
    for shape in schema.get("properties", {}).values():
        if shape.get("default", ...) is None:
            del shape["default"]


class Document(BaseModel):
    """A JSON object on the wire; a field that may be left out may be null too."""

    model_config = ConfigDict(json_schema_extra=_no_null_defaults)


# The stand-in reads eighteen digits; this is the largest that every JSON reader keeps exactly.
MAX_ID = 2**53 - 1

# 0 to 7 fraction digits, with Z, an offset or nothing, which is UTC too.
DATE = (
    r"^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]"
    r"(\.[0-9]{1,7})?(Z|[+-]([01][0-9]|2[0-3]):[0-5][0-9])?$"
)
