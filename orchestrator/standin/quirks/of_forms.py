"""Switches for the form of every answer, and for what refusals look like."""

from .switch import Switch

FORMS = (
    Switch("nulls-present", "0.3", "", "absent values are sent as null", "they are left out"),
    Switch(
        "unknown-fields", "0.3", "",
        "every object has properties that no document names", "it has the documented ones",
    ),
    Switch(
        "reversed-properties", "0.3", "",
        "properties come in reverse order", "as in the samples",
    ),
    Switch("numbers-as-text", "2", "", "ids and all other numbers are text", "they are numbers"),
    Switch("yes-no", "2", "", "booleans are `Y` and `N`", "they are true and false"),
    Switch(
        "dates-with-z", "27", "dates",
        "dates have three fraction digits and a `Z`", "seven digits, and no zone",
    ),
    Switch(
        "dates-with-offset", "27", "dates",
        "dates have no fraction, and `+00:00`", "seven digits, and no zone",
    ),
    Switch("unset-dates", "0.3", "", "a date that is not set is one of year 1", "it is left out"),
    Switch(
        "html-unless-json-asked", "0.3", "",
        "who does not name JSON in `Accept` gets a web page", "JSON in any case",
    ),
    Switch("html-texts", "41", "", "names and step texts hold HTML", "they are plain text"),
    Switch("errors-empty", "0.6", "errors", "refusals have no body", "an `errors` document"),
    Switch("errors-html", "0.6", "errors", "refusals are web pages", "an `errors` document"),
    Switch(
        "errors-servicestack", "0.6", "errors",
        "refusals are the framework's `response_status`", "an `errors` document",
    ),
    Switch(
        "errors-servicestack-pascal", "0.6", "errors",
        "refusals are `ResponseStatus` with `ErrorCode` and `Message`", "an `errors` document",
    ),
    Switch(
        "basic-challenge", "0.2", "",
        "a 401 asks for Basic credentials", "no challenge is sent",
    ),
)  # fmt: skip
