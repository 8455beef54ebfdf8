"""Every error of ours.

LabfleetError
├── SettingsError              the file, the environment or a secret file: exit code 2
├── StateError                 the state directory: in use, damaged, from a newer version
├── ApiError                   operation, status, detail
│   ├── TransientApiError      asking again may help
│   │   └── ServerAwayError    not asked at all: the server answers nobody
│   └── PermanentApiError      asking again will not
└── ScriptError                no usable script: missing, too big, escapes its folder
"""


class LabfleetError(Exception):
    """Something labfleet can explain to its user."""


class SettingsError(LabfleetError):
    """The settings cannot be used; the message lists every fault with its place."""


class StateError(LabfleetError):
    """The state directory cannot be used; the message says what to do."""


class ApiError(LabfleetError):
    """A call to the QAComplete API that brought no answer we can use.

    *operation* is one of the closed set in `client.py`; *status* is None when no answer came.
    """

    def __init__(self, operation: str, detail: str, *, status: int | None = None) -> None:
        said = f"{operation}: {detail}" if status is None else f"{operation}: {status} {detail}"
        super().__init__(said)
        self.operation = operation
        self.status = status
        self.detail = detail


class TransientApiError(ApiError):
    """Asking again may help; *retry_after_s* is what the server asked for, if it did."""

    def __init__(
        self,
        operation: str,
        detail: str,
        *,
        status: int | None = None,
        retry_after_s: float | None = None,
    ) -> None:
        super().__init__(operation, detail, status=status)
        self.retry_after_s = retry_after_s


class ServerAwayError(TransientApiError):
    """Nothing was sent, since the server answers nobody; *retry_after_s* is always told."""


class PermanentApiError(ApiError):
    """Asking again will not help."""


class ScriptError(LabfleetError):
    """There is no usable script; the message goes into the item's Blocked step."""
