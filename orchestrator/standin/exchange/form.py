"""The form of an export: a zip file with one JSON document and the files that it names.

A zip and not base64 inside the JSON: scripts and logs have up to 30 MB each and are compressed
already; like this neither side ever holds one in memory, and whoever unpacks an export can read
and compare its JSON.
"""

from typing import NamedTuple

DOCUMENT = "standin.json"
FOLDER = "files/"
FORMAT = "labfleet stand-in data"


class Table(NamedTuple):
    """A table of the export; rows are written in the order of *key*."""

    name: str
    key: str
    secret: str | None = None  # the column that is left out unless asked for


TABLES = (
    Table("departments", "id"),
    Table("users", "id", "password_hash"),
    Table("memberships", "user_id, dept_id"),
    Table("projects", "id"),
    Table("configurations", "id"),
    Table("releases", "id"),
    Table("hosts", "id", "security_token"),
    Table("tests", "id"),
    Table("test_steps", "test_id, position"),
    Table("automations", "id"),
    Table("test_sets", "id"),
    Table("test_set_items", "test_set_id, sequence_number"),
    Table("runs", "id"),
    Table("run_items", "id"),
    Table("run_steps", "item_id, position"),
    Table("uploads", "item_id, kind"),
)
"""Parents before children. Counters are not exported: they follow from the runs."""

KEPT_BY_RESET = ("departments", "users", "memberships", "projects", "configurations", "releases")
