"""Whether Maven or Ant came to its end: by what it prints last and nothing earlier.

A test that calls `System.exit(0)` in Maven's or Ant's own JVM ends everything with exit code 0.
The absence of an end means nothing without knowing what was started, and neither does the absence
of a start, which may be lost. So the end is asked for, of what the command line says was started.
"""

import re

from adapters.java.runner import Runner

# Other settings of Maven's log than ours put a time or a thread before the level.
_MAVEN_RESULT = re.compile(r"(?:INFO|ERROR)\]? BUILD (SUCCESS|FAILURE)[ \t\r]*$", re.MULTILINE)
# Some of Ant's loggers say the time behind it.
_ANT_RESULT = re.compile(r"^BUILD (SUCCESSFUL|FAILED)(?: - at .*)?[ \t\r]*$", re.MULTILINE)
# What stands behind the result and tells it from the same words in a test's own output.
_STATISTICS = {Runner.MAVEN: ("Total time:", "Finished at:"), Runner.ANT: ("Total time:",)}
_RESULTS = {Runner.MAVEN: _MAVEN_RESULT, Runner.ANT: _ANT_RESULT}
_BEGAN = {
    Runner.MAVEN: re.compile(r"^\[INFO\] Scanning for projects\.\.\.$", re.MULTILINE),
    Runner.ANT: re.compile(r"^Buildfile: ", re.MULTILINE),
}


def began(text: str, tool: Runner) -> bool:
    """Tell whether *tool*'s first line is there, which a long output may have lost."""
    return _BEGAN[tool].search(text) is not None


def ended_well(text: str, tool: Runner) -> bool:
    """Tell whether the last result in *text* is a success, told to its end."""
    results = list(_RESULTS[tool].finditer(text))
    if not results or results[-1][1] not in {"SUCCESS", "SUCCESSFUL"}:
        return False
    rest = text[results[-1].end() :]
    return all(line in rest for line in _STATISTICS[tool])


def tools_at_work(text: str, runner: Runner) -> list[Runner]:
    """List the build tools whose end *text* must hold."""
    if runner in _RESULTS:
        return [runner]
    return [tool for tool in _RESULTS if runner is Runner.UNKNOWN and began(text, tool)]
