"""Which version of a tool is there: by its own word, or by its jar."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from orchestrator.check import launcher
from orchestrator.check.asking import LIMIT_S, Answer, ask, question
from orchestrator.check.jars import jar_of, jar_version

# For a program that does not know its adapter's arguments: a profile of JUnit may start Maven or
# Ant, which says so and exits with 0.
_COMMON = (("--version",), ("-version",))
_NOT_KNOWN = re.compile(r"(unknown|unrecognized|invalid) (argument|option)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Told:
    """What is known of a tool's version."""

    text: str
    version: str = ""
    """The number alone, as far as a jar or a launcher of JUnit has one."""
    sure: bool = True
    """False when the tool is there, and nothing shows that it works."""


async def tell(
    program: str,
    executable: Sequence[str],
    arguments: Sequence[str],
    environment: Mapping[str, str],
) -> Told:
    """Ask the tool by *arguments*, if it may be asked, and look at its jar.

    Raises OSError when it cannot be started.
    """
    words = (program, *executable[1:])
    jar = jar_of(words)
    version = jar_version(jar) if jar else ""
    of_jar = f"{jar.name} {version}" if jar and version else ""
    if not arguments:
        return Told(_joined(of_jar, "not asked for its version, which would start it"), version)
    answer = await ask(question(words, arguments), environment)
    for common in _COMMON if tuple(arguments) not in _COMMON else ():
        if _understood(answer) or answer.exit_code is None:
            break
        answer = await ask(question(words, common), environment)
    version = version or launcher.told_version(answer.output)
    if _understood(answer):
        return Told(_joined(of_jar, answer.line), version)
    if of_jar:
        return Told(of_jar, version)
    return Told(_untold(answer), version, sure=False)


def _understood(answer: Answer) -> bool:
    return answer.exit_code == 0 and bool(answer.line) and not _NOT_KNOWN.search(answer.line)


def _untold(answer: Answer) -> str:
    if answer.exit_code is None:
        return f"said no version, and was ended after {LIMIT_S:.0f} s or a flood of output"
    return f"version not told; it was asked outside of any script and said: {answer.line or '-'}"


def _joined(*parts: str) -> str:
    return "; ".join(part for part in parts if part)
