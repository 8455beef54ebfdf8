"""A stand-in for the QAComplete server: the ten operations of its Test Automation API, version 2.

It imports nothing of ours and shares no models with the client, so that a field misread by one is
not misread by both. `Quirks` are its lasting peculiarities, `Faults` what goes wrong for a while.
"""

from .access import give_password, shut_out
from .app import Address, make_app, serve
from .door import Door, DoorError, RunOrder, queue_run
from .exchange import Imported, export_data, import_data, reset_data
from .faults import FAULTS, Fault, Faults
from .holding import hold_data
from .quirks import QUIRKS, SWITCHES, Quirks
from .scenarios import Scenario, ScenarioError, read_scenario
from .seed import PAYMENTS_PROJECT_ID, seed
from .versions import DataError

__all__ = [
    "FAULTS",
    "PAYMENTS_PROJECT_ID",
    "QUIRKS",
    "SWITCHES",
    "Address",
    "DataError",
    "Door",
    "DoorError",
    "Fault",
    "Faults",
    "Imported",
    "Quirks",
    "RunOrder",
    "Scenario",
    "ScenarioError",
    "export_data",
    "give_password",
    "hold_data",
    "import_data",
    "make_app",
    "queue_run",
    "read_scenario",
    "reset_data",
    "seed",
    "serve",
    "shut_out",
]
