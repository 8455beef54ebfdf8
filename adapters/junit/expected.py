"""What a title lets one expect in the report, in the names that the report uses."""

import re
from collections.abc import Iterable, Iterator, Sequence

from adapters.expected import belongs
from adapters.java.names import split

_NAME = re.compile(r"[^\W\d]\w*([.$]\w+)*")
_ARGUMENTS = re.compile(r"[(\[{].*")


def expected_names(title: str, cases: Sequence[str]) -> list[str]:
    """List the classes and methods that *title* names; patterns name nothing one could miss.

    A single method needs no more than its class in the report: nothing else of it was asked
    for, and some runners give methods other names. A class without package is looked up among
    the names of the *cases*, as Surefire finds it by its simple name.
    """
    named = list(_named(split(title)))
    if len(named) == 1 and "#" in named[0]:
        class_name = _qualified(named[0].partition("#")[0], cases)
        return [] if any(belongs(case, class_name) for case in cases) else named
    return [_qualified(one, cases) for one in named]


def _named(parts: Iterable[str]) -> Iterator[str]:
    for part in parts:
        name, hash_sign, methods = part.partition("#")
        if not _NAME.fullmatch(name):
            continue
        if not hash_sign:
            yield name
        for method in methods.split("+") if hash_sign else ():
            plain = _ARGUMENTS.sub("", method).strip()
            if plain and not re.search(r"[*?%!]", plain):
                yield f"{name}#{plain}"


def _qualified(name: str, cases: Sequence[str]) -> str:
    class_name, hash_sign, method = name.partition("#")
    if "." in class_name:
        return name
    place = re.compile(rf"((?:[\w$]+\.)*{re.escape(class_name)})[.$\[({{]")
    found = (place.match(f"{case}.") for case in cases)
    full = next((match[1] for match in found if match), class_name)
    return full + hash_sign + method
