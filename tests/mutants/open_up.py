"""Rewrite a copy of the sources so that mutmut reaches what it passes over: decorated functions.

A property calls a method of its own, which can be changed. A cache is left out: what the unchanged
code had put into it would answer in place of the changed one.
"""

import re
import sys
from pathlib import Path

PROPERTY = re.compile(r"^    @property\n    def (\w+)\(self\)", re.MULTILINE)
CACHE = re.compile(r"^@lru_cache\(.*\)\n", re.MULTILINE)


def opened_up(source: str) -> str:
    """Give *source* without decorators of functions, and with the same meaning."""
    called = r"    \1 = property(lambda self: self.get_\1())\n\n    def get_\1(self)"
    return CACHE.sub("", PROPERTY.sub(called, source))


if __name__ == "__main__":
    for path in Path(sys.argv[1]).rglob("*.py"):
        if path.name != "base.py":  # its properties are a protocol's
            path.write_text(opened_up(path.read_text("utf-8")), "utf-8")
