"""Switches for scripts, results and uploads."""

from .switch import Switch

_PATH = "302 to `file:`, a share in the vendor's odd form"
_UPLOAD = "200 and `{}`"
_TOO_BIG = "413 above the limit"
_OVERWRITE = "it replaces the first"

RESULTS = (
    Switch("file-redirect", "6", "path", "a script's path: 302 to `file:` as in RFC 8089", _PATH),
    Switch("path-redirect", "6", "path", "a script's path: 302 to the bare share or drive", _PATH),
    Switch("path-as-text", "6", "path", "a script's path: 200 and the path as text", _PATH),
    Switch("path-as-json", "6", "path", "a script's path: 200 and `path` in JSON", _PATH),
    Switch("see-other", "6", "", "redirects to a script are 303", "302"),
    Switch(
        "relative-redirect", "7", "",
        "an attached script comes after a redirect to a relative address", "at once",
    ),
    Switch("script-web-page", "38", "zip", "a web page in place of the script", "the zip archive"),
    Switch("plain-zip", "1.10", "zip", "the zip has no type of its own, and no name", "both"),
    Switch(
        "long-agents-only", "1.10", "",
        "`script?agent=` takes long names only", "short ones too",
    ),
    Switch(
        "run-time-required", "8", "",
        "a result without `run_time` is refused", "it is computed",
    ),
    Switch("refuses-na", "9", "", "the status `NA` is refused", "it is taken"),
    Switch(
        "results-once", "12", "",
        "a result for an item that has one is refused with 400", _OVERWRITE,
    ),
    Switch("blocked-stays", "13", "", "an item that a failure blocked takes no result", "it does"),
    Switch("patch-item-empty", "1.7", "patch-item", "a result: 200 and no body", "the item"),
    Switch("patch-item-204", "1.7", "patch-item", "a result: 204", "200 and the item"),
    Switch("upload-empty", "22", "upload", "an upload: 200 and no body", _UPLOAD),
    Switch("upload-204", "22", "upload", "an upload: 204", _UPLOAD),
    Switch("upload-text", "22", "upload", "an upload: 200 and a word as text", _UPLOAD),
    Switch(
        "overwrite-refused", "23", "overwrite",
        "a second upload is refused with 500", _OVERWRITE,
    ),
    Switch("overwrite-ignored", "23", "overwrite", "a second upload is dropped: 200", _OVERWRITE),
    Switch("result-first", "24", "", "an upload before the result is refused", "it is taken"),
    Switch("any-file-type", "25", "", "files of any type are taken", "the documented types only"),
    Switch("small-uploads", "26", "", "a body may have 4 MB", "30 MB"),
    Switch("too-big-404", "26", "too-big", "404 above the limit, as IIS has it", _TOO_BIG),
    Switch("too-big-500", "26", "too-big", "500 above the limit", _TOO_BIG),
)  # fmt: skip
