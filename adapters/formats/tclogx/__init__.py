"""TestComplete logs: a `.tcLogX` archive, or one file of a log folder, root `Nodes`.

The verdict stands in `Summary.dat`, in older logs and for a single routine in `RootLogData.dat`;
`Description.tcLog` says whether the run came to its end, without which nothing passes.
"""

from adapters.base import Report, Verdict
from adapters.formats.tclogx.any import AnyFile
from adapters.formats.tclogx.archive import Archive
from adapters.formats.tclogx.folder import DESCRIPTION, SUMMARY, TREE, Files, LogFolder
from adapters.formats.tclogx.header import Header
from adapters.formats.tclogx.items import ItemCases
from adapters.formats.tclogx.nodes import read_nodes
from adapters.formats.tclogx.summary import Summary
from adapters.formats.tclogx.tree import Tree

_ZIP = b"PK\x03\x04"
_GOOD = frozenset({Verdict.PASSED, Verdict.SKIPPED})


def read(data: bytes) -> Report:
    """Read an archive or a single file.

    Raises UnreadableReport for a damaged archive, and for a file in which no verdict stands.
    """
    if data.startswith(_ZIP):
        return read_folder(Archive(data))
    file, broken = read_nodes(data, AnyFile)
    return file.report(broken)


def read_folder(files: Files) -> Report:
    """Read the files of one log folder, by their names or paths.

    Raises UnreadableReport when they hold no log, or more than one.
    """
    folder = LogFolder(files)
    header = _header(folder)
    report = _cases(folder, header)
    none_bad = all(case.status in _GOOD for case in report.cases)
    doubts = header.doubts(none_bad=none_bad) if header else ()
    return Report(report.cases, (*doubts, *folder.problems, *report.problems), report.notes)


def _header(folder: LogFolder) -> Header | None:
    header = folder.read(DESCRIPTION, Header)
    if header is not None and header.seen:
        return header
    folder.problems.append(f"no readable {DESCRIPTION}: whether the run was completed is not known")
    return None


def _cases(folder: LogFolder, header: Header | None) -> Report:
    """Take the cases from the first file that has them."""
    summary = folder.read(SUMMARY, Summary)
    if summary is not None and summary.seen:
        return summary.report("")
    tree = folder.read(header.root_file if header else TREE, Tree)
    if tree is not None and tree.seen:
        return ItemCases(tree, folder, header).report()
    missing = f"neither {SUMMARY} nor {TREE} says which tests were run"
    return header.report((missing,)) if header else Report((), (missing,))
